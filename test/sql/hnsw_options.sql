-- Options and settings of hnsw: names, bounds, defaults, messages.
SET client_min_messages = warning;
CREATE SCHEMA hnsw_options;
SET search_path = hnsw_options, public;
RESET client_min_messages;

-- Settings: known once the library is loaded.
SELECT vec(1, 1) IS NOT NULL AS loaded;
SELECT name, setting, boot_val, min_val, max_val, enumvals, context
FROM pg_settings WHERE name LIKE 'hnsw.%' ORDER BY name;

SET hnsw.ef_search = 0;
SET hnsw.ef_search = 1001;
SET hnsw.ef_search = 1;
SET hnsw.ef_search = 1000;
SET hnsw.iterative_scan = on;
SET hnsw.iterative_scan = off;
SET hnsw.iterative_scan = strict_order;
SET "hnsw.iterative_scan" = "relaxed_order";
SET hnsw.max_scan_tuples = 0;
SET hnsw.max_scan_tuples = 1;
SET hnsw.max_scan_tuples = 2147483647;
SET hnsw.scan_mem_multiplier = 0;
SET hnsw.scan_mem_multiplier = 1001;
SET hnsw.scan_mem_multiplier = 1.5;
DO $$
BEGIN
  SET hnsw.ef = 1;
  -- Before 15 they were only warned of, and when they came first.
  IF current_setting('server_version_num')::int >= 150000 THEN
    RAISE WARNING 'an unknown setting was taken';
  END IF;
EXCEPTION WHEN invalid_name THEN
END
$$;

-- Options: kept as they are given.
CREATE TABLE t (id int PRIMARY KEY, v vector(3));
INSERT INTO t SELECT i, vec(i, 3) FROM generate_series(1, 100) AS i;
CREATE INDEX ON t USING hnsw (v vector_l2_ops) WITH (m = 1);
CREATE INDEX ON t USING hnsw (v vector_l2_ops) WITH (m = 101);
CREATE INDEX ON t USING hnsw (v vector_l2_ops) WITH (ef_construction = 3);
CREATE INDEX ON t USING hnsw (v vector_l2_ops) WITH (ef_construction = 1001);
CREATE INDEX ON t USING hnsw (v vector_l2_ops) WITH (m = 16, ef_construction = 31);
CREATE INDEX ON t USING hnsw (v vector_l2_ops) WITH (m = 33);
CREATE INDEX ON t USING hnsw (v vector_l2_ops) WITH (ef_search = 40);
CREATE INDEX ON t USING hnsw (v vector_l2_ops) WITH (bits = 3);
CREATE INDEX ON t USING hnsw (v);
CREATE INDEX ON t USING hnsw ((v::vector) vector_l2_ops);
CREATE INDEX ON t USING ivfflat (v) WITH (m = 16);
CREATE UNLOGGED TABLE u (v vector(3));
CREATE INDEX ON u USING hnsw (v vector_l2_ops) WITH (m = 16, ef_construction = 31);
SELECT count(*) FROM pg_index WHERE indrelid IN ('t'::regclass, 'u'::regclass) AND NOT indisprimary;

CREATE INDEX t_v ON t USING hnsw (v vector_cosine_ops) WITH ("m" = "2", ef_construction = '4');
SELECT pg_get_indexdef('t_v'::regclass), reloptions FROM pg_class WHERE oid = 't_v'::regclass;
SELECT options FROM vecdb_index_stats('t_v');
CREATE INDEX t_v4 ON t USING hnsw (v vector_ip_ops) WITH (m = 100, ef_construction = 1000, lists = 2, bits = 4);
SELECT lists, metric, bits, options FROM vecdb_index_stats('t_v4');

-- What does not go together is found when the index is made anew.
ALTER INDEX t_v SET (m = 200);
ALTER INDEX t_v SET (m = 50);
REINDEX INDEX t_v;
ALTER INDEX t_v RESET (m);
REINDEX INDEX t_v;
ALTER INDEX t_v SET (ef_construction = 128);
REINDEX INDEX t_v;
SELECT options FROM vecdb_index_stats('t_v');

-- What clients see of a build that is under way.  On 32 bits the server takes the phase's address for it.
SELECT amname, array_agg(pg_indexam_progress_phasename(oid, phase) ORDER BY phase) IS NOT DISTINCT FROM names
  OR NOT float8_pass_by_value AS named
FROM pg_control_init(), generate_series(0, 5) AS phase, pg_am JOIN (VALUES
  ('hnsw', ARRAY[NULL, 'initializing', 'initializing', 'loading tuples', 'loading tuples', NULL]),
  ('ivfflat', ARRAY[NULL, 'initializing', 'performing k-means', 'assigning tuples', 'loading tuples', NULL])
) AS n(name, names) ON name = amname GROUP BY amname, names, float8_pass_by_value ORDER BY amname;

SET client_min_messages = warning;
DROP SCHEMA hnsw_options CASCADE;
