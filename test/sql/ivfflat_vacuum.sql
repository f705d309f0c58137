-- VACUUM: dead rows leave the lists, and their room is used again.
SET client_min_messages = warning;
CREATE SCHEMA ivfflat_vacuum;
SET search_path = ivfflat_vacuum, public;
-- Costs of what is switched off would call for it.
SET jit = off;
RESET client_min_messages;

SET ivfflat.probes = 32768;
CREATE TABLE t (id int, v vector(8)) WITH (autovacuum_enabled = off);
INSERT INTO t SELECT i, vec(i) FROM generate_series(1, 6000) AS i;
INSERT INTO t SELECT i, NULL FROM generate_series(6001, 8000) AS i;
CREATE INDEX t_v ON t USING ivfflat (v) WITH (lists = 4, autotrain = off);
SELECT pg_relation_size('t_v') AS built \gset

-- Half of the rows, each second slot.
DELETE FROM t WHERE id % 2 = 0;
CALL old_snapshots_end();
VACUUM t;
SELECT * FROM vecdb_check_index('t_v', true);
SELECT compare('t', '<->', vec(0));

-- As many again take their places.
INSERT INTO t SELECT i, vec(i) FROM generate_series(2, 6000, 2) AS i;
INSERT INTO t SELECT i, NULL FROM generate_series(6002, 8000, 2) AS i;
SELECT pg_relation_size('t_v') - :built AS grown;
SELECT * FROM vecdb_check_index('t_v', true);
SELECT compare('t', '<->', vec(0));

-- Over and over: no growth past one page a list for the uneven ends.
DO $$
BEGIN
  FOR round IN 1..5 LOOP
    DELETE FROM t WHERE id % 5 = round - 1;
    INSERT INTO t SELECT i, CASE WHEN i <= 6000 THEN vec(i) END FROM generate_series(1, 8000) AS i WHERE i % 5 = round - 1;
  END LOOP;
END
$$;
CALL old_snapshots_end();
VACUUM t;
SELECT * FROM vecdb_check_index('t_v', true);
SELECT compare('t', '<->', vec(0));
SELECT pg_relation_size('t_v') AS churned \gset
DELETE FROM t WHERE id % 4 = 1;
CALL old_snapshots_end();
VACUUM t;
INSERT INTO t SELECT i, CASE WHEN i <= 6000 THEN vec(i) END FROM generate_series(1, 8000, 4) AS i;
SELECT pg_relation_size('t_v') - :churned AS grown;
DELETE FROM t WHERE id % 4 = 2;
CALL old_snapshots_end();
VACUUM t;
INSERT INTO t SELECT i, CASE WHEN i <= 6000 THEN vec(i) END FROM generate_series(2, 8000, 4) AS i;
SELECT pg_relation_size('t_v') - :churned AS grown;
SELECT * FROM vecdb_check_index('t_v', true);

-- All rows: the pages become free, and serve the next ones.
DELETE FROM t;
CALL old_snapshots_end();
VACUUM t;
SELECT * FROM vecdb_check_index('t_v', true);
SELECT compare('t', '<->', vec(0));
INSERT INTO t SELECT i, vec(i) FROM generate_series(1, 6000) AS i;
SELECT pg_relation_size('t_v') <= :churned AS reused;
SELECT * FROM vecdb_check_index('t_v', true);
SELECT compare('t', '<->', vec(0));

-- Pages that one list gave up serve another.
DELETE FROM t;
CALL old_snapshots_end();
VACUUM t;
INSERT INTO t SELECT i, NULL FROM generate_series(1, 10000) AS i;
SELECT pg_relation_size('t_v') <= :churned AS reused;
SELECT * FROM vecdb_check_index('t_v', true);
SELECT compare('t', '<->', vec(0));

-- Nothing to do; and rows that only HOT chains lead to.
CALL old_snapshots_end();
VACUUM t;
SELECT * FROM vecdb_check_index('t_v', true);
UPDATE t SET id = -id WHERE id % 10 = 0;
CALL old_snapshots_end();
VACUUM t;
SELECT * FROM vecdb_check_index('t_v', true);
SELECT compare('t', '<->', vec(0));

-- The same over codes of many lines, whose groups run over pages' ends.
CREATE TABLE wide (id int, v vector(1000)) WITH (autovacuum_enabled = off);
INSERT INTO wide SELECT i, vec(i, 1000) FROM generate_series(1, 200) AS i;
CREATE INDEX wide_v ON wide USING ivfflat (v) WITH (lists = 3, autotrain = off);
SELECT pg_relation_size('wide_v') AS built \gset
DELETE FROM wide WHERE id % 2 = 0;
CALL old_snapshots_end();
VACUUM wide;
SELECT * FROM vecdb_check_index('wide_v', true);
INSERT INTO wide SELECT i, vec(i, 1000) FROM generate_series(2, 200, 2) AS i;
SELECT pg_relation_size('wide_v') - :built AS grown;
SELECT * FROM vecdb_check_index('wide_v', true);
DELETE FROM wide WHERE id > 20;
CALL old_snapshots_end();
VACUUM wide;
SELECT * FROM vecdb_check_index('wide_v', true);
INSERT INTO wide SELECT i, vec(i, 1000) FROM generate_series(21, 200) AS i;
SELECT pg_relation_size('wide_v') - :built AS grown;
SELECT * FROM vecdb_check_index('wide_v', true);
SELECT compare('wide', '<->', vec(0, 1000));

SET client_min_messages = warning;
DROP SCHEMA ivfflat_vacuum CASCADE;
