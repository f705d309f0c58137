-- Rows within a radius: what is written as a comparison of a distance is a condition
-- of the index, and gives what the comparison gives.
SET client_min_messages = warning;
CREATE SCHEMA ivfflat_radius;
SET search_path = ivfflat_radius, public;
SET jit = off;
SET max_parallel_workers_per_gather = 0;
RESET client_min_messages;

CREATE TABLE t (id int PRIMARY KEY, grp int, v vector(16), h halfvec(16), s sparsevec(16), b bit(16));
INSERT INTO t SELECT i, i % 10, x, x, x::sparsevec, binary_quantize(x)
  FROM generate_series(1, 3000) AS i, LATERAL (SELECT vec(i % 40, 16) + vec(i + 1000, 16) * array_fill(0.3, ARRAY[16])::vector AS x OFFSET 0) AS l;
INSERT INTO t VALUES (3001, 1, NULL, NULL, NULL, NULL),
  (3002, 1, array_fill(0, ARRAY[16])::vector, array_fill(0, ARRAY[16])::halfvec, '{}/16', repeat('0', 16)::bit(16));
CREATE FUNCTION q() RETURNS vector LANGUAGE sql IMMUTABLE AS 'SELECT vec(7, 16)';

-- Does the statement use a condition of the index, and return as many rows, with the
-- same sum of numbers, as without the index?  All lists are read.
CREATE FUNCTION within(condition text, rest text DEFAULT '', OUT index_cond boolean, OUT rows bigint, OUT same boolean)
LANGUAGE plpgsql AS $$
DECLARE
  statement text := format('SELECT count(*) AS n, sum(id) AS ids FROM (SELECT id FROM t WHERE %s %s) AS s', condition, rest);
  ids bigint; exact_rows bigint; exact_ids bigint;
BEGIN
  SET LOCAL ivfflat.target_recall = 1; SET LOCAL hnsw.ef_search = 1000;
  SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off;
  index_cond := EXISTS (SELECT FROM plan(statement) AS line WHERE line ~ 'Index Cond: .*<<');
  EXECUTE statement INTO rows, ids;
  SET LOCAL enable_indexscan = off; SET LOCAL enable_seqscan = on; SET LOCAL enable_sort = on;
  EXECUTE statement INTO exact_rows, exact_ids;
  SET LOCAL enable_indexscan = on;
  same := (rows, ids) IS NOT DISTINCT FROM (exact_rows, exact_ids);
END
$$;

-- Each metric of each type, in operators and functions, both ways round.
CREATE INDEX t_v ON t USING ivfflat (v) WITH (lists = 20);
ANALYZE t;
SET enable_seqscan = off;
SELECT plan('SELECT id FROM t WHERE v <-> (SELECT q()) < 1');
SELECT plan('SELECT id FROM t WHERE v <-> (SELECT q()) < 1 ORDER BY v <-> (SELECT q())');
SELECT plan('SELECT id FROM t WHERE 1 >= l2_distance((SELECT q()), v) ORDER BY v <-> (SELECT q()) LIMIT 5');
RESET enable_seqscan;
SELECT * FROM within('v <-> q() < 0.6');
SELECT * FROM within('v <-> q() <= 0.6 AND grp = 3');
SELECT * FROM within('0.7 > l2_distance(q(), v)', 'ORDER BY v <-> q()');
SELECT * FROM within('v <-> q() <= 0.7', 'ORDER BY v <-> q() LIMIT 7');
SELECT * FROM within('v <-> q() <= 0.8::real');
SELECT * FROM within('v <-> q() BETWEEN 0.6 AND 0.7');
SELECT * FROM within('-(v <-> q()) > -0.7');
SELECT * FROM within('(v <-> q()) * -1 >= -0.7');
SELECT * FROM within('-(v <-> q()) > -0.7::real');
SELECT * FROM within('2 - ((v <-> q()) + 1) > 0.3');
SELECT * FROM within('v <<->> sphere(q(), 0.7)');
SELECT * FROM within('v <<->> ROW(q(), 0.7, NULL)', 'ORDER BY v <-> q()');
-- What no index can be asked.
SELECT index_cond, same FROM within('v <-> q() > 3');
SELECT index_cond, same FROM within('v <=> q() < 0.1');
SELECT index_cond, same FROM within('v <-> v < 0.1');
SELECT index_cond, same FROM within('v <-> q() < random() * 0');
SELECT index_cond, same FROM within('v <-> q() < grp / 10.0');
SELECT index_cond, same FROM within('v <<->> ANY (ARRAY[sphere(q(), 0.6), NULL, sphere(vec(8, 16), 0.6)])');
SELECT index_cond, same FROM within('(v <<->> sphere(q(), 0.6) OR v <<->> sphere(vec(8, 16), 0.6))', 'ORDER BY v <-> q() LIMIT 7');

