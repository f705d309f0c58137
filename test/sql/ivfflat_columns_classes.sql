-- Operator classes of scalar columns: which types have one, and what is wrong
-- with those that users made.
SET client_min_messages = warning;
CREATE SCHEMA ivfflat_columns_classes;
SET search_path = ivfflat_columns_classes, public;
RESET client_min_messages;

-- All are sound, and named as B-tree's or hash's.
CREATE VIEW scalar_classes AS
SELECT amname, opcname, opcintype::regtype AS type, opcdefault, amvalidate(c.oid) AS valid,
  (SELECT string_agg(oprname, ' ' ORDER BY amopstrategy) FROM pg_amop JOIN pg_operator AS o ON o.oid = amopopr
   WHERE amopfamily = opcfamily AND amoplefttype = opcintype AND amoprighttype = opcintype) AS operators
FROM pg_opclass AS c JOIN pg_am AS a ON a.oid = opcmethod
WHERE amname IN ('ivfflat', 'hnsw') AND NOT EXISTS (SELECT FROM pg_amproc WHERE amprocfamily = opcfamily);
SELECT opcname, type, opcdefault, valid, operators FROM scalar_classes
WHERE amname = 'ivfflat' AND opcname <> 'multirange_ops' ORDER BY opcname COLLATE "C";
SELECT opcname, type FROM scalar_classes GROUP BY opcname, type, opcdefault, valid, operators HAVING count(*) <> 2;
SELECT opcname, type FROM scalar_classes WHERE NOT EXISTS (
  SELECT FROM pg_opclass AS c JOIN pg_am AS a ON a.oid = opcmethod
  WHERE a.amname IN ('btree', 'hash') AND c.opcname = scalar_classes.opcname AND opcintype = type AND c.opcdefault);

-- Comparisons between types.
SELECT opfname, amoplefttype::regtype AS "left", amoprighttype::regtype AS "right", count(*)
FROM pg_amop JOIN pg_opfamily AS f ON f.oid = amopfamily JOIN pg_am AS a ON a.oid = opfmethod
WHERE amname = 'ivfflat' AND amoplefttype <> amoprighttype AND amoprighttype::regtype::text !~ '_sphere'
GROUP BY 1, 2, 3 ORDER BY opfname, amoplefttype::regtype::text COLLATE "C", amoprighttype::regtype::text COLLATE "C";

-- What has a default hash class, and none here: types of rows.
SELECT opcintype::regtype FROM pg_opclass AS c JOIN pg_am AS a ON a.oid = opcmethod
WHERE amname = 'hash' AND opcdefault AND opcintype < 16384
  AND opcintype NOT IN (SELECT type FROM scalar_classes) AND opcintype <> 'record'::regtype;

-- The server's own errors, and ours.
CREATE TABLE t (v vector(3), w vector(3), id int, p point, x xml, a point[]);
CREATE INDEX ON t USING ivfflat (v, p);
CREATE INDEX ON t USING ivfflat (v, x);
CREATE INDEX ON t USING ivfflat (v, a);
CREATE INDEX ON t USING ivfflat (v, id DESC);
CREATE INDEX ON t USING ivfflat (v, id NULLS FIRST);
CREATE UNIQUE INDEX ON t USING ivfflat (v, id);
CREATE INDEX ON t USING ivfflat (v) INCLUDE (id);
CREATE INDEX ON t USING ivfflat (v, id text_ops);
CREATE INDEX ON t USING ivfflat (id);
CREATE INDEX ON t USING hnsw (id, v vector_l2_ops);
CREATE INDEX ON t USING ivfflat (v, w);
CREATE INDEX ON t USING ivfflat (v, id, id, id, id, id, id, id, id, id);
CREATE INDEX ON t USING ivfflat (v, id, id, id, id, id, id, id, id);
\set VERBOSITY sqlstate
CREATE INDEX ON t USING ivfflat (v, a);
CREATE INDEX ON t USING ivfflat (id);
CREATE INDEX ON t USING ivfflat (v, w);
CREATE INDEX ON t USING ivfflat (v, id, id, id, id, id, id, id, id, id);
\set VERBOSITY default

