-- shapes.sql: searches of other shapes; psql variables: op, peer, queries, centers,
-- index.  The database has the tables loaded and queries, of id and v.
CREATE TABLE shapes_setup AS SELECT :'op'::text AS op, :'peer'::text AS peer;

CREATE TABLE centers AS
  SELECT id, v FROM loaded ORDER BY hashint4(id) LIMIT :centers;
CREATE TABLE rows AS
  SELECT l.id, ((hashint4(l.id + 7)::bigint + 2147483648) * 1000000 >> 32)::int AS f,
    c.id AS grp, l.v
  FROM loaded AS l, LATERAL (
    SELECT id FROM centers ORDER BY v OPERATOR(public.:op) l.v LIMIT 1) AS c
  ORDER BY l.id;
DROP TABLE loaded;
CREATE INDEX rows_v ON rows USING :index;
CREATE INDEX rows_f ON rows (f);
CREATE INDEX rows_grp ON rows (grp);
VACUUM ANALYZE rows;

-- A query's own group, and the one that is farthest away.
CREATE TABLE asked AS
  SELECT q.id, q.v,
    (SELECT id FROM centers ORDER BY v OPERATOR(public.:op) q.v LIMIT 1) AS own,
    (SELECT id FROM centers ORDER BY v OPERATOR(public.:op) q.v DESC LIMIT 1) AS other
  FROM (SELECT * FROM queries ORDER BY hashint4(id) LIMIT :queries) AS q;

CREATE TABLE shapes_cells AS
  SELECT 'k' AS part, 'none' AS shape, k AS rows
  FROM unnest(ARRAY[1, 3, 10, 30, 100, 300, 1000]) AS k
  UNION ALL SELECT 'filter', s, 10
  FROM unnest(ARRAY['none', 'random 10%', 'random 1%', 'random 0.1%', 'along', 'against']) AS s
  UNION ALL SELECT 'radius', s, k
  FROM unnest(ARRAY['radius', 'limit']) AS s, unnest(ARRAY[1, 10, 100, 1000, 10000]) AS k;

-- The ways of each peer: settings, and whether the filter is one that no index
-- has a column for.
CREATE TABLE shapes_ways (peer text, setting text, part text, settings text[], hidden bool);
INSERT INTO shapes_ways VALUES
  ('vecdb', 'chosen', NULL, '{}', false),
  ('vecdb', 'columns', 'filter', '{enable_seqscan=off,enable_bitmapscan=off,enable_sort=off}', false),
  ('vecdb', 'filter', 'filter', '{enable_seqscan=off,enable_bitmapscan=off,enable_sort=off}', true),
  ('vecdb', 'btree', 'filter', '{enable_indexscan=off}', false);
INSERT INTO shapes_ways
  SELECT 'ivfflat', 'probes ' || n, NULL,
    ARRAY['ivfflat.iterative_scan=relaxed_order', 'ivfflat.probes=' || n, 'enable_seqscan=off', 'enable_bitmapscan=off', 'enable_sort=off'], false
  FROM unnest(ARRAY[10, 30, 100]) AS n;
INSERT INTO shapes_ways
  SELECT 'hnsw', 'ef ' || n, NULL,
    ARRAY['hnsw.iterative_scan=relaxed_order', 'hnsw.ef_search=' || n, 'enable_seqscan=off', 'enable_bitmapscan=off', 'enable_sort=off'], false
  FROM unnest(ARRAY[40, 100, 300]) AS n;
DELETE FROM shapes_ways AS w USING shapes_setup AS s WHERE w.peer <> s.peer;

CREATE TABLE shapes_runs (
  part text, peer text, setting text, shape text, rows int, query int,
  found int,		-- of the true rows
  wanted int,		-- of these, how many there are
  ms float8, fetches bigint, plan text);

-- What a shape asks of the rows.
CREATE FUNCTION shapes_filter(shape text, q asked, hidden bool) RETURNS text
LANGUAGE sql AS $$
  SELECT CASE
    WHEN shape ~ 'random' THEN format('f%s < %s', CASE WHEN hidden THEN ' + 0' END,
      (1e4 * substring(shape FROM '[0-9.]+')::numeric)::int)
    WHEN shape IN ('along', 'against') THEN format('grp%s = %s',
      CASE WHEN hidden THEN ' + 0' END, CASE shape WHEN 'along' THEN q.own ELSE q.other END)
    ELSE 'true' END;
$$;

-- The distances of the true rows, ascending.
CREATE FUNCTION shapes_true(shape text, q asked, k int) RETURNS float8[]
LANGUAGE plpgsql AS $$
DECLARE
  distances float8[];
