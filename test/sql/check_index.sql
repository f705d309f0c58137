-- vecdb_check_index: whom it serves, what it refuses, that it sees.
SET client_min_messages = warning;
CREATE SCHEMA check_index;
SET search_path = check_index, public;
-- Costs of what is switched off would call for it.
SET jit = off;
RESET client_min_messages;

CREATE TABLE t (id int PRIMARY KEY, v vector(8));
INSERT INTO t SELECT i, vec(i) FROM generate_series(1, 2000) AS i;
INSERT INTO t VALUES (2001, NULL), (2002, '[0,0,0,0,0,0,0,0]');
CREATE INDEX t_v ON t USING ivfflat (v vector_cosine_ops) WITH (lists = 10);

-- Sound, with and without a look at the table, by name and by number.
SELECT * FROM vecdb_check_index('t_v');
SELECT * FROM vecdb_check_index('t_v', true);
SELECT * FROM vecdb_check_index(index => 't_v'::regclass::oid, heapallindexed => true);
SELECT count(*) FROM pg_index AS i JOIN pg_class AS c ON c.oid = indexrelid JOIN pg_am AS a ON a.oid = relam,
  vecdb_check_index(indexrelid) AS f WHERE amname = 'ivfflat' AND indisvalid AND relkind = 'i';
SELECT vecdb_check_index('t_v');

-- Codes that another instruction set made serve as well.
SET vecdb.kernel = scalar;
SELECT * FROM vecdb_check_index('t_v', true);
INSERT INTO t SELECT i, vec(i) FROM generate_series(3001, 4000) AS i;
SELECT * FROM vecdb_check_index('t_v', true);
RESET vecdb.kernel;
SELECT * FROM vecdb_check_index('t_v', true);

-- Rows that the transaction itself made; rows that are gone but not vacuumed.
BEGIN;
INSERT INTO t SELECT i, vec(i) FROM generate_series(5001, 5100) AS i;
DELETE FROM t WHERE id < 100;
SELECT * FROM vecdb_check_index('t_v', true);
ROLLBACK;
SELECT * FROM vecdb_check_index('t_v', true);

-- It writes nothing.
BEGIN READ ONLY;
SELECT * FROM vecdb_check_index('t_v', true);
COMMIT;

-- Writers wait while it runs, readers do not.
BEGIN;
SELECT * FROM vecdb_check_index('t_v');
SELECT relation::regclass, mode FROM pg_locks
WHERE pid = pg_backend_pid() AND relation IN ('t'::regclass, 't_v'::regclass) ORDER BY mode;
COMMIT;

-- What it refuses.
SELECT * FROM vecdb_check_index(NULL);
SELECT * FROM vecdb_check_index('t_v', NULL);
SELECT * FROM vecdb_check_index('t');
SELECT * FROM vecdb_check_index('t_pkey');
SELECT * FROM vecdb_check_index('no_index');
SELECT * FROM vecdb_check_index(0);
CREATE TABLE parts (id int, v vector(8)) PARTITION BY LIST (id);
CREATE TABLE part1 PARTITION OF parts FOR VALUES IN (1);
CREATE INDEX parts_v ON parts USING ivfflat (v);
SELECT * FROM vecdb_check_index('parts_v');
SELECT * FROM vecdb_check_index('part1_v_idx');

-- An index whose build failed.
CREATE FUNCTION refuse(v vector) RETURNS vector LANGUAGE plpgsql IMMUTABLE AS
  $$ BEGIN RAISE 'refused'; END $$;
CREATE INDEX CONCURRENTLY refused ON t USING ivfflat ((refuse(v)::vector(8)));
SELECT * FROM vecdb_check_index('refused');
DROP INDEX refused;

-- Only the owner of the index may look.
CREATE ROLE regress_vecdb_owner;
CREATE ROLE regress_vecdb_other;
GRANT USAGE ON SCHEMA check_index TO regress_vecdb_owner, regress_vecdb_other;
GRANT SELECT ON t TO regress_vecdb_other;
ALTER TABLE t OWNER TO regress_vecdb_owner;
SET ROLE regress_vecdb_other;
SELECT * FROM vecdb_check_index('t_v');
SET ROLE regress_vecdb_owner;
SELECT * FROM vecdb_check_index('t_v', true);
RESET ROLE;

-- An index expression runs as the table's owner, and cannot do more than that.
CREATE FUNCTION whoami(v vector) RETURNS vector LANGUAGE plpgsql IMMUTABLE AS
  $$ BEGIN RAISE NOTICE '%', current_user; RETURN v; END $$;
CREATE TABLE watched (v vector(3));
INSERT INTO watched VALUES ('[1,2,3]');
ALTER TABLE watched OWNER TO regress_vecdb_owner;
SET client_min_messages = warning;
CREATE INDEX watched_v ON watched USING ivfflat ((whoami(v)::vector(3)));
RESET client_min_messages;
SELECT * FROM vecdb_check_index('watched_v', true);
CREATE OR REPLACE FUNCTION whoami(v vector) RETURNS vector LANGUAGE plpgsql IMMUTABLE AS
  $$ BEGIN RETURN v OPERATOR(public.+) v; END $$;

-- An expression that is not as immutable as was said.
SELECT * FROM vecdb_check_index('watched_v', true);
REINDEX INDEX watched_v;
SELECT * FROM vecdb_check_index('watched_v', true);

-- Entries are missing where a predicate's function changed its mind.
CREATE FUNCTION wanted(id int) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN id > 1990; END';
CREATE INDEX t_wanted ON t USING ivfflat (v) WITH (lists = 3) WHERE wanted(id);
SELECT count(*) FROM vecdb_check_index('t_wanted', true);
CREATE OR REPLACE FUNCTION wanted(id int) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN id > 1988; END';
SELECT invariant, block, slot, id, replace(finding, t.ctid::text, '(block,line)') AS finding
FROM vecdb_check_index('t_wanted', true) LEFT JOIN t ON position(t.ctid::text IN finding) > 0;
SELECT * FROM vecdb_check_index('t_wanted');
CREATE OR REPLACE FUNCTION wanted(id int) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN true; END';
SELECT invariant, count(*), max(finding) LIKE 'there may be more%' AS capped FROM vecdb_check_index('t_wanted', true)
GROUP BY 1 ORDER BY 1;

SET client_min_messages = warning;
DROP SCHEMA check_index CASCADE;
DROP ROLE regress_vecdb_owner, regress_vecdb_other;
