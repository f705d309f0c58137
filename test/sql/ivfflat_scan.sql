-- Index scans: their order, and that they return the table's rows.
SET client_min_messages = warning;
CREATE SCHEMA ivfflat_scan;
SET search_path = ivfflat_scan, public;
-- Costs of what is switched off would call for it.
SET jit = off;
RESET client_min_messages;

CREATE TABLE t (id int PRIMARY KEY, v vector(8), grp int);
INSERT INTO t SELECT i, vec(i), i % 10 FROM generate_series(1, 3000) AS i;
INSERT INTO t SELECT i, NULL, 0 FROM generate_series(3001, 3010) AS i;
INSERT INTO t SELECT i, '[0,0,0,0,0,0,0,0]', 1 FROM generate_series(3011, 3015) AS i;
INSERT INTO t SELECT i + 4000, vec(i), 2 FROM generate_series(1, 50) AS i;
CREATE INDEX t_l2 ON t USING ivfflat (v) WITH (lists = 30);
CREATE INDEX t_ip ON t USING ivfflat (v vector_ip_ops) WITH (lists = 30);
CREATE INDEX t_cosine ON t USING ivfflat (v vector_cosine_ops) WITH (lists = 30);
ANALYZE t;
SET enable_seqscan = off;

EXPLAIN (COSTS OFF) SELECT id FROM t ORDER BY v <-> '[1,0,0,0,0,0,0,0]' LIMIT 5;
EXPLAIN (COSTS OFF) SELECT id FROM t ORDER BY v <#> '[1,0,0,0,0,0,0,0]' LIMIT 5;
EXPLAIN (COSTS OFF) SELECT id FROM t ORDER BY v <=> '[1,0,0,0,0,0,0,0]' LIMIT 5;

-- Whatever the number of lists at first, all rows come; with all of them, in order.
SELECT probes, count(*), count(DISTINCT id)
FROM (VALUES ('1'), ('0'), ('30')) AS p (probes),
  LATERAL set_config('ivfflat.probes', probes, false),
  LATERAL (SELECT id FROM t ORDER BY v <-> vec(0)) AS s
GROUP BY probes ORDER BY probes;
SET ivfflat.probes = 30;
SELECT op, compare('t', op, vec(q)), compare('t', op, vec(q), 10)
FROM unnest(ARRAY['<->', '<#>', '<=>']) AS op, generate_series(0, 2) AS q;

-- Queries without a distance: every row, those with NULL last.
SELECT compare('t', '<->', NULL), compare('t', '<#>', NULL), compare('t', '<=>', NULL);
SELECT compare('t', '<->', '[0,0,0,0,0,0,0,0]'), compare('t', '<=>', '[0,0,0,0,0,0,0,0]');
SELECT count(*), min(id), max(id) FROM (SELECT id FROM t ORDER BY v <=> vec(0) OFFSET 3050 LIMIT 5) AS s;
SELECT count(*), min(id), max(id) FROM (SELECT id FROM t ORDER BY v <=> vec(0) OFFSET 3055) AS s;
SELECT count(*), min(id), max(id) FROM (SELECT id FROM t ORDER BY v <-> vec(0) OFFSET 3055) AS s;

-- Limits, offsets and filters past the probed lists.
SET ivfflat.probes = 1;
SELECT count(*) FROM (SELECT 1 FROM t ORDER BY v <-> vec(0) LIMIT 2500) AS s;
SELECT count(*) FROM (SELECT 1 FROM t ORDER BY v <-> vec(0) OFFSET 2500) AS s;
EXPLAIN (COSTS OFF) SELECT id FROM t WHERE grp = 7 ORDER BY v <-> vec(0) LIMIT 300;
SELECT count(*) FROM (SELECT 1 FROM t WHERE grp = 7 ORDER BY v <-> vec(0) LIMIT 300) AS s;
SELECT id FROM t WHERE grp = 11 ORDER BY v <-> vec(0);

-- A scan that stops with its lists.
SET ivfflat.iterative_scan = off;
SELECT count(*) BETWEEN 1 AND 1000 AS some FROM (SELECT 1 FROM t ORDER BY v <-> vec(0)) AS s;
SET ivfflat.probes = 30;
SELECT count(*) FROM (SELECT 1 FROM t ORDER BY v <-> vec(0)) AS s;
SET ivfflat.iterative_scan = relaxed_order;
SET ivfflat.probes = 1;
SET ivfflat.max_probes = 2;
SELECT count(*) BETWEEN 2 AND 1500 AS some FROM (SELECT 1 FROM t ORDER BY v <-> vec(0)) AS s;
SET ivfflat.max_probes = 30;
SELECT count(*) FROM (SELECT 1 FROM t ORDER BY v <-> vec(0)) AS s;
RESET ivfflat.max_probes;
RESET ivfflat.iterative_scan;

-- A scan keeps the settings that it had at its first row.
BEGIN;
DECLARE c CURSOR FOR SELECT 1 FROM t ORDER BY v <-> vec(0);
SET LOCAL ivfflat.probes = 2;
FETCH 1 FROM c;
SELECT first_probes, probes FROM vecdb_last_scan();
SET LOCAL ivfflat.iterative_scan = off;
MOVE ALL FROM c;
SELECT probes, stop FROM vecdb_last_scan();
ROLLBACK;

