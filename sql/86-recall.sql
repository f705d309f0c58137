-- Recall under a condition, and why the last scan took its lists.

-- The condition is the caller's code, so these search as the caller.
CREATE FUNCTION vecdb_recall(
    index regclass, condition text, k integer DEFAULT 10,
    sample integer DEFAULT 100,
    OUT recall double precision, OUT queries integer, OUT k integer,
    OUT exact_ms double precision, OUT index_ms double precision,
    OUT probes double precision, OUT codes double precision,
    OUT fetches double precision)
  RETURNS record
  AS 'MODULE_PATHNAME', 'vecdb_recall_condition_sample'
  LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;

COMMENT ON FUNCTION vecdb_recall(regclass, text, integer, integer) IS
  'recall and time of an ivfflat index for rows under a condition, by a sample of the table''s rows';

CREATE FUNCTION vecdb_recall(
    index regclass, queries anyarray, condition text, k integer DEFAULT 10,
    OUT recall double precision, OUT queries integer, OUT k integer,
    OUT exact_ms double precision, OUT index_ms double precision,
    OUT probes double precision, OUT codes double precision,
    OUT fetches double precision)
  RETURNS record
  AS 'MODULE_PATHNAME', 'vecdb_recall_condition_queries'
  LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;

COMMENT ON FUNCTION vecdb_recall(regclass, anyarray, text, integer) IS
  'recall and time of an ivfflat index for rows under a condition, by the given queries';

CREATE FUNCTION vecdb_last_scan_lists(
    OUT reason text, OUT times integer, OUT lists integer)
  RETURNS SETOF record
  AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED;

COMMENT ON FUNCTION vecdb_last_scan_lists() IS
  'why the scan of an ivfflat index that was asked last in this session took its lists';
