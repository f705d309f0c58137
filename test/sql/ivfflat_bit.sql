-- Indexes on bit strings.
SET client_min_messages = warning;
CREATE SCHEMA ivfflat_bit;
SET search_path = ivfflat_bit, public;
SET jit = off;
RESET client_min_messages;

-- Clusters, whose members differ in some bits of a center's; NULL, and nothing set.
CREATE FUNCTION bits(n int, dim int DEFAULT 128) RETURNS bit LANGUAGE sql IMMUTABLE AS $$
  SELECT binary_quantize(vec(n % 50, dim) + vec(n % 50, dim) + vec(n + 1000, dim))
$$;
CREATE TABLE t (id int PRIMARY KEY, v bit(128));
INSERT INTO t SELECT i, bits(i) FROM generate_series(1, 6000) AS i;
INSERT INTO t VALUES (6001, NULL), (6002, repeat('0', 128)::bit(128)), (6003, repeat('1', 128)::bit(128));
ANALYZE t;

CREATE FUNCTION compare_bits(tab text, op text, query bit, wanted int DEFAULT NULL,
  OUT rows int, OUT other int, OUT late boolean, OUT farther boolean)
LANGUAGE plpgsql AS $$
DECLARE
  statement text := format('SELECT array_agg(id), array_agg(d) FROM (SELECT id, v OPERATOR(public.%s) (SELECT $1) AS d
    FROM %I ORDER BY v OPERATOR(public.%s) (SELECT $1) LIMIT $2) AS s', op, tab, op);
  ids int[]; exact_ids int[]; distances float8[]; exact float8[];
BEGIN
  SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off; SET LOCAL enable_bitmapscan = off;
  EXECUTE statement INTO ids, distances USING query, wanted;
  SET LOCAL enable_indexscan = off; SET LOCAL enable_seqscan = on; SET LOCAL enable_sort = on;
  EXECUTE statement INTO exact_ids, exact USING query, wanted;
  SET LOCAL enable_indexscan = on;
  rows := (SELECT count(DISTINCT i) FROM unnest(ids) AS i);
  other := cardinality(exact_ids) - rows;
  late := (SELECT count(*) > 2 + rows / 20 FROM unnest(distances[2:], distances[:rows - 1]) AS u (d, before) WHERE d < before);
  farther := (SELECT count(*) > 2 + rows / 20 FROM (SELECT unnest(exact) EXCEPT ALL SELECT unnest(distances)) AS s);
END
$$;

-- Hamming's distance is the default.
CREATE INDEX t_v ON t USING ivfflat (v bit_hamming_ops) WITH (lists = 30);
SELECT plan('SELECT id FROM t ORDER BY v <~> (SELECT bits(7)) LIMIT 5');
SELECT c.* FROM t, compare_bits('t', '<~>', v, 10) AS c WHERE id IN (5, 700, 5950, 6001) ORDER BY id;
SET ivfflat.probes = 30;
SELECT c.* FROM t, compare_bits('t', '<~>', v, 10) AS c WHERE id IN (6002, 6003) ORDER BY id;
RESET ivfflat.probes;
SELECT * FROM compare_bits('t', '<~>', bits(77));
SELECT metric, dimensions, bits FROM vecdb_index_stats('t_v');
SET ivfflat.target_recall = 0.9;
SELECT recall >= 0.87 AS found, queries FROM vecdb_recall('t_v', 10, 300);
SET ivfflat.target_recall = 0.99;
SELECT recall >= 0.97 AS found, queries FROM vecdb_recall('t_v', 10, 300);
RESET ivfflat.target_recall;
SELECT recall > 0.8 AS found, queries FROM vecdb_recall('t_v', ARRAY[bits(10001), bits(10002)], 10);
SELECT * FROM vecdb_check_index('t_v', true);
DROP INDEX t_v;

-- Jaccard's, whose farthest rows have no bit in common with the query.
CREATE INDEX t_v ON t USING ivfflat (v bit_jaccard_ops) WITH (lists = 30);
SELECT plan('SELECT id FROM t ORDER BY v <%> (SELECT bits(7)) LIMIT 5');
SELECT c.* FROM t, compare_bits('t', '<%>', v, 10) AS c WHERE id IN (5, 700, 5950, 6001) ORDER BY id;
SET ivfflat.probes = 30;
SELECT c.* FROM t, compare_bits('t', '<%>', v, 10) AS c WHERE id IN (6002, 6003) ORDER BY id;
RESET ivfflat.probes;
SELECT * FROM compare_bits('t', '<%>', bits(77));
SELECT * FROM compare_bits('t', '<%>', 1::bit(128));
SELECT metric, dimensions FROM vecdb_index_stats('t_v');
SET ivfflat.target_recall = 0.9;
SELECT recall >= 0.87 AS found, queries FROM vecdb_recall('t_v', 10, 300);
SET ivfflat.target_recall = 0.99;
SELECT recall >= 0.97 AS found, queries FROM vecdb_recall('t_v', 10, 300);
RESET ivfflat.target_recall;

-- Changes.
DELETE FROM t WHERE id % 3 = 0;
CALL old_snapshots_end();
VACUUM t;
INSERT INTO t SELECT i, bits(i) FROM generate_series(10001, 11000) AS i;
SELECT * FROM compare_bits('t', '<%>', bits(78), 20);
SELECT * FROM vecdb_check_index('t_v', true);

