-- Support functions of pgvector's operator classes. Ours do without, but classes
-- of users' own may name them, as they had to: src/ivf/space/class.c.

CREATE FUNCTION ivfflat_halfvec_support(internal) RETURNS internal
  AS 'MODULE_PATHNAME', 'pgvector_support' LANGUAGE C;

CREATE FUNCTION ivfflat_bit_support(internal) RETURNS internal
  AS 'MODULE_PATHNAME', 'pgvector_support' LANGUAGE C;

CREATE FUNCTION hnsw_halfvec_support(internal) RETURNS internal
  AS 'MODULE_PATHNAME', 'pgvector_support' LANGUAGE C;

CREATE FUNCTION hnsw_bit_support(internal) RETURNS internal
  AS 'MODULE_PATHNAME', 'pgvector_support' LANGUAGE C;

CREATE FUNCTION hnsw_sparsevec_support(internal) RETURNS internal
  AS 'MODULE_PATHNAME', 'pgvector_support' LANGUAGE C;
