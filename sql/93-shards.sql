-- Tables that are spread over several servers.

CREATE FUNCTION vecdb_shard_target(
    target double precision, shards integer, k integer DEFAULT 10)
  RETURNS double precision
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION vecdb_shard_target(double precision, integer, integer) IS
  'ivfflat.target_recall of each shard, for a target of the k nearest rows merged of all shards';
