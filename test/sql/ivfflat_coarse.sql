-- A process that has searched an index with very many lists for a while looks at
-- coarse codes of them first.
SET client_min_messages = warning;
CREATE SCHEMA ivfflat_coarse;
SET search_path = ivfflat_coarse, public;
SET jit = off;
RESET client_min_messages;

-- Rows of a hundred clusters.
CREATE FUNCTION row_of(i bigint) RETURNS vector LANGUAGE sql IMMUTABLE AS
'SELECT vec(i % 100, 64) + vec(i, 64)';
CREATE TABLE many (id int PRIMARY KEY, v vector(64));
INSERT INTO many SELECT i, row_of(i) FROM generate_series(1, 7000) AS i;
CREATE INDEX many_index ON many USING ivfflat (v vector_l2_ops) WITH (lists = 6400);

CREATE TABLE nearest AS SELECT n, q, (SELECT id FROM many ORDER BY (v <-> q) + 0 LIMIT 1)
FROM (SELECT n, row_of(10000 + n) AS q FROM generate_series(1, 100) AS n OFFSET 0) AS s;
SET enable_seqscan = off;
SET enable_sort = off;
SET ivfflat.probes = 10;

-- The nearest rows of some queries, and the pages of the index that each took.
CREATE FUNCTION search(n int, OUT ids text, OUT pages numeric) LANGUAGE plpgsql AS $$
DECLARE
  part text; plan json; hits numeric := 0;
BEGIN
  ids := '';
  FOR i IN 1..n LOOP
    EXECUTE format('SELECT string_agg(id::text, %L) FROM (SELECT id FROM many ORDER BY v <-> row_of(10000 + %s) LIMIT 10) AS s', ' ', i) INTO part;
    ids := ids || part || ';';
    EXECUTE format('EXPLAIN (ANALYZE, BUFFERS, FORMAT json) SELECT id FROM many ORDER BY v <-> row_of(10000 + %s) LIMIT 10', i) INTO plan;
    hits := hits + (plan->0->'Plan'->>'Shared Hit Blocks')::numeric;
  END LOOP;
  pages := hits / n;
END
$$;
SELECT ids, pages FROM search(20) \gset
SELECT FROM search(30) \gset
SELECT ids AS later, pages AS pages_later FROM search(20) \gset
SELECT :'later' = :'ids' AS same, :pages_later < :pages - 10 AS fewer_pages;

-- The others are read where they are wanted: each row once.
SET ivfflat.iterative_scan = relaxed_order;
CREATE FUNCTION all_rows() RETURNS int LANGUAGE plpgsql AS $$
DECLARE
  c CURSOR FOR SELECT id FROM many ORDER BY v <-> row_of(10001);
  ids int[] := '{}';
BEGIN
  FOR r IN c LOOP
    ids := ids || r.id;
  END LOOP;
  RETURN count(DISTINCT i) FROM unnest(ids) AS i HAVING count(*) = count(DISTINCT i);
END
$$;
SET ivfflat.max_probes = 6400;
SELECT all_rows();
RESET ivfflat.max_probes;
SELECT sum((SELECT count(DISTINCT id) FROM
  (SELECT id FROM many ORDER BY v <-> q LIMIT 400) AS s)) FROM nearest;
RESET ivfflat.iterative_scan;

-- Where that is so of most, the root is read as before.
SELECT ids AS later, pages AS pages_later FROM search(20) \gset
SELECT :'later' = :'ids' AS same, :pages_later > :pages - 10 AS as_many_pages;

-- Inner products.
DROP INDEX many_index;
CREATE INDEX many_index ON many USING ivfflat (v vector_ip_ops) WITH (lists = 6400);
CREATE FUNCTION products() RETURNS text LANGUAGE sql AS $$
SELECT string_agg((SELECT string_agg(id::text, ' ') FROM
  (SELECT id FROM many ORDER BY v <#> row_of(10000 + n) LIMIT 10) AS s), ';' ORDER BY n) FROM generate_series(1, 50) AS n
$$;
SELECT products() AS ids \gset
SELECT products() AS later \gset
SELECT :'later' = :'ids' AS same, products() = :'ids' AS same;

-- Another tree in the same file, of as many lists.
BEGIN;
CREATE TABLE other (id int PRIMARY KEY, v vector(64));
INSERT INTO other SELECT id, v FROM many;
CREATE INDEX other_index ON other USING ivfflat (v vector_l2_ops) WITH (lists = 6400);
CREATE FUNCTION found() RETURNS bigint LANGUAGE sql AS
'SELECT count(*) FROM nearest WHERE id = (SELECT id FROM other ORDER BY v <-> q LIMIT 1)';
SELECT found() > 90 AS most;
SET LOCAL client_min_messages = warning;
TRUNCATE other;
INSERT INTO other SELECT id, v FROM many ORDER BY id * 9 % 7001;
COMMIT;
VACUUM other;
SELECT lists FROM vecdb_index_stats('other_index');
SELECT found() > 90 AS most;

SET client_min_messages = warning;
DROP SCHEMA ivfflat_coarse CASCADE;
