-- Scalar columns of an index: the same rows as without it, whatever is asked of them.
SET client_min_messages = warning;
CREATE SCHEMA ivfflat_columns;
SET search_path = ivfflat_columns, public;
-- Costs of what is switched off would call for it.
SET jit = off;
RESET client_min_messages;

-- Through the index, with the condition as one of the index's, a query gives the
-- rows that pass, each once, those with a distance in its order.
CREATE FUNCTION agree(tab text, condition text, op text DEFAULT '<->') RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
  query text := format('FROM %I WHERE %s ORDER BY v OPERATOR(public.%s) vec(0)', tab, condition, op);
  plan text;
  ids int[]; exact int[];
  distances float8[];
  late int;
BEGIN
  SET LOCAL enable_seqscan = off;
  SET LOCAL enable_bitmapscan = off;
  SET LOCAL enable_sort = off;
  SELECT string_agg(line, ' ') INTO plan FROM plan('SELECT id ' || query) AS line;
  EXECUTE format('SELECT array_agg(id ORDER BY n), array_agg(d ORDER BY n)
    FROM (SELECT row_number() OVER () AS n, id, v OPERATOR(public.%s) vec(0) AS d
          FROM (SELECT * %s LIMIT 1000000) AS s) AS s', op, query) INTO ids, distances;
  SET LOCAL enable_indexscan = off;
  SET LOCAL enable_seqscan = on;
  EXECUTE format('SELECT array_agg(id) FROM %I WHERE %s', tab, condition) INTO exact;
  IF plan !~ 'Index Cond' OR plan ~ 'Filter' THEN
    RETURN 'not a condition of the index: ' || plan;
  ELSIF (SELECT array_agg(i ORDER BY i) FROM unnest(ids) AS i) IS DISTINCT FROM
        (SELECT array_agg(i ORDER BY i) FROM unnest(exact) AS i) THEN
    RETURN format('%s rows, not %s', cardinality(ids), cardinality(exact));
  END IF;
  SELECT count(*) INTO late FROM unnest(distances[2:], distances[:cardinality(ids) - 1]) AS u (d, before)
  WHERE d < before;
  IF late > 2 + cardinality(ids) / 20 THEN
    RETURN format('%s of %s rows come late', late, cardinality(ids));
  END IF;
  RETURN format('%s rows agree', coalesce(cardinality(ids), 0));
END
$$;

CREATE TYPE mood AS ENUM ('sad', 'ok', 'glad');
CREATE TABLE t (
  id int PRIMARY KEY, v vector(8), a int, b bigint, c smallint, d text, e timestamptz,
  f float8, g bool, h uuid, i numeric, j mood, k date);
CREATE FUNCTION fill(first int, last int) RETURNS void LANGUAGE sql AS $$
  INSERT INTO t SELECT n, CASE n % 50 WHEN 0 THEN NULL WHEN 1 THEN '[0,0,0,0,0,0,0,0]' ELSE vec(n) END,
    nullif(n % 37, 5), n * 10000000000, n % 1000 - 500, 'word ' || n % 23,
    '2020-01-01'::timestamptz + n * interval '1 hour', nullif(n % 19, 3) / 7.0, n % 3 = 0,
    md5((n % 31)::text)::uuid, n % 29 + 0.1, (enum_range(NULL::mood))[n % 3 + 1], '2020-01-01'::date + n % 365
  FROM generate_series(first, last) AS n
$$;
SELECT fill(1, 4000);
CREATE INDEX t_v ON t USING ivfflat (v vector_cosine_ops, a, b, c, d, e) WITH (lists = 20);
CREATE INDEX t_l2 ON t USING ivfflat (v, f, g, h, i, j, k) WITH (lists = 15);
SELECT f.* FROM (VALUES ('t_v'), ('t_l2')) AS i (name), vecdb_check_index(name, true) AS f;

-- Every operator, kind and combination.
CREATE TABLE conditions (n int PRIMARY KEY, op text, condition text);
INSERT INTO conditions SELECT row_number() OVER (), op, condition FROM (VALUES
  ('<=>', 'a < 3'), ('<=>', 'a <= 3'), ('<=>', 'a = 3'), ('<=>', 'a >= 35'), ('<=>', 'a > 35'),
  ('<=>', 'a BETWEEN 7 AND 9'), ('<=>', 'a IN (1, 30, 36, NULL)'), ('<=>', 'a = ANY (''{}''::int[])'),
  ('<=>', 'a = 99'), ('<=>', 'a IS NULL'), ('<=>', 'a IS NOT NULL'), ('<=>', 'a = (SELECT NULL::int)'),
  ('<=>', 'a > 4 AND a < 4'), ('<=>', 'a = 3::bigint'), ('<=>', 'a < 3.0::float8::int'),
  ('<=>', 'b > 39000000000000'), ('<=>', 'b = 70000000000'), ('<=>', 'b < 5'),
  ('<=>', 'c < -490'), ('<=>', 'c = 17::smallint'), ('<=>', 'c IN (1::smallint, -5::smallint)'),
  ('<=>', 'd = ''word 5'''), ('<=>', 'd IN (''word 1'', ''word 22'', ''no'')'), ('<=>', 'd IS NULL'),
  ('<=>', 'e < ''2020-01-05'''), ('<=>', 'e >= ''2020-02-01'' AND e < ''2020-02-02'''),
  ('<=>', 'a = 3 AND c > 0'), ('<=>', 'a IS NULL AND d = ''word 5'''), ('<=>', 'a < 20 AND b > 30000000000000 AND d = ''word 2'''),
  ('<=>', 'v IS NULL'), ('<=>', 'v IS NOT NULL AND a = 3'), ('<=>', 'v IS NULL AND a < 10'), ('<=>', 'v IS NOT NULL'),
  ('<->', 'f < 0.2'), ('<->', 'f = 0'), ('<->', 'f > 2.5'), ('<->', 'f IS NULL'), ('<->', 'f = ''NaN'''),
  ('<->', 'g'), ('<->', 'NOT g'), ('<->', 'g = true'), ('<->', 'g < true'), ('<->', 'g IS NOT NULL'),
  ('<->', 'h = md5(''7'')::uuid'), ('<->', 'h = ANY (ARRAY[md5(''7'')::uuid, md5(''8'')::uuid])'),
  ('<->', 'i = 7.1'), ('<->', 'i < 2'), ('<->', 'i IN (7.1, 8.2)'),
  ('<->', 'j = ''glad'''), ('<->', 'j IN (''sad'', ''ok'')'),
  ('<->', 'k = ''2020-03-01'''), ('<->', 'k BETWEEN ''2020-03-01'' AND ''2020-03-05'''), ('<->', 'k > ''2020-12-20'''),
  ('<->', 'g AND k < ''2020-02-01'' AND j = ''ok'' AND i > 10')) AS c (op, condition);
SELECT op, condition, agree('t', condition, op) FROM conditions ORDER BY n;
CREATE VIEW failed AS SELECT op, condition, result FROM conditions, agree('t', condition, op) AS result
WHERE result !~ '^\d+ rows agree$' ORDER BY n;

-- Rows that come, change and go; places that are used again.
SELECT fill(4001, 6000);
UPDATE t SET a = 3 WHERE id % 100 = 7;
UPDATE t SET f = NULL, a = NULL, v = vec(id + 50000) WHERE id % 100 = 8;
UPDATE t SET d = NULL WHERE id % 100 = 9;
SELECT * FROM failed;
SELECT f.* FROM (VALUES ('t_v'), ('t_l2')) AS i (name), vecdb_check_index(name, true) AS f;
DELETE FROM t WHERE id % 3 = 1 OR b > 55000000000000;
VACUUM t;
SELECT * FROM failed;
SELECT f.* FROM (VALUES ('t_v'), ('t_l2')) AS i (name), vecdb_check_index(name, true) AS f;
SELECT fill(6001, 7000);
SELECT * FROM failed;
SELECT f.* FROM (VALUES ('t_v'), ('t_l2')) AS i (name), vecdb_check_index(name, true) AS f;

-- The settings that decide how a search goes on.
SET ivfflat.probes = 20;
SET ivfflat.iterative_scan = strict_order;
SELECT * FROM failed;
SET ivfflat.iterative_scan = off;
SELECT * FROM failed;
RESET ivfflat.probes;
RESET ivfflat.iterative_scan;
SET vecdb.kernel = scalar;
SELECT * FROM failed;
RESET vecdb.kernel;

-- Built anew; beside writers; by the other method.
REINDEX INDEX t_v;
DROP INDEX t_l2;
CREATE INDEX CONCURRENTLY t_l2 ON t USING hnsw (v vector_l2_ops, f, g, h, i, j, k);
SELECT * FROM failed;
SELECT f.* FROM (VALUES ('t_v'), ('t_l2')) AS i (name), vecdb_check_index(name, true) AS f;

-- A column whose type changes is one of a new index.
DROP VIEW failed;
ALTER TABLE t ALTER a TYPE bigint, ALTER d TYPE varchar(40);
SELECT agree('t', 'a < 3', '<=>'), agree('t', 'd = ''word 5''', '<=>');
SELECT * FROM vecdb_check_index('t_v', true);

-- Built empty: one list, which no list is above; rows come later.
CREATE TABLE late (id int, v vector(8), a int);
CREATE INDEX late_v ON late USING ivfflat (v, a);
INSERT INTO late SELECT n, CASE WHEN n % 10 > 0 THEN vec(n) END, nullif(n % 7, 0) FROM generate_series(1, 500) AS n;
SELECT agree('late', 'a = 3'), agree('late', 'a IS NULL'), agree('late', 'a < 3');
SELECT * FROM vecdb_check_index('late_v', true);

-- Expressions, and a part of the table.
CREATE TABLE doc (id int, v vector(8), meta jsonb);
INSERT INTO doc SELECT n, vec(n), jsonb_build_object('lang', (ARRAY['de', 'en', 'fr'])[n % 3 + 1], 'year', 1990 + n % 30)
FROM generate_series(1, 2000) AS n;
CREATE INDEX doc_v ON doc USING ivfflat (v, (meta ->> 'lang'), ((meta ->> 'year')::int)) WITH (lists = 10);
SELECT agree('doc', 'meta ->> ''lang'' = ''de'''), agree('doc', '(meta ->> ''year'')::int >= 2015');
INSERT INTO doc SELECT n, vec(n), '{"lang": "en"}' FROM generate_series(2001, 2500) AS n;
SELECT agree('doc', 'meta ->> ''lang'' = ''en'''), agree('doc', '(meta ->> ''year'')::int IS NULL');
SELECT * FROM vecdb_check_index('doc_v', true);
DROP INDEX doc_v;
CREATE INDEX doc_v ON doc USING ivfflat (((v::halfvec(8))) halfvec_l2_ops, ((meta ->> 'year')::int), id) WITH (lists = 10);
SET enable_seqscan = off;
SET enable_sort = off;
SELECT count(*), min(id), max(id) FROM (SELECT id FROM doc WHERE (meta ->> 'year')::int = 2000 AND id < 1000
  ORDER BY v::halfvec(8) <-> '[0,0,0,0,0,0,0,0]' LIMIT 10000) AS s;
RESET enable_seqscan;
RESET enable_sort;
SELECT count(*), min(id), max(id) FROM doc WHERE (meta ->> 'year')::int = 2000 AND id < 1000;
DROP INDEX doc_v;
CREATE INDEX doc_v ON doc USING ivfflat (v, id) WITH (lists = 10) WHERE meta ->> 'lang' = 'fr';
SELECT agree('doc', 'meta ->> ''lang'' = ''fr'' AND id > 1000');
SELECT * FROM vecdb_check_index('doc_v', true);

-- Other kinds of vectors.
CREATE TABLE kinds (id int, h halfvec(8), b bit(64), s sparsevec(100), a int);
INSERT INTO kinds SELECT n, vec(n)::halfvec,
  (SELECT string_agg((hashint4(n * 64 + j) & 1)::text, '')::bit(64) FROM generate_series(1, 64) AS j),
  vec(n, 100)::sparsevec, n % 11 FROM generate_series(1, 1000) AS n;
CREATE INDEX ON kinds USING ivfflat (h halfvec_ip_ops, a) WITH (lists = 5);
CREATE INDEX ON kinds USING ivfflat (b bit_hamming_ops, a) WITH (lists = 5);
CREATE INDEX ON kinds USING ivfflat (b bit_jaccard_ops, a) WITH (lists = 5);
CREATE INDEX ON kinds USING ivfflat (s, a) WITH (lists = 5);
CREATE INDEX ON kinds USING hnsw (h halfvec_l1_ops, a);
SET enable_seqscan = off;
SET enable_sort = off;
SELECT (SELECT count(*) FROM (SELECT id FROM kinds WHERE a = 3 ORDER BY h <#> (SELECT h FROM kinds LIMIT 1) LIMIT 1000) AS s) AS ip,
  (SELECT count(*) FROM (SELECT id FROM kinds WHERE a = 3 ORDER BY b <~> (SELECT b FROM kinds LIMIT 1) LIMIT 1000) AS s) AS hamming,
  (SELECT count(*) FROM (SELECT id FROM kinds WHERE a = 3 ORDER BY b <%> (SELECT b FROM kinds LIMIT 1) LIMIT 1000) AS s) AS jaccard,
  (SELECT count(*) FROM (SELECT id FROM kinds WHERE a = 3 ORDER BY s <-> (SELECT s FROM kinds LIMIT 1) LIMIT 1000) AS s) AS sparse,
  (SELECT count(*) FROM (SELECT id FROM kinds WHERE a = 3 ORDER BY h <+> (SELECT h FROM kinds LIMIT 1) LIMIT 1000) AS s) AS l1,
  (SELECT count(*) FROM kinds WHERE a = 3);
RESET enable_seqscan;
RESET enable_sort;
SELECT f.* FROM pg_index, vecdb_check_index(indexrelid, true) AS f WHERE indrelid = 'kinds'::regclass;

-- As many rows as a LIMIT asks for, from the lists that have them.
CREATE TABLE tenants (id int, v vector(8), tenant int);
INSERT INTO tenants SELECT n, vec(n), (n / 100) % 100 FROM generate_series(1, 10000) AS n;
CREATE INDEX tenants_v ON tenants USING ivfflat (v, tenant) WITH (lists = 50);
SET enable_seqscan = off;
SELECT count(*), bool_and(tenant = 42) FROM
  (SELECT tenant FROM tenants WHERE tenant = 42 ORDER BY v <-> vec(0) LIMIT 50) AS s;
-- Lists without a row of it are passed over.
UPDATE tenants SET tenant = 1000 WHERE id = 77;
VACUUM tenants;
SELECT count(*) FROM (SELECT FROM tenants WHERE tenant = 1000 ORDER BY v <-> vec(0) LIMIT 1) AS s;
SELECT lists < 50, codes <= 16 * lists FROM vecdb_last_scan();
DELETE FROM tenants WHERE tenant = 1000;
VACUUM tenants;
SELECT count(*) FROM (SELECT FROM tenants WHERE tenant = 1000 ORDER BY v <-> vec(0) LIMIT 1) AS s;
SELECT lists, codes FROM vecdb_last_scan();
RESET enable_seqscan;

-- What a list's parent tells of it may lie on the one page of two that its group is on.
-- With assertions, the server takes no record of the other.
CREATE TABLE paged (id int, v vector(100), a int);
INSERT INTO paged SELECT i, vec(i, 100), i % 4 FROM generate_series(1, 1000) AS i;
CREATE INDEX paged_v ON paged USING ivfflat (v, a) WITH (lists = 200);
INSERT INTO paged SELECT id, v, a + 100 FROM paged;
SELECT count(*) FROM vecdb_check_index('paged_v', true);
DROP TABLE paged;

-- Rows of a list lie in the order of the first column: what is asked of that reads
-- few of its pages, also where some were deleted and others inserted since.
CREATE TABLE ordered (id int, v vector(8), n smallint, m smallint);
INSERT INTO ordered SELECT i, vec(i), CASE WHEN i % 100 = 0 THEN NULL ELSE i * 7919 % 6000 END, i * 7919 % 6000
FROM generate_series(1, 12000) AS i;
CREATE INDEX ordered_v ON ordered USING ivfflat (v, n, m) WITH (lists = 4);
CREATE FUNCTION pages(condition text) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
  node json;
BEGIN
  SET LOCAL enable_seqscan = off;
  SET LOCAL enable_bitmapscan = off;
  SET LOCAL enable_sort = off;
  EXECUTE format('EXPLAIN (ANALYZE, BUFFERS, TIMING off, FORMAT json)
    SELECT id FROM ordered WHERE %s ORDER BY v <-> vec(0) LIMIT 10000', condition) INTO node;
  RETURN node->0->'Plan'->>'Shared Hit Blocks';
END
$$;
CREATE VIEW ordered_agree AS
  SELECT condition, agree('ordered', condition) FROM (VALUES
    ('n = 3000'), ('n IN (1, 3000, 5999)'), ('n BETWEEN 0 AND 20'), ('n >= 5990'), ('n BETWEEN 2900 AND 3100'),
    ('n < 0'), ('n > 6100'), ('n IS NULL'), ('n IS NOT NULL AND m < 10'), ('n < 3000 AND m > 2950')) AS c (condition);
SELECT * FROM ordered_agree;
SELECT pages('n = 3000') > 0 AS some, pages('n = 3000') + 20 < pages('m = 3000') AS few;
DELETE FROM ordered WHERE id % 3 = 0;
VACUUM ordered;
SELECT * FROM ordered_agree;
SELECT pages('n = 3000') > 0 AS some, pages('n = 3000') + 20 < pages('m = 3000') AS few;
INSERT INTO ordered SELECT i, vec(i), i * 7919 % 6000, i * 7919 % 6000 FROM generate_series(12001, 17500) AS i;
SELECT * FROM ordered_agree;
SELECT * FROM vecdb_check_index('ordered_v', true);
DELETE FROM ordered WHERE id % 2 = 0 OR id > 14000;
VACUUM ordered;
INSERT INTO ordered SELECT i, vec(i), 3000, 3000 FROM generate_series(20001, 20500) AS i;
SELECT * FROM ordered_agree;
SELECT * FROM vecdb_check_index('ordered_v', true);
-- NULLs have their place in it.
DROP INDEX ordered_v;
TRUNCATE ordered;
INSERT INTO ordered SELECT i, vec(i), CASE WHEN i % 2 = 0 THEN i * 7919 % 6000 END, i * 7919 % 6000
FROM generate_series(1, 24000) AS i;
CREATE INDEX ordered_v ON ordered USING ivfflat (v, n, m) WITH (lists = 4);
SELECT * FROM ordered_agree;
SELECT pages('n = 3000') > 0 AS some, 2 * pages('n = 3000') < pages('m = 3000') AS few;
SELECT * FROM vecdb_check_index('ordered_v', true);
-- Where the first one has few values, those of the second lie together too.
DROP INDEX ordered_v;
CREATE INDEX ordered_v ON ordered USING ivfflat (v, ((id % 3)::smallint), m) WITH (lists = 4);
SELECT agree('ordered', 'm < 30') AS agree, agree('ordered', '(id % 3)::smallint = 1 AND m < 30') AS both;
SET enable_seqscan = off;
SET enable_sort = off;
SELECT count(*) FROM (SELECT FROM ordered WHERE m < 30 ORDER BY v <-> vec(0) LIMIT 10000) AS s;
SELECT lists, probes, codes < 600 AS few FROM vecdb_last_scan();
RESET enable_seqscan;
RESET enable_sort;

-- A search begun again with other values of its conditions.
SET enable_seqscan = off;
SELECT wanted, count(*), bool_and(tenant = wanted) FROM unnest(ARRAY[3, 99, 3, NULL, 7]) AS wanted
LEFT JOIN LATERAL (SELECT tenant FROM tenants WHERE tenant = wanted ORDER BY v <-> vec(wanted) LIMIT 5) AS s ON true
GROUP BY 1 ORDER BY 1;
RESET enable_seqscan;

-- What cannot be.
SELECT error_of(format('CREATE INDEX ON t USING ivfflat (%s)', columns)) FROM (VALUES
  ('a, v'), ('a'), ('v, v'), ('v, a DESC'), ('v, a NULLS FIRST'), ('v) INCLUDE (a'),
  ('v, a, b, c, d, e, f, g, h, i'), ('v, (row(1, 2))'), ('v, (point(1, 2))')) AS c (columns);
SELECT error_of('CREATE UNIQUE INDEX ON t USING ivfflat (v, a)');
CREATE INDEX eight ON t USING ivfflat (v, a, b, c, d, e, f, g, h);
SELECT * FROM vecdb_check_index('eight', true);
SELECT attnum, pg_index_column_has_property('eight', attnum, 'distance_orderable') AS distance,
  pg_index_column_has_property('eight', attnum, 'search_array') AS array,
  pg_index_column_has_property('eight', attnum, 'search_nulls') AS nulls,
  pg_index_column_has_property('eight', attnum, 'orderable') AS orderable
FROM pg_attribute WHERE attrelid = 'eight'::regclass AND attnum < 3 ORDER BY 1;
SELECT pg_index_has_property('eight', 'index_scan'), pg_index_has_property('eight', 'bitmap_scan');

SET client_min_messages = warning;
DROP SCHEMA ivfflat_columns CASCADE;
