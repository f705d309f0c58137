-- L1 in an index: lists and codes of L2, the order of L1.
SET client_min_messages = warning;
CREATE SCHEMA ivfflat_l1;
SET search_path = ivfflat_l1, public;
SET jit = off;
RESET client_min_messages;

CREATE TABLE t (id int PRIMARY KEY, v vector(32));
INSERT INTO t SELECT i, vec(i % 40, 32) + vec(i + 1000, 32) FROM generate_series(1, 6000) AS i;
INSERT INTO t VALUES (6001, NULL), (6002, vec(5, 32) - vec(5, 32));
CREATE INDEX t_v ON t USING ivfflat (v vector_l1_ops) WITH (lists = 30);
ANALYZE t;
SET enable_seqscan = off;
SELECT plan('SELECT id FROM t ORDER BY v <+> (SELECT vec(7, 32)) LIMIT 5');

-- Every row comes once, in order but for a few.
SELECT compare('t', '<+>', v) FROM t WHERE id = 17;
SELECT compare('t', '<+>', v, 10) FROM t WHERE id IN (1, 100, 2000, 6002);
SELECT compare('t', '<+>', NULL);

-- The index says which distance it has, and recall is measured by it.
SELECT metric FROM vecdb_index_stats('t_v');
SET ivfflat.target_recall = 0.9;
SELECT recall >= 0.87 AS found, queries FROM vecdb_recall('t_v', 10, 300);
SET ivfflat.target_recall = 0.99;
SELECT recall >= 0.97 AS found, queries FROM vecdb_recall('t_v', 10, 300);
RESET ivfflat.target_recall;
SELECT * FROM vecdb_check_index('t_v', true);

-- With the bound alone that L1 is at least L2, a search would fetch every row that
-- it has a code of.
SET ivfflat.probes = 30;
SELECT count(*) FROM (SELECT 1 FROM t ORDER BY v <+> vec(7, 32) LIMIT 10) AS s;
SELECT fetches < codes / 2 AS few FROM vecdb_last_scan();

-- Rows that differ in a single element: there L1 and L2 are the same, and where such
-- rows are many the index must not take them for others.
CREATE TABLE sparse (id int PRIMARY KEY, v vector(64));
INSERT INTO sparse
SELECT i, (SELECT array_agg(CASE WHEN j = i % 64 THEN i ELSE 0 END) FROM generate_series(0, 63) AS j)::vector
FROM generate_series(1, 3000) AS i;
CREATE INDEX sparse_v ON sparse USING ivfflat (v vector_l1_ops) WITH (lists = 20);
SET ivfflat.probes = 20;
SELECT compare('sparse', '<+>', v, 20) FROM sparse WHERE id IN (3, 700, 2950);

RESET ivfflat.probes;
-- The rounding of the sample, summed up over all elements, is no distance.
SELECT recall >= 0.9 AS found FROM vecdb_recall('sparse_v', 100, 100);

-- An index that was built without rows knows nothing of them: it is exact.
CREATE TABLE grown (id int PRIMARY KEY, v vector(32));
CREATE INDEX grown_v ON grown USING ivfflat (v vector_l1_ops);
INSERT INTO grown SELECT * FROM t;
SELECT compare('grown', '<+>', v, 50) FROM t WHERE id IN (3, 700, 5950);
DELETE FROM grown WHERE id % 3 = 0;
VACUUM grown;
SELECT compare('grown', '<+>', vec(3, 32));
SELECT * FROM vecdb_check_index('grown_v', true);

SET client_min_messages = warning;
DROP SCHEMA ivfflat_l1 CASCADE;
