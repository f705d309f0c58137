-- The access method hnsw, by which many clients ask for an index: another name
-- for lists, with the options and settings of its own that they know. Its
-- operator classes share the support functions of ivfflat's.

CREATE FUNCTION hnswhandler(internal) RETURNS index_am_handler
  AS 'MODULE_PATHNAME' LANGUAGE C;

CREATE ACCESS METHOD hnsw TYPE INDEX HANDLER hnswhandler;

COMMENT ON ACCESS METHOD hnsw IS
  'inverted lists as of ivfflat, with the options and settings of a graph';

-- None is the default: who made such an index has named the class.
CREATE OPERATOR CLASS vector_l2_ops
  FOR TYPE vector USING hnsw AS
  OPERATOR 1 <-> (vector, vector) FOR ORDER BY float_ops,
  FUNCTION 1 ivfflat_vector_l2_support(internal);

CREATE OPERATOR CLASS vector_ip_ops
  FOR TYPE vector USING hnsw AS
  OPERATOR 1 <#> (vector, vector) FOR ORDER BY float_ops,
  FUNCTION 1 ivfflat_vector_ip_support(internal);

CREATE OPERATOR CLASS vector_cosine_ops
  FOR TYPE vector USING hnsw AS
  OPERATOR 1 <=> (vector, vector) FOR ORDER BY float_ops,
  FUNCTION 1 ivfflat_vector_cosine_support(internal);
