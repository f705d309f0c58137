-- Hashes of vectors.
SET client_min_messages = warning;
CREATE SCHEMA vector_hash_test;
SET search_path = vector_hash_test, public;
RESET client_min_messages;

-- Equal vectors have equal hashes, and those of zero both signs.
SELECT vector_hash('[0,-0,1]') = vector_hash('[-0,0,1]') AS zeros,
  vector_hash_extended('[0,-0,1]', 7) = vector_hash_extended('[-0,0,1]', 7) AS extended,
  vector_hash('[1,2]') <> vector_hash('[2,1]') AS places,
  vector_hash('[1]') <> vector_hash('[1,0]') AS dimensions,
  vector_hash_extended('[1,2]', 1) <> vector_hash_extended('[1,2]', 2) AS seeds;
SELECT vector_hash('[1,2,3]')::bit(32) = (vector_hash_extended('[1,2,3]', 0) & 4294967295)::bit(32) AS low_half;
SELECT count(DISTINCT vector_hash(vec(i))) >= 9990 AS spread FROM generate_series(1, 10000) AS i;
-- Beyond one piece.
SELECT count(DISTINCT vector_hash(vec(1, 600) + (array_fill(0, ARRAY[i]) || 1 || array_fill(0, ARRAY[599 - i]))::vector)) AS hashes
FROM unnest(ARRAY[0, 255, 256, 511, 512, 599]) AS i;
SELECT vector_hash(NULL) IS NULL AS strict;

SELECT oprcanhash, oprcanmerge FROM pg_operator WHERE oid = '=(vector,vector)'::regoperator;
SELECT opcname, opcdefault, amvalidate(o.oid) FROM pg_opclass AS o JOIN pg_am AS a ON a.oid = opcmethod
WHERE opcintype = 'vector'::regtype AND amname IN ('hash', 'btree') ORDER BY amname;

-- Joins, groups, sets and indexes use them.
CREATE TABLE a (id int, v vector);
INSERT INTO a SELECT i, vec(i % 700, 1 + i % 3) FROM generate_series(1, 2100) AS i;
INSERT INTO a VALUES (3001, '[0,1]'), (3002, '[-0,1]'), (3003, NULL);
ANALYZE a;
SET enable_nestloop = off;
SET enable_mergejoin = off;
SELECT plan('SELECT count(*) FROM a AS x JOIN a AS y USING (v)');
SELECT count(*) FROM a AS x JOIN a AS y USING (v);
SET enable_mergejoin = on;
SET enable_hashjoin = off;
SELECT plan('SELECT count(*) FROM a AS x JOIN a AS y USING (v)');
SELECT count(*) FROM a AS x JOIN a AS y USING (v);
RESET enable_hashjoin;
RESET enable_nestloop;
SET enable_sort = off;
SELECT plan('SELECT v, count(*) FROM a GROUP BY v');
SELECT count(*), max(n) FROM (SELECT v, count(*) AS n FROM a GROUP BY v) AS s;
SELECT count(*) FROM (SELECT v FROM a UNION SELECT v FROM a) AS s;
RESET enable_sort;
CREATE INDEX a_v ON a USING hash (v);
SET enable_seqscan = off;
SET enable_bitmapscan = off;
SELECT plan('SELECT id FROM a WHERE v = ''[0,1]''');
SELECT id FROM a WHERE v = '[0,1]' ORDER BY id;
RESET enable_seqscan;

-- Partitions by hash.
CREATE TABLE p (id int, v vector(3)) PARTITION BY HASH (v);
CREATE TABLE p0 PARTITION OF p FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE p1 PARTITION OF p FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO p SELECT i, vec(i, 3) FROM generate_series(1, 1000) AS i;
SELECT count(*), count(*) FILTER (WHERE n BETWEEN 400 AND 600) AS even FROM (SELECT count(*) AS n FROM p GROUP BY tableoid) AS s;

SET client_min_messages = warning;
DROP SCHEMA vector_hash_test CASCADE;
