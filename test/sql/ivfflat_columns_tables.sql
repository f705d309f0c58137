-- Indexes with scalar columns under everything that tables do.
SET client_min_messages = warning;
CREATE SCHEMA ivfflat_columns_tables;
SET search_path = ivfflat_columns_tables, public;
SET jit = off;
SET ivfflat.target_recall = 1;
SET enable_sort = off;

-- What a query gives by an index and without: "rows" where they are the same.
CREATE FUNCTION answers(query text, by_index boolean) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE rows text[];
BEGIN
  PERFORM set_config('enable_seqscan', (NOT by_index)::text, true),
    set_config('enable_indexscan', by_index::text, true);
  EXECUTE format('SELECT array_agg(a::text ORDER BY a::text) FROM (%s OFFSET 0) AS a', query) INTO rows;
  RETURN coalesce(rows, '{}');
END $$;
CREATE FUNCTION same(query text) RETURNS text LANGUAGE sql AS $$
  SELECT cardinality(i) || CASE WHEN i = e THEN ' rows' ELSE ' instead of ' || cardinality(e) END
  FROM answers(query, true) AS i, answers(query, false) AS e
$$;
-- Does the plan leave conditions to the index, or to a filter?
CREATE FUNCTION plan(query text, OUT indexed boolean, OUT filtered boolean) LANGUAGE plpgsql AS $$
DECLARE line text;
BEGIN
  PERFORM set_config('enable_seqscan', 'off', true), set_config('enable_indexscan', 'on', true);
  indexed := false;
  filtered := false;
  FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
    indexed := indexed OR line ~ 'Index Cond:';
    filtered := filtered OR line ~ ' Filter:';
  END LOOP;
END $$;

CREATE TABLE items (id integer, v vector(8), tenant integer, price numeric, lang text, meta jsonb, sold boolean);
INSERT INTO items SELECT i, vec(i), nullif(i % 10, 0), i % 100 + 0.5, (ARRAY['de', 'en', 'fr', NULL])[i % 4 + 1],
  CASE WHEN i % 6 > 0 THEN jsonb_build_object('lang', (ARRAY['de', 'en', NULL])[i % 3 + 1], 'size', i % 5) END, i % 3 = 0
FROM generate_series(1, 2000) AS i;
INSERT INTO items (id, v, tenant) VALUES (2001, NULL, 1), (2002, NULL, NULL), (2003, '[0,0,0,0,0,0,0,0]', 1), (2004, '[0,0,0,0,0,0,0,0]', NULL);
CREATE INDEX items_v ON items USING ivfflat (v vector_cosine_ops, tenant, price, lang, sold) WITH (lists = 20);
ANALYZE items;

-- Several conditions, on one column and on several.
CREATE FUNCTION nearest(condition text) RETURNS text LANGUAGE sql AS $$
  SELECT 'SELECT id FROM items WHERE ' || condition || ' ORDER BY v <=> ''[1,2,3,4,5,6,7,8]'''
$$;
SELECT condition, same(nearest(condition)), (plan(nearest(condition))).* FROM unnest(ARRAY[
  'tenant = 3', 'tenant > 3 AND tenant <= 5 AND tenant <> 4', 'tenant BETWEEN 9 AND 2',
  'tenant IN (1, 5, 5, NULL) AND tenant > 2', 'tenant = ANY (''{}''::int[])', 'tenant IS NULL AND price IS NULL',
  'tenant = 1 AND price IS NULL AND v IS NULL', 'tenant = 1 AND v IS NOT NULL AND price IS NULL', 'v IS NULL',
  'price >= 99 AND sold', 'price = 7.5 AND NOT sold', 'sold IS NULL', 'sold IS NOT TRUE AND tenant = 2',
  'lang = ''de'' AND tenant = 1', 'lang COLLATE "C" = ''de''', 'lang > ''de''', 'lang IN (''fr'', ''en'') AND sold IS FALSE',
  'tenant::bigint = 3', 'tenant = 3::numeric', 'tenant = 3000000000', 'tenant < 3000000000',
  'tenant IS DISTINCT FROM 1', 'tenant = (SELECT 3)', 'tenant = ANY (ARRAY(SELECT i FROM generate_series(1, 2) AS i))',
  'tenant = id % 10', 'tenant = floor(random() + 3)::int']) AS condition;

-- As many constants as there may be.
SELECT same(format('SELECT id FROM items WHERE tenant = ANY (%L::int[]) AND price = ANY (%L) ORDER BY v <=> ''[1,2,3,4,5,6,7,8]''',
  ARRAY(SELECT i * 3 FROM generate_series(1, 5000) AS i), ARRAY(SELECT i + 0.5 FROM generate_series(20, 60) AS i)));

-- Without an order.
SELECT same('SELECT id FROM items WHERE tenant = 3'), same('SELECT id FROM items WHERE tenant IS NULL');

-- Parameters of every kind.
PREPARE q(int, bigint[], numeric) AS SELECT count(*) FROM (SELECT id FROM items
  WHERE tenant = $1 AND tenant = ANY ($2) AND price < $3 ORDER BY v <=> '[1,2,3,4,5,6,7,8]' OFFSET 0) AS a;
