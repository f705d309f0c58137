-- Type vector: distance functions and operators.

SELECT '[0,0]'::vector <-> '[3,4]' AS l2,
  '[1,2,3]'::vector <#> '[4,5,6]' AS negative_inner,
  '[1,0]'::vector <=> '[0,2]' AS cosine,
  '[1,2]'::vector <+> '[-1,5]' AS l1;
SELECT l2_distance('[0,0]'::vector, '[3,4]'),
  vector_l2_squared_distance('[0,0]', '[3,4]'),
  inner_product('[1,2,3]'::vector, '[4,5,6]'),
  vector_negative_inner_product('[1,2,3]', '[4,5,6]'),
  l1_distance('[1,2]'::vector, '[-1,5]');
SELECT pg_typeof('[1]'::vector <-> '[2]'), pg_typeof('[1]'::vector <#> '[2]'),
  pg_typeof('[1]'::vector <=> '[2]'), pg_typeof('[1]'::vector <+> '[2]');

-- Cosine: same direction, opposite, right angle; NaN with a zero vector.
SELECT a, b, cosine_distance(a, b) FROM (VALUES
  ('[1,2]'::vector, '[2,4]'::vector),
  ('[1,1]', '[-1,-1]'),
  ('[1,0]', '[0,1]'),
  ('[3,4]', '[4,3]'),
  ('[1,2]', '[0,0]'),
  ('[0,0]', '[0,0]')
) AS t(a, b);

-- The angle of unit vectors over pi.
SELECT vector_spherical_distance('[1,0]', '[0,1]') AS quarter,
  vector_spherical_distance('[1,0]', '[1,0]') AS none,
  vector_spherical_distance('[1,0]', '[-1,0]') AS half,
  vector_spherical_distance('[2,0]', '[2,0]') AS beyond;

-- A vector is at distance zero from itself, and no product is -0.
SELECT '[1.5,2.5]'::vector <-> '[1.5,2.5]' AS l2,
  '[1.5,2.5]'::vector <+> '[1.5,2.5]' AS l1,
  '[1,0]'::vector <#> '[0,1]' AS product,
  '[0]'::vector <#> '[0]' AS zero_product;

-- Where a sum in single precision would overflow ...
SELECT a <-> b AS l2, a <=> b AS cosine, a <#> b AS product, a <+> b AS l1
FROM (SELECT '[3e38,0]'::vector, '[-3e38,0]'::vector) AS t(a, b);
SELECT abs(('[3e38,3e38]'::vector <=> '[3e38,0]') - (1 - sqrt(0.5))) < 1e-15
  AS cosine;
SELECT abs((a <-> b) / sqrt(16000 * 2e38 ^ 2) - 1) < 1e-6 AS l2,
  abs((a <#> b) / (-16000 * 1e38 * 3e38) - 1) < 1e-6 AS product
FROM (SELECT array_fill(1e38, ARRAY[16000])::vector,
             array_fill(3e38, ARRAY[16000])::vector) AS t(a, b);
-- +infinity and -infinity would cancel to NaN
SELECT ('[3e38,3e38]'::vector <#> '[3e38,-3e38]') AS product;

-- ... or underflow.
SELECT abs(('[1e-30]'::vector <-> '[3e-30]') / 2e-30 - 1) < 1e-6 AS l2,
  abs(('[1e-30]'::vector <#> '[3e-30]') / -3e-60 - 1) < 1e-6 AS product,
  abs(('[1e-30,1e-30]'::vector <=> '[1e-30,0]') - (1 - sqrt(0.5))) < 1e-6
    AS cosine,
  ('[1e-45]'::vector <-> '[0]') > 0 AS l2_denormal,
  '[1e-45,0]'::vector <=> '[0,1e-45]' AS cosine_denormal;
-- a huge and a tiny vector
SELECT '[3e38,0]'::vector <=> '[1e-45,0]' AS cosine;

-- Symmetric.
SELECT bool_and(a <-> b = b <-> a) AS l2, bool_and((a <=> b) = (b <=> a)) AS cosine,
  bool_and((a <#> b) = (b <#> a)) AS product, bool_and((a <+> b) = (b <+> a)) AS l1
FROM (SELECT ARRAY[sin(i), cos(i), i]::vector, ARRAY[cos(2 * i), i, 1]::vector
      FROM generate_series(1, 100) AS i) AS t(a, b);

-- Against the definition in double precision, at many lengths.
SELECT max(abs((a <-> b) / l2 - 1)) < 1e-5 AS l2,
  max(abs((a <=> b) - (1 - ip / (na * nb)))) < 1e-6 AS cosine,
  max(abs((a <#> b) + ip) / (na * nb)) < 1e-6 AS product,
  max(abs((a <+> b) / l1 - 1)) < 1e-5 AS l1, count(*)
FROM (SELECT n, array_agg(x ORDER BY i)::vector, array_agg(y ORDER BY i)::vector,
        sqrt(sum((x - y) ^ 2)), sum(x * y), sqrt(sum(x ^ 2)), sqrt(sum(y ^ 2)),
        sum(abs(x - y))
      FROM (SELECT n, i, sin(n + i)::real::float8, cos(n * 0.7 - i)::real::float8
            FROM (SELECT generate_series(1, 70) UNION ALL
                  SELECT unnest('{100,768,1536,2000}'::int[])) AS d(n),
              generate_series(1, n) AS i) AS e(n, i, x, y)
      GROUP BY n) AS t(n, a, b, l2, ip, na, nb, l1);

SELECT statement, error_of('SELECT ' || statement) FROM (VALUES
  ($$'[1,2]'::vector <-> '[3]'$$),
  ($$'[1,2]'::vector <#> '[3]'$$),
  ($$'[1,2]'::vector <=> '[3]'$$),
  ($$'[1,2]'::vector <+> '[3]'$$),
  ($$vector_spherical_distance('[1,2]', '[3]')$$),
  ($$vector_l2_squared_distance('[1]', '[2,3]')$$),
  ($$'[1,2]'::vector <-> '[3,4'$$),
  ($$'[1,2]'::vector <-> '{1,2}'::float8[]$$)
) AS t(statement);

-- Nearest neighbours without an index; NULL distances come last, after NaN.
SELECT v, v <=> '[1,1]' AS distance FROM (VALUES
  ('[1,0]'::vector), ('[0,0]'), (NULL), ('[2,2]'), ('[-1,-1]')) AS t(v)
ORDER BY v <=> '[1,1]';
