-- For test/tap/names.t.  The function finds the operator where vector is.
CREATE FUNCTION third(v vector) RETURNS float8
  AS $$ SELECT v OPERATOR(s.<->) '[0,0]'::s.vector $$
  LANGUAGE sql IMMUTABLE PARALLEL SAFE;
