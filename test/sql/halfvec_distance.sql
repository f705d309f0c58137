-- Type halfvec: distance functions and operators.

SELECT '[0,0]'::halfvec <-> '[3,4]' AS l2,
  '[1,2,3]'::halfvec <#> '[4,5,6]' AS negative_inner,
  '[1,0]'::halfvec <=> '[0,2]' AS cosine,
  '[1,2]'::halfvec <+> '[-1,5]' AS l1;
SELECT l2_distance('[0,0]'::halfvec, '[3,4]'),
  halfvec_l2_squared_distance('[0,0]', '[3,4]'),
  inner_product('[1,2,3]'::halfvec, '[4,5,6]'),
  halfvec_negative_inner_product('[1,2,3]', '[4,5,6]'),
  cosine_distance('[1,1]'::halfvec, '[-1,-1]'),
  l1_distance('[1,2]'::halfvec, '[-1,5]'),
  halfvec_spherical_distance('[1,0]', '[0,1]');

-- The ends of the range, and a zero.
SELECT '[65504]'::halfvec <-> '[-65504]' AS l2, '[65504,65504]'::halfvec <#> '[65504,-65504]' AS product,
  '[6e-8]'::halfvec <=> '[6e-8]' AS cosine, '[6e-8]'::halfvec <-> '[-6e-8]' AS least,
  '[0,0]'::halfvec <=> '[1,2]' AS of_zero, '[1,0]'::halfvec <#> '[0,1]' AS no_negative_zero;
SELECT a <-> b AS l2, a <#> b AS product, a <=> b AS cosine, abs((a <+> b) / (16000 * 131008.0) - 1) < 1e-3 AS l1
FROM (SELECT array_fill(65504, ARRAY[16000])::halfvec, array_fill(-65504, ARRAY[16000])::halfvec) AS t(a, b);

SELECT statement, error_of('SELECT ' || statement) FROM (VALUES
  ($$'[1,2]'::halfvec <-> '[3]'$$),
  ($$'[1,2]'::halfvec <#> '[3]'$$),
  ($$'[1,2]'::halfvec <=> '[3]'$$),
  ($$'[1,2]'::halfvec <+> '[3]'$$),
  ($$'[1,2]'::halfvec <-> '{1,2}'::float8[]$$)
) AS t(statement);

-- Under every instruction set those of the same numbers as vectors: exact sums
-- of small integers, at lengths that end in every place of a wide register.
CREATE TABLE half_distance AS
  SELECT n, array_agg(i * 7 % 11 - 5 ORDER BY i)::halfvec AS a,
    array_agg(i * 5 % 13 - 6 ORDER BY i)::halfvec AS b
  FROM (SELECT generate_series(1, 140) UNION ALL
        SELECT unnest('{768,1536,2000,16000}'::int[])) AS d(n),
    generate_series(1, n) AS i
  GROUP BY n;
CREATE VIEW half_same AS
  SELECT count(*) FILTER (WHERE (a <-> b, a <#> b, a <+> b, a <=> b) =
      (x <-> y, x <#> y, x <+> y, x <=> y)) AS same, count(*)
  FROM (SELECT a, b, a::vector AS x, b::vector AS y FROM half_distance) AS t;
SELECT * FROM half_same;
SET vecdb.kernel = scalar;
SELECT * FROM half_same;
SET vecdb.kernel = avx2;
SELECT * FROM half_same;
SET vecdb.kernel = avx512;
SELECT * FROM half_same;
RESET vecdb.kernel;
-- and nearly so for others
SELECT max(abs((a <-> b) / (x <-> y) - 1)) < 1e-6 AS l2, max(abs((a <=> b) - (x <=> y))) < 1e-6 AS cosine,
  max(abs((a <+> b) / (x <+> y) - 1)) < 1e-6 AS l1, count(*)
FROM (SELECT a, b, a::vector, b::vector
      FROM (SELECT array_agg(sin(n + i) ORDER BY i)::halfvec, array_agg(cos(n * 0.7 - i) ORDER BY i)::halfvec
            FROM generate_series(1, 70) AS n, generate_series(1, n) AS i GROUP BY n) AS s(a, b)) AS t(a, b, x, y);

-- Aggregates, serial and parallel.
SELECT avg(v), sum(v), count(v)
FROM unnest(ARRAY['[1,2]', NULL, '[3,5]', NULL]::halfvec[]) AS v;
SELECT avg(v) IS NULL AS avg, sum(v) IS NULL AS sum FROM unnest(ARRAY[NULL]::halfvec[]) AS v;
SELECT avg(v), sum(v - '[65504]') FROM unnest(ARRAY['[65504]', '[65504]']::halfvec[]) AS v;
SELECT sum(v) FROM unnest(ARRAY['[65504]', '[65504]', '[-65504]']::halfvec[]) AS v;
SELECT sum(v) FROM unnest(ARRAY['[2048]', '[1]', '[1]']::halfvec[]) AS v;
SELECT halfvec_accum('{0}', '[1,2]'), halfvec_combine('{1,1,2}', '{2,3,4}'), halfvec_avg('{2,3,4}'),
  halfvec_sum_accum('{1,1,2}', '[3,4]'), halfvec_sum_combine('{1,1}', '{1,2}'), halfvec_sum('{2,3,4}');
SELECT statement, error_of('SELECT ' || statement) FROM (VALUES
  ($$avg(v) FROM unnest(ARRAY['[1,2]', '[3]']::halfvec[]) AS v$$),
  ($$sum(v) FROM unnest(ARRAY['[1]', '[3,4]']::halfvec[]) AS v$$),
  ($$sum(v) FROM unnest(ARRAY['[65504]', '[65504]']::halfvec[]) AS v$$),
  ($$halfvec_avg('{1,70000}')$$),
  ($$halfvec_avg('{1,NaN}')$$),
  ($$halfvec_avg('{}')$$)
) AS t(statement);
CREATE TABLE half_agg AS
  SELECT ARRAY[i % 100, -(i % 7), 0.5]::halfvec AS v FROM generate_series(1, 10000) AS i;
ALTER TABLE half_agg SET (parallel_workers = 2);
ANALYZE half_agg;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SELECT plan('SELECT avg(v) FROM half_agg');
SELECT avg(v), sum(v * '[0.01,0.1,1]') FROM half_agg;
SET max_parallel_workers_per_gather = 0;
SELECT avg(v), sum(v * '[0.01,0.1,1]') FROM half_agg;

DROP VIEW half_same;
DROP TABLE half_distance, half_agg;
