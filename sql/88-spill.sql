-- Rows that are in two lists of an index.

-- It sees to privileges on the index's table itself.
CREATE FUNCTION vecdb_index_spill(
    index regclass,
    OUT asked real, OUT second_codes bigint, OUT share double precision,
    OUT trained_share double precision)
  RETURNS record
  AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED;

COMMENT ON FUNCTION vecdb_index_spill(regclass) IS
  'the share of an ivfflat index''s rows that are in two lists, now and when it was trained';
