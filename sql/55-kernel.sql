-- The instruction set that distances are computed with; see vecdb.kernel.

CREATE FUNCTION vecdb_kernel() RETURNS text
  AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE STRICT PARALLEL SAFE;
