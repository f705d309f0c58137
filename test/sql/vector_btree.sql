-- Type vector: the B-tree class, and what rests on it.
CREATE TABLE btree_test (id int, v vector);
INSERT INTO btree_test VALUES (1, '[2,1]'), (2, '[1,2]'), (3, NULL), (4, '[1]'),
  (5, '[1,2,0]'), (6, '[-1,9]'), (7, '[1,2]');

-- Sorting, with any mixture of dimensions.
SELECT id, v FROM btree_test ORDER BY v, id;
SELECT id, v FROM btree_test ORDER BY v DESC NULLS LAST, id;
SELECT v, count(*) FROM btree_test GROUP BY v ORDER BY v;
SELECT DISTINCT v FROM btree_test ORDER BY v;
SELECT a.id, b.id FROM btree_test AS a JOIN btree_test AS b USING (v)
ORDER BY 1, 2;

-- The default operator class.
SELECT opcname, opcdefault, opcintype::regtype
FROM pg_opclass JOIN pg_am ON pg_am.oid = opcmethod
WHERE amname = 'btree' AND opcintype = 'vector'::regtype;
SELECT amvalidate(oid) FROM pg_opclass
WHERE opcname = 'vector_ops' AND opcmethod = (SELECT oid FROM pg_am WHERE amname = 'btree');

CREATE INDEX btree_test_v ON btree_test (v);
SET enable_seqscan = off;
SET enable_bitmapscan = off;
EXPLAIN (COSTS OFF) SELECT id FROM btree_test WHERE v = '[1,2]' ORDER BY v;
SELECT id FROM btree_test WHERE v = '[1,2]' ORDER BY id;
SELECT id, v FROM btree_test WHERE v > '[1,2]' ORDER BY v;
SELECT id, v FROM btree_test WHERE v <= '[1]' ORDER BY v;
SELECT id FROM btree_test WHERE '[1,2]' < v ORDER BY v;
SELECT id FROM btree_test WHERE v IS NULL;
RESET enable_seqscan;
RESET enable_bitmapscan;

-- Unique.
DELETE FROM btree_test WHERE id = 7;
CREATE UNIQUE INDEX ON btree_test (v);
\set VERBOSITY terse
INSERT INTO btree_test VALUES (8, '[1,2]');
INSERT INTO btree_test VALUES (8, '[1,2]') ON CONFLICT (v) DO UPDATE SET id = 9;
SELECT id FROM btree_test WHERE v = '[1,2]';
-- -0 and 0 are the same key
INSERT INTO btree_test VALUES (10, '[0]');
INSERT INTO btree_test VALUES (11, '[-0]');
\set VERBOSITY default

-- Larger sorts, with rows out of line.
CREATE TABLE btree_big AS
  SELECT i AS id, (array_fill(0::real, ARRAY[999]) || (i * 7919 % 1000)::real)::vector AS v
  FROM generate_series(0, 999) AS i;
SELECT count(*) FILTER (WHERE n <> position - 1) AS misplaced, count(*)
FROM (SELECT (subvector(v, 1000, 1)::real[])[1], row_number() OVER (ORDER BY v)
      FROM btree_big) AS t(n, position);
SELECT count(DISTINCT v) FROM btree_big;

-- ANALYZE reads them, in columns of one dimension and of many.
ANALYZE btree_test, btree_big;
SELECT tablename, null_frac > 0 AS has_nulls, n_distinct
FROM pg_stats WHERE tablename LIKE 'btree\_%' AND attname = 'v'
ORDER BY tablename;
SELECT count(*) > 0 AS has_histogram FROM pg_stats
WHERE tablename = 'btree_test' AND attname = 'v'
  AND histogram_bounds IS NOT NULL;
EXPLAIN (COSTS OFF) SELECT id FROM btree_big WHERE v < '[1]' AND v <> '[0]';

DROP TABLE btree_test, btree_big;
