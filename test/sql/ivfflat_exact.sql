-- Rows that a scan must not leave out.
SET client_min_messages = warning;
CREATE SCHEMA ivfflat_exact;
SET search_path = ivfflat_exact, public;
SET jit = off;
RESET client_min_messages;

-- Copies of the query are found within a radius of nothing: of few dimensions,
-- whose codes have components that round alike, and beside a centroid.
CREATE FUNCTION copies(OUT searches bigint, OUT all_found bigint) LANGUAGE plpgsql AS $$
DECLARE
  dim int; set_number int; n bigint; q vector;
BEGIN
  SET LOCAL enable_seqscan = off;
  SET LOCAL enable_bitmapscan = off;
  SET LOCAL enable_sort = off;
  SET LOCAL ivfflat.target_recall = 1;
  searches := 0; all_found := 0;
  FOR dim, set_number IN SELECT d, s FROM unnest(ARRAY[2, 3, 4, 40]) AS d, unnest(ARRAY[2, 33, 42, 43]) AS s LOOP
    CREATE TEMP TABLE copies (v vector) ON COMMIT DROP;
    EXECUTE format('ALTER TABLE copies ALTER v TYPE vector(%s)', dim);
    INSERT INTO copies
    SELECT CASE j % 20 WHEN 0 THEN array_fill(2, ARRAY[dim])::vector
      WHEN 1 THEN (SELECT array_agg(k) FROM generate_series(1, dim) AS k)::vector
      ELSE vec(set_number + j % 30, dim) * array_fill(10, ARRAY[dim])::vector
        + vec(100000 * set_number + j, dim) * array_fill(3, ARRAY[dim])::vector END
    FROM generate_series(1, 1500) AS j;
    CREATE INDEX ON copies USING ivfflat (v vector_l2_ops) WITH (lists = 30);
    FOR q IN SELECT v FROM copies GROUP BY v HAVING count(*) > 70 LOOP
      SELECT count(*) INTO n FROM copies WHERE v <-> q <= 0;
      searches := searches + 1;
      all_found := all_found + (n = 75)::int;
    END LOOP;
    DROP TABLE copies;
  END LOOP;
END
$$;
SELECT * FROM copies();

-- A scan whose order is strict and that is run to its end has every row.
CREATE TABLE t (id int PRIMARY KEY, v vector(16));
INSERT INTO t SELECT i, vec(i % 40, 16) + vec(i + 1000, 16) FROM generate_series(1, 8000) AS i;
CREATE INDEX t_v ON t USING ivfflat (v vector_l2_ops) WITH (lists = 40);
CREATE TABLE queries (n int);
INSERT INTO queries VALUES (3), (4);
ANALYZE t, queries;
SET enable_seqscan = off;
SET enable_bitmapscan = off;
SET enable_sort = off;
SET enable_hashjoin = off;
SET enable_mergejoin = off;
SET max_parallel_workers_per_gather = 0;
SET ivfflat.iterative_scan = strict_order;

CREATE VIEW told AS SELECT rows, late FROM vecdb_last_scan();
CREATE TEMP TABLE answers AS SELECT id, v <-> vec(3, 16) AS d FROM t ORDER BY v <-> vec(3, 16);
SELECT count(*), (SELECT late FROM told) FROM answers;
INSERT INTO answers SELECT id, 0 FROM t ORDER BY v <-> vec(4, 16);
SELECT * FROM told;
SELECT count(*), bool_and(d >= before) AS ordered
FROM (SELECT d, lag(d, 1, d) OVER () AS before FROM (SELECT v <-> vec(3, 16) AS d FROM t ORDER BY v <-> vec(3, 16)) AS s) AS s;
SELECT cardinality(array_agg(id)) FROM (SELECT id FROM t ORDER BY v <-> vec(3, 16) OFFSET 5) AS s;
SELECT cardinality(array_agg(id)) FROM (SELECT id FROM t WHERE id % 2 = 0 ORDER BY v <-> vec(3, 16) LIMIT 10000) AS s;
SELECT cardinality(array_agg(id)) FROM queries, LATERAL (SELECT id FROM t ORDER BY v <-> vec(n, 16)) AS s;
SELECT n, cardinality(found) FROM queries,
  LATERAL (SELECT array_agg(id) AS found FROM (SELECT id FROM t ORDER BY v <-> vec(n, 16)) AS s) AS s;
