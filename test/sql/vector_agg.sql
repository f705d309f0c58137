-- Type vector: avg and sum, serial and parallel.

SELECT avg(v), sum(v) FROM unnest(ARRAY['[1,2,3]', '[3,5,7]']::vector[]) AS v;
SELECT avg(v), sum(v), count(v)
FROM unnest(ARRAY['[1,2]', NULL, '[3,5]', NULL]::vector[]) AS v;

-- No rows, or nulls only.
SELECT avg(v) IS NULL AS avg, sum(v) IS NULL AS sum
FROM unnest(ARRAY[]::vector[]) AS v;
SELECT avg(v) IS NULL AS avg, sum(v) IS NULL AS sum
FROM unnest(ARRAY[NULL, NULL]::vector[]) AS v;

-- A sum that single precision would leave, or be lost in, on the way.
SELECT avg(v), sum(v - '[3e38]') FROM unnest(ARRAY['[3e38]', '[3e38]']::vector[]) AS v;
SELECT sum(v) FROM unnest(ARRAY['[3e38]', '[3e38]', '[-3e38]']::vector[]) AS v;
SELECT sum('[1]'::vector), avg('[0.1]'::vector) FROM generate_series(1, 1000);
SELECT sum(v) FROM unnest(ARRAY['[16777216]', '[1]', '[1]']::vector[]) AS v;

-- By group, over a window, over distinct values.
SELECT i % 3 AS g, avg(ARRAY[i, -i]::vector), sum(ARRAY[i, 1]::vector)
FROM generate_series(1, 9) AS i GROUP BY g ORDER BY g;
SELECT i, sum(ARRAY[i, 1]::vector) OVER (ORDER BY i) AS running,
  avg(ARRAY[i]::vector) OVER (ORDER BY i ROWS 1 PRECEDING) AS moving,
  avg(ARRAY[i]::vector) OVER (PARTITION BY i % 2) AS whole
FROM generate_series(1, 4) AS i ORDER BY i;
SELECT sum(DISTINCT v), avg(v ORDER BY v)
FROM unnest(ARRAY['[1]', '[1]', '[4]']::vector[]) AS v;

-- The support functions by hand leave their arguments alone.
SELECT vector_accum('{0}', '[1,2]'), vector_accum('{1,1,2}', '[3,4]'),
  vector_combine('{1,1,2}', '{2,3,4}'), vector_combine('{0}', '{2,3,4}'),
  vector_combine('{2,3,4}', '{0}'), vector_combine('{0}', '{0}');
SELECT vector_avg('{2,3,4}'), vector_sum('{2,3,4}'),
  vector_avg('{0}') IS NULL AS avg_null, vector_sum('{0}') IS NULL AS sum_null;
SELECT a, vector_accum(a, '[1]'), vector_combine(a, a), a
FROM (VALUES ('{1,1}'::float8[]), ('{2,5}')) AS t(a);

-- States as pgvector makes and takes them.
SELECT vector_combine('{0,1,2}', '{0}'), vector_combine('{0}', '{0,1,2}'),
  vector_accum('{0,1,2}', '[1,2]'), vector_avg('{0,1}') IS NULL AS avg_null,
  vector_combine('{1,Infinity}', '{0}'), vector_combine('{1,NaN}', '{1,4}');
SELECT vector_sum_accum('{1,1,2}', '[3,4]'), vector_sum_combine('{1,1,2}', '{2,3,4}');
SELECT array_length(vector_combine(s, s), 1), array_length(vector_accum(s, array_fill(1, ARRAY[16000])::vector), 1)
FROM array_fill(1::float8, ARRAY[16001]) AS s;

SELECT statement, error_of('SELECT ' || statement) FROM (VALUES
  ($$avg(v) FROM unnest(ARRAY['[1,2]', '[3]']::vector[]) AS v$$),
  ($$sum(v) FROM unnest(ARRAY['[1]', '[3,4]']::vector[]) AS v$$),
  ($$sum(v) FROM unnest(ARRAY['[3e38]', '[3e38]']::vector[]) AS v$$),
  ($$vector_combine('{1,1.7e308}', '{1,1.7e308}')$$),
  ($$vector_combine('{1,1}', '{1,1,1}')$$),
  ($$vector_sum_combine('{1,1}', '{1,1,1}')$$),
  ($$vector_combine('{1,Infinity}', '{1,4}')$$),
  ($$vector_sum('{1,1e39}')$$),
  ($$vector_avg('{1,NaN}')$$)
) AS t(statement);

-- What is no state is none to any function, in any place.
SELECT state, error_of(format('SELECT vector_accum(%s, ''[1]'')', state)) AS accum,
  bool_and(error_of(format('SELECT ' || call, state)) IS NOT DISTINCT FROM error_of(format('SELECT vector_accum(%s, ''[1]'')', state))) AS same
FROM unnest(ARRAY[$$'{}'$$, $$'{{0}}'$$, $$'{{1,1}}'$$, $$'{NULL}'$$, $$'{1,NULL}'$$, $$'{1}'$$,
    $$'{-1,1}'$$, $$'{1.5,1}'$$, $$'{NaN,1}'$$, $$'{Infinity,1}'$$, $$'{-Infinity,1}'$$, $$'{NaN}'$$,
    'array_fill(1::float8, ARRAY[16002])', 'array_fill(0::float8, ARRAY[16002])']) AS state,
  unnest(ARRAY['vector_combine(%s, ''{1,1}'')', 'vector_combine(''{1,1}'', %s)', 'vector_combine(%s, ''{0}'')',
    'vector_combine(''{0}'', %s)', 'vector_combine(%1$s, %1$s)', 'vector_sum_accum(%s, ''[1]'')',
    'vector_sum_combine(%s, ''{0}'')', 'vector_sum_combine(''{0}'', %s)', 'vector_avg(%s)', 'vector_sum(%s)']) AS call
GROUP BY state ORDER BY state COLLATE "C";

-- Parallel: partial aggregates in the workers, combined in the leader.
CREATE TABLE agg_test AS
  SELECT i AS id, ARRAY[i, -i, i % 7, 0.5]::vector AS v
  FROM generate_series(1, 10000) AS i;
ALTER TABLE agg_test SET (parallel_workers = 2);
ANALYZE agg_test;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
EXPLAIN (COSTS OFF) SELECT avg(v), sum(v) FROM agg_test;
SELECT avg(v), sum(v) FROM agg_test;
SELECT avg(v), sum(v) FROM agg_test WHERE id < 0;
SELECT avg(v), sum(v) FROM agg_test WHERE id = 9999;
SET max_parallel_workers_per_gather = 0;
SELECT avg(v), sum(v) FROM agg_test;
DROP TABLE agg_test;
