-- costs.sql: what the planner estimates, and what it takes.
--
-- A table has the columns id, f, b, c, v.  f, b and c hold the same numbers from 0
-- up to a million; b and c have a B-tree, and c is a column of the vectors' index.
-- For each LIMIT and each filter, each plan that could answer is forced in turn; what
-- the planner chooses when it is left alone, by each column, is noted beside them.
CREATE TABLE costs_tables (tab text, dims int, rows int);

CREATE TABLE costs_cells AS
  SELECT selectivity, wanted, plan
  FROM unnest(ARRAY[1, 0.1, 0.01, 0.001]) AS selectivity,
    unnest(ARRAY[1, 10, 100, 1000]) AS wanted,
    unnest(ARRAY['ivfflat', 'exact', 'btree', 'columns']) AS plan
  WHERE selectivity < 1 OR plan NOT IN ('btree', 'columns');

CREATE TABLE costs_estimates (
  dims int, rows int, selectivity numeric, wanted int, plan text,
  page_cost numeric,	-- random_page_cost
  cost float8,
  chosen bool,			-- without the B-tree
  chosen_btree bool,	-- with it
  chosen_columns bool);	-- with it, and in the index

CREATE TABLE costs_times (
  dims int, rows int, selectivity numeric, wanted int, plan text,
  round int,
  ms float8,			-- median
  runs int,
  probes int,			-- of the last run, like what follows
  codes bigint,
  fetches bigint);

-- Make a plan the only one; or let all of them free.
CREATE FUNCTION costs_force(plan text) RETURNS void LANGUAGE sql AS $$
  SELECT set_config('enable_seqscan', (plan IN ('', 'exact'))::text, false),
    set_config('enable_indexscan', (plan IN ('', 'ivfflat', 'columns'))::text, false),
    set_config('enable_bitmapscan', (plan IN ('', 'btree'))::text, false),
    set_config('enable_sort', (plan NOT IN ('ivfflat', 'columns'))::text, false);
$$;

CREATE FUNCTION costs_query(tab text, col text, selectivity numeric,
  query vector, wanted int) RETURNS text LANGUAGE sql AS $$
  SELECT format('SELECT id FROM %I%s ORDER BY v <-> %L LIMIT %s', tab,
    CASE WHEN selectivity < 1
      THEN format(' WHERE %I < %s', col, round(selectivity * 1000000)) END,
    query, wanted);
$$;

-- Which plan it is, and its cost.
CREATE FUNCTION costs_explain(statement text, OUT plan text, OUT cost float8)
LANGUAGE plpgsql AS $$
DECLARE
  node json;
BEGIN
  EXECUTE 'EXPLAIN (FORMAT json) ' || statement INTO node;
  cost := node->0->'Plan'->>'Total Cost';
  plan := CASE
    WHEN node::text ~ '"Index Cond".*"Order By"' THEN 'columns'
    WHEN node::text ~ '"Order By"' THEN 'ivfflat'
    WHEN node::text ~ '"Node Type": "Seq Scan"' THEN 'exact'
    ELSE 'btree' END;
END
$$;

\ir clock.sql

-- The column that a plan filters.
CREATE FUNCTION costs_column(plan text) RETURNS text LANGUAGE sql AS $$
  SELECT CASE plan WHEN 'btree' THEN 'b' WHEN 'columns' THEN 'c' ELSE 'f' END;
$$;

CREATE FUNCTION costs_estimate(page_cost numeric) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  t costs_tables;
  cell costs_cells;
  query vector;
  chosen text;
  chosen_btree text;
  chosen_columns text;
  estimate float8;
BEGIN
  PERFORM set_config('random_page_cost', page_cost::text, false);
  FOR t IN SELECT * FROM costs_tables LOOP
    EXECUTE format('SELECT v FROM %I ORDER BY id LIMIT 1', 'queries_' || t.dims)
      INTO query;
    FOR cell IN SELECT * FROM costs_cells LOOP
      SELECT e.plan INTO chosen FROM costs_explain(
        costs_query(t.tab, 'f', cell.selectivity, query, cell.wanted)) AS e;
      SELECT e.plan INTO chosen_btree FROM costs_explain(
        costs_query(t.tab, 'b', cell.selectivity, query, cell.wanted)) AS e;
      SELECT e.plan INTO chosen_columns FROM costs_explain(
        costs_query(t.tab, 'c', cell.selectivity, query, cell.wanted)) AS e;
      PERFORM costs_force(cell.plan);
      SELECT e.cost INTO estimate FROM costs_explain(costs_query(t.tab,
        costs_column(cell.plan), cell.selectivity, query, cell.wanted)) AS e;
      PERFORM costs_force('');
      INSERT INTO costs_estimates VALUES (t.dims, t.rows, cell.selectivity,
        cell.wanted, cell.plan, page_cost, estimate,
        cell.plan = chosen, cell.plan = chosen_btree, cell.plan = chosen_columns);
    END LOOP;
  END LOOP;
  RESET random_page_cost;