-- Lists hold the bits: nothing is fetched but what is returned, and in exact order.  With codes
-- instead, as before there were such lists, and as an index of then still has.
SET enable_seqscan = off;
SELECT count(*) FROM (SELECT id FROM t ORDER BY v <%> bits(78) LIMIT 7) AS s;
SELECT fetches = rows AS all_returned, late FROM vecdb_last_scan();
SELECT relname, pg_relation_size(oid) < 7 * 32 * 8192 AS small FROM pg_class WHERE oid = 't_v'::regclass;
CREATE INDEX t_codes ON t USING ivfflat (v bit_hamming_ops) WITH (lists = 30, bits = 2);
SELECT metric, dimensions, bits FROM vecdb_index_stats('t_codes');
SELECT * FROM compare_bits('t', '<~>', bits(78), 20);
SELECT fetches > rows AS some_in_vain FROM vecdb_last_scan();
UPDATE t SET v = ~v WHERE id % 10 = 1;
CALL old_snapshots_end();
VACUUM t;
INSERT INTO t SELECT i, bits(i) FROM generate_series(12001, 12100) AS i;
SELECT * FROM vecdb_check_index('t_codes', true);
SELECT * FROM vecdb_check_index('t_v', true);
DROP INDEX t_codes;
CREATE INDEX t_hnsw ON t USING hnsw (v bit_hamming_ops);
SELECT * FROM compare_bits('t', '<~>', bits(78), 20);
SELECT bits FROM vecdb_index_stats('t_hnsw');
DROP INDEX t_hnsw;
RESET enable_seqscan;

-- Rows that a snapshot does not see are left to the server, and others come instead.
BEGIN;
SET LOCAL ivfflat.probes = 30;
DELETE FROM t WHERE v <%> bits(78) < 0.5;
SELECT * FROM compare_bits('t', '<%>', bits(78), 20);
ROLLBACK;

-- Few and short values, of which many are as far as others.
CREATE TABLE short (id int PRIMARY KEY, v bit(9));
CREATE INDEX short_v ON short USING ivfflat (v bit_hamming_ops);
CREATE INDEX short_j ON short USING ivfflat (v bit_jaccard_ops);
INSERT INTO short SELECT i, (i % 512)::bit(9) FROM generate_series(1, 3000) AS i;
SELECT * FROM compare_bits('short', '<~>', B'101010101', 50);
SELECT * FROM compare_bits('short', '<%>', B'101010101', 50);
SELECT * FROM compare_bits('short', '<%>', B'000000000', 50);
REINDEX TABLE short;
SET ivfflat.probes = 100;
SELECT * FROM compare_bits('short', '<~>', B'101010101', 50);
SELECT * FROM compare_bits('short', '<%>', B'101010101', 50);

RESET ivfflat.probes;

-- Signs of vectors, searched by them and ranked by the vectors.
CREATE TABLE vectors (id int PRIMARY KEY, e vector(64));
INSERT INTO vectors SELECT i, vec(i, 64) FROM generate_series(1, 2000) AS i;
CREATE INDEX vectors_e ON vectors USING ivfflat ((binary_quantize(e)::bit(64)) bit_hamming_ops);
SET enable_seqscan = off;
SELECT plan('SELECT id FROM (SELECT * FROM vectors ORDER BY binary_quantize(e)::bit(64) <~> (SELECT binary_quantize(vec(8, 64))) LIMIT 40) AS s ORDER BY e <=> (SELECT vec(8, 64)) LIMIT 3');
SELECT id FROM (SELECT * FROM vectors ORDER BY binary_quantize(e)::bit(64) <~> (SELECT binary_quantize(vec(8, 64))) LIMIT 40) AS s ORDER BY e <=> (SELECT vec(8, 64)) LIMIT 1;
RESET enable_seqscan;

-- The greatest length.
CREATE TABLE long (id int PRIMARY KEY, v bit(64000));
INSERT INTO long SELECT i, repeat(((i * 7919) % 65536)::bit(16)::text, 4000)::bit(64000) FROM generate_series(1, 60) AS i;
CREATE INDEX long_v ON long USING ivfflat (v bit_hamming_ops) WITH (lists = 3);
SELECT c.* FROM long, compare_bits('long', '<~>', v, 5) AS c WHERE id IN (5, 50);
SELECT * FROM vecdb_check_index('long_v', true);

-- What cannot be.
SELECT error_of('CREATE INDEX ON vectors USING ivfflat (binary_quantize(e) bit_hamming_ops)');
CREATE TABLE longer (v bit(64001), w varbit, x varbit(10));
SELECT error_of('CREATE INDEX ON longer USING ivfflat (v bit_hamming_ops)');
SELECT error_of('CREATE INDEX ON longer USING ivfflat (w bit_hamming_ops)');
SELECT error_of('SELECT id FROM t ORDER BY v <~> B''101'' LIMIT 1');
SET enable_seqscan = off;
SELECT error_of('SELECT id FROM t ORDER BY v <%> B''101'' LIMIT 1');
SELECT error_of('CREATE INDEX ON longer USING ivfflat (x bit_hamming_ops)');
SELECT error_of('CREATE INDEX ON longer USING hnsw (x bit_jaccard_ops)');
CREATE INDEX ON longer USING ivfflat ((x::bit(10)) bit_hamming_ops);

SET client_min_messages = warning;
DROP SCHEMA ivfflat_bit CASCADE;
