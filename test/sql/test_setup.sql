-- The extension, and what several scripts use.  It runs before all others.
CREATE EXTENSION vecdb;

-- Vector number n: the same in each run, and no two alike.
CREATE FUNCTION vec(n bigint, dim int DEFAULT 8) RETURNS vector
LANGUAGE sql IMMUTABLE STRICT AS $$
  SELECT array_agg((hashint8(n * 20000 + j) % 1000) / 1000.0 ORDER BY j)::vector
  FROM generate_series(1, dim) AS j
$$;

-- Wait until no snapshot is left that sees what was deleted before: a VACUUM that
-- is to take it away does not with one, and autovacuum's ANALYZE has one.
CREATE PROCEDURE old_snapshots_end() LANGUAGE plpgsql AS $$
BEGIN
  FOR i IN 1..6000 LOOP
    PERFORM pg_stat_clear_snapshot();
    EXIT WHEN NOT EXISTS (SELECT FROM pg_stat_activity
      WHERE backend_xmin IS NOT NULL AND pid <> pg_backend_pid() AND datname = current_database());
    PERFORM pg_sleep(0.01);
  END LOOP;
END
$$;

-- Do index and table agree?  Each row once; and in order, but for the few whose
-- bound was too high: one in a hundred or so, others with each rotation.
CREATE FUNCTION compare(tab text, op text, query vector, wanted int DEFAULT NULL)
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  statement text := format(
    'SELECT array_agg(id ORDER BY n), array_agg(d ORDER BY n)
     FROM (SELECT row_number() OVER () AS n, id, d
           FROM (SELECT id, v OPERATOR(public.%s) (SELECT $1) AS d FROM %I
                 ORDER BY v OPERATOR(public.%s) (SELECT $1) LIMIT $2) AS s) AS t',
    op, tab, op);
  line text; explained text := '';
  ids int[]; exact_ids int[];
  distances float8[]; exact float8[];
  rows int; late int;
BEGIN
  SET LOCAL enable_seqscan = off;
  SET LOCAL enable_bitmapscan = off;
  SET LOCAL enable_sort = off;
  FOR line IN EXECUTE 'EXPLAIN (COSTS off) ' || statement USING query, wanted LOOP
    explained := explained || line;
  END LOOP;
  IF explained !~ 'Index Scan' OR explained !~ 'Order By' OR explained ~ 'Sort Key: [^>]*<' AND explained !~ 'Merge Append' THEN
    RETURN 'no index scan: ' || explained;
  END IF;
  EXECUTE statement INTO ids, distances USING query, wanted;
  SET LOCAL enable_indexscan = off;
  SET LOCAL enable_seqscan = on;
  SET LOCAL enable_sort = on;
  EXECUTE statement INTO exact_ids, exact USING query, wanted;

  rows := coalesce(cardinality(exact_ids), 0);
  IF coalesce(cardinality(ids), 0) <> rows THEN
    RETURN format('%s rows, not %s', cardinality(ids), rows);
  ELSIF rows <> (SELECT count(DISTINCT i) FROM unnest(ids) AS i) THEN
    RETURN 'a row came twice';
  ELSIF wanted IS NULL AND EXISTS (SELECT unnest(ids) EXCEPT SELECT unnest(exact_ids)) THEN
    RETURN 'other rows';
  END IF;
  SELECT count(*) INTO late
  FROM unnest(distances[2:], distances[:rows - 1]) AS u (d, before) WHERE d < before;
  IF late > 2 + rows / 20 THEN
    RETURN format('%s of %s rows come late', late, rows);
  END IF;
  late := (SELECT count(*) FROM (SELECT unnest(exact) EXCEPT ALL SELECT unnest(distances)) AS missing);
  IF late > 2 + rows / 20 THEN
    RETURN format('%s of the %s nearest are missing', late, rows);
  END IF;
  RETURN format('%s rows agree', rows);
END
$$;

-- What a statement fails with: its SQLSTATE, message and detail.
CREATE FUNCTION error_of(statement text) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
  detail text;
BEGIN
  EXECUTE statement;
  RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
  RETURN concat_ws(' ', SQLSTATE, SQLERRM, nullif(format('(%s)', detail), '()'));
END
$$;

-- A plan, without the lines that 18 adds where a kind of scan is switched off, and
-- with the result of a subquery as 17 writes it.
CREATE FUNCTION plan(statement text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
  line text;
BEGIN
  FOR line IN EXECUTE 'EXPLAIN (COSTS off) ' || statement LOOP
    IF line !~ 'Disabled:' THEN
      RETURN NEXT regexp_replace(regexp_replace(regexp_replace(line,
        ' \(returns \$\d\)', ''), '\$0', '(InitPlan 1).col1'), '\$1', '(InitPlan 2).col1');
    END IF;
  END LOOP;
END
$$;
