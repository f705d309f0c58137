-- Operator classes of sparsevec for ivfflat, of dimensions that are coded as they
-- are and of those that have a sketch.
SELECT opcname, opcdefault, amvalidate(pg_opclass.oid)
FROM pg_opclass JOIN pg_am ON pg_am.oid = opcmethod
WHERE amname = 'ivfflat' AND opcintype = 'sparsevec'::regtype ORDER BY 1;

-- Row n: 30 elements, half of them common to all rows of a topic.
CREATE FUNCTION sparse(n int, dim int) RETURNS sparsevec
LANGUAGE sql IMMUTABLE STRICT AS $$
  SELECT ('{' || string_agg(i || ':' || x, ',') || '}/' || dim)::sparsevec
  FROM (SELECT abs(hashint4(CASE WHEN j % 2 = 0 THEN n % 20 ELSE n + 100 END * 100 + j)) % dim + 1,
          max(1 + abs(hashint4(n * 100 + j)) % 100 / 100.0)
        FROM generate_series(1, 30) AS j GROUP BY 1) AS t(i, x)
$$;
CREATE TABLE sparse_few AS
SELECT i AS id, sparse(i, 500)::sparsevec(500) AS v FROM generate_series(1, 2000) AS i;
CREATE TABLE sparse_many AS
SELECT i AS id, sparse(i, 1000000000)::sparsevec(1000000000) AS v FROM generate_series(1, 2000) AS i;
INSERT INTO sparse_few VALUES (-1, NULL), (-2, '{}/500');
INSERT INTO sparse_many VALUES (-1, NULL), (-2, '{}/1000000000');
VACUUM ANALYZE sparse_few;
VACUUM ANALYZE sparse_many;

-- For each class: the index is sound, holds the rows in their order, and finds
-- most of the nearest of what it does not look at whole.
CREATE FUNCTION pg_temp.try(tab text, class text, method text DEFAULT 'ivfflat') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  found float8;
  faults int;
BEGIN
  EXECUTE format('CREATE INDEX sparse_index ON %I USING %s (v sparsevec_%s_ops) WITH (lists = 20)', tab, method, class);
  EXECUTE format('INSERT INTO %I SELECT -10 - i, sparse(3000 + i, regexp_replace(v::text, ''.*/'', '''')::int)
                  FROM %I, generate_series(1, 20) AS i WHERE id = 1', tab, tab);
  SELECT count(*) INTO faults FROM vecdb_check_index('sparse_index');
  SELECT recall INTO found FROM vecdb_recall('sparse_index', 10, 50);
  EXECUTE format('DELETE FROM %I WHERE id < -10', tab);
  RETURN format('%s faults, recall %s', faults, CASE WHEN found > 0.85 THEN 'good' ELSE found::text END);
END
$$;
SELECT pg_temp.try('sparse_few', 'l2');
\set VERBOSITY terse
DROP INDEX sparse_index;
SELECT pg_temp.try('sparse_few', 'cosine');
DROP INDEX sparse_index;
SELECT pg_temp.try('sparse_many', 'l2');
SELECT dimensions, metric FROM vecdb_index_stats('sparse_index');
DROP INDEX sparse_index;
SELECT pg_temp.try('sparse_many', 'ip');
DROP INDEX sparse_index;
SELECT pg_temp.try('sparse_many', 'cosine');

-- L1, whose bounds come from distances of sketches.
DROP INDEX sparse_index;
SELECT pg_temp.try('sparse_few', 'l1', 'hnsw');
DROP INDEX sparse_index;
SELECT pg_temp.try('sparse_many', 'l1', 'hnsw');
DROP INDEX sparse_index;
CREATE INDEX sparse_index ON sparse_many USING ivfflat (v sparsevec_cosine_ops) WITH (lists = 20);

-- Every row once, those without a distance and NULL at the end.
SET enable_seqscan = off;
SET enable_sort = off;
SELECT plan($$SELECT id FROM sparse_many ORDER BY v <=> '{1:1}/1000000000' LIMIT 3$$);
SELECT count(*), (array_agg(id))[count(*) - 1:] AS last
FROM (SELECT id FROM sparse_many ORDER BY v <=> (SELECT v FROM sparse_many WHERE id = 9)) AS t;
SELECT id FROM sparse_many ORDER BY v <=> (SELECT v FROM sparse_many WHERE id = 9) LIMIT 1;
SELECT error_of($$SELECT id FROM sparse_many ORDER BY v <=> '{1:1}/5' LIMIT 3$$);
RESET enable_seqscan;
RESET enable_sort;

-- An index of an empty table takes what comes; one without dimensions is none.
CREATE TABLE sparse_none (v sparsevec(30000), free sparsevec);
CREATE INDEX ON sparse_none USING ivfflat (v);
INSERT INTO sparse_none SELECT sparse(i, 30000) FROM generate_series(1, 50) AS i;
SELECT count(*) FROM vecdb_check_index('sparse_none_v_idx');
SELECT error_of('CREATE INDEX ON sparse_none USING ivfflat (free)');
DROP TABLE sparse_few, sparse_many, sparse_none;
