-- vecdb_shard_target: what each of several shards has to find.

SELECT shards, k, round(vecdb_shard_target(0.95, shards, k)::numeric, 4) AS each
FROM (VALUES (1), (2), (4), (8), (64)) AS n (shards), (VALUES (1), (10), (100), (1000)) AS l (k)
ORDER BY k, shards;
SELECT vecdb_shard_target(1, 8) AS exact, round(vecdb_shard_target(0.9, 4)::numeric, 4) AS ten_rows,
  vecdb_shard_target(1e-6, 2147483647, 2147483647) >= 0 AS least;

SELECT vecdb_shard_target(0, 4);
SELECT vecdb_shard_target(1.5, 4);
SELECT vecdb_shard_target('NaN', 4);
SELECT vecdb_shard_target(0.9, 0);
SELECT vecdb_shard_target(0.9, 4, -1);
SELECT vecdb_shard_target(NULL, 4) IS NULL AS none;
