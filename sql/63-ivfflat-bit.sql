-- Core's type bit in the access method ivfflat.

CREATE FUNCTION ivfflat_bit_hamming_support(internal) RETURNS internal
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION ivfflat_bit_jaccard_support(internal) RETURNS internal
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE OPERATOR CLASS bit_hamming_ops
  DEFAULT FOR TYPE bit USING ivfflat AS
  OPERATOR 1 <~> (bit, bit) FOR ORDER BY float_ops,
  FUNCTION 1 ivfflat_bit_hamming_support(internal);

CREATE OPERATOR CLASS bit_jaccard_ops
  FOR TYPE bit USING ivfflat AS
  OPERATOR 1 <%> (bit, bit) FOR ORDER BY float_ops,
  FUNCTION 1 ivfflat_bit_jaccard_support(internal);
