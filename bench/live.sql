-- live.sql: an index that lives, for live.sh; psql variable: op.  The database has
-- the table loaded, of id and v.
CREATE TABLE live_setup AS SELECT :'op'::text AS op;

\ir clock.sql

SET check_function_bodies = off;

-- Rows by the nearest of some of them.  One in a hundred is held out: queries are
-- like the rows of their part of the table.
CREATE TABLE live_centers AS
  SELECT id, v FROM loaded ORDER BY hashint4(id) LIMIT 64;
CREATE TABLE live_rows AS
  SELECT l.id, l.v, c.id AS cluster, hashint4(l.id + 11) % 100 = 0 AS held
  FROM loaded AS l, LATERAL (
    SELECT id FROM live_centers ORDER BY v OPERATOR(public.:op) l.v LIMIT 1) AS c
  ORDER BY l.id;
DROP TABLE loaded;
ALTER TABLE live_rows ADD PRIMARY KEY (id);

-- The orders in which they come, in twelve batches.
CREATE TABLE live_orders AS
  SELECT name, id, held, place, (place - 1) * 12 / count(*) OVER (PARTITION BY name) + 1 AS batch
  FROM (
    SELECT o.name, r.id, r.held, row_number() OVER (PARTITION BY o.name ORDER BY
      CASE o.name WHEN 'table' THEN 0 WHEN 'random' THEN hashint4(r.id + 5)
        ELSE hashint4(r.cluster) END, r.id) AS place
    FROM live_rows AS r, unnest(ARRAY['table', 'random', 'clusters']) AS o (name)) AS s;
CREATE INDEX ON live_orders (name, batch);
ANALYZE live_rows, live_orders;

CREATE TABLE live_queries (id int, v vector, farthest float8);
CREATE TABLE live_results (
  part text, rows_order text, vacuum text, step int, rows int,
  before float8,		-- recall, before VACUUM
  recall float8, ms float8, codes float8,
  fresh_recall float8, fresh_ms float8, fresh_codes float8,
  trained int, recoded float8, inserted float8);

-- The table, with an index from its first row on.
CREATE FUNCTION live_begin() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  DROP TABLE IF EXISTS live;
  EXECUTE format('CREATE TABLE live (id int PRIMARY KEY, v %s)', (
    SELECT format_type(atttypid, atttypmod) FROM pg_attribute
    WHERE attrelid = 'live_rows'::regclass AND attname = 'v'));
END
$$;

CREATE FUNCTION live_add(named text, number int) RETURNS void LANGUAGE sql AS $$
  INSERT INTO live SELECT r.id, r.v FROM live_orders AS o JOIN live_rows AS r USING (id)
  WHERE o.name = named AND o.batch = number AND NOT o.held ORDER BY o.place;
$$;

CREATE FUNCTION live_remove(named text, number int) RETURNS void LANGUAGE sql AS $$
  DELETE FROM live AS l USING live_orders AS o
  WHERE o.id = l.id AND o.name = named AND o.batch = number;
$$;

-- Has autovacuum done what is due?
CREATE FUNCTION live_is_settled() RETURNS bool LANGUAGE sql AS $$
  SELECT s.n_ins_since_vacuum <= 1000 + 0.2 * c.reltuples
      AND s.n_mod_since_analyze <= 50 + 0.1 * c.reltuples
      AND NOT EXISTS (SELECT FROM pg_stat_progress_vacuum AS v WHERE v.relid = c.oid)
    FROM pg_class AS c JOIN pg_stat_all_tables AS s ON s.relid = c.oid
    WHERE c.oid = 'live'::regclass;
$$;

-- So many queries of these batches; what is the farthest of their ten nearest rows.
CREATE FUNCTION live_ask(named text, first int, last int, most int) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  TRUNCATE live_queries;
  INSERT INTO live_queries SELECT r.id, r.v
    FROM live_orders AS o JOIN live_rows AS r USING (id)
    WHERE o.name = named AND o.held AND o.batch BETWEEN first AND last
    ORDER BY hashint4(r.id + 3) LIMIT most;
  PERFORM set_config('enable_indexscan', 'off', true);
  EXECUTE format('UPDATE live_queries AS q SET farthest = (SELECT max(d) FROM (
      SELECT v OPERATOR(public.%s) q.v AS d FROM live ORDER BY d LIMIT 10) AS s)',
    (SELECT op FROM live_setup));
  PERFORM set_config('enable_indexscan', 'on', true);
