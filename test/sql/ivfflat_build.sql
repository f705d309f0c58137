-- CREATE INDEX: options, kinds of tables, sizes of everything.
SET client_min_messages = warning;
CREATE SCHEMA ivfflat_build;
SET search_path = ivfflat_build, public;
-- Costs of what is switched off would call for it.
SET jit = off;
RESET client_min_messages;

-- Options -----------------------------------------------------------------
CREATE TABLE t (id int PRIMARY KEY, v vector(8));
INSERT INTO t SELECT i, vec(i) FROM generate_series(1, 2000) AS i;

CREATE INDEX i_l2 ON t USING ivfflat (v) WITH (lists = 20);
CREATE INDEX i_ip ON t USING ivfflat (v vector_ip_ops) WITH (lists = 20, bits = 4);
CREATE INDEX i_cosine ON t USING ivfflat (v vector_cosine_ops) WITH ("lists" = "20", bits = 8);
CREATE INDEX i_automatic ON t USING ivfflat (v vector_l2_ops);
SELECT indexrelid::regclass, (SELECT opcname FROM pg_opclass WHERE oid = indclass[0]),
  (SELECT reloptions FROM pg_class WHERE oid = indexrelid)
FROM pg_index WHERE indrelid = 't'::regclass AND NOT indisprimary
ORDER BY indexrelid::regclass::text COLLATE "C";
SELECT 'i_l2', * FROM vecdb_check_index('i_l2', true)
UNION ALL SELECT 'i_ip', * FROM vecdb_check_index('i_ip', true)
UNION ALL SELECT 'i_cosine', * FROM vecdb_check_index('i_cosine', true)
UNION ALL SELECT 'i_automatic', * FROM vecdb_check_index('i_automatic', true);
SET ivfflat.probes = 32768;
SELECT compare('t', '<->', vec(0)), compare('t', '<#>', vec(0)), compare('t', '<=>', vec(0));

CREATE INDEX ON t USING ivfflat (v) WITH (lists = 0);
CREATE INDEX ON t USING ivfflat (v) WITH (lists = 1048577);
CREATE INDEX ON t USING ivfflat (v) WITH (lists = many);
CREATE INDEX ON t USING ivfflat (v) WITH (bits = 1);
CREATE INDEX ON t USING ivfflat (v) WITH (bits = 3);
CREATE INDEX ON t USING ivfflat (v) WITH (bits = 16);
CREATE INDEX ON t USING ivfflat (v) WITH (list = 10);
CREATE INDEX ON t USING ivfflat (id);
CREATE INDEX ON t USING ivfflat (v, v);
CREATE INDEX ON t USING ivfflat (v) INCLUDE (id);
CREATE UNIQUE INDEX ON t USING ivfflat (v);
CREATE INDEX ON t USING ivfflat (v DESC);
CREATE INDEX ON t USING ivfflat (v vector_l3_ops);
-- 18 writes the operators in another way.
\set VERBOSITY sqlstate
ALTER TABLE t ADD EXCLUDE USING ivfflat (v WITH =);
ALTER TABLE t ADD EXCLUDE USING ivfflat (v WITH <->);
\set VERBOSITY default

-- An option that changes counts from the next build on.
ALTER INDEX i_l2 SET (lists = 7, bits = 4);
SELECT compare('t', '<->', vec(0));
SELECT * FROM vecdb_check_index('i_l2', true);
REINDEX INDEX i_l2;
SELECT compare('t', '<->', vec(0));
SELECT * FROM vecdb_check_index('i_l2', true);
ALTER INDEX i_l2 SET (lists = 0);

-- Without a lock that writers would notice.
DROP INDEX i_ip, i_cosine, i_automatic;
REINDEX INDEX CONCURRENTLY i_l2;
SELECT * FROM vecdb_check_index('i_l2', true);
DROP INDEX i_l2;
CREATE INDEX CONCURRENTLY i ON t USING ivfflat (v) WITH (lists = 10);
SELECT * FROM vecdb_check_index('i', true);
REINDEX TABLE t;
SELECT * FROM vecdb_check_index('i', true);
SELECT compare('t', '<->', vec(1));

-- TRUNCATE, CLUSTER and VACUUM FULL build it anew.
VACUUM FULL t;
SELECT * FROM vecdb_check_index('i', true);
SELECT compare('t', '<->', vec(1));
CLUSTER t USING t_pkey;
SELECT * FROM vecdb_check_index('i', true);
TRUNCATE t;
SELECT * FROM vecdb_check_index('i', true);
SELECT compare('t', '<->', vec(1));
DROP TABLE t;

