-- Rows that come to an index, change and go.
SET client_min_messages = warning;
CREATE SCHEMA ivfflat_insert;
SET search_path = ivfflat_insert, public;
-- Costs of what is switched off would call for it.
SET jit = off;
RESET client_min_messages;

SET ivfflat.probes = 32768;

-- Into an index that was empty.
CREATE TABLE t (id int PRIMARY KEY, v vector(8), note text);
CREATE INDEX t_l2 ON t USING ivfflat (v) WITH (lists = 10);
CREATE INDEX t_cosine ON t USING ivfflat (v vector_cosine_ops);
INSERT INTO t VALUES (1, vec(1));
SELECT compare('t', '<->', vec(0)), compare('t', '<=>', vec(0));
INSERT INTO t SELECT i, vec(i) FROM generate_series(2, 5000) AS i;
SELECT 't_l2', * FROM vecdb_check_index('t_l2', true)
UNION ALL SELECT 't_cosine', * FROM vecdb_check_index('t_cosine', true);
SELECT compare('t', '<->', vec(0)), compare('t', '<=>', vec(0));

-- Into lists that a build made.
REINDEX TABLE t;
INSERT INTO t SELECT i, vec(i) FROM generate_series(5001, 8000) AS i;
INSERT INTO t VALUES (8001, NULL), (8002, '[0,0,0,0,0,0,0,0]');
SELECT 't_l2', * FROM vecdb_check_index('t_l2', true)
UNION ALL SELECT 't_cosine', * FROM vecdb_check_index('t_cosine', true);
SELECT compare('t', '<->', vec(0)), compare('t', '<=>', vec(0));

-- Updates, with and without a new index entry.
UPDATE t SET v = vec(id + 100000) WHERE id % 3 = 0;
UPDATE t SET note = 'seen' WHERE id % 5 = 0;
UPDATE t SET v = NULL WHERE id % 1000 = 1;
UPDATE t SET v = vec(id) WHERE v IS NULL AND id > 8000;
SELECT 't_l2', * FROM vecdb_check_index('t_l2', true)
UNION ALL SELECT 't_cosine', * FROM vecdb_check_index('t_cosine', true);
SELECT compare('t', '<->', vec(0)), compare('t', '<=>', vec(0));

-- One of two equal vectors goes.
INSERT INTO t SELECT 9000 + i, vec(9) FROM generate_series(1, 40) AS i;
DELETE FROM t WHERE id = 9001;
SELECT compare('t', '<->', vec(9), 60);
SET enable_seqscan = off;
SELECT count(*), bool_or(id = 9001) AS ghost FROM (SELECT id FROM t ORDER BY v <-> vec(9) LIMIT 39) AS s;
RESET enable_seqscan;

-- What is rolled back was never there.
BEGIN;
INSERT INTO t SELECT 20000 + i, vec(i) FROM generate_series(1, 500) AS i;
SELECT compare('t', '<->', vec(0));
SAVEPOINT s;
DELETE FROM t WHERE id > 20000;
ROLLBACK TO s;
SELECT compare('t', '<->', vec(0));
ROLLBACK;
SELECT compare('t', '<->', vec(0));
SELECT * FROM vecdb_check_index('t_l2', true);

-- Wrong dimensions change nothing.
INSERT INTO t VALUES (30000, '[1,2,3]');
SELECT compare('t', '<->', vec(0));
DROP TABLE t;

-- Vectors of any size in one index, whichever came first and chose the scale.
CREATE TABLE sizes (id int, v vector(3));
INSERT INTO sizes VALUES
  (1, '[1e30,2e30,3e30]'), (2, '[1e-30,2e-30,-3e-30]'), (3, '[0,0,0]'), (4, '[1,2,3]'),
  (5, '[3e38,3e38,3e38]'), (6, '[-3e38,3e38,-3e38]'), (7, '[1e-44,0,0]'), (8, '[1e-44,1e30,1]'),
  (9, '[1e5,-1e5,1e5]'), (10, '[1e-5,1e-5,-1e-5]'), (11, '[65504,1,1]'), (12, NULL);
CREATE TABLE queries AS SELECT v FROM sizes WHERE v IS NOT NULL;
CREATE INDEX ON sizes USING ivfflat (v);
CREATE INDEX ON sizes USING ivfflat (v vector_ip_ops);
CREATE INDEX ON sizes USING ivfflat (v vector_cosine_ops);
SELECT count(*) FROM pg_index, vecdb_check_index(indexrelid, true) WHERE indrelid = 'sizes'::regclass;

-- What an index answers or holds that it should not.
CREATE FUNCTION warn_of_sizes(name text, expected text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE r record;
BEGIN
  FOR r IN SELECT op, compare('sizes', op, v) AS result FROM queries, unnest(ARRAY['<->', '<#>', '<=>']) AS op LOOP
    -- The order of so few is no measure.
    IF r.result <> expected AND r.result !~ 'late$' THEN
      RAISE WARNING '%: % %', name, r.op, r.result;
    END IF;
  END LOOP;
  FOR r IN SELECT c FROM pg_index, vecdb_check_index(indexrelid, true) AS c WHERE indrelid = 'sizes'::regclass LOOP
    RAISE WARNING '%: %', name, r.c;
  END LOOP;
END
$$;

DO $$
DECLARE r record;
BEGIN
  -- Each of them as the first one.
  FOR chosen IN 1..11 LOOP
    TRUNCATE sizes;
    FOR r IN SELECT * FROM (SELECT row_number() OVER () AS n, v FROM queries) AS s ORDER BY n <> chosen LOOP
      INSERT INTO sizes VALUES (r.n, r.v);
    END LOOP;
    PERFORM warn_of_sizes(chosen || ' first', '11 rows agree');
  END LOOP;
END
$$;

-- And where an index is built on rows of one value: with it as the mean.
DO $$
BEGIN
  FOR chosen IN 1..11 LOOP
    TRUNCATE sizes;
    INSERT INTO sizes SELECT 100 + i, s.v FROM (SELECT row_number() OVER () AS n, v FROM queries) AS s,
      generate_series(1, 20) AS i WHERE n = chosen;
    REINDEX TABLE sizes;
    INSERT INTO sizes SELECT row_number() OVER (), v FROM queries;
    PERFORM warn_of_sizes(chosen || ' built', '31 rows agree');
  END LOOP;
END
$$;

-- The same among ordinary rows of several lists.
TRUNCATE sizes;
INSERT INTO sizes SELECT i, vec(i, 3) FROM generate_series(1, 2000) AS i;
REINDEX TABLE sizes;
INSERT INTO sizes SELECT 3000 + row_number() OVER (), v FROM queries;
SELECT op, compare('sizes', op, v), count(*)
FROM queries, unnest(ARRAY['<->', '<#>', '<=>']) AS op GROUP BY 1, 2 ORDER BY op COLLATE "C", 2;
SELECT count(*) FROM pg_index, vecdb_check_index(indexrelid, true) WHERE indrelid = 'sizes'::regclass;
REINDEX TABLE sizes;
SELECT op, compare('sizes', op, v), count(*)
FROM queries, unnest(ARRAY['<->', '<#>', '<=>']) AS op GROUP BY 1, 2 ORDER BY op COLLATE "C", 2;
SELECT count(*) FROM pg_index, vecdb_check_index(indexrelid, true) WHERE indrelid = 'sizes'::regclass;

SET client_min_messages = warning;
DROP SCHEMA ivfflat_insert CASCADE;
