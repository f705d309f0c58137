-- Operator classes of the other types and of L1 for the access method hnsw. They
-- share ivfflat's support functions; none is the default.

CREATE OPERATOR CLASS vector_l1_ops
  FOR TYPE vector USING hnsw AS
  OPERATOR 1 <+> (vector, vector) FOR ORDER BY float_ops,
  FUNCTION 1 ivfflat_vector_l1_support(internal);

CREATE OPERATOR CLASS halfvec_l2_ops
  FOR TYPE halfvec USING hnsw AS
  OPERATOR 1 <-> (halfvec, halfvec) FOR ORDER BY float_ops,
  FUNCTION 1 ivfflat_halfvec_l2_support(internal);

CREATE OPERATOR CLASS halfvec_ip_ops
  FOR TYPE halfvec USING hnsw AS
  OPERATOR 1 <#> (halfvec, halfvec) FOR ORDER BY float_ops,
  FUNCTION 1 ivfflat_halfvec_ip_support(internal);

CREATE OPERATOR CLASS halfvec_cosine_ops
  FOR TYPE halfvec USING hnsw AS
  OPERATOR 1 <=> (halfvec, halfvec) FOR ORDER BY float_ops,
  FUNCTION 1 ivfflat_halfvec_cosine_support(internal);

CREATE OPERATOR CLASS halfvec_l1_ops
  FOR TYPE halfvec USING hnsw AS
  OPERATOR 1 <+> (halfvec, halfvec) FOR ORDER BY float_ops,
  FUNCTION 1 ivfflat_halfvec_l1_support(internal);

CREATE OPERATOR CLASS sparsevec_l2_ops
  FOR TYPE sparsevec USING hnsw AS
  OPERATOR 1 <-> (sparsevec, sparsevec) FOR ORDER BY float_ops,
  FUNCTION 1 ivfflat_sparsevec_l2_support(internal);

CREATE OPERATOR CLASS sparsevec_ip_ops
  FOR TYPE sparsevec USING hnsw AS
  OPERATOR 1 <#> (sparsevec, sparsevec) FOR ORDER BY float_ops,
  FUNCTION 1 ivfflat_sparsevec_ip_support(internal);

CREATE OPERATOR CLASS sparsevec_cosine_ops
  FOR TYPE sparsevec USING hnsw AS
  OPERATOR 1 <=> (sparsevec, sparsevec) FOR ORDER BY float_ops,
  FUNCTION 1 ivfflat_sparsevec_cosine_support(internal);

CREATE OPERATOR CLASS sparsevec_l1_ops
  FOR TYPE sparsevec USING hnsw AS
  OPERATOR 1 <+> (sparsevec, sparsevec) FOR ORDER BY float_ops,
  FUNCTION 1 ivfflat_sparsevec_l1_support(internal);

CREATE OPERATOR CLASS bit_hamming_ops
  FOR TYPE bit USING hnsw AS
  OPERATOR 1 <~> (bit, bit) FOR ORDER BY float_ops,
  FUNCTION 1 ivfflat_bit_hamming_support(internal);

CREATE OPERATOR CLASS bit_jaccard_ops
  FOR TYPE bit USING hnsw AS
  OPERATOR 1 <%> (bit, bit) FOR ORDER BY float_ops,
  FUNCTION 1 ivfflat_bit_jaccard_support(internal);