BEGIN
  SET LOCAL enable_indexscan = off;
  EXECUTE format('SELECT array_agg(d) FROM (
      SELECT v OPERATOR(public.%s) $1 AS d FROM rows WHERE %s ORDER BY d LIMIT %s) AS s',
    (SELECT op FROM shapes_setup), shapes_filter(shape, q, false), k)
    INTO distances USING q.v;
  RESET enable_indexscan;
  RETURN distances;
END
$$;

CREATE FUNCTION shapes_statement(cell shapes_cells, q asked, hidden bool, radius float8)
RETURNS text LANGUAGE sql AS $$
  SELECT CASE cell.shape
    WHEN 'radius' THEN format('SELECT id, v %1$s %2$L AS d FROM rows WHERE v %1$s %2$L <= %3$s',
      op, q.v, radius)
    ELSE format('SELECT id, v %1$s %2$L AS d FROM rows WHERE %3$s ORDER BY v %1$s %2$L LIMIT %4$s',
      op, q.v, shapes_filter(cell.shape, q, hidden), cell.rows) END
  FROM shapes_setup;
$$;

CREATE FUNCTION shapes_set(settings text[], back bool) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  setting text;
BEGIN
  FOREACH setting IN ARRAY settings LOOP
    IF back THEN
      EXECUTE format('RESET %s', split_part(setting, '=', 1));
    ELSE
      PERFORM set_config(split_part(setting, '=', 1), split_part(setting, '=', 2), false);
    END IF;
  END LOOP;
END
$$;

-- One query in one way: what it finds, then how long it takes.
CREATE FUNCTION shapes_run(cell shapes_cells, way shapes_ways, q asked, truth float8[])
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  wanted int := least(cell.rows, cardinality(truth));
  statement text := shapes_statement(cell, q, way.hidden, truth[wanted]);
  found int; fetched bigint; node json; ms float8;
BEGIN
  PERFORM shapes_set(way.settings, false);
  EXECUTE format('SELECT count(*) FROM (%s) AS s WHERE d <= %s', statement, truth[wanted]) INTO found;
  FOR i IN 1 .. 3 LOOP
    EXECUTE 'EXPLAIN (ANALYZE, TIMING off, FORMAT json) ' || statement INTO node;
    ms := least(ms, (node->0->>'Execution Time')::float8);
    EXIT WHEN ms > 1000;
  END LOOP;
  IF way.peer = 'vecdb' AND node::text ~ 'rows_v' THEN
    SELECT s.fetches INTO fetched FROM vecdb_last_scan() AS s;
  END IF;
  PERFORM shapes_set(way.settings, true);
  INSERT INTO shapes_runs VALUES (cell.part, way.peer, way.setting, cell.shape, cell.rows, q.id,
    least(found, wanted), wanted, ms, fetched, CASE
      WHEN node::text ~ 'rows_v"' AND node::text ~ '"Index Cond": [^,]*(f|grp) [<=]' THEN 'columns'
      WHEN node::text ~ 'rows_v"' THEN 'index'
      WHEN node::text ~ 'rows_(f|grp)"' THEN 'btree'
      ELSE 'exact' END);
END
$$;

CREATE FUNCTION shapes_measure(part text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  q asked; wanted text; truth float8[]; cell shapes_cells; way shapes_ways;
BEGIN
  FOR q IN SELECT * FROM asked LOOP
    FOR wanted IN SELECT DISTINCT c.shape FROM shapes_cells AS c WHERE c.part = $1 LOOP
      truth := shapes_true(wanted, q,
        (SELECT max(rows) FROM shapes_cells AS c WHERE c.part = $1));
      FOR cell IN SELECT * FROM shapes_cells AS c WHERE c.part = $1 AND c.shape = wanted LOOP
        FOR way IN SELECT * FROM shapes_ways AS w WHERE coalesce(w.part, $1) = $1 LOOP
          -- A peer without conditions on distances reads everything.
          CONTINUE WHEN wanted = 'radius' AND way.peer <> 'vecdb';
          PERFORM shapes_run(cell, way, q, truth);
        END LOOP;
      END LOOP;
    END LOOP;
  END LOOP;
END
$$;

CREATE VIEW shapes_results AS
  SELECT part, peer, setting, shape, rows, count(*) AS queries, sum(found) AS found,
    round(sum(found)::numeric / greatest(sum(wanted), 1), 4) AS recall,
    round((percentile_cont(0.5) WITHIN GROUP (ORDER BY ms))::numeric, 4) AS ms,
    round(avg(fetches)) AS fetches, mode() WITHIN GROUP (ORDER BY plan) AS chosen
  FROM shapes_runs GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5;