SELECT cardinality(ARRAY(SELECT id FROM t ORDER BY v <-> vec(3, 16)));
WITH c AS MATERIALIZED (SELECT id FROM t ORDER BY v <-> vec(3, 16)) SELECT count(*) FROM c;
-- Of a chain of CTEs, each of which scans the one before twice, each is looked
-- into once: twice would not end.
DO $$ BEGIN
  EXECUTE (SELECT 'WITH c0 AS MATERIALIZED (SELECT 1)'
    || string_agg(format(', c%s AS MATERIALIZED (SELECT 1 FROM c%s AS a, c%s AS b)', i, i - 1, i - 1), '' ORDER BY i)
    || 'SELECT FROM c60' FROM generate_series(1, 60) AS i);
END $$;
-- A function that searches, called for each row of a search.
CREATE FUNCTION searched(query vector) RETURNS int LANGUAGE sql AS $$
  SELECT cardinality(array_agg(id)) FROM (SELECT id FROM t ORDER BY v <-> query) AS s
$$;
SELECT sum(searched(v)) FROM (SELECT v FROM t ORDER BY v <-> vec(3, 16) LIMIT 3) AS s;
SELECT count(s), sum(s) FROM (SELECT searched(v) AS s FROM t WHERE v <-> vec(3, 16) < (SELECT d FROM answers WHERE d > 0 ORDER BY d OFFSET 3 LIMIT 1) ORDER BY v <-> vec(3, 16)) AS s;
-- In little memory: what waits is the window.
SET work_mem = '64kB';
SELECT count(*) > 7990 AS whole, bool_and(d >= before) AS ordered
FROM (SELECT d, lag(d, 1, d) OVER () AS before FROM (SELECT v <-> vec(3, 16) AS d FROM t ORDER BY v <-> vec(3, 16)) AS s) AS s;
RESET work_mem;

-- No more is read for it where a window ends early, or one row is enough.
SELECT count(*) FROM (SELECT id, row_number() OVER (ORDER BY v <-> vec(3, 16)) AS n FROM t) AS s WHERE n <= 3;
SELECT fetches < 8000 OR current_setting('server_version_num')::int < 150000 AS few FROM vecdb_last_scan();
SELECT count(*) FROM queries WHERE EXISTS (SELECT id FROM t ORDER BY v <-> vec(n, 16) OFFSET 0);

-- Cursors: whoever fetches all that there is has every row, also after some.
BEGIN;
DECLARE c CURSOR FOR SELECT id FROM t ORDER BY v <-> vec(3, 16);
MOVE ALL IN c;
SELECT * FROM told;
DECLARE s SCROLL CURSOR FOR SELECT id FROM t ORDER BY v <-> vec(3, 16);
MOVE 3 IN s;
SELECT * FROM told;
MOVE ALL IN s;
SELECT * FROM told;
MOVE BACKWARD ALL IN s;
MOVE ALL IN s;
DECLARE h CURSOR WITH HOLD FOR SELECT id FROM t ORDER BY v <-> vec(3, 16);
COMMIT;
SELECT * FROM told;
MOVE ALL IN h;
CLOSE h;
BEGIN;
DECLARE c CURSOR FOR SELECT id FROM t ORDER BY v <-> vec(3, 16);
MOVE 8000 IN c;
COMMIT;
-- Step by step it is told how many it lacks.
BEGIN;
DECLARE c CURSOR FOR SELECT id FROM t ORDER BY v <-> vec(3, 16);
MOVE 7900 IN c;
MOVE 7900 IN c;
SELECT rows + late AS all, late < 100 AS few FROM told;
COMMIT;

-- LIMIT NULL is none.
PREPARE limited(bigint) AS SELECT id FROM t ORDER BY v <-> vec(3, 16) LIMIT $1;
SET plan_cache_mode = force_generic_plan;
CREATE TEMP TABLE unlimited AS EXECUTE limited(NULL);
SELECT count(*) FROM unlimited;
RESET plan_cache_mode;

