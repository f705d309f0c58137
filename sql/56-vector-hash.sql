-- The hash class of type vector.

CREATE FUNCTION vector_hash(vector) RETURNS integer
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION vector_hash_extended(vector, bigint) RETURNS bigint
  AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE OPERATOR CLASS vector_ops
  DEFAULT FOR TYPE vector USING hash AS
  OPERATOR 1 =,
  FUNCTION 1 vector_hash(vector),
  FUNCTION 2 vector_hash_extended(vector, bigint);

-- The operator was there before the class, in databases of the first version,
-- too. Only from 17 on the server has a statement that says more of it.
DO $$
BEGIN
  IF pg_catalog.current_setting('server_version_num')::integer >= 170000 THEN
    EXECUTE 'ALTER OPERATOR = (vector, vector) SET (HASHES, MERGES)';
  ELSE
    UPDATE pg_catalog.pg_operator SET oprcanhash = true, oprcanmerge = true
    WHERE oprname = '=' AND oprleft = 'vector'::regtype AND oprright = 'vector'::regtype;
  END IF;
END
$$;
