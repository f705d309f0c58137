-- The operator classes of sparsevec for ivfflat.

CREATE FUNCTION ivfflat_sparsevec_l2_support(internal) RETURNS internal
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION ivfflat_sparsevec_ip_support(internal) RETURNS internal
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION ivfflat_sparsevec_cosine_support(internal) RETURNS internal
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

-- The default, since pg_dump leaves its name out.
CREATE OPERATOR CLASS sparsevec_l2_ops
  DEFAULT FOR TYPE sparsevec USING ivfflat AS
  OPERATOR 1 <-> (sparsevec, sparsevec) FOR ORDER BY float_ops,
  FUNCTION 1 ivfflat_sparsevec_l2_support(internal);

CREATE OPERATOR CLASS sparsevec_ip_ops
  FOR TYPE sparsevec USING ivfflat AS
  OPERATOR 1 <#> (sparsevec, sparsevec) FOR ORDER BY float_ops,
  FUNCTION 1 ivfflat_sparsevec_ip_support(internal);

CREATE OPERATOR CLASS sparsevec_cosine_ops
  FOR TYPE sparsevec USING ivfflat AS
  OPERATOR 1 <=> (sparsevec, sparsevec) FOR ORDER BY float_ops,
  FUNCTION 1 ivfflat_sparsevec_cosine_support(internal);

CREATE FUNCTION ivfflat_sparsevec_l1_support(internal) RETURNS internal
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE OPERATOR CLASS sparsevec_l1_ops
  FOR TYPE sparsevec USING ivfflat AS
  OPERATOR 1 <+> (sparsevec, sparsevec) FOR ORDER BY float_ops,
  FUNCTION 1 ivfflat_sparsevec_l1_support(internal);
