-- shapes.sql: searches of other shapes; psql variables: op, peer, queries, shapes (a regular
-- expression of the filters that are wanted; the search without any always is).  The database
-- has the tables loaded and queries, of id and v, and own and own_queries, of id, word
-- and size: what the set itself has, which follows the clusters and does not.
CREATE TABLE shapes_setup AS SELECT :'op'::text AS op, :'peer'::text AS peer;

CREATE TABLE centers AS
  SELECT id, v FROM loaded ORDER BY hashint4(id) LIMIT 64;

-- Numbers up to a million: two at random, and the rank by the distance from one row.
CREATE TABLE rows AS
  SELECT l.id, ((hashint4(l.id + 7)::bigint + 2147483648) * 1000000 >> 32)::int AS f,
    ((hashint4(l.id + 1000003)::bigint + 2147483648) * 1000000 >> 32)::int AS g,
    (row_number() OVER (ORDER BY l.v OPERATOR(public.:op) o.v) * 1000000 / count(*) OVER ())::int AS near,
    c.id AS grp, own.word, coalesce(own.size, l.id) AS size, l.v
  FROM loaded AS l LEFT JOIN own USING (id), LATERAL (
    SELECT id FROM centers ORDER BY v OPERATOR(public.:op) l.v LIMIT 1) AS c,
    (SELECT v FROM centers ORDER BY id LIMIT 1) AS o
  ORDER BY l.id;
DROP TABLE loaded;
CREATE INDEX rows_f ON rows (f);
CREATE INDEX rows_g ON rows (g);
CREATE INDEX rows_near ON rows (near);
CREATE INDEX rows_grp ON rows (grp);
CREATE INDEX rows_word ON rows (word);
CREATE INDEX rows_size ON rows (size);
VACUUM ANALYZE rows;

-- A query's own group, and the one that is farthest away; its own word, and that of
-- another query, if it is one of many rows.
CREATE TABLE many AS
  SELECT word FROM rows GROUP BY word HAVING count(*) > (SELECT 0.005 * count(*) FROM rows);
