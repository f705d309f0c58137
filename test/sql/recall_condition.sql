-- vecdb_recall under a condition; vecdb_last_scan_lists.
SET client_min_messages = warning;
CREATE SCHEMA recall_condition;
SET search_path = recall_condition, public;
RESET client_min_messages;

-- No scan yet.
SELECT * FROM vecdb_last_scan_lists();

CREATE TABLE t (id int PRIMARY KEY, kind text, secret int, v vector(8));
INSERT INTO t SELECT i, 'kind ' || i % 10, i, vec(i) FROM generate_series(1, 3000) AS i;
CREATE INDEX t_v ON t USING ivfflat (v) WITH (lists = 30);
SELECT array_agg(vec(-i)) AS queries FROM generate_series(1, 20) AS i \gset
SELECT setseed(0.5);

-- A filter takes rows that nobody gets, so that further lists come.
SELECT recall >= 0.85 AS found, queries, k, exact_ms > 0 AS exact, index_ms > 0 AS index, fetches > 100 AS fetches
FROM vecdb_recall('t_v', 'kind = ''kind 3''');
SELECT recall >= 0.85 AS found, queries, k FROM vecdb_recall('t_v', :'queries'::vector[], 'id % 20 = 7', 5);
SELECT recall >= 0.85 AS found, queries, k FROM vecdb_recall('t_v', condition => 'id % 2 = 0 -- even', k => 100, sample => 20);
SELECT reason, times > 0 AS times, lists > 0 AS lists FROM vecdb_last_scan_lists();
SET ivfflat.probes = 30;
SELECT recall >= 0.99 AS found, probes FROM vecdb_recall('t_v', 'EXISTS (SELECT FROM generate_series(1, 5) AS g WHERE g = id % 10)', sample => 10);
SELECT * FROM vecdb_last_scan_lists();

-- Lists that come since those before have nothing more.
SET ivfflat.probes = 4;
SELECT recall >= 0.99 AS found, probes > 25 AS most FROM vecdb_recall('t_v', 'id <= 3', k => 3, sample => 10);
SELECT * FROM vecdb_last_scan_lists();
RESET ivfflat.probes;

-- Fewer rows than are asked for, and none.
SELECT recall, queries FROM vecdb_recall('t_v', :'queries'::vector[], 'id <= 3');
SELECT recall, queries FROM vecdb_recall('t_v', :'queries'::vector[], 'false');
SELECT recall, queries FROM vecdb_recall('t_v', :'queries'::vector[], 'NULL');
SELECT vecdb_recall('t_v', NULL::text) IS NULL AS strict;

-- What is no condition.
\set VERBOSITY terse
SELECT vecdb_recall('t_v', '');
SELECT vecdb_recall('t_v', 'true) OR (true');
SELECT vecdb_recall('t_v', 'true; DROP TABLE t');
SELECT vecdb_recall('t_v', 'true FROM t');
SELECT vecdb_recall('t_v', 'true UNION SELECT true');
SELECT vecdb_recall('t_v', 'true, true');
SELECT vecdb_recall('t_v', 'true AS x');
SELECT vecdb_recall('t_v', 'true ORDER BY 1');
SELECT vecdb_recall('t_v', '/* true');
SELECT vecdb_recall('t_v', 'id');
SELECT vecdb_recall('t_v', 'other = 3');
SELECT vecdb_recall('t_v', 'count(*) = 3');
SELECT vecdb_recall('t_v', 'id < $7');
SELECT vecdb_recall('t_v', 'true', k => 0);
SELECT vecdb_recall('t_v', 'true', sample => 0);
SELECT vecdb_recall('t_v', :'queries'::vector[], 'true', 10001);

-- It is searched as the caller.
CREATE ROLE regress_vecdb_condition;
GRANT USAGE ON SCHEMA recall_condition TO regress_vecdb_condition;
GRANT SELECT (id, kind, v) ON t TO regress_vecdb_condition;
SET ROLE regress_vecdb_condition;
SELECT vecdb_recall('t_v', 'id < 10');
RESET ROLE;
CREATE FUNCTION who() RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  RAISE NOTICE 'as %', current_user;
  RETURN true;
END
$$;
CREATE TABLE s AS SELECT id, v FROM t WHERE id <= 2;
CREATE INDEX s_v ON s USING ivfflat (v);
CREATE INDEX s_part ON s USING ivfflat (v) WHERE id > 0;
CREATE INDEX s_expression ON s USING ivfflat (((v + v)::vector(8)));
-- Code that planning runs, of a table that has no other.
CREATE FUNCTION who(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  RAISE WARNING 'as %', current_user;
  RETURN $1;
END
$$;
CREATE TABLE coded AS SELECT id, v FROM t WHERE id <= 2;
CREATE TABLE coded_too AS SELECT id, v FROM t WHERE id <= 2;
SET client_min_messages = error;
CREATE INDEX coded_column ON coded USING ivfflat (v, (who(7)));
CREATE INDEX coded_predicate ON coded_too USING ivfflat (v) WHERE who(7) > 0;
RESET client_min_messages;
GRANT SELECT ON coded, coded_too TO regress_vecdb_condition;
GRANT SELECT ON s TO regress_vecdb_condition;
SET ROLE regress_vecdb_condition;
SELECT recall FROM vecdb_recall('s_v', 'who()', sample => 1);
SELECT vecdb_recall('s_part', 'id < 10');
SELECT vecdb_recall('s_expression', 'id < 10');
SELECT vecdb_recall('coded_column', 'id < 10');
SELECT vecdb_recall('coded_predicate', 'id < 10');
RESET ROLE;
SELECT recall FROM vecdb_recall('s_part', 'id < 10');
SELECT recall FROM vecdb_recall('s_expression', 'id < 10');

SET client_min_messages = warning;
DROP SCHEMA recall_condition CASCADE;
DROP ROLE regress_vecdb_condition;
