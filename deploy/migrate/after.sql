-- after.sql: did everything arrive, and do the new indexes find it?
--
--   psql -X -f deploy/migrate/after.sql DATABASE
--
-- Says of each table with vectors how many rows it has, how many vectors, and a
-- sum of their hashes, in a form to compare: run it in the old database and in
-- the new one while nobody writes.  In a database of vecdb it also verifies each
-- index and measures its recall on 100 rows, by as many exact searches.  Reads
-- all rows, and changes nothing; needs SELECT on the tables.

\set QUIET on
\pset footer off
\pset null ''
SET search_path = pg_catalog, pg_temp;
SET client_min_messages = warning;
SELECT n.nspname AS home, i.probin = '$libdir/vecdb' AS ours
FROM pg_catalog.pg_type AS t JOIN pg_catalog.pg_namespace AS n ON n.oid = t.typnamespace
JOIN pg_catalog.pg_proc AS i ON i.oid = t.typinput
JOIN pg_catalog.pg_depend AS d ON d.objid = t.oid AND d.deptype = 'e'
  AND d.classid = 'pg_catalog.pg_type'::pg_catalog.regclass
JOIN pg_catalog.pg_extension AS e ON e.oid = d.refobjid
WHERE t.typname = 'vector' AND e.extname IN ('vector', 'vecdb') \gset

\echo '=== Rows, vectors, and the sum of their hashes'
\pset format unaligned
\pset tuples_only on
WITH RECURSIVE type AS (
  SELECT d.objid AS oid
  FROM pg_depend AS d JOIN pg_extension AS e ON e.oid = d.refobjid
  WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
    AND d.classid = 'pg_type'::regclass AND e.extname IN ('vector', 'vecdb')
  UNION
  SELECT t.oid FROM pg_type AS t JOIN type AS b
    ON b.oid IN (t.typelem, t.typbasetype)
)
SELECT format('SELECT %L, count(*), count(%I), sum(hashtextextended(%I::text, 0)) FROM %I.%I',
  format('%I.%I.%I', n.nspname, c.relname, a.attname), a.attname, a.attname, n.nspname, c.relname)
FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid
JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE a.atttypid IN (SELECT oid FROM type) AND c.relkind IN ('r', 'm')
  AND NOT a.attisdropped AND n.nspname !~ '^pg_'
ORDER BY n.nspname, c.relname, a.attname \gexec
\pset format aligned
\pset tuples_only off

\if :ours
\echo
\echo '=== Indexes: what is wrong with them, and what they find'
SELECT format('%I.%I', n.nspname, c.relname) AS index,
  CASE WHEN i.indisvalid THEN '' ELSE 'invalid; ' END ||
    (SELECT count(*) FROM :"home".vecdb_check_index(c.oid)) || ' findings' AS state,
  round(r.recall::numeric, 3) AS recall, round(r.exact_ms::numeric, 2) AS exact_ms,
  round(r.index_ms::numeric, 2) AS index_ms
FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid
JOIN pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_am AS m ON m.oid = c.relam
LEFT JOIN LATERAL :"home".vecdb_recall(c.oid, sample => 100) AS r ON i.indisvalid
WHERE m.amname IN ('ivfflat', 'hnsw') AND c.relkind = 'i'
ORDER BY 1;
\endif