-- The first of several lists' rows are as good as an exact answer's.
SET ivfflat.probes = 0;
SET ivfflat.target_recall = 1;
SELECT compare('t', '<->', vec(5)), compare('t', '<=>', vec(5), 20);
RESET ivfflat.target_recall;

-- Queries of another dimension or kind.
SELECT id FROM t ORDER BY v <-> '[1,2]' LIMIT 1;
SELECT id FROM t ORDER BY v <-> '[1,NaN,0,0,0,0,0,0]' LIMIT 1;
SELECT id FROM t ORDER BY v <-> ARRAY[1,2,3,4,5,6,7,8]::float4[]::vector LIMIT 1;

-- Huge and tiny queries.
SET ivfflat.probes = 30;
SELECT compare('t', '<->', '[1e37,1e37,0,0,0,0,0,0]', 10), compare('t', '<=>', '[1e37,1e37,0,0,0,0,0,0]', 10);
SELECT compare('t', '<->', '[1e-40,0,0,0,0,0,0,0]', 10), compare('t', '<=>', '[1e-40,0,0,0,0,0,0,0]', 10);

-- Plans that the index cannot serve.
SELECT plan($$SELECT id FROM t ORDER BY v <-> vec(0) DESC LIMIT 5$$);
SELECT plan($$SELECT id FROM t ORDER BY v <+> vec(0) LIMIT 5$$);
SELECT plan($$SELECT id FROM t ORDER BY v <-> v LIMIT 5$$);
SET enable_seqscan = on;
EXPLAIN (COSTS OFF) SELECT count(v) FROM t WHERE v <-> vec(0) < 0.5;
SET enable_seqscan = off;

-- Queries from elsewhere in the statement.
SELECT id FROM t ORDER BY v <-> (SELECT v FROM t WHERE id = 17), id LIMIT 2;
WITH q AS MATERIALIZED (SELECT vec(0) AS v)
SELECT (SELECT count(*) FROM (SELECT 1 FROM t ORDER BY t.v <-> q.v) AS s) FROM q;
PREPARE nearest(vector) AS SELECT id FROM t ORDER BY v <-> $1 LIMIT 1;
EXECUTE nearest(vec(33));
SET plan_cache_mode = force_generic_plan;
EXECUTE nearest(vec(34));
EXECUTE nearest(vec(35));
RESET plan_cache_mode;

-- A scan for each row of another table.
EXPLAIN (COSTS OFF)
SELECT a.id, b.id FROM t AS a, LATERAL (SELECT id FROM t ORDER BY v <-> a.v LIMIT 1) AS b WHERE a.id IN (1, 2, 3);
SELECT count(*), sum((b.v <-> a.v = 0)::int) AS itself
FROM t AS a, LATERAL (SELECT id, v FROM t ORDER BY v <-> a.v LIMIT 1) AS b
WHERE a.id <= 500;
SELECT count(*) FROM t AS a LEFT JOIN LATERAL (SELECT id FROM t ORDER BY v <-> a.v LIMIT 3) AS b ON true
WHERE a.id BETWEEN 3005 AND 3020;

-- Cursors: in pieces, forth and back, and rows that come in between.
BEGIN;
DECLARE c CURSOR FOR SELECT id FROM t ORDER BY v <-> vec(100);
FETCH 1 FROM c;
INSERT INTO t SELECT 10000 + i, vec(100), 0 FROM generate_series(1, 100) AS i;
DELETE FROM t WHERE id = 4;
CLOSE c;
DECLARE c SCROLL CURSOR FOR SELECT id FROM t ORDER BY v <-> vec(100), id LIMIT 20;
FETCH 2 FROM c;
FETCH LAST FROM c \gset last_
FETCH FIRST FROM c;
CLOSE c;
DECLARE c CURSOR FOR SELECT id FROM t ORDER BY v <-> vec(100) FOR UPDATE;
FETCH 1 FROM c \gset current_
UPDATE t SET v = vec(200) WHERE CURRENT OF c;
CLOSE c;
SELECT count(*) FROM t WHERE v = vec(200);
ROLLBACK;
DO $$
DECLARE
  c CURSOR FOR SELECT id FROM t ORDER BY v <-> vec(100);
  seen int[] := '{}';
BEGIN
  FOR r IN c LOOP
    seen := seen || r.id;
    IF cardinality(seen) % 300 = 0 THEN
      INSERT INTO t SELECT 10000 + cardinality(seen) + i, vec(i), 0 FROM generate_series(1, 20) AS i;
      DELETE FROM t WHERE id % 300 = cardinality(seen) / 300;
    END IF;
  END LOOP;
  RAISE NOTICE '% rows, % of them once', cardinality(seen), (SELECT count(DISTINCT i) FROM unnest(seen) AS i);
END
$$;
SELECT * FROM vecdb_check_index('t_l2', true);
SELECT compare('t', '<->', vec(3), 50);

-- Other users of an index.
SELECT id FROM t ORDER BY v <-> vec(70), id DESC LIMIT 1;
SELECT DISTINCT ON (d) d >= 0 AS positive FROM (SELECT v <-> vec(70) AS d FROM t ORDER BY d LIMIT 1) AS s;

SET client_min_messages = warning;
DROP SCHEMA ivfflat_scan CASCADE;