END
$$;

-- One plan of one cell: a run to warm up, then other queries until there are
-- enough runs, or the time is up.  What takes a second runs once.
CREATE FUNCTION costs_time(t costs_tables, cell costs_cells, round int)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  query vector;
  times float8[];
  ms float8;
  spent float8 := 0;
  warm bool := false;
BEGIN
  PERFORM costs_force(cell.plan);
  FOR query IN EXECUTE
    format('SELECT v FROM %I ORDER BY id OFFSET %s', 'queries_' || t.dims,
      round * 20 % 40)
  LOOP
    SELECT r.ms INTO ms FROM bench_run(costs_query(t.tab, costs_column(cell.plan),
      cell.selectivity, query, cell.wanted)) AS r;
    IF NOT warm THEN
      warm := true;
      CONTINUE WHEN ms < 1000;
    END IF;
    times := times || ms;
    spent := spent + ms;
    EXIT WHEN spent > 700 OR cardinality(times) >= 25 OR
      (cardinality(times) >= 3 AND spent > 100);
  END LOOP;
  PERFORM costs_force('');
  INSERT INTO costs_times
  SELECT t.dims, t.rows, cell.selectivity, cell.wanted, cell.plan, round,
    percentile_disc(0.5) WITHIN GROUP (ORDER BY one), cardinality(times)
  FROM unnest(times) AS one;
  IF cell.plan IN ('ivfflat', 'columns') THEN
    UPDATE costs_times AS c
    SET probes = s.probes, codes = s.codes, fetches = s.fetches
    FROM vecdb_last_scan() AS s
    WHERE (c.dims, c.rows, c.selectivity, c.wanted, c.plan, c.round) =
      (t.dims, t.rows, cell.selectivity, cell.wanted, cell.plan, $3);
  END IF;
END
$$;

-- All cells of a table, after everything of it was read once.
CREATE FUNCTION costs_measure(tab text, round int) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  t costs_tables;
  cell costs_cells;
  query vector;
BEGIN
  SELECT * INTO t FROM costs_tables AS c WHERE c.tab = $1;
  EXECUTE format('SELECT v FROM %I ORDER BY id LIMIT 1', 'queries_' || t.dims)
    INTO query;
  PERFORM costs_force('ivfflat');
  PERFORM bench_run(costs_query(tab, 'f', 1, query, t.rows));
  FOR cell IN SELECT * FROM costs_cells LOOP
    PERFORM costs_time(t, cell, round);
  END LOOP;
END
$$;

-- The outcome ---------------------------------------------------------------

CREATE VIEW costs_results AS
  SELECT e.*, t.ms, t.runs, t.probes, t.codes, t.fetches
  FROM costs_estimates AS e JOIN (
    SELECT dims, rows, selectivity, wanted, plan, sum(runs) AS runs,
      percentile_disc(0.5) WITHIN GROUP (ORDER BY ms) AS ms,
      round(avg(probes)) AS probes, round(avg(codes)) AS codes,
      round(avg(fetches)) AS fetches
    FROM costs_times GROUP BY 1, 2, 3, 4, 5
  ) AS t USING (dims, rows, selectivity, wanted, plan);

-- Costs for a millisecond: such that the plans which are ours to estimate,
-- through the index and by comparing every row, are at most so far off in
-- either direction.
CREATE VIEW costs_unit AS
  SELECT page_cost, sqrt(min(cost / ms) * max(cost / ms)) AS unit,
    sqrt(max(cost / ms) / min(cost / ms)) AS worst
  FROM costs_results WHERE plan <> 'btree' GROUP BY 1;

CREATE VIEW costs_ratios AS
  SELECT r.*, cost / unit AS estimate, cost / unit / ms AS ratio
  FROM costs_results AS r JOIN costs_unit USING (page_cost);

-- What was chosen beside the fastest, by the column that is filtered: without an
-- index, with a B-tree, and with that and in the vectors' index.
CREATE VIEW costs_choices AS
  SELECT page_cost, filtered, dims, rows, selectivity, wanted,
    min(plan) FILTER (WHERE taken) AS chosen,
    min(ms) FILTER (WHERE taken) AS ms, min(ms) AS fastest,
    min(ms) FILTER (WHERE plan = 'btree') AS btree_ms,
    min(ms) FILTER (WHERE taken) / min(ms) AS loss
  FROM (
    SELECT *, CASE filtered WHEN 'none' THEN chosen WHEN 'btree' THEN chosen_btree
      ELSE chosen_columns END AS taken
    FROM costs_results, unnest(ARRAY['none', 'btree', 'columns']) AS filtered
    WHERE plan IN ('ivfflat', 'exact') OR plan = filtered OR filtered = 'columns') AS r
  WHERE filtered = 'none' OR selectivity < 1
  GROUP BY 1, 2, 3, 4, 5, 6;
