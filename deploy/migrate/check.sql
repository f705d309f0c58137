-- check.sql: what a move from pgvector to vecdb will meet in this database.
--
--   psql -X -f deploy/migrate/check.sql DATABASE
--
-- Reads the catalog alone, and changes nothing.  docs/migrate.md has the ways.

\set QUIET on
\pset footer off
\pset null ''
SET search_path = pg_catalog;
SET client_min_messages = warning;

\echo '=== The extension, and what requires it'
SELECT e.extname AS extension, e.extversion AS version, n.nspname AS schema,
  CASE WHEN i.probin = '$libdir/vecdb' THEN 'vecdb' ELSE 'pgvector' END AS made_by,
  CASE
    WHEN i.probin = '$libdir/vecdb' THEN 'nothing to do'
    WHEN e.extversion ~ '^0\.8\.' THEN 'dump, replication or in place'
    ELSE 'dump or replication; in place after an update to 0.8'
  END AS ways,
  (SELECT string_agg(o.extname, ', ')
   FROM pg_depend AS r JOIN pg_extension AS o ON o.oid = r.objid
   WHERE r.refobjid = e.oid AND r.refclassid = 'pg_extension'::regclass
     AND r.classid = 'pg_extension'::regclass) AS required_by
FROM pg_extension AS e JOIN pg_namespace AS n ON n.oid = e.extnamespace
JOIN pg_depend AS d ON d.refobjid = e.oid AND d.deptype = 'e'
  AND d.refclassid = 'pg_extension'::regclass AND d.classid = 'pg_type'::regclass
JOIN pg_type AS t ON t.oid = d.objid AND t.typname = 'vector'
JOIN pg_proc AS i ON i.oid = t.typinput;

-- The types of the extension, with their arrays and the domains over them.
CREATE TEMP TABLE vector_type AS
WITH RECURSIVE type AS (
  SELECT d.objid AS oid
  FROM pg_depend AS d JOIN pg_extension AS e ON e.oid = d.refobjid
  WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
    AND d.classid = 'pg_type'::regclass AND e.extname IN ('vector', 'vecdb')
  UNION
  SELECT t.oid FROM pg_type AS t JOIN type AS b
    ON b.oid IN (t.typelem, t.typbasetype)
) SELECT oid FROM type;

\echo
\echo '=== Columns (rows and bytes of the whole table, rows as last analyzed)'
SELECT c.oid::regclass AS "table", a.attname AS "column",
  format_type(a.atttypid, a.atttypmod) AS type,
  CASE a.attstorage WHEN 'p' THEN 'plain' WHEN 'e' THEN 'external'
    WHEN 'm' THEN 'main' ELSE 'extended' END AS storage,
  greatest(c.reltuples, 0)::bigint AS rows,
  pg_size_pretty(pg_table_size(c.oid)) AS bytes,
  CASE
    WHEN c.relkind = 'r' AND c.relreplident = 'd' AND NOT EXISTS (SELECT FROM pg_index
      WHERE indrelid = c.oid AND indisprimary)
      THEN 'replication of updates needs a REPLICA IDENTITY'
  END AS note
FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid
WHERE a.atttypid IN (SELECT oid FROM vector_type) AND c.relkind IN ('r', 'm', 'p')
  AND NOT a.attisdropped AND c.relnamespace <> pg_my_temp_schema()
ORDER BY pg_table_size(c.oid) DESC;

\echo
\echo '=== Indexes, which are built anew'
SELECT i.indexrelid::regclass AS index, i.indrelid::regclass AS "table",
  m.amname AS method, o.opcname AS class,
  array_to_string(c.reloptions, ', ') AS options,
  pg_size_pretty(pg_relation_size(c.oid)) AS bytes,
  concat_ws('; ',
    CASE WHEN m.amname = 'hnsw' THEN 'no graph: ef_search chooses a recall' END,
    CASE WHEN c.reloptions::text ~ 'lists='
      THEN 'without "lists" the number is chosen' END,
    CASE WHEN NOT i.indisvalid THEN 'invalid: drop it' END) AS note
FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid
JOIN pg_am AS m ON m.oid = c.relam JOIN pg_opclass AS o ON o.oid = i.indclass[0]
WHERE m.amname IN ('ivfflat', 'hnsw')
ORDER BY pg_relation_size(c.oid) DESC;

\echo
\echo '=== Settings that are stored, whose defaults differ'
SELECT coalesce('database ' || d.datname, 'all databases') ||
    coalesce(', role ' || r.rolname, '') AS stored_for, setting,
  CASE
    WHEN setting ~ '^ivfflat\.probes=' THEN 'a fixed number: without it each search chooses'
    WHEN setting ~ '^ivfflat\.iterative_scan=' THEN 'relaxed_order is the default'
    WHEN setting ~ '^hnsw\.' THEN 'ef_search chooses a recall'
  END AS note
FROM pg_db_role_setting AS s LEFT JOIN pg_database AS d ON d.oid = s.setdatabase
LEFT JOIN pg_roles AS r ON r.oid = s.setrole, unnest(s.setconfig) AS setting
WHERE setting ~ '^(ivfflat|hnsw)\.'
UNION ALL
SELECT 'function ' || p.oid::regprocedure, setting, ''
FROM pg_proc AS p, unnest(p.proconfig) AS setting
WHERE setting ~ '^(ivfflat|hnsw)\.'
ORDER BY 1, 2;

\echo
\echo '=== In sum'
WITH tables AS (
  SELECT DISTINCT c.oid
  FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid
  WHERE a.atttypid IN (SELECT oid FROM vector_type) AND c.relkind IN ('r', 'm')
    AND NOT a.attisdropped AND c.relnamespace <> pg_my_temp_schema()
), indexes AS (
  SELECT c.oid FROM pg_class AS c JOIN pg_am AS m ON m.oid = c.relam
  WHERE amname IN ('ivfflat', 'hnsw') AND c.relkind = 'i'
)
SELECT (SELECT count(*) FROM tables) AS tables,
  (SELECT pg_size_pretty(sum(pg_table_size(oid))) FROM tables) AS table_bytes,
  (SELECT count(*) FROM indexes) AS indexes,
  (SELECT pg_size_pretty(sum(pg_relation_size(oid))) FROM indexes) AS index_bytes;
