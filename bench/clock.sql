-- clock.sql: how long a statement takes, for costs.sql and shapes.sql.

-- Milliseconds of this backend on a processor; where the system does not tell, of the
-- day.  To read "stat" brings "schedstat" up to date.
CREATE FUNCTION bench_clock() RETURNS float8 LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_read_file('/proc/self/stat', 0, 1);
  RETURN split_part(pg_read_file('/proc/self/schedstat', 0, 100), ' ', 1)::float8 / 1e6;
EXCEPTION WHEN OTHERS THEN
  RETURN extract(epoch FROM clock_timestamp()) * 1e3;
END
$$;

-- Its plan, and its time: neither of two measures is less than what it took, where one
-- has in it what else ran meanwhile, the other one the planning.
CREATE FUNCTION bench_run(statement text, OUT node json, OUT ms float8) LANGUAGE plpgsql AS $$
DECLARE
  clock float8 := bench_clock();
BEGIN
  EXECUTE 'EXPLAIN (ANALYZE, TIMING off, FORMAT json) ' || statement INTO node;
  ms := least(bench_clock() - clock, (node->0->>'Execution Time')::float8);
END
$$;
