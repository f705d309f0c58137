-- Where the figures of vecdb's indexes are kept between measurements.
--
-- Run by "vecdb-host monitor" as vecdb_monitor, which owns it all; may be run
-- again.  What is cheap (sizes, scans) the view reads afresh each time.

SET search_path = vecdb_monitor, pg_catalog;

CREATE TABLE IF NOT EXISTS index_figures (
  indexrelid oid PRIMARY KEY,
  measured_at timestamptz NOT NULL,
  lists bigint,
  rows bigint,
  unplaced_rows bigint,
  free_slots bigint,
  growth double precision,
  imbalance double precision,
  recall double precision,
  recall_k integer,
  exact_seconds double precision,
  search_seconds double precision
);

ALTER TABLE index_figures
  ADD COLUMN IF NOT EXISTS trees bigint,
  ADD COLUMN IF NOT EXISTS due integer,
  ADD COLUMN IF NOT EXISTS litter integer,
  ADD COLUMN IF NOT EXISTS fit double precision,
  ADD COLUMN IF NOT EXISTS inserted_rows bigint,
  ADD COLUMN IF NOT EXISTS recoded_rows bigint;

CREATE OR REPLACE VIEW measurable AS
  SELECT i.indexrelid, i.indrelid
  FROM pg_index i
  JOIN pg_class c ON c.oid = i.indexrelid
  JOIN pg_am a ON a.oid = c.relam
  WHERE a.amname IN ('ivfflat', 'hnsw') AND c.relkind = 'i' AND c.relpersistence = 'p'
    AND i.indisvalid;

-- A timer and the exporter call these functions, and others may create functions in
-- public.

-- The extension may lie in any schema; only a superuser or its owner put it
-- there.
CREATE OR REPLACE FUNCTION extension_schema() RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT quote_ident(n.nspname)
  FROM pg_catalog.pg_extension e
  JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
  WHERE e.extname IN ('vecdb', 'vector')
  ORDER BY e.extname LIMIT 1
$$;

CREATE OR REPLACE FUNCTION measure(index oid, sample integer) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  k CONSTANT integer := 10;
  shape record;
  quality record;
  training record;
  answered boolean := false;
  home text := vecdb_monitor.extension_schema();
BEGIN
  EXECUTE format('SELECT * FROM %s.vecdb_index_stats($1::regclass)', home)
    INTO shape USING index;
  EXECUTE format('SELECT * FROM %s.vecdb_index_training($1::regclass)', home)
    INTO training USING index;
  IF sample > 0 AND shape.rows > 0 AND has_table_privilege(
    (SELECT indrelid FROM pg_index WHERE indexrelid = index), 'SELECT')
  THEN
    EXECUTE format('SELECT * FROM %s.vecdb_recall($1::regclass, $2, $3)', home)
      INTO quality USING index, k, sample;
    answered := quality.queries > 0;
  END IF;
  DELETE FROM vecdb_monitor.index_figures WHERE indexrelid = index;
  INSERT INTO vecdb_monitor.index_figures
    (indexrelid, measured_at, lists, rows, unplaced_rows, free_slots, growth,
      imbalance, trees, due, litter, fit, inserted_rows, recoded_rows)
    VALUES (index, clock_timestamp(), shape.lists, shape.rows,
      shape.unplaced_rows, shape.free_slots, shape.growth, shape.imbalance,
      training.trees, (training.due IS NOT NULL)::integer,
      training.litter::integer, training.fit, training.inserted_rows,
      training.recoded_rows);
  IF answered THEN
    UPDATE vecdb_monitor.index_figures
      SET recall = quality.recall, recall_k = k,
        exact_seconds = quality.exact_ms / 1000,
        search_seconds = quality.index_ms / 1000
      WHERE indexrelid = index;
  END IF;
END
$$;

CREATE OR REPLACE FUNCTION forget_dropped() RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
  DELETE FROM vecdb_monitor.index_figures f
  WHERE NOT EXISTS (SELECT FROM vecdb_monitor.measurable m
    WHERE m.indexrelid = f.indexrelid)
$$;

-- Its size asks for a lock on the relation, which REINDEX, VACUUM FULL and many an
-- ALTER TABLE keep for as long as they run: NULL meanwhile, so that a scrape, with
-- all of the server's other metrics, does not wait for them.
CREATE OR REPLACE FUNCTION size_now(relation oid, whole boolean) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET lock_timeout = '100ms' AS $$
BEGIN
  RETURN CASE WHEN whole THEN pg_table_size(relation)
    ELSE pg_relation_size(relation) END;
EXCEPTION WHEN lock_not_available THEN
  RETURN NULL;
END
$$;

-- One row an index, measured or not yet: what the exporter asks for.
CREATE OR REPLACE VIEW index_metrics AS
  SELECT current_database()::text AS database, n.nspname::text AS schema,
    t.relname::text AS table, c.relname::text AS index,
    vecdb_monitor.size_now(c.oid, false) AS bytes,
    vecdb_monitor.size_now(t.oid, true) AS table_bytes,
    coalesce(s.idx_scan, 0) AS scans_total,
    f.lists, f.rows, f.unplaced_rows, f.free_slots, f.growth, f.imbalance,
    f.recall, f.exact_seconds, f.search_seconds,
    extract(epoch FROM f.measured_at) AS measured_timestamp_seconds,
    f.trees, f.due, f.litter, f.fit, f.inserted_rows, f.recoded_rows
  FROM measurable m
  JOIN pg_class c ON c.oid = m.indexrelid
  JOIN pg_class t ON t.oid = m.indrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN index_figures f ON f.indexrelid = c.oid
  LEFT JOIN pg_stat_all_indexes s ON s.indexrelid = c.oid;
