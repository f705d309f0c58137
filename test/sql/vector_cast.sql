-- Type vector: casts from and to arrays.

SELECT ARRAY[1,2,3]::vector AS int4,
  ARRAY[1.5,2,-3]::real[]::vector AS float4,
  ARRAY[1.5,2,-3]::float8[]::vector AS float8,
  ARRAY[1.5,2,-3]::numeric[]::vector AS "numeric",
  '{1,2,3}'::real[]::vector(3) AS with_dimension;
SELECT '[1.5,2,-3]'::vector::real[], pg_typeof('[1]'::vector::real[]);

-- Rounding to single precision is that of the element types' own casts.
SELECT '{16777217,2147483647}'::int[]::vector AS int4,
  '{0.1,1e-46}'::float8[]::vector AS float8,
  '{0.1}'::numeric[]::vector AS "numeric";

-- Not every array starts at 1.
SELECT '[0:1]={5,6}'::int[]::vector;
SELECT array_dims('[5,6]'::vector::real[]);

-- A null bitmap without a null.
SELECT (array_remove(ARRAY[1,NULL,2], NULL))::vector,
  (('{1,NULL,3}'::int[])[3:3])::vector;

-- Casts that need not be written.
CREATE TABLE cast_test (v vector(2));
INSERT INTO cast_test VALUES (ARRAY[1,2]);
INSERT INTO cast_test VALUES (ARRAY[1.5,2]);
INSERT INTO cast_test VALUES ('{3,4}'::real[]), ('{5,6}'::float8[]);
CREATE FUNCTION pg_temp.last_of(list real[]) RETURNS real
LANGUAGE sql AS 'SELECT list[array_upper(list, 1)]';
SELECT v, pg_temp.last_of(v), v::real[] || 7::real AS appended FROM cast_test;
SELECT castsource::regtype, casttarget::regtype, castcontext, castmethod,
  castfunc::regprocedure
FROM pg_cast WHERE 'vector'::regtype IN (castsource, casttarget)
  AND casttarget IN ('vector'::regtype, 'real[]'::regtype)
  AND castsource IN ('vector'::regtype, 'int[]'::regtype, 'real[]'::regtype,
                     'float8[]'::regtype, 'numeric[]'::regtype)
ORDER BY castsource::regtype::text COLLATE "C",
  casttarget::regtype::text COLLATE "C";

SELECT statement, error_of(statement) FROM (VALUES
  ($$INSERT INTO cast_test VALUES (ARRAY[1,2,3])$$),
  ($$SELECT ARRAY[1,2,3]::vector(2)$$),
  ($$SELECT '{}'::int[]::vector$$),
  ($$SELECT '{}'::numeric[]::vector$$),
  ($$SELECT '{1,NULL}'::int[]::vector$$),
  ($$SELECT '{NULL}'::float8[]::vector$$),
  ($$SELECT '{{1,2},{3,4}}'::real[]::vector$$),
  ($$SELECT '{NaN}'::real[]::vector$$),
  ($$SELECT '{Infinity}'::real[]::vector$$),
  ($$SELECT '{1,-Infinity}'::float8[]::vector$$),
  ($$SELECT '{NaN}'::float8[]::vector$$),
  ($$SELECT '{NaN}'::numeric[]::vector$$),
  ($$SELECT '{4e38}'::float8[]::vector$$),
  ($$SELECT '{-4e38}'::numeric[]::vector$$),
  ($$SELECT array_fill(1, ARRAY[16001])::vector$$),
  ($$SELECT '{a}'::text[]::vector$$),
  ($$SELECT vector('[1,2]'::vector, 3, true)$$)
) AS t(statement);
SELECT vector_dims(array_fill(1::real, ARRAY[16000])::vector),
  array_length(array_fill(1, ARRAY[16000])::vector::real[], 1);

DROP TABLE cast_test;
