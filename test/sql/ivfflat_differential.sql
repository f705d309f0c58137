-- Random searches by the index and by the table: over all lists, with a target
-- recall of 1, the index may lack what bounds lose by chance, one row in some
-- hundreds, and no more; a strict order has no exception.
SET client_min_messages = warning;
CREATE SCHEMA ivfflat_differential;
SET search_path = ivfflat_differential, public;
SET jit = off;
SET enable_bitmapscan = off;
SET enable_material = off;
SET max_parallel_workers_per_gather = 0;
SELECT setseed(0.3);
RESET client_min_messages;

-- A row of a kind of table: noise; clusters; small integers, with ties; rows that
-- are there many times, and zero; half of all within a ten-thousandth.
CREATE FUNCTION element(kind text, i int, j int) RETURNS float8 LANGUAGE sql VOLATILE AS $$
  SELECT CASE kind
    WHEN 'noise' THEN random() - 0.5
    WHEN 'clusters' THEN (i % 10 * 7919 + j * 104729) % 100 / 10.0 + random()
    WHEN 'ties' THEN (random() * 2)::int
    WHEN 'copies' THEN CASE i % 20 WHEN 0 THEN 2 WHEN 1 THEN j WHEN 2 THEN 0
      ELSE (i % 30 * 7919 + j * 104729) % 100 / 10.0 + random() * 3 END
    WHEN 'near' THEN CASE i % 2 WHEN 0 THEN 3 + random() * 1e-4 ELSE random() * 10 END
  END
$$;
CREATE FUNCTION make_row(kind text, dim int, i int) RETURNS vector LANGUAGE sql VOLATILE AS $$
  SELECT array_agg(element(kind, i, j) ORDER BY j)::real[]::vector FROM generate_series(1, dim) AS j
$$;

CREATE TABLE outcomes (shape text, sorted bool, wanted bigint, missing bigint, unordered bigint);

CREATE FUNCTION by_index(used bool) RETURNS void LANGUAGE sql AS $$
  SELECT set_config('enable_seqscan', (NOT used)::text, true), set_config('enable_sort', (NOT used)::text, true),
    set_config('enable_indexscan', used::text, true)
$$;

-- The statement by the index and by the table; distances that single precision
-- cannot tell apart count as the same.
CREATE FUNCTION compare(shape text, sorted bool, statement text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  found float8[]; exact float8[];
BEGIN
  PERFORM by_index(true), set_config('ivfflat.iterative_scan', CASE WHEN sorted THEN 'strict_order' ELSE 'relaxed_order' END, true);
  EXECUTE format('SELECT array_agg(d) FROM (%s) AS s', statement) INTO found;
  PERFORM by_index(false);
  EXECUTE format('SELECT array_agg(d) FROM (%s) AS s', statement) INTO exact;
  INSERT INTO outcomes
  SELECT shape, sorted, coalesce(cardinality(exact), 0),
    (SELECT count(*) FROM (SELECT round(unnest(exact)::numeric, 5) EXCEPT ALL SELECT round(unnest(found)::numeric, 5)) AS m),
    (SELECT count(*) FROM unnest(found[2:], found[:cardinality(found) - 1]) AS u (d, before)
     WHERE d < before AND shape IN ('limit', 'all', 'radius'));
END
$$;

CREATE FUNCTION search(operator text, query vector, near float8) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  d text := format('v %s %L', operator, query);
  radius float8;
  sorted bool;
BEGIN
  EXECUTE format('SELECT percentile_disc($1) WITHIN GROUP (ORDER BY %s) FROM t WHERE %1$s < ''NaN''', d) INTO radius USING near;
  FOREACH sorted IN ARRAY ARRAY[false, true] LOOP
    PERFORM compare('limit', sorted, format('SELECT %s AS d FROM t ORDER BY %1$s LIMIT 20', d)),
      compare('all', sorted, format('SELECT %s AS d FROM t WHERE %1$s < ''NaN'' ORDER BY %1$s', d)),
      compare('radius', sorted, format('SELECT %s AS d FROM t WHERE %1$s <= %L::float8 ORDER BY %1$s', d, radius)),
      compare('unordered', sorted, format('SELECT %s AS d FROM t WHERE %1$s <= %L::float8', d, radius)),
      compare('lateral', sorted, format('SELECT d FROM (SELECT v FROM t WHERE id %% 199 = 1 OFFSET 0) AS x, LATERAL
        (SELECT t.v %s x.v AS d FROM t WHERE t.v %1$s x.v <= %L::float8 ORDER BY t.v %1$s x.v) AS y', operator, radius));
  END LOOP;
END
$$;

CREATE FUNCTION searches() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  kind text; dim int; operator text; class text;
BEGIN
  SET LOCAL ivfflat.target_recall = 1;
  FOR kind, dim IN SELECT k, d FROM unnest(ARRAY['noise', 'clusters', 'ties', 'copies', 'near']) AS k, unnest(ARRAY[1, 3, 100]) AS d LOOP
    EXECUTE format('CREATE TABLE t (id int, v vector(%s))', dim);
    INSERT INTO t SELECT i, make_row(kind, dim, i) FROM generate_series(1, 500) AS i;
    FOR operator, class IN VALUES ('<->', 'l2'), ('<=>', 'cosine'), ('<#>', 'ip'), ('<+>', 'l1') LOOP
      EXECUTE format('CREATE INDEX t_v ON t USING ivfflat (v vector_%s_ops) WITH (lists = 10)', class);
      PERFORM search(operator, v, 0) FROM t WHERE id = 20;
      PERFORM search(operator, v, 0.1) FROM t WHERE id = 21;
      PERFORM search(operator, make_row(kind, dim, 3), 0.5);
      DROP INDEX t_v;
    END LOOP;
    DROP TABLE t;
  END LOOP;
END
$$;
SELECT searches();
SELECT shape, sorted, sum(wanted) > 1000 AS some, sum(missing) <= 2 + 0.001 * sum(wanted) AS found,
  sum(unordered) <= CASE WHEN sorted THEN 0 ELSE 0.01 * sum(wanted) END AS ordered
FROM outcomes GROUP BY shape, sorted ORDER BY shape, sorted;

RESET ALL;
SET client_min_messages = warning;
DROP SCHEMA ivfflat_differential CASCADE;
