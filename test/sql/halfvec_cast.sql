-- Type halfvec: casts from and to arrays and vectors.

SELECT ARRAY[1,2,3]::halfvec AS int4,
  ARRAY[1.5,2,-3]::real[]::halfvec AS float4,
  ARRAY[1.5,2,-3]::float8[]::halfvec AS float8,
  ARRAY[1.5,2,-3]::numeric[]::halfvec AS "numeric",
  '{1,2,3}'::real[]::halfvec(3) AS with_dimension;
SELECT '[0.1,2,-3]'::halfvec::real[], '[0.1,2,6e-8]'::halfvec::vector,
  '[0.1,2,-3]'::vector::halfvec, '[1,2]'::vector::halfvec(2), '[1,2]'::halfvec::vector(2);

-- Rounded once to float32, then to a half.
SELECT '{2049,65519}'::int[]::halfvec AS int4,
  '{0.1,1e-46,65519.99,1.0004882812500001}'::float8[]::halfvec AS float8,
  '{0.1,65519.99}'::numeric[]::halfvec AS "numeric",
  '[1e-20,2.98e-8,2.99e-8,0.1]'::vector::halfvec AS vector;
SELECT array_dims('[5,6]'::halfvec::real[]), ('[0:1]={5,6}'::int[])::halfvec;

-- Contexts.
SELECT castsource::regtype, casttarget::regtype, castcontext, castmethod,
  castfunc::regprocedure
FROM pg_cast WHERE 'halfvec'::regtype IN (castsource, casttarget)
  AND 'sparsevec' NOT IN (castsource::regtype::text, casttarget::regtype::text)
ORDER BY castsource::regtype::text COLLATE "C",
  casttarget::regtype::text COLLATE "C";
CREATE TABLE half_cast (v halfvec(2), f real[]);
INSERT INTO half_cast (v) VALUES (ARRAY[1,2]), ('[3,4]'::vector), ('{5,6}'::real[]),
  ('{7,8}'::float8[]), ('{9,10}'::numeric[]);
UPDATE half_cast SET f = v;
SELECT * FROM half_cast;
SELECT '[1,2]'::vector <-> '[1,3]'::halfvec AS halves, '[1]'::halfvec || '[2]'::vector AS joined,
  pg_typeof('[1]'::vector + '[2]'::halfvec);

SELECT statement, error_of(statement) FROM (VALUES
  ($$INSERT INTO half_cast VALUES (ARRAY[1,2,3])$$),
  ($$INSERT INTO half_cast VALUES ('[1,2,3]'::vector)$$),
  ($$SELECT ARRAY[1,2,3]::halfvec(2)$$),
  ($$SELECT '[1,2]'::vector::halfvec(3)$$),
  ($$SELECT '[1,2]'::halfvec::vector(3)$$),
  ($$SELECT '{}'::int[]::halfvec$$),
  ($$SELECT '{1,NULL}'::int[]::halfvec$$),
  ($$SELECT '{{1,2},{3,4}}'::real[]::halfvec$$),
  ($$SELECT '{65520}'::real[]::halfvec$$),
  ($$SELECT '{1,-65520}'::float8[]::halfvec$$),
  ($$SELECT '{70000,2}'::int[]::halfvec$$),
  ($$SELECT '{1234567}'::numeric[]::halfvec$$),
  ($$SELECT '{1e300}'::float8[]::halfvec$$),
  ($$SELECT '{NaN}'::real[]::halfvec$$),
  ($$SELECT '{Infinity}'::real[]::halfvec$$),
  ($$SELECT '{NaN}'::numeric[]::halfvec$$),
  ($$SELECT '[65520]'::vector::halfvec$$),
  ($$SELECT '[1,-1e30]'::vector::halfvec$$),
  ($$SELECT array_fill(1, ARRAY[16001])::halfvec$$),
  ($$SELECT '{a}'::text[]::halfvec$$)
) AS t(statement);
SELECT vector_dims(array_fill(1::real, ARRAY[16000])::halfvec),
  vector_dims(array_fill(1::real, ARRAY[16000])::vector::halfvec::vector);
DROP TABLE half_cast;
