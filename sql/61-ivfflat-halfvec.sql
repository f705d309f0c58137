-- Operator classes of ivfflat over type halfvec.

CREATE FUNCTION ivfflat_halfvec_l2_support(internal) RETURNS internal
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION ivfflat_halfvec_ip_support(internal) RETURNS internal
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION ivfflat_halfvec_cosine_support(internal) RETURNS internal
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION ivfflat_halfvec_l1_support(internal) RETURNS internal
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

-- The default, as of vector.
CREATE OPERATOR CLASS halfvec_l2_ops
  DEFAULT FOR TYPE halfvec USING ivfflat AS
  OPERATOR 1 <-> (halfvec, halfvec) FOR ORDER BY float_ops,
  FUNCTION 1 ivfflat_halfvec_l2_support(internal);

CREATE OPERATOR CLASS halfvec_ip_ops
  FOR TYPE halfvec USING ivfflat AS
  OPERATOR 1 <#> (halfvec, halfvec) FOR ORDER BY float_ops,
  FUNCTION 1 ivfflat_halfvec_ip_support(internal);

CREATE OPERATOR CLASS halfvec_cosine_ops
  FOR TYPE halfvec USING ivfflat AS
  OPERATOR 1 <=> (halfvec, halfvec) FOR ORDER BY float_ops,
  FUNCTION 1 ivfflat_halfvec_cosine_support(internal);

CREATE OPERATOR CLASS halfvec_l1_ops
  FOR TYPE halfvec USING ivfflat AS
  OPERATOR 1 <+> (halfvec, halfvec) FOR ORDER BY float_ops,
  FUNCTION 1 ivfflat_halfvec_l1_support(internal);