DROP INDEX t_v;
CREATE INDEX t_v ON t USING ivfflat (v vector_ip_ops) WITH (lists = 20);
SELECT * FROM within('v <#> q() < -4.5');
SELECT * FROM within('(v <#> q()) * -1 > 4.5', 'ORDER BY v <#> q()');
SELECT * FROM within('inner_product(v, q()) > 4.5');
SELECT * FROM within('4.5 <= inner_product(q(), v)', 'ORDER BY v <#> q()');
SELECT * FROM within('-inner_product(v, q()) < -4.5::real');
SELECT * FROM within('1 + (v <#> q()) < -3.5');
SELECT * FROM within('1 - inner_product(v, q()) <= -3.5', 'ORDER BY v <#> q() LIMIT 3');
SELECT * FROM within('inner_product(v, q()) >= NULL::float8');
SELECT index_cond, same FROM within('inner_product(v, q()) < -4.5');
SELECT index_cond, same FROM within('v <#> q() > 4.5');
SELECT index_cond, same FROM within('inner_product(v, v) > 4.5');
SELECT index_cond, same FROM within('inner_product(v, q()) * 2 > 9');
SELECT plan('SELECT id FROM t WHERE inner_product(v, (SELECT q())) > 4.5 ORDER BY v <#> (SELECT q())');
-- Exactly at the radius, and moved there by sums that are rounded.
SELECT bool_and(index_cond AND same) AS same FROM (SELECT v <#> q() AS d FROM t ORDER BY 1 LIMIT 25) AS s,
  unnest(ARRAY[0, 1, -0.7, 333.3, 1e6]) AS c,
  unnest(ARRAY[format('%s - inner_product(v, q()) <= %s', c, c + d), format('%s + inner_product(v, q()) >= %s', c, c - d),
    format('(v <#> q()) - (%s) <= %s', c, d - c)]) AS condition, within(condition);
DROP INDEX t_v;
CREATE INDEX t_v ON t USING ivfflat (v vector_cosine_ops) WITH (lists = 20);
SELECT * FROM within('v <=> q() < 0.04');
SELECT * FROM within('1 - (v <=> q()) > 0.96', 'ORDER BY v <=> q()');
SELECT * FROM within('(v <=> q()) - 1 < -0.96');
SELECT * FROM within('0.96 < 1 - cosine_distance(q(), v)');
SELECT bool_and(index_cond AND same) AS same FROM unnest(ARRAY['-Infinity', 'Infinity', 'NaN', '1e308', '-1.7976931348623157e308', '5e-324', '0']) AS s,
  within(format('1 - (v <=> q()) >= %L', s));
SELECT index_cond, same FROM within('inner_product(v, q()) > 4.5');
SELECT * FROM within('cosine_distance(v, q()) <= 2');
SELECT * FROM within('v <=> q() <= ''NaN''');
SELECT * FROM within('v <=> array_fill(0, ARRAY[16])::vector < 1');
SELECT * FROM within('v <=> array_fill(0, ARRAY[16])::vector <= ''NaN''');
DROP INDEX t_v;
CREATE INDEX t_v ON t USING ivfflat (v vector_l1_ops) WITH (lists = 20);
SELECT * FROM within('v <+> q() < 2.2');
SELECT * FROM within('v <<+>> sphere(q(), 2.2)');
DROP INDEX t_v;
CREATE INDEX t_h ON t USING hnsw (h halfvec_l2_ops);
CREATE INDEX t_s ON t USING ivfflat (s sparsevec_cosine_ops) WITH (lists = 20);
CREATE INDEX t_b ON t USING ivfflat (b bit_hamming_ops) WITH (lists = 20);
SELECT * FROM within('h <-> q()::halfvec < 0.6');
SELECT * FROM within('s <=> q()::sparsevec < 0.04');
SELECT * FROM within('b <~> B''1011001110001111'' <= 4');
DROP INDEX t_h, t_s, t_b;
CREATE INDEX t_h ON t USING ivfflat (h halfvec_ip_ops) WITH (lists = 20);
CREATE INDEX t_s ON t USING hnsw (s sparsevec_l1_ops);
CREATE INDEX t_b ON t USING ivfflat (b bit_jaccard_ops) WITH (lists = 20);
SELECT * FROM within('h <#> q()::halfvec < -4.5');
SELECT * FROM within('inner_product(h, q()::halfvec) > 4.5');
SELECT * FROM within('s <+> q()::sparsevec < 2.2');
SELECT * FROM within('b <%> B''1011001110001111'' <= 0.4');
SELECT * FROM within('1 - (b <%> B''1011001110001111'') >= 0.6');
SELECT * FROM within('b <%> B''1011001110001111'' <= 1');
SELECT * FROM within('b <%> B''0000000000000000'' < 1');
SELECT * FROM within('b <%> B''0000000000000000'' <= 1');
DROP INDEX t_s;
CREATE INDEX t_s ON t USING ivfflat (s sparsevec_ip_ops) WITH (lists = 20);
SELECT * FROM within('inner_product(s, q()::sparsevec) > 4.5');
DROP INDEX t_h, t_s, t_b;

-- A radius that is none, or that everything is within.
CREATE INDEX t_v ON t USING ivfflat (v) WITH (lists = 20);
ANALYZE t;
SELECT r, w.* FROM unnest(ARRAY['NULL', '-1', '0', '-0.0', '''NaN''', '''Infinity''', '''-Infinity''', '1e308']) WITH ORDINALITY AS u (r, n),
  within(format('v <-> q() < %s::float8', r)) AS w ORDER BY n;
SELECT r, w.* FROM unnest(ARRAY['NULL', '-1', '0', '''NaN''', '''Infinity''']) WITH ORDINALITY AS u (r, n),
  within(format('v <-> (SELECT q()) <= (SELECT %s::float8)', r), 'ORDER BY v <-> (SELECT q())') AS w ORDER BY n;
SELECT * FROM within('v <-> (SELECT v FROM t WHERE id = 3001) < 1');
SELECT * FROM within('v <<->> (SELECT sphere(v, 0.6) FROM t WHERE id = 5)');
SELECT * FROM within('v <<->> NULL');
SELECT error_of($$SELECT count(*) FROM t WHERE v <-> '[1,2]' < 1$$);
-- Several radii, and an order by another distance.
SELECT * FROM within('v <-> q() < 0.8 AND v <-> q() < 0.7');
SELECT * FROM within('v <-> q() < 0.8 AND v <-> vec(8, 16) < 3');
SELECT * FROM within('v <-> q() < 0.8', 'ORDER BY v <-> vec(8, 16)');
-- Exactly at the radius.
SELECT bool_and(same AND rows = n) AS same FROM (
  SELECT d, row_number() OVER (ORDER BY d) AS n FROM (SELECT v <-> q() AS d FROM t ORDER BY 1 LIMIT 40) AS s) AS u,
  within(format('v <-> q() <= %s', d));

-- With conditions on other columns of the index; and these alone, which list rows.
DROP INDEX t_v;
CREATE INDEX t_v ON t USING ivfflat (v, grp) WITH (lists = 20);
ANALYZE t;
SELECT * FROM within('v <-> q() < 0.8 AND grp = 7');
SELECT * FROM within('v <-> q() < 0.8 AND grp IN (1, 7)', 'ORDER BY v <-> q()');
SELECT * FROM within('v <-> q() < 3 AND grp < 2', 'ORDER BY v <-> q() LIMIT 20');
SELECT rows, same FROM within('grp = 7');
SELECT rows, same FROM within('v IS NULL AND grp = 1');
SELECT plan('SELECT id FROM t WHERE v <-> (SELECT q()) < 0.8 AND grp = 7');

-- Prepared statements whose plan is made before the parameters are known.
SET plan_cache_mode = force_generic_plan;
SET enable_seqscan = off;
PREPARE near(vector, float8) AS SELECT count(*) FROM t WHERE v <-> $1 < $2;
SELECT plan('EXECUTE near(NULL, NULL)');
SET ivfflat.target_recall = 1;
EXECUTE near('[0.5,0.5,0.5,0.5,0.5,0.5,0.5,0.5,0.5,0.5,0.5,0.5,0.5,0.5,0.5,0.5]', 2.6);
EXECUTE near('[0.5,0.5,0.5,0.5,0.5,0.5,0.5,0.5,0.5,0.5,0.5,0.5,0.5,0.5,0.5,0.5]', -1);
EXECUTE near(NULL, 2.6);
EXECUTE near('[0.5,0.5,0.5,0.5,0.5,0.5,0.5,0.5,0.5,0.5,0.5,0.5,0.5,0.5,0.5,0.5]', NULL);
RESET plan_cache_mode;
RESET enable_seqscan;
SELECT count(*) FROM t WHERE v <-> array_fill(0.5, ARRAY[16])::vector < 2.6;

-- Joins, and the same without the index.
SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off;
SELECT plan('SELECT a.id, b.id FROM t AS a JOIN t AS b ON a.v <-> b.v < 0.6 WHERE a.id < 40');
SELECT count(*), sum(a.id + b.id) FROM t AS a JOIN t AS b ON a.v <-> b.v < 0.6 WHERE a.id < 40;
SELECT count(*), sum(b.id) FROM t AS a LEFT JOIN t AS b ON b.v <-> a.v < 0.6 AND b.id <> a.id WHERE a.id IN (1, 2, 3, 3001);
SET enable_indexscan = off;
SELECT count(*), sum(a.id + b.id) FROM t AS a JOIN t AS b ON a.v <-> b.v < 0.6 WHERE a.id < 40;
SELECT count(*), sum(b.id) FROM t AS a LEFT JOIN t AS b ON b.v <-> a.v < 0.6 AND b.id <> a.id WHERE a.id IN (1, 2, 3, 3001);
RESET enable_indexscan; RESET enable_hashjoin; RESET enable_mergejoin; RESET enable_bitmapscan;

-- Rows are changed where the index finds them; each once.
BEGIN;
SELECT plan('DELETE FROM t WHERE v <-> q() < 0.7');
DELETE FROM t WHERE v <-> q() < 0.7;
SELECT count(*) FROM t WHERE v <-> q() < 0.7;
ROLLBACK;
RESET enable_seqscan;
DROP INDEX t_v;

-- An expression's index, a view's column, partitions.
CREATE INDEX t_half ON t USING ivfflat ((v::halfvec(16)) halfvec_l2_ops);
CREATE VIEW seen AS SELECT id, v, h FROM t;
CREATE TABLE parts (id int, v vector(16)) PARTITION BY RANGE (id);
CREATE TABLE part_1 PARTITION OF parts FOR VALUES FROM (0) TO (1500);
CREATE TABLE part_2 PARTITION OF parts FOR VALUES FROM (1500) TO (4000);
INSERT INTO parts SELECT id, v FROM t;
CREATE INDEX parts_v ON parts USING ivfflat (v);
ANALYZE parts;
SET enable_seqscan = off;
SELECT plan('SELECT id FROM seen WHERE v::halfvec(16) <-> (SELECT q())::halfvec < 0.6');
SELECT plan('SELECT count(*) FROM parts WHERE v <-> (SELECT q()) < 0.6');
SELECT count(*) FROM parts WHERE v <-> q() < 0.6;
RESET enable_seqscan;
SELECT count(*) FROM t WHERE v <-> q() < 0.6;
DROP INDEX t_half;
RESET ivfflat.target_recall;

-- A radius that a row or a few are within ends the search, with an order and without
-- it, with all lists and with some.
CREATE TABLE centers AS SELECT c, vec(c, 64) * array_fill(2, ARRAY[64])::vector AS v FROM generate_series(0, 99) AS c;
CREATE TABLE d AS SELECT g AS id, (c.v + vec(1000 + g, 64) * array_fill(0.9, ARRAY[64])::vector)::vector(64) AS v
  FROM generate_series(1, 20000) AS g JOIN centers AS c ON c = g % 100;
CREATE INDEX d_v ON d USING ivfflat (v);
VACUUM ANALYZE d;
SELECT plan('SELECT id FROM d WHERE v <-> (SELECT v FROM d WHERE id = 77) < 0.1 ORDER BY v <-> (SELECT v FROM d WHERE id = 77) LIMIT 10');
SELECT id FROM d WHERE v <-> (SELECT v FROM d WHERE id = 77) < 0.1 ORDER BY v <-> (SELECT v FROM d WHERE id = 77) LIMIT 10;
SELECT fetches < 20 AS few, stop FROM vecdb_last_scan();
SELECT id FROM d WHERE v <-> (SELECT v FROM d WHERE id = 77) < 0.1;
SELECT fetches < 20 AS few, codes < 8000 AS some, stop FROM vecdb_last_scan();
SET ivfflat.probes = 2;
SELECT id FROM d WHERE v <-> (SELECT v FROM d WHERE id = 77) < 0.1;
SELECT fetches < 20 AS few, probes, stop FROM vecdb_last_scan();
RESET ivfflat.probes;
SET ivfflat.iterative_scan = off;
SELECT id FROM d WHERE v <-> (SELECT v FROM d WHERE id = 77) < 0.1;
RESET ivfflat.iterative_scan;

-- Nor does it end a search where the lists that so many rows ask for have none beyond
-- it: from a corner of a cube, an eighth of a ball of half of the rows, or of fewer.
CREATE TABLE cube AS SELECT i AS id, i % 2 AS grp,
  ARRAY[i * 0.8191725 % 1, i * 0.6710436 % 1, i * 0.5497005 % 1]::vector(3) AS v FROM generate_series(1, 20000) AS i;
CREATE INDEX cube_v ON cube USING ivfflat (v, grp);
VACUUM ANALYZE cube;
CREATE FUNCTION found(radius float8, filter text DEFAULT 'true') RETURNS float8 LANGUAGE plpgsql AS $$
DECLARE
  statement text := format('SELECT count(*) FROM cube WHERE v <-> ''[0,0,0]'' < %s AND %s', radius, filter);
  found float8; exact float8;
BEGIN
  SET LOCAL enable_seqscan = off;
  EXECUTE statement INTO found;
  SET LOCAL enable_seqscan = on; SET LOCAL enable_indexscan = off;
  EXECUTE statement INTO exact;
  RESET enable_indexscan;
  RETURN found / exact;
END
$$;
SELECT radius, filter, found(radius, filter) > 0.9 AS found
FROM unnest(ARRAY[0.2, 0.5, 0.7, 1, 1.2]) AS radius, unnest(ARRAY['true', 'grp = 1', 'id % 2 = 1']) AS filter;
-- Where half of the rows are deleted, too: seen still in the lists, or free slots.
DELETE FROM cube WHERE id % 4 IN (1, 2);
SELECT radius, found(radius) > 0.9 AS found FROM unnest(ARRAY[0.5, 0.7, 1, 1.2]) AS radius;
ALTER INDEX cube_v SET (autotrain = off);
VACUUM cube;
SELECT radius, found(radius) > 0.9 AS found FROM unnest(ARRAY[0.5, 0.7, 1, 1.2]) AS radius;

-- Bounds of bits are distances, where strings are so long that the lists' unit is another.
CREATE TABLE bits AS SELECT i AS id, (SELECT string_agg((hashint8(i * 2000 + j) & 1)::text, '' ORDER BY j)
  FROM generate_series(1, 1000) AS j)::varbit::bit(1000) AS v FROM generate_series(1, 100) AS i;
ANALYZE bits;
CREATE FUNCTION around(op text, radius float8, OUT index_cond boolean, OUT rows bigint, OUT exact bigint) LANGUAGE plpgsql AS $$
DECLARE statement text := format('SELECT count(*) FROM bits WHERE v %s (SELECT v FROM bits WHERE id = 5) <= %s', op, radius);
BEGIN
  SET LOCAL enable_seqscan = off;
  index_cond := EXISTS (SELECT FROM plan(statement) AS line WHERE line ~ 'Index Cond: .*<<');
  EXECUTE statement INTO rows;
  SET LOCAL enable_seqscan = on; SET LOCAL enable_indexscan = off;
  EXECUTE statement INTO exact;
  RESET enable_indexscan;
END
$$;
CREATE INDEX bits_v ON bits USING ivfflat (v bit_hamming_ops);
SELECT radius, (around('<~>', radius)).* FROM unnest(ARRAY[0, 490, 500, 600]) AS radius;
DROP INDEX bits_v;
CREATE INDEX bits_v ON bits USING ivfflat (v bit_jaccard_ops);
SELECT radius, (around('<%>', radius)).* FROM unnest(ARRAY[0, 0.66, 0.67, 0.7]) AS radius;

-- How many rows the planner expects: within a factor of three, for radii that hold
-- from a few to all rows.
CREATE FUNCTION expected(statement text) RETURNS float8 LANGUAGE plpgsql AS $$
DECLARE plan json;
BEGIN
  EXECUTE 'EXPLAIN (FORMAT json) ' || statement INTO plan;
  RETURN plan->0->'Plan'->'Plan Rows';
END
$$;
SELECT n, expected(format('SELECT id FROM d WHERE v <-> %L < %s', v, r)) BETWEEN n / 3.0 AND n * 3 AS near
FROM unnest(ARRAY[10, 100, 10000]) AS n, (SELECT v FROM d WHERE id = 99) AS q,
  LATERAL (SELECT max(x) AS r FROM (SELECT d.v <-> q.v AS x FROM d ORDER BY 1 LIMIT n) AS s) AS l;
SELECT expected(format('SELECT id FROM d WHERE v <<->> sphere(%L::vector, 1000)', v)) AS all_rows FROM d WHERE id = 99;
SELECT expected(format('SELECT id FROM d WHERE v <-> %L < NULL::float8', v)) AS none FROM d WHERE id = 99;

SET client_min_messages = warning;
DROP SCHEMA ivfflat_radius CASCADE;