-- Columns without dimensions; expressions; predicates -------------------------
CREATE TABLE t (id int, v vector, w vector(3));
CREATE INDEX ON t USING ivfflat (v);
CREATE INDEX ON t USING ivfflat ((w + w));
INSERT INTO t SELECT i, vec(i, 3), vec(i, 3) FROM generate_series(1, 500) AS i;
CREATE INDEX i_cast ON t USING ivfflat ((v::vector(3))) WITH (lists = 5);
CREATE INDEX i_partial ON t USING ivfflat (w) WITH (lists = 5) WHERE id % 2 = 0;
INSERT INTO t SELECT i, vec(i, 3), vec(i, 3) FROM generate_series(501, 600) AS i;
SELECT 'i_cast', * FROM vecdb_check_index('i_cast', true)
UNION ALL SELECT 'i_partial', * FROM vecdb_check_index('i_partial', true);
SET enable_seqscan = off;
EXPLAIN (COSTS OFF) SELECT id FROM t ORDER BY v::vector(3) <-> '[0,0,0]' LIMIT 3;
EXPLAIN (COSTS OFF) SELECT id FROM t WHERE id % 2 = 0 ORDER BY w <-> '[0,0,0]' LIMIT 3;
SELECT id FROM t ORDER BY v::vector(3) <-> (SELECT v::vector(3) FROM t WHERE id = 555) LIMIT 1;
SELECT id FROM t WHERE id % 2 = 0 ORDER BY w <-> (SELECT w FROM t WHERE id = 556) LIMIT 1;
SELECT count(*), count(DISTINCT id) FROM (SELECT id FROM t ORDER BY v::vector(3) <-> '[0,0,0]') AS s;
SELECT count(*), count(DISTINCT id) FROM (SELECT id FROM t WHERE id % 2 = 0 ORDER BY w <-> '[0,0,0]') AS s;
RESET enable_seqscan;
-- A value that the expression refuses.
INSERT INTO t VALUES (601, '[1,2]', NULL);
SELECT count(*) FROM t;
DROP TABLE t;

-- Kinds of tables ------------------------------------------------------------
CREATE TABLE parts (id int, v vector(8)) PARTITION BY RANGE (id);
CREATE TABLE part1 PARTITION OF parts FOR VALUES FROM (0) TO (100);
CREATE INDEX parts_v ON parts USING ivfflat (v) WITH (lists = 3);
CREATE TABLE part2 PARTITION OF parts FOR VALUES FROM (100) TO (1000);
INSERT INTO parts SELECT i, vec(i) FROM generate_series(1, 400) AS i;
SELECT 'part1', * FROM vecdb_check_index('part1_v_idx', true)
UNION ALL SELECT 'part2', * FROM vecdb_check_index('part2_v_idx', true);
SET enable_seqscan = off;
EXPLAIN (COSTS OFF) SELECT id FROM parts ORDER BY v <-> '[0,0,0,0,0,0,0,0]' LIMIT 5;
SELECT compare('parts', '<->', vec(0));
RESET enable_seqscan;
DROP TABLE parts;

CREATE UNLOGGED TABLE u (id int, v vector(8));
CREATE INDEX u_v ON u USING ivfflat (v) WITH (lists = 3);
INSERT INTO u SELECT i, vec(i) FROM generate_series(1, 100) AS i;
SELECT * FROM vecdb_check_index('u_v', true);
SELECT compare('u', '<->', vec(0));
ALTER TABLE u SET LOGGED;
SELECT * FROM vecdb_check_index('u_v', true);
SELECT compare('u', '<->', vec(0));
DROP TABLE u;

CREATE TEMP TABLE temporary (id int, v vector(8)) ON COMMIT DELETE ROWS;
CREATE INDEX temporary_v ON temporary USING ivfflat (v);
BEGIN;
INSERT INTO temporary SELECT i, vec(i) FROM generate_series(1, 100) AS i;
SELECT * FROM vecdb_check_index('temporary_v', true);
SELECT compare('temporary', '<->', vec(0));
COMMIT;
SELECT compare('temporary', '<->', vec(0));
SELECT * FROM vecdb_check_index('temporary_v', true);
DROP TABLE temporary;

-- Rows that give k-means little to do ------------------------------------------
CREATE TABLE t (id int, v vector(8));
CREATE INDEX i ON t USING ivfflat (v) WITH (lists = 100);
SELECT compare('t', '<->', vec(0));
SELECT * FROM vecdb_check_index('i', true);

INSERT INTO t SELECT i, NULL FROM generate_series(1, 3000) AS i;
REINDEX INDEX i;
SELECT compare('t', '<->', vec(0));
SELECT * FROM vecdb_check_index('i', true);

UPDATE t SET v = vec(1);
REINDEX INDEX i;
SELECT compare('t', '<->', vec(0));
SELECT * FROM vecdb_check_index('i', true);

UPDATE t SET v = '[0,0,0,0,0,0,0,0]';
REINDEX INDEX i;
SELECT compare('t', '<->', vec(0));
SELECT * FROM vecdb_check_index('i', true);
DROP INDEX i;
CREATE INDEX i ON t USING ivfflat (v vector_cosine_ops) WITH (lists = 10);
SELECT count(*) FROM vecdb_check_index('i', true);
SELECT compare('t', '<=>', vec(0));
DROP INDEX i;

