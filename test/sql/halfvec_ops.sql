-- Type halfvec: arithmetic, comparison, functions on one value, order, hash.

SELECT '[1,2,3]'::halfvec + '[4,5,6]' AS add,
  '[1,2,3]'::halfvec - '[4,5,7]' AS sub,
  '[1,2,3]'::halfvec * '[4,5,-6]' AS mul,
  '[1,2]'::halfvec || '[3]' AS concat;
SELECT halfvec_add('[1,2]', '[3,4]'), halfvec_sub('[1,2]', '[3,4]'),
  halfvec_mul('[1,2]', '[3,4]'), halfvec_concat('[1,2]', '[3,4]');
-- Rounded; the least result is half of the least half and a bit.
SELECT '[2048]'::halfvec + '[1]' AS even, '[2048]'::halfvec + '[3]' AS up,
  '[1e-3]'::halfvec * '[1e-3]' AS small, '[0,1e-5]'::halfvec * '[1e-5,0]' AS zero,
  '[0.000244140625]'::halfvec * '[0.00012222]' AS least;
SELECT statement, error_of('SELECT ' || statement) FROM (VALUES
  ($$'[1,2]'::halfvec + '[3]'$$),
  ($$'[1]'::halfvec * '[3,4]'$$),
  ($$'[65504]'::halfvec + '[65504]'$$),
  ($$'[65504]'::halfvec + '[16]'$$),
  ($$'[-65504]'::halfvec - '[65504]'$$),
  ($$'[300]'::halfvec * '[300]'$$),
  ($$'[1e-5]'::halfvec * '[1e-5]'$$),
  ($$'[0.000244140625]'::halfvec * '[0.0001220703125]'$$),
  ($$array_fill(1, ARRAY[16000])::halfvec || '[1]'$$)
) AS t(statement);

-- Comparison: element by element, then the shorter one first.
SELECT a, b, a < b AS lt, a <= b AS le, a = b AS eq, a <> b AS ne,
  a >= b AS ge, a > b AS gt, halfvec_cmp(a, b) AS cmp
FROM (VALUES
  ('[1,2,3]'::halfvec, '[1,2,3]'::halfvec),
  ('[1,2,3]', '[1,2,4]'),
  ('[1,2]', '[1,2,3]'),
  ('[1,2,3]', '[1,2]'),
  ('[1]', '[-1,5]'),
  ('[-1]', '[-2]'),
  ('[0]', '[-0]'),
  ('[6e-8]', '[-6e-8]')
) AS t(a, b);
-- what differs behind many equal elements
SELECT n, halfvec_cmp(a || '[1]', a || '[2]') AS less, halfvec_cmp(a || '[1,3]', a || '[1,2]') AS more,
  halfvec_cmp(a, a) AS same, halfvec_cmp(a, a || '[1]') AS shorter
FROM (SELECT n, array_fill(0.5, ARRAY[n])::halfvec FROM unnest('{1,30,31,32,33,64,1000}'::int[]) AS n) AS t(n, a);

-- Size, norm, normalization, slices, signs.
SELECT vector_dims('[1,2,3]'::halfvec), l2_norm('[3,4]'::halfvec), l2_norm('[6e-8]'::halfvec),
  l2_norm('[65504,65504]'::halfvec);
SELECT v, l2_normalize(v) FROM (VALUES
  ('[3,4]'::halfvec), ('[0,0]'), ('[0,-5]'), ('[65504,65504]'), ('[6e-8,0]')) AS t(v);
SELECT start, count, subvector('[1,2,3,4,5]'::halfvec, start, count)
FROM (VALUES (1, 3), (5, 1), (3, 9), (-1, 3), (2, 2147483647)) AS t(start, count);
SELECT start, count, error_of(format(
  $$SELECT subvector('[1,2,3,4,5]'::halfvec, %s, %s)$$, start, count))
FROM (VALUES (1, 0), (6, 1), (-2147483648, -2147483648)) AS t(start, count);
SELECT binary_quantize('[1,0,-1,2,-0,6e-8,-6e-8,-4,5]'::halfvec),
  pg_typeof(binary_quantize('[1]'::halfvec));

