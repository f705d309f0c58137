-- Type vector: arithmetic, comparison, and the functions on one vector.

-- Arithmetic.
SELECT '[1,2,3]'::vector + '[4,5,6]' AS add,
  '[1,2,3]'::vector - '[4,5,7]' AS sub,
  '[1,2,3]'::vector * '[4,5,-6]' AS mul,
  '[1,2]'::vector || '[3]' AS concat;
SELECT vector_add('[1,2]', '[3,4]'), vector_sub('[1,2]', '[3,4]'),
  vector_mul('[1,2]', '[3,4]'), vector_concat('[1,2]', '[3,4]');
SELECT '[0,1e-30]'::vector * '[1e-30,0]' AS zero_is_no_underflow,
  '[1e-30]'::vector * '[1e-10]' AS denormal,
  '[3.4028235e38]'::vector + '[1]' AS absorbed;
SELECT statement, error_of('SELECT ' || statement) FROM (VALUES
  ($$'[1,2]'::vector + '[3]'$$),
  ($$'[1,2]'::vector - '[3]'$$),
  ($$'[1]'::vector * '[3,4]'$$),
  ($$'[3e38]'::vector + '[3e38]'$$),
  ($$'[-3e38]'::vector - '[3e38]'$$),
  ($$'[1,1e37]'::vector * '[1,1e37]'$$),
  ($$'[1,1e-37]'::vector * '[1,1e-37]'$$),
  ($$array_fill(1, ARRAY[16000])::vector || '[1]'$$)
) AS t(statement);

-- Comparison: element by element, then the shorter one first.
SELECT a, b, a < b AS lt, a <= b AS le, a = b AS eq, a <> b AS ne,
  a >= b AS ge, a > b AS gt, vector_cmp(a, b) AS cmp
FROM (VALUES
  ('[1,2,3]'::vector, '[1,2,3]'::vector),
  ('[1,2,3]', '[1,2,4]'),
  ('[1,2,3]', '[1,1,9]'),
  ('[1,2]', '[1,2,3]'),
  ('[1,2,3]', '[1,2]'),
  ('[2]', '[1,2]'),
  ('[1]', '[-1,5]'),
  ('[0]', '[-0]')
) AS t(a, b);
SELECT vector_lt('[1]', '[2]'), vector_le('[1]', '[2]'),
  vector_eq('[1]', '[2]'), vector_ne('[1]', '[2]'),
  vector_ge('[1]', '[2]'), vector_gt('[1]', '[2]');

-- Size, norm, normalization.
SELECT vector_dims('[1,2,3]'::vector), vector_dims('[0]'::vector);
SELECT v, vector_norm(v), l2_normalize(v) FROM (VALUES
  ('[3,4]'::vector),
  ('[0,0]'),
  ('[0,-5]'),
  ('[3e38,4e37]'),
  ('[3e-40,4e-40]')
) AS t(v);
SELECT abs(vector_norm(l2_normalize(v)) - 1) < 1e-6 AS unit
FROM (VALUES ('[3e38,3e38,3e38]'::vector), ('[1e-45,1e-45]'),
             (array_fill(0.1, ARRAY[16000])::vector)) AS t(v);

-- Slices.
SELECT start, count, subvector('[1,2,3,4,5]'::vector, start, count)
FROM (VALUES (1, 3), (3, 2), (5, 1), (1, 5), (3, 9), (-1, 3), (0, 2),
             (1, 2147483647), (2, 2147483647), (-5, 2147483647))
  AS t(start, count);
SELECT start, count, error_of(format(
  $$SELECT subvector('[1,2,3,4,5]'::vector, %s, %s)$$, start, count))
FROM (VALUES (1, 0), (1, -1), (6, 1), (-3, 4), (2147483647, 2147483647),
             (-2147483648, 2147483647), (-2147483648, -2147483648))
  AS t(start, count);

-- Signs, as core's bit; the first element is the leftmost bit.
SELECT binary_quantize('[1,0,-1,2,-0,1e-45,3,-4,5]'::vector);
SELECT pg_typeof(binary_quantize('[1]'::vector)),
  length(binary_quantize(array_fill(1, ARRAY[16000])::vector)),
  bit_count, length
FROM (SELECT length(replace(b::text, '0', '')), length(b)
      FROM binary_quantize('[1,-1,1]'::vector) AS b) AS t(bit_count, length);
SELECT binary_quantize('[1,-1,1]'::vector)::bit(3) = B'101';

-- NULL in, NULL out.
SELECT (NULL::vector + '[1]') IS NULL AND vector_norm(NULL) IS NULL
  AND ('[1]'::vector < NULL) IS NULL AS strict;

-- Everything is immutable, strict and parallel safe.
SELECT provolatile, proisstrict, proparallel, count(*) > 30 AS many
FROM pg_proc
WHERE prokind = 'f' AND probin = '$libdir/vecdb'
  AND 'vector'::regtype = ANY (proargtypes::oid[] || prorettype)
GROUP BY 1, 2, 3;

-- Operators know their commutator, negator and selectivity.
SELECT o.oid::regoperator, o.oprcode, o.oprcom::regoperator,
  o.oprnegate::regoperator, o.oprrest, o.oprjoin
FROM pg_operator AS o
WHERE o.oprleft = 'vector'::regtype AND o.oprright = 'vector'::regtype
ORDER BY o.oprname COLLATE "C";