TRUNCATE t;
INSERT INTO t SELECT i, vec(i) FROM generate_series(1, 50) AS i;
CREATE INDEX i ON t USING ivfflat (v) WITH (lists = 32768);
SELECT compare('t', '<->', vec(0));
SELECT * FROM vecdb_check_index('i', true);
DROP TABLE t;

-- Values so rare that a sample of blocks meets none.
CREATE TABLE sparse (id int, v vector(3), filler text);
INSERT INTO sparse SELECT i, NULL, repeat('x', 500) FROM generate_series(1, 50000) AS i;
INSERT INTO sparse SELECT i, ARRAY[i, -i, 0.5]::vector * '[100,100,100]' FROM generate_series(1, 5) AS i;
CREATE INDEX sparse_v ON sparse USING ivfflat (v) WITH (lists = 3);
INSERT INTO sparse SELECT i, ARRAY[i, -i, 0.5]::vector * '[100,100,100]' FROM generate_series(6, 60) AS i;
SELECT * FROM vecdb_check_index('sparse_v', true);
DROP TABLE sparse;

-- Sizes ------------------------------------------------------------------------
CREATE TABLE one (id int, v vector(1));
INSERT INTO one SELECT i, ARRAY[i % 300]::vector FROM generate_series(1, 2000) AS i;
CREATE INDEX one_l2 ON one USING ivfflat (v) WITH (lists = 10);
CREATE INDEX one_cosine ON one USING ivfflat (v vector_cosine_ops) WITH (lists = 2);
INSERT INTO one SELECT i + 2000, ARRAY[-i]::vector FROM generate_series(1, 100) AS i;
SELECT 'one_l2', * FROM vecdb_check_index('one_l2', true)
UNION ALL SELECT 'one_cosine', * FROM vecdb_check_index('one_cosine', true);
SELECT compare('one', '<->', '[77.5]'), compare('one', '<=>', '[-2]');
DROP TABLE one;

CREATE TABLE wide (id int, v vector(16000));
INSERT INTO wide SELECT i, vec(i, 16000) FROM generate_series(1, 40) AS i;
CREATE INDEX wide_l2 ON wide USING ivfflat (v) WITH (lists = 3);
CREATE INDEX wide_ip ON wide USING ivfflat (v vector_ip_ops) WITH (lists = 3, bits = 8);
INSERT INTO wide SELECT i, vec(i, 16000) FROM generate_series(41, 50) AS i;
SELECT 'wide_l2', * FROM vecdb_check_index('wide_l2', true)
UNION ALL SELECT 'wide_ip', * FROM vecdb_check_index('wide_ip', true);
SELECT compare('wide', '<->', vec(0, 16000)), compare('wide', '<#>', vec(0, 16000));
DROP TABLE wide;
SELECT '[1]'::vector(16001);

-- Memory and workers -------------------------------------------------------------
CREATE TABLE t (id int, v vector(64));
INSERT INTO t SELECT i, vec(i, 64) FROM generate_series(1, 5000) AS i;
SET maintenance_work_mem = '1MB';
CREATE INDEX i ON t USING ivfflat (v) WITH (lists = 200);
SELECT * FROM vecdb_check_index('i', true);
SELECT compare('t', '<->', vec(0, 64), 100);
DROP INDEX i;

SET maintenance_work_mem = '128MB';
SET max_parallel_maintenance_workers = 2;
SET min_parallel_table_scan_size = 0;
ALTER TABLE t SET (parallel_workers = 2);
CREATE INDEX i ON t USING ivfflat (v) WITH (lists = 50);
SELECT * FROM vecdb_check_index('i', true);
SELECT compare('t', '<->', vec(0, 64));
DROP INDEX i;

-- Workers begin before there is a rule for rows that lie close together.
UPDATE t SET v = vec(0, 64) + v * array_fill(0.0001::real, ARRAY[64])::vector WHERE id % 4 = 0;
CREATE INDEX i ON t USING ivfflat (v) WITH (lists = 50);
SELECT * FROM vecdb_check_index('i', true);
SELECT compare('t', '<->', vec(0, 64));
DROP INDEX i;
RESET maintenance_work_mem;
RESET max_parallel_maintenance_workers;
RESET min_parallel_table_scan_size;
DROP TABLE t;

SET client_min_messages = warning;
DROP SCHEMA ivfflat_build CASCADE;

-- The sample is uniform whatever the order of the table: with values that grow
-- along it, no list may get many more rows than its share.
CREATE TABLE ordered AS
  SELECT i AS id, ARRAY[i]::vector(1) AS v FROM generate_series(1, 20000) AS i;
CREATE INDEX ordered_v ON ordered USING ivfflat (v) WITH (lists = 20);
SELECT max_list < 3000 AS even, imbalance < 1.5 AS balanced
FROM vecdb_index_stats('ordered_v');
DROP TABLE ordered;