CREATE TABLE asked AS
  SELECT q.id, q.v,
    (SELECT id FROM centers ORDER BY v OPERATOR(public.:op) q.v LIMIT 1) AS own,
    (SELECT id FROM centers ORDER BY v OPERATOR(public.:op) q.v DESC LIMIT 1) AS other,
    w.word AS own_word,
    (SELECT o.word FROM own_queries AS o JOIN many USING (word)
      WHERE o.word <> w.word ORDER BY hashint4(o.id # q.id) LIMIT 1) AS other_word
  FROM (SELECT * FROM queries ORDER BY hashint4(id) LIMIT :queries) AS q
    LEFT JOIN own_queries AS w USING (id);

-- Sizes that so many rows of a thousand are below.
CREATE TABLE sizes AS
  SELECT n, percentile_disc(n / 1000.0) WITHIN GROUP (ORDER BY size) AS size
  FROM rows, unnest(ARRAY[100, 10]) AS n GROUP BY n;

-- "columns": those that our index has behind the vector.
CREATE TABLE shapes_cells AS
  SELECT 'k' AS part, '' AS columns, 'none' AS shape, k AS rows
  FROM unnest(ARRAY[1, 3, 10, 30, 100, 300, 1000]) AS k
  UNION ALL SELECT 'filter', c, s, 10
  FROM (VALUES ('', ARRAY['none']),
      ('f', ARRAY['none', 'random 10%', 'random 1%', 'random 0.1%']),
      ('grp, g', ARRAY['none', 'later 10%', 'later 1%', 'later 0.1%', 'along', 'against']),
      ('near', ARRAY['none', 'around 10%', 'around 1%', 'around 0.1%']),
      ('word, size', ARRAY['none', 'own along', 'own against']),
      ('size', ARRAY['none', 'size 10%', 'size 1%'])) AS v (c, shapes), unnest(shapes) AS s
  WHERE c !~ 'word' OR EXISTS (SELECT FROM own)
  UNION ALL SELECT 'radius', '', s, k
  FROM unnest(ARRAY['radius', 'limit']) AS s, unnest(ARRAY[1, 10, 100, 1000, 10000]) AS k;

DELETE FROM shapes_cells WHERE part = 'filter' AND shape <> 'none' AND shape !~ :'shapes';
DELETE FROM shapes_cells AS c WHERE part = 'filter' AND columns <> '' AND NOT EXISTS (
  SELECT FROM shapes_cells AS o WHERE (o.part, o.columns) = (c.part, c.columns) AND o.shape <> 'none');

-- The ways of each peer: settings, whether the filter is one that no index has a column
-- for, and for how many queries.
CREATE TABLE shapes_ways (peer text, setting text, part text, settings text[], hidden bool, most int);
INSERT INTO shapes_ways VALUES
  ('vecdb', 'chosen', NULL, '{}', false, 25),
  ('vecdb', 'btree', 'filter', '{enable_indexscan=off}', false, 10);
INSERT INTO shapes_ways
  SELECT 'vecdb', w.setting || ' ' || n, part,
    ARRAY['enable_seqscan=off', 'enable_bitmapscan=off', 'enable_sort=off', 'ivfflat.target_recall=' || n], hidden, CASE WHEN hidden THEN 50 ELSE 10000 END
  FROM (VALUES ('columns', 'filter', false), ('filter', 'filter', true), ('index', 'k', false)) AS w (setting, part, hidden),
    unnest(ARRAY[0.95, 0.99]) AS n;
INSERT INTO shapes_ways
  SELECT 'ivfflat', 'probes ' || n, NULL,
    ARRAY['ivfflat.iterative_scan=relaxed_order', 'ivfflat.probes=' || n, 'enable_seqscan=off', 'enable_bitmapscan=off', 'enable_sort=off'], false, 25
  FROM unnest(ARRAY[10, 30, 100]) AS n;
-- More than the default of 20,000 rows, within which there are few of 0.1 %, or against
-- the clusters.
INSERT INTO shapes_ways
  SELECT 'hnsw', 'ef ' || n, NULL,
    ARRAY['hnsw.iterative_scan=relaxed_order', 'hnsw.max_scan_tuples=200000', 'hnsw.scan_mem_multiplier=16', 'work_mem=64MB',
      'hnsw.ef_search=' || n, 'enable_seqscan=off', 'enable_bitmapscan=off', 'enable_sort=off'], false, 25
  FROM unnest(ARRAY[40, 100, 200, 400]) AS n;
DELETE FROM shapes_ways AS w USING shapes_setup AS s WHERE w.peer <> s.peer;

CREATE TABLE shapes_runs (
  part text, peer text, setting text, columns text, shape text, rows int, query int,
  found int,		-- of the true rows
  wanted int,		-- of these, how many there are
  ms float8, fetches bigint, codes bigint, plan text);

\ir clock.sql

-- What a shape asks of the rows.
CREATE FUNCTION shapes_filter(shape text, q asked, hidden bool) RETURNS text
LANGUAGE sql AS $$
  SELECT CASE
    WHEN shape ~ '^(random|later|around) ' THEN format('%s%s < %s',
      CASE split_part(shape, ' ', 1) WHEN 'random' THEN 'f' WHEN 'later' THEN 'g' ELSE 'near' END,
      CASE WHEN hidden THEN ' + 0' END, (1e4 * substring(shape FROM '[0-9.]+')::numeric)::int)
    WHEN shape ~ '^size ' THEN format('size%s < %s', CASE WHEN hidden THEN ' + 0' END,
      (SELECT size FROM sizes WHERE n = 10 * substring(shape FROM '[0-9]+')::int))
    WHEN shape ~ '^own ' THEN format('word%s = %L', CASE WHEN hidden THEN ' || ''''' END,
      CASE shape WHEN 'own along' THEN q.own_word ELSE q.other_word END)
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
  hits int; fetched bigint; compared bigint; node json; took float8;
BEGIN
  PERFORM shapes_set(way.settings, false);
  EXECUTE format('SELECT count(*) FROM (%s) AS s WHERE d <= %s', statement, truth[wanted]) INTO hits;
  FOR i IN 1 .. 3 LOOP
    SELECT r.node, least(took, r.ms) INTO node, took FROM bench_run(statement) AS r;
    EXIT WHEN took > 100;
  END LOOP;
  IF way.peer = 'vecdb' AND node::text ~ 'rows_v' THEN
    SELECT s.fetches, s.codes INTO fetched, compared FROM vecdb_last_scan() AS s;
  END IF;
  PERFORM shapes_set(way.settings, true);
  INSERT INTO shapes_runs VALUES (cell.part, way.peer, way.setting, cell.columns, cell.shape, cell.rows, q.id,
    least(hits, wanted), wanted, took, fetched, compared, CASE
      WHEN node::text ~ 'rows_v"' AND node::text ~ '"Index Cond": "[^"]*(f|g|grp|near|word|size)\)? [<=]' THEN 'columns'
      WHEN node::text ~ 'rows_v"' THEN 'index'
      WHEN node::text ~ 'rows_(f|g|grp|near|word|size)"' THEN 'btree'
      ELSE 'exact' END);
END
$$;

-- The distances of the true rows of all queries, once for all indexes.
CREATE TABLE shapes_truth (part text, shape text, query int, distances float8[]);

CREATE FUNCTION shapes_prepare(part text) RETURNS void LANGUAGE sql AS $$
  INSERT INTO shapes_truth
  SELECT $1, c.shape, q.id, shapes_true(c.shape, q, c.rows)
  FROM asked AS q, (SELECT c.shape, max(c.rows) AS rows FROM shapes_cells AS c
    WHERE c.part = $1 GROUP BY c.shape) AS c;
$$;

-- All cells that are measured with an index that has these columns.
CREATE FUNCTION shapes_measure(part text, columns text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  q asked; cell shapes_cells; way shapes_ways; n int := 0; truth float8[];
BEGIN
  FOR q IN SELECT * FROM asked LOOP
    FOR cell IN SELECT * FROM shapes_cells AS c WHERE (c.part, c.columns) = ($1, $2) LOOP
      SELECT t.distances INTO truth FROM shapes_truth AS t
        WHERE (t.part, t.shape, t.query) = ($1, cell.shape, q.id);
      CONTINUE WHEN truth IS NULL;
      FOR way IN SELECT * FROM shapes_ways AS w WHERE coalesce(w.part, $1) = $1 AND n < w.most LOOP
        -- A peer without conditions on distances reads everything.
        CONTINUE WHEN cell.shape = 'radius' AND way.peer <> 'vecdb';
        PERFORM shapes_run(cell, way, q, truth);
      END LOOP;
    END LOOP;
    n := n + 1;
  END LOOP;
END
$$;

CREATE VIEW shapes_results AS
  SELECT part, peer, setting, replace(columns, ',', '') AS columns, shape, rows, count(*) AS queries, sum(found) AS found,
    round(sum(found)::numeric / greatest(sum(wanted), 1), 4) AS recall,
    round((percentile_cont(0.5) WITHIN GROUP (ORDER BY ms))::numeric, 4) AS ms,
    round(avg(fetches)) AS fetches, round(avg(codes)) AS codes, mode() WITHIN GROUP (ORDER BY plan) AS chosen
  FROM shapes_runs GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 3, 4, 5, 6;