-- A type of one's own: with a hash class it needs one line.
SET client_min_messages = warning;
CREATE TYPE size;
CREATE FUNCTION size_in(cstring) RETURNS size AS 'int4in' LANGUAGE internal IMMUTABLE STRICT;
CREATE FUNCTION size_out(size) RETURNS cstring AS 'int4out' LANGUAGE internal IMMUTABLE STRICT;
CREATE TYPE size (INPUT = size_in, OUTPUT = size_out, LIKE = int4);
RESET client_min_messages;
CREATE FUNCTION size_eq(size, size) RETURNS bool AS 'int4eq' LANGUAGE internal IMMUTABLE STRICT;
CREATE FUNCTION size_hash(size) RETURNS int AS 'hashint4' LANGUAGE internal IMMUTABLE STRICT;
CREATE OPERATOR = (LEFTARG = size, RIGHTARG = size, FUNCTION = size_eq, COMMUTATOR = =, HASHES);
CREATE OPERATOR CLASS size_ops FOR TYPE size USING ivfflat AS OPERATOR 3 =;
SELECT amvalidate(oid) FROM pg_opclass WHERE opcname = 'size_ops';
CREATE OPERATOR CLASS size_hash_ops DEFAULT FOR TYPE size USING hash AS OPERATOR 1 =, FUNCTION 1 size_hash(size);
SELECT amvalidate(oid) FROM pg_opclass WHERE opcname = 'size_ops';
CREATE TABLE sizes (v vector(3), s size);
CREATE INDEX ON sizes USING ivfflat (v, s);
CREATE INDEX ON sizes USING ivfflat (v, s size_ops);
INSERT INTO sizes SELECT ARRAY[i, 0, 0]::vector, i::text::size FROM generate_series(1, 9) AS i;
SET enable_seqscan = off;
EXPLAIN (COSTS OFF) SELECT s FROM sizes WHERE s = '7' ORDER BY v <-> '[1,1,1]' LIMIT 3;
SELECT s FROM sizes WHERE s = '7' ORDER BY v <-> '[1,1,1]' LIMIT 3;
RESET enable_seqscan;
DROP OPERATOR CLASS size_hash_ops USING hash;
\c -
SET search_path = ivfflat_columns_classes, public;
INSERT INTO sizes VALUES ('[1,2,3]', '5');

-- What cannot work.
CREATE OPERATOR CLASS reverse_ops FOR TYPE int4 USING ivfflat AS OPERATOR 1 >, OPERATOR 3 =;
SELECT amvalidate(oid) FROM pg_opclass WHERE opcname = 'reverse_ops';
CREATE OPERATOR CLASS unequal_ops FOR TYPE int4 USING ivfflat AS OPERATOR 1 <, OPERATOR 6 <>;
SELECT amvalidate(oid) FROM pg_opclass WHERE opcname = 'unequal_ops';
CREATE OPERATOR CLASS text_order_ops FOR TYPE text USING ivfflat AS OPERATOR 1 <, OPERATOR 3 =;
SELECT amvalidate(oid) FROM pg_opclass WHERE opcname = 'text_order_ops';
CREATE OPERATOR CLASS text_not_ops FOR TYPE text USING ivfflat AS OPERATOR 3 <>;
SELECT amvalidate(oid) FROM pg_opclass WHERE opcname = 'text_not_ops';
CREATE OPERATOR CLASS text_name_ops FOR TYPE text USING ivfflat AS OPERATOR 3 =, OPERATOR 3 = (text, name);
SELECT amvalidate(oid) FROM pg_opclass WHERE opcname = 'text_name_ops';

SET client_min_messages = warning;
DROP SCHEMA ivfflat_columns_classes CASCADE;