END
$$;

-- All of them, at a target recall: how many of the true rows are found; codes, and, as
-- the least of so many rounds, milliseconds of processor time, of each.
CREATE FUNCTION live_search(target float8, rounds int, OUT recall float8, OUT codes float8, OUT ms float8)
LANGUAGE plpgsql AS $$
DECLARE
  statement text := format('SELECT count(*) FILTER (WHERE d <= $2) FROM (
      SELECT v OPERATOR(public.%1$s) $1 AS d FROM live ORDER BY v OPERATOR(public.%1$s) $1 LIMIT 10) AS s',
    (SELECT op FROM live_setup));
  asked live_queries[] := ARRAY(SELECT q FROM live_queries AS q);
  q live_queries; hits bigint; found bigint := 0; looked bigint := 0; clock float8;
BEGIN
  PERFORM set_config('enable_seqscan', 'off', true);
  PERFORM set_config('enable_sort', 'off', true);
  PERFORM set_config('ivfflat.target_recall', target::text, true);
  FOREACH q IN ARRAY asked LOOP
    EXECUTE statement INTO hits USING q.v, q.farthest;
    found := found + least(hits, 10);
    looked := looked + s.codes FROM vecdb_last_scan() AS s;
  END LOOP;
  FOR i IN 1 .. rounds LOOP
    clock := bench_clock();
    FOREACH q IN ARRAY asked LOOP
      EXECUTE statement INTO hits USING q.v, q.farthest;
    END LOOP;
    ms := least(ms, (bench_clock() - clock) / cardinality(asked));
  END LOOP;
  recall := found / 10.0 / cardinality(asked);
  codes := looked::float8 / cardinality(asked);
END
$$;

-- Codes at a recall: between targets that give less and more, by their logarithm.
CREATE FUNCTION live_codes(at float8) RETURNS float8 LANGUAGE sql AS $$
  WITH runs AS MATERIALIZED (
    SELECT s.recall, ln(s.codes) AS codes
    FROM unnest(ARRAY[0.92, 0.94, 0.95, 0.96, 0.975]) AS t (target), live_search(t.target, 0) AS s),
  line AS (
    -- Weights keep what is far from that recall from having a say.
    SELECT exp(-100 * abs(recall - at)) AS w, recall - at AS x, codes AS y FROM runs),
  sums AS (
    SELECT sum(w) AS w, sum(w * x) AS x, sum(w * y) AS y, sum(w * x * x) AS xx, sum(w * x * y) AS xy FROM line)
  SELECT exp((y * xx - x * xy) / nullif(w * xx - x * x, 0)) FROM sums;
$$;

-- The recall before VACUUM, with which the row of a step begins.
CREATE FUNCTION live_before(named text, ordered text, vacuumed text, number int) RETURNS void
LANGUAGE sql AS $$
  INSERT INTO live_results (part, rows_order, vacuum, step, rows, before)
  SELECT named, ordered, vacuumed, number, (SELECT count(*) FROM live), recall
  FROM live_search(0.95, 0);
$$;

-- What the index does after it.
CREATE FUNCTION live_after(named text, ordered text, vacuumed text, number int) RETURNS void
LANGUAGE sql AS $$
  UPDATE live_results SET (recall, ms, codes, trained, recoded, inserted) =
    (SELECT s.recall, s.ms, live_codes(0.95), trained_rows, recoded_rows, inserted_rows
      FROM vecdb_index_training('live_v'), live_search(0.95, 3) AS s)
  WHERE (part, rows_order, vacuum, step) = (named, ordered, vacuumed, number);
$$;

-- And what a fresh one did.
CREATE FUNCTION live_fresh(named text, ordered text, vacuumed text, number int,
  recall float8, ms float8, codes float8) RETURNS void
LANGUAGE sql AS $$
  UPDATE live_results AS r SET (fresh_recall, fresh_ms, fresh_codes) = ($5, $6, $7)
  WHERE (r.part, r.rows_order, r.vacuum, r.step) = ($1, $2, $3, $4);
$$;
