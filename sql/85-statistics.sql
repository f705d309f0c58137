-- Figures about indexes: their shape, their recall, and their last scan.

-- These functions see to privileges on the index's table themselves.
CREATE FUNCTION vecdb_index_stats(
    index regclass,
    OUT lists integer, OUT height integer, OUT dimensions integer,
    OUT metric text, OUT bits integer,
    OUT rows bigint, OUT unplaced_rows bigint, OUT free_slots bigint,
    OUT min_list bigint, OUT median_list double precision,
    OUT mean_list double precision, OUT max_list bigint,
    OUT stddev_list double precision,
    OUT pages bigint, OUT free_pages bigint, OUT bytes bigint,
    OUT bytes_per_row double precision,
    OUT trained_rows bigint, OUT trained_sample bigint,
    OUT growth double precision, OUT imbalance double precision,
    OUT scale real, OUT options text[],
    OUT calibration_recall real[], OUT calibration_share real[])
  RETURNS record
  AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED;

COMMENT ON FUNCTION vecdb_index_stats(regclass) IS
  'lists, sizes, space, drift and calibration of an ivfflat index';

CREATE FUNCTION vecdb_index_lists(
    index regclass,
    OUT list integer, OUT head_block bigint, OUT rows bigint,
    OUT free_slots bigint, OUT pages integer)
  RETURNS SETOF record
  AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED;

COMMENT ON FUNCTION vecdb_index_lists(regclass) IS
  'the lists of an ivfflat index, one row each';

-- Unsafe in parallel, since they change settings while they run. They search as
-- the owner of the table, whose functions an index may call: whoever measures
-- indexes of others, to monitor them, lends them none of his rights.
CREATE FUNCTION vecdb_recall(
    index regclass, k integer DEFAULT 10, sample integer DEFAULT 100,
    OUT recall double precision, OUT queries integer, OUT k integer,
    OUT exact_ms double precision, OUT index_ms double precision,
    OUT probes double precision, OUT codes double precision,
    OUT fetches double precision)
  RETURNS record
  AS 'MODULE_PATHNAME', 'vecdb_recall_sample'
  LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;

COMMENT ON FUNCTION vecdb_recall(regclass, integer, integer) IS
  'recall and time of an ivfflat index, by a sample of the table''s rows, searched as its owner';

CREATE FUNCTION vecdb_recall(
    index regclass, queries anyarray, k integer DEFAULT 10,
    OUT recall double precision, OUT queries integer, OUT k integer,
    OUT exact_ms double precision, OUT index_ms double precision,
    OUT probes double precision, OUT codes double precision,
    OUT fetches double precision)
  RETURNS record
  AS 'MODULE_PATHNAME', 'vecdb_recall_queries'
  LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;

COMMENT ON FUNCTION vecdb_recall(regclass, anyarray, integer) IS
  'recall and time of an ivfflat index, by the given queries, searched as the table''s owner';

-- What a process remembers: a parallel worker's is not the session's.
CREATE FUNCTION vecdb_last_scan(
    OUT index regclass, OUT lists integer, OUT first_probes integer,
    OUT probes integer, OUT codes bigint, OUT fetches bigint,
    OUT invisible bigint, OUT rows bigint, OUT late bigint,
    OUT passes integer, OUT stop text)
  RETURNS record
  AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED;

COMMENT ON FUNCTION vecdb_last_scan() IS
  'what the scan of an ivfflat index that was asked last in this session did';