-- B-tree and hash.
CREATE TABLE half_ops (id int, v halfvec);
INSERT INTO half_ops VALUES (1, '[2,1]'), (2, '[1,2]'), (3, NULL), (4, '[1]'),
  (5, '[1,2,0]'), (6, '[-1,9]'), (7, '[1,2]'), (8, '[0]'), (9, '[-0]');
SELECT id, v FROM half_ops ORDER BY v, id;
SELECT amname, opcname, opcdefault, amvalidate(c.oid)
FROM pg_opclass AS c JOIN pg_am AS a ON a.oid = opcmethod
WHERE opcintype = 'halfvec'::regtype AND amname IN ('btree', 'hash') ORDER BY amname;
CREATE INDEX half_ops_v ON half_ops (v);
SET enable_seqscan = off;
SET enable_bitmapscan = off;
SELECT plan($$SELECT id FROM half_ops WHERE v = '[1,2]' ORDER BY v$$);
SELECT id FROM half_ops WHERE v = '[1,2]' ORDER BY id;
SELECT id, v FROM half_ops WHERE v > '[1,2]' ORDER BY v;
DROP INDEX half_ops_v;
CREATE INDEX half_ops_hash ON half_ops USING hash (v);
SELECT plan($$SELECT id FROM half_ops WHERE v = '[0]'$$);
SELECT id FROM half_ops WHERE v = '[0]' ORDER BY id;
RESET enable_seqscan;
RESET enable_bitmapscan;
SELECT halfvec_hash('[0,1]') = halfvec_hash('[-0,1]') AS zeros,
  halfvec_hash_extended('[0]', 7) = halfvec_hash_extended('[-0]', 7) AS zeros_extended,
  halfvec_hash('[1]') <> halfvec_hash('[1,0]') AS lengths,
  halfvec_hash_extended(array_fill(0, ARRAY[300])::halfvec, 1) = halfvec_hash_extended(array_fill('-0'::float8, ARRAY[300])::halfvec, 1) AS long_zeros,
  halfvec_hash_extended('[1]', 1) <> halfvec_hash_extended('[1]', 2) AS seeds,
  halfvec_hash('[0.5,-2]') = vector_hash('[0.5,-2]') AS as_vector,
  (halfvec_hash_extended('[1]', 0) & 4294967295)::bit(32) = halfvec_hash('[1]')::bit(32) AS same_low_word;
SET enable_sort = off;
SELECT plan('SELECT DISTINCT v FROM half_ops');
SELECT count(*) FROM (SELECT DISTINCT v FROM half_ops) AS t;
SET enable_mergejoin = off;
SET enable_nestloop = off;
SELECT plan('SELECT count(*) FROM half_ops AS a JOIN half_ops AS b USING (v)');
SELECT count(*) FROM half_ops AS a JOIN half_ops AS b USING (v);
RESET enable_sort;
RESET enable_mergejoin;
RESET enable_nestloop;
CREATE TABLE half_parts (v halfvec) PARTITION BY HASH (v);
CREATE TABLE half_parts_0 PARTITION OF half_parts FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE half_parts_1 PARTITION OF half_parts FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO half_parts SELECT ARRAY[i]::halfvec FROM generate_series(1, 100) AS i;
SELECT count(*) FROM half_parts WHERE v = '[7]';
ANALYZE half_ops;
SELECT null_frac > 0 AS has_nulls, n_distinct FROM pg_stats WHERE tablename = 'half_ops' AND attname = 'v';

-- NULL in, NULL out; immutable, strict, parallel safe.
SELECT (NULL::halfvec + '[1]') IS NULL AND l2_norm(NULL::halfvec) IS NULL
  AND ('[1]'::halfvec < NULL) IS NULL AS strict;
SELECT provolatile, proisstrict, proparallel, procost, count(*) > 30 AS many
FROM pg_proc
WHERE prokind = 'f' AND probin = '$libdir/vecdb'
  AND 'halfvec'::regtype = ANY (proargtypes::oid[] || prorettype)
GROUP BY 1, 2, 3, 4;
SELECT o.oid::regoperator, o.oprcode, o.oprcom::regoperator,
  o.oprnegate::regoperator, o.oprrest, o.oprjoin, o.oprcanhash, o.oprcanmerge
FROM pg_operator AS o
WHERE o.oprleft = 'halfvec'::regtype AND o.oprright = 'halfvec'::regtype
ORDER BY o.oprname COLLATE "C";

DROP TABLE half_ops, half_parts;
