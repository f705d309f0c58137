-- Inspection of indexes.

-- Only the owner of an index may check it, which the function itself sees to.
CREATE FUNCTION vecdb_check_index(
    index regclass, heapallindexed boolean DEFAULT false,
    OUT invariant integer, OUT block bigint, OUT slot bigint, OUT finding text)
  RETURNS SETOF record
  AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION vecdb_check_index(regclass, boolean) IS
  'what is wrong in an ivfflat index; no rows if nothing is';
