-- The setting vecdb.kernel: every level gives the same distances.
-- Loading the library defines the settings.
SELECT vecdb_kernel() IS NOT NULL AS loaded;
SHOW vecdb.kernel;
SELECT name, context, vartype, boot_val, enumvals FROM pg_settings
WHERE name = 'vecdb.kernel';

SET vecdb.kernel = scalar;
SELECT vecdb_kernel();

-- Small integers, whose sums are exact in any order, at lengths that end in
-- every place of a wide register.
CREATE TABLE kernel_test AS
  SELECT n, array_agg(i * 7 % 11 - 5 ORDER BY i)::vector AS a,
    array_agg(i * 5 % 13 - 6 ORDER BY i)::vector AS b
  FROM (SELECT generate_series(1, 140) UNION ALL
        SELECT unnest('{768,1536,2000,16000}'::int[])) AS d(n),
    generate_series(1, n) AS i
  GROUP BY n;
CREATE TABLE kernel_result AS
  SELECT n, a <-> b AS l2, a <#> b AS ip, a <=> b AS cosine, a <+> b AS l1
  FROM kernel_test;
CREATE VIEW kernel_same AS
  SELECT count(*) FILTER (WHERE (l2, ip, l1) = (a <-> b, a <#> b, a <+> b)) AS same,
    count(*) FILTER (WHERE cosine = a <=> b) AS same_cosine, count(*)
  FROM kernel_test JOIN kernel_result USING (n);

SELECT * FROM kernel_same;
SET vecdb.kernel = avx2;
SELECT vecdb_kernel() IN ('avx2', 'scalar') AS known;
SELECT * FROM kernel_same;
SET vecdb.kernel = avx512;
SELECT * FROM kernel_same;
SET vecdb.kernel = avx512vnni;
SELECT * FROM kernel_same;
SET vecdb.kernel = neon;
SELECT * FROM kernel_same;
SET vecdb.kernel = 'auto';
SELECT * FROM kernel_same;

-- And against a definition in plain SQL.
SELECT count(*) FILTER (WHERE l2 = sqrt(d2) AND ip = -p AND l1 = d1) AS right, count(*)
FROM kernel_result JOIN
  (SELECT n, sum((x - y) ^ 2), sum(x * y), sum(abs(x - y))
   FROM kernel_test, unnest(a::real[], b::real[]) AS u(x, y)
   GROUP BY n) AS t(n, d2, p, d1) USING (n);

-- The setting holds for a transaction, and goes back.
BEGIN;
SET LOCAL vecdb.kernel = scalar;
SELECT vecdb_kernel();
COMMIT;
SHOW vecdb.kernel;

\set VERBOSITY terse
SET vecdb.kernel = sse;
\set VERBOSITY default

DROP VIEW kernel_same;
DROP TABLE kernel_test, kernel_result;
