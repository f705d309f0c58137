-- Settings for a role, a database or a function, from a session in which the
-- library is not loaded yet, by those who may set them: anybody, for his own.
SET client_min_messages = warning;
CREATE ROLE regress_vecdb_settings;
CREATE SCHEMA settings AUTHORIZATION regress_vecdb_settings;
SELECT current_database() AS db, current_user AS superuser \gset
ALTER DATABASE :"db" OWNER TO regress_vecdb_settings;

-- A new session knows none of them.
\c
SELECT count(*) FROM pg_settings WHERE name ~ '^(ivfflat|vecdb)\.';
SELECT error_of('SHOW ivfflat.probes');
SET SESSION AUTHORIZATION regress_vecdb_settings;
-- Before 15 the server lets only superusers do it, see below.
SELECT what, error_of(statement) = 'no error' OR current_setting('server_version_num')::int < 150000 AS allowed
FROM (VALUES ('probes', 'ALTER ROLE regress_vecdb_settings SET ivfflat.probes = 10'),
  ('target_recall', 'ALTER ROLE regress_vecdb_settings SET ivfflat.target_recall = 0.9'),
  ('iterative_scan', 'ALTER ROLE regress_vecdb_settings SET ivfflat.iterative_scan = off'),
  ('max_probes', 'ALTER ROLE regress_vecdb_settings SET ivfflat.max_probes = 100'),
  ('kernel', 'ALTER ROLE regress_vecdb_settings SET vecdb.kernel = scalar'),
  ('ef_search', 'ALTER ROLE regress_vecdb_settings SET hnsw.ef_search = 100'),
  ('strict', 'ALTER ROLE regress_vecdb_settings SET hnsw.iterative_scan = strict_order'),
  ('tuples', 'ALTER ROLE regress_vecdb_settings SET hnsw.max_scan_tuples = 100'),
  ('memory', 'ALTER ROLE regress_vecdb_settings SET hnsw.scan_mem_multiplier = 2'),
  ('database', format('ALTER DATABASE %I SET ivfflat.probes = 11', current_database())),
  ('function', $$CREATE FUNCTION settings.f() RETURNS text LANGUAGE sql SET ivfflat.probes = 12
    AS 'SELECT current_setting(''ivfflat.probes'')'$$)) AS s(what, statement);
SELECT count(*) FROM pg_settings WHERE name ~ '^(ivfflat|vecdb)\.';

-- Where the library is loaded, every server knows that they are for all.
\c
SELECT vecdb_kernel() IS NOT NULL AS loaded;
SET SESSION AUTHORIZATION regress_vecdb_settings;
ALTER DATABASE :"db" SET ivfflat.probes = 7;
CREATE OR REPLACE FUNCTION settings.f() RETURNS text LANGUAGE sql SET ivfflat.probes = 8
  AS 'SELECT current_setting(''ivfflat.probes'')';

-- They hold from the next session on, before and after the library is there.
\c
SELECT current_setting('ivfflat.probes') AS of_database, settings.f() AS of_function;
SELECT vecdb_kernel() IS NOT NULL AS loaded;
SELECT current_setting('ivfflat.probes') AS of_database, settings.f() AS of_function;

SET client_min_messages = warning;
ALTER DATABASE :"db" RESET ivfflat.probes;
ALTER DATABASE :"db" OWNER TO :"superuser";
DROP SCHEMA settings CASCADE;
DROP ROLE regress_vecdb_settings;