SET plan_cache_mode = force_generic_plan;
SET enable_seqscan = off;
SELECT * FROM plan('EXECUTE q(1, ''{1,2}'', 50)');
EXECUTE q(1, '{1,2}', 50);
EXECUTE q(1, '{2,3000000000}', 50);
EXECUTE q(1, NULL, 50);
EXECUTE q(NULL, '{1}', 50);
EXECUTE q(1, '{1,NULL}', 'NaN');
RESET plan_cache_mode;

-- Scans that start again, with another constant each time.
SELECT * FROM plan('SELECT t, n.* FROM (VALUES (1), (3)) AS tenants (t),
  LATERAL (SELECT id, tenant FROM items WHERE tenant = t ORDER BY v <=> vec(t, 8) LIMIT 2) AS n');
SELECT t, n.tenant, count(*) FROM (VALUES (1), (NULL), (3), (11), (3)) AS tenants (t),
  LATERAL (SELECT id, tenant FROM items WHERE tenant = t ORDER BY v <=> vec(t, 8) LIMIT 2) AS n GROUP BY 1, 2 ORDER BY 1;
RESET enable_seqscan;

-- Rows that change: the old version leaves, the new one comes under its new values.
UPDATE items SET tenant = 11 WHERE tenant = 3;
UPDATE items SET lang = 'xx' WHERE id % 7 = 0;
DELETE FROM items WHERE tenant = 5;
SELECT same(nearest('tenant = 3')), same(nearest('tenant = 11')), same(nearest('lang = ''xx''')), same(nearest('tenant = 5'));
VACUUM items;
INSERT INTO items SELECT i, vec(i), 12 + i % 2, 1000, 'yy' FROM generate_series(3001, 3200) AS i;
SELECT same(nearest('tenant = 3')), same(nearest('tenant = 11')), same(nearest('lang = ''xx''')), same(nearest('tenant = 5')),
  same(nearest('tenant = 13')), same(nearest('price > 999'));
SELECT * FROM vecdb_check_index('items_v', heapallindexed => true);

-- Of a value that is looked for, nobody learns who may not see its row: what may
-- fail and tell is left to the filter.
CREATE ROLE regress_columns_reader;
GRANT USAGE ON SCHEMA ivfflat_columns_tables TO regress_columns_reader;
GRANT SELECT ON items TO regress_columns_reader;
ALTER TABLE items ENABLE ROW LEVEL SECURITY;
CREATE POLICY one_tenant ON items USING (tenant = 11);
SET ROLE regress_columns_reader;
SELECT condition, same(nearest(condition)), (plan(nearest(condition))).*
FROM unnest(ARRAY['true', 'price IN (3.5, 13.5)', 'tenant IN (11, 12) AND sold', 'lang = ''de''']) AS condition;
RESET ROLE;
ALTER TABLE items DISABLE ROW LEVEL SECURITY;
DROP OWNED BY regress_columns_reader;
DROP ROLE regress_columns_reader;

-- Expressions, and a part of the table.
CREATE INDEX items_lang ON items USING ivfflat (v vector_l2_ops, (meta ->> 'lang'), ((meta ->> 'size')::int), (lower(lang)))
  WITH (lists = 10) WHERE sold;
DROP INDEX items_v;
CREATE FUNCTION sold(condition text) RETURNS text LANGUAGE sql AS $$
  SELECT 'SELECT id FROM items WHERE sold AND ' || condition || ' ORDER BY v <-> ''[1,2,3,4,5,6,7,8]'''
$$;
SELECT condition, same(sold(condition)), (plan(sold(condition))).* FROM unnest(ARRAY[
  'meta ->> ''lang'' = ''de''', 'meta ->> ''lang'' IN (''de'', ''en'') AND (meta ->> ''size'')::int > 2',
  'meta ->> ''lang'' IS NULL', 'lower(lang) = ''xx''', 'lang = ''xx''']) AS condition;

-- Types that change, with and without a rewrite.
CREATE TABLE changes (id integer, v vector(8), a integer, b varchar(10), c timestamp);
INSERT INTO changes SELECT i, vec(i), i % 7, i % 5, timestamp '2024-01-01' + i * interval '1 hour' FROM generate_series(1, 500) AS i;
CREATE INDEX changes_v ON changes USING ivfflat (v, a, b, c) WITH (lists = 5);
CREATE FUNCTION changed(condition text) RETURNS text LANGUAGE sql AS $$
  SELECT same('SELECT id FROM changes WHERE ' || condition || ' ORDER BY v <-> ''[1,2,3,4,5,6,7,8]''')
$$;
SELECT changed('a > 3 AND b = ''2''');
ALTER TABLE changes ALTER a TYPE bigint, ALTER b TYPE text;
SELECT changed('a > 3 AND b = ''2''');
ALTER TABLE changes ALTER a TYPE text, ALTER b TYPE integer USING b::integer;
SELECT changed('a = ''3'' AND b < 2');
SET timezone = 'America/New_York';
ALTER TABLE changes ALTER c TYPE timestamptz;
SELECT changed('c < ''2024-01-03 15:00''');
SET timezone = 'UTC';
SELECT changed('c < ''2024-01-03 15:00''');
ALTER TABLE changes ALTER c TYPE timestamp;
SELECT changed('c < ''2024-01-03 15:00''::timestamptz AND c > ''2024-01-02''::date');
RESET timezone;
ALTER TABLE changes ALTER v TYPE halfvec(8);
ALTER TABLE changes ALTER v TYPE vector(8);
ALTER TABLE changes RENAME a TO z;
REINDEX INDEX CONCURRENTLY changes_v;
SELECT changed('z = ''3'' AND b < 2');
ALTER TABLE changes ALTER b TYPE point USING point(b, b);
ALTER TABLE changes DROP b;
SELECT count(*) FROM pg_index WHERE indrelid = 'changes'::regclass;

-- Partitions, one of which has its columns in another order.
CREATE TABLE parts (id integer, v vector(8), tenant integer, day date) PARTITION BY RANGE (day);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM ('2024-01-01') TO ('2024-07-01');
CREATE TABLE parts_2 (day date, tenant integer, v vector(8), id integer);
ALTER TABLE parts ATTACH PARTITION parts_2 FOR VALUES FROM ('2024-07-01') TO ('2025-01-01');
INSERT INTO parts SELECT i, vec(i), i % 9, date '2024-01-01' + i % 366 FROM generate_series(1, 1000) AS i;
CREATE INDEX parts_v ON parts USING hnsw (v vector_l2_ops, tenant, day);
SELECT same('SELECT id FROM parts WHERE tenant = 4 ORDER BY v <-> ''[1,2,3,4,5,6,7,8]'''),
  same('SELECT id FROM parts WHERE tenant IN (4, 5) AND day > ''2024-06-20'' AND day < ''2024-07-10'' ORDER BY v <-> ''[1,2,3,4,5,6,7,8]''');
SET enable_seqscan = off;
SELECT * FROM plan('SELECT id FROM parts WHERE tenant = 4 AND day = ''2024-06-20'' ORDER BY v <-> ''[1,2,3,4,5,6,7,8]''');
SELECT tenant FROM parts WHERE tenant IN (4, 5) ORDER BY v <-> (SELECT v FROM parts WHERE id = 4) LIMIT 1;
RESET enable_seqscan;

-- Long values, built by several processes, with everything that follows the vector.
CREATE TABLE long (id integer, v vector(8), t text, j jsonb, n numeric, a text[], u uuid, d date, b boolean, e float4);
INSERT INTO long SELECT i, vec(i), repeat(md5((i % 20)::text), 200), jsonb_build_object('k', repeat((i % 30)::text, 5000)),
  (i % 10)::numeric ^ 300, ARRAY[repeat((i % 4)::text, 3000)], md5((i % 8)::text)::uuid, date '2024-01-01' + i % 50, i % 2 = 0, i % 3
FROM generate_series(1, 3000) AS i;
SET min_parallel_table_scan_size = 0;
SET max_parallel_maintenance_workers = 2;
CREATE INDEX long_v ON long USING ivfflat (v, t, j, n, a, u, d, b, e) WITH (lists = 30);
SELECT same('SELECT id FROM long WHERE t = repeat(md5(''3''), 200) ORDER BY v <-> ''[1,2,3,4,5,6,7,8]'''),
  same('SELECT id FROM long WHERE j = jsonb_build_object(''k'', repeat(''7'', 5000)) AND n > 0 ORDER BY v <-> ''[1,2,3,4,5,6,7,8]'''),
  same('SELECT id FROM long WHERE n > 1e280 AND a = ARRAY[repeat(''1'', 3000)] AND NOT b ORDER BY v <-> ''[1,2,3,4,5,6,7,8]'''),
  same('SELECT id FROM long WHERE u = md5(''5'')::uuid AND d >= ''2024-02-01'' AND e IN (0, 2) ORDER BY v <-> ''[1,2,3,4,5,6,7,8]''');
SELECT * FROM vecdb_check_index('long_v', heapallindexed => true);

-- Unlogged, and empty.
CREATE UNLOGGED TABLE u (v vector(8), a integer);
CREATE INDEX u_v ON u USING ivfflat (v, a);
SELECT same('SELECT a FROM u WHERE a = 1 ORDER BY v <-> ''[1,2,3,4,5,6,7,8]''');
INSERT INTO u SELECT vec(i), i % 3 FROM generate_series(1, 50) AS i;
INSERT INTO u VALUES (NULL, 1), (NULL, NULL);
SELECT same('SELECT a FROM u WHERE a = 1 ORDER BY v <-> ''[1,2,3,4,5,6,7,8]'''), same('SELECT a FROM u WHERE a IS NULL ORDER BY v <-> ''[1,2,3,4,5,6,7,8]''');
TRUNCATE u;
SELECT same('SELECT a FROM u WHERE a = 1 ORDER BY v <-> ''[1,2,3,4,5,6,7,8]''');

DROP SCHEMA ivfflat_columns_tables CASCADE;