-- Nor where answers are kept for an equal query, or where the leader runs what
-- workers should, for want of them.
CREATE TABLE alike (n int, v vector(16));
INSERT INTO alike SELECT i, vec(i % 4, 16) FROM generate_series(1, 12) AS i;
ANALYZE alike;
CREATE TEMP TABLE kept AS SELECT n FROM alike, LATERAL (SELECT id FROM t ORDER BY v <-> alike.v OFFSET 0) AS s;
SELECT count(*) = 12 * 8000 AS whole FROM kept;
SELECT name AS parallel FROM pg_settings WHERE name IN ('force_parallel_mode', 'debug_parallel_query') \gset
SET :parallel = on;
SET max_parallel_workers = 0;
SELECT vec(3, 16) AS query \gset
CREATE TEMP TABLE led AS SELECT id FROM t ORDER BY v <-> :'query'::vector;
SELECT count(*) FROM led;
RESET :parallel;
RESET max_parallel_workers;
-- A LIMIT is not all rows where the table was analyzed before it was filled.
CREATE TABLE grown (id int, v vector(16));
INSERT INTO grown SELECT * FROM t;
CREATE INDEX grown_v ON grown USING ivfflat (v vector_l2_ops) WITH (lists = 40);
UPDATE pg_class SET reltuples = 10, relpages = 1 WHERE oid = 'grown'::regclass;
SELECT count(*), (SELECT fetches < 4000 FROM vecdb_last_scan()) AS few
FROM (SELECT id FROM grown WHERE id % 2 = 0 ORDER BY v <-> vec(3, 16) LIMIT 10) AS s;
BEGIN;
DECLARE c CURSOR FOR SELECT id FROM grown ORDER BY v <-> vec(3, 16);
MOVE 10 IN c;
SELECT fetches < 1000 AS few FROM vecdb_last_scan();
COMMIT;

-- A radius in no order is searched as it is where rows may come late.
SET enable_indexonlyscan = off;
SELECT count(*) AS found, (SELECT fetches FROM vecdb_last_scan()) AS read FROM t WHERE v <-> vec(3, 16) <= 2.5 \gset
SET ivfflat.iterative_scan = relaxed_order;
SELECT count(*) = :found AND :found > 10 AS same, (SELECT fetches FROM vecdb_last_scan()) = :read AS read
FROM t WHERE v <-> vec(3, 16) <= 2.5;

-- Under L1, rows of two clusters differ by much in few elements and by little in
-- the others: their L1 distance is less, to L2, than that of rows of one cluster.
CREATE TABLE l1 (id int, v vector(100));
INSERT INTO l1 SELECT i, (SELECT array_agg((i % 20 * 7919 + j * 104729) % 100 / 10.0 ORDER BY j) FROM generate_series(1, 100) AS j)::vector
  + vec(i + 1000, 100) * array_fill(0.5, ARRAY[100])::vector
FROM generate_series(1, 2000) AS i;
CREATE INDEX l1_v ON l1 USING ivfflat (v vector_l1_ops) WITH (lists = 20);
CREATE FUNCTION l1_searches(OUT rows bigint, OUT got bigint) LANGUAGE plpgsql AS $$
DECLARE
  q vector; r float8; n bigint;
BEGIN
  rows := 0; got := 0;
  FOR i IN 1..20 LOOP
    q := (SELECT v FROM l1 WHERE id = i);
    SET LOCAL enable_indexscan = off;
    SELECT percentile_disc(i / 20.0) WITHIN GROUP (ORDER BY v <+> q) INTO r FROM l1;
    SELECT count(*) INTO n FROM l1 WHERE v <+> q <= r;
    SET LOCAL enable_indexscan = on;
    SET LOCAL enable_seqscan = off;
    rows := rows + n;
    SELECT count(*) INTO n FROM l1 WHERE v <+> q <= r;
    got := got + n;
    SET LOCAL enable_seqscan = on;
  END LOOP;
END
$$;
SET ivfflat.target_recall = 1;
SELECT got >= 0.998 * rows AS found FROM l1_searches();

-- EXPLAIN does not run it.
EXPLAIN (COSTS off) SELECT id FROM t ORDER BY v <-> vec(3, 16);

RESET ALL;
SET client_min_messages = warning;
DROP SCHEMA ivfflat_exact CASCADE;
