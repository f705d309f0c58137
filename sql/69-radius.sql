-- Rows within a radius: "embedding <-> q <= r" as one operator, which an index can
-- search. The planner makes it of that condition by itself (src/ivf/radius.c); who
-- writes it by hand writes "embedding <<->> sphere(q, r)".

-- A center and a radius in the distance of the operator, one type for each type;
-- and whether values whose distance is a NaN are in it as well, which they are in
-- "1 - (embedding <=> q) > s".
CREATE TYPE vector_sphere AS (center vector, radius double precision, undefined boolean);
CREATE TYPE halfvec_sphere AS (center halfvec, radius double precision, undefined boolean);
CREATE TYPE sparsevec_sphere AS (center sparsevec, radius double precision, undefined boolean);
CREATE TYPE bit_sphere AS (center pg_catalog."bit", radius double precision, undefined boolean);

CREATE FUNCTION sphere(vector, double precision) RETURNS vector_sphere
  AS 'MODULE_PATHNAME', 'vecdb_sphere' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION sphere(halfvec, double precision) RETURNS halfvec_sphere
  AS 'MODULE_PATHNAME', 'vecdb_sphere' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION sphere(sparsevec, double precision) RETURNS sparsevec_sphere
  AS 'MODULE_PATHNAME', 'vecdb_sphere' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION sphere(bit, double precision) RETURNS bit_sphere
  AS 'MODULE_PATHNAME', 'vecdb_sphere' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

-- How many rows an operator lets through, by what an index learnt.
CREATE FUNCTION sphere_sel(internal, oid, internal, integer) RETURNS double precision
  AS 'MODULE_PATHNAME', 'vecdb_sphere_sel' LANGUAGE C STABLE STRICT PARALLEL SAFE;

-- A NULL inside the sphere gives NULL, as the distance or the comparison would.
CREATE FUNCTION l2_within(vector, vector_sphere) RETURNS boolean
  AS 'MODULE_PATHNAME', 'vector_l2_within' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
  SUPPORT vector_distance_support;

CREATE OPERATOR <<->> (
  LEFTARG = vector, RIGHTARG = vector_sphere, FUNCTION = l2_within,
  RESTRICT = sphere_sel, JOIN = contjoinsel
);

CREATE FUNCTION ip_within(vector, vector_sphere) RETURNS boolean
  AS 'MODULE_PATHNAME', 'vector_ip_within' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
  SUPPORT vector_distance_support;

CREATE OPERATOR <<#>> (
  LEFTARG = vector, RIGHTARG = vector_sphere, FUNCTION = ip_within,
  RESTRICT = sphere_sel, JOIN = contjoinsel
);

CREATE FUNCTION cosine_within(vector, vector_sphere) RETURNS boolean
  AS 'MODULE_PATHNAME', 'vector_cosine_within' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
  SUPPORT vector_distance_support;

CREATE OPERATOR <<=>> (
  LEFTARG = vector, RIGHTARG = vector_sphere, FUNCTION = cosine_within,
  RESTRICT = sphere_sel, JOIN = contjoinsel
);

CREATE FUNCTION l1_within(vector, vector_sphere) RETURNS boolean
  AS 'MODULE_PATHNAME', 'vector_l1_within' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
  SUPPORT vector_distance_support;

CREATE OPERATOR <<+>> (
  LEFTARG = vector, RIGHTARG = vector_sphere, FUNCTION = l1_within,
  RESTRICT = sphere_sel, JOIN = contjoinsel
);

CREATE FUNCTION l2_within(halfvec, halfvec_sphere) RETURNS boolean
  AS 'MODULE_PATHNAME', 'halfvec_l2_within' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
  SUPPORT halfvec_distance_support;

CREATE OPERATOR <<->> (
  LEFTARG = halfvec, RIGHTARG = halfvec_sphere, FUNCTION = l2_within,
  RESTRICT = sphere_sel, JOIN = contjoinsel
);

CREATE FUNCTION ip_within(halfvec, halfvec_sphere) RETURNS boolean
  AS 'MODULE_PATHNAME', 'halfvec_ip_within' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
  SUPPORT halfvec_distance_support;

CREATE OPERATOR <<#>> (
  LEFTARG = halfvec, RIGHTARG = halfvec_sphere, FUNCTION = ip_within,
  RESTRICT = sphere_sel, JOIN = contjoinsel
);

CREATE FUNCTION cosine_within(halfvec, halfvec_sphere) RETURNS boolean
  AS 'MODULE_PATHNAME', 'halfvec_cosine_within' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
  SUPPORT halfvec_distance_support;

CREATE OPERATOR <<=>> (
  LEFTARG = halfvec, RIGHTARG = halfvec_sphere, FUNCTION = cosine_within,
  RESTRICT = sphere_sel, JOIN = contjoinsel
);

CREATE FUNCTION l1_within(halfvec, halfvec_sphere) RETURNS boolean
  AS 'MODULE_PATHNAME', 'halfvec_l1_within' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
  SUPPORT halfvec_distance_support;

CREATE OPERATOR <<+>> (
  LEFTARG = halfvec, RIGHTARG = halfvec_sphere, FUNCTION = l1_within,
  RESTRICT = sphere_sel, JOIN = contjoinsel
);

CREATE FUNCTION l2_within(sparsevec, sparsevec_sphere) RETURNS boolean
  AS 'MODULE_PATHNAME', 'sparsevec_l2_within' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
  SUPPORT sparsevec_distance_support;

CREATE OPERATOR <<->> (
  LEFTARG = sparsevec, RIGHTARG = sparsevec_sphere, FUNCTION = l2_within,
  RESTRICT = sphere_sel, JOIN = contjoinsel
);

CREATE FUNCTION ip_within(sparsevec, sparsevec_sphere) RETURNS boolean
  AS 'MODULE_PATHNAME', 'sparsevec_ip_within' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
  SUPPORT sparsevec_distance_support;

CREATE OPERATOR <<#>> (
  LEFTARG = sparsevec, RIGHTARG = sparsevec_sphere, FUNCTION = ip_within,
  RESTRICT = sphere_sel, JOIN = contjoinsel
);

CREATE FUNCTION cosine_within(sparsevec, sparsevec_sphere) RETURNS boolean
  AS 'MODULE_PATHNAME', 'sparsevec_cosine_within' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
  SUPPORT sparsevec_distance_support;

CREATE OPERATOR <<=>> (
  LEFTARG = sparsevec, RIGHTARG = sparsevec_sphere, FUNCTION = cosine_within,
  RESTRICT = sphere_sel, JOIN = contjoinsel
);

CREATE FUNCTION l1_within(sparsevec, sparsevec_sphere) RETURNS boolean
  AS 'MODULE_PATHNAME', 'sparsevec_l1_within' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
  SUPPORT sparsevec_distance_support;

CREATE OPERATOR <<+>> (
  LEFTARG = sparsevec, RIGHTARG = sparsevec_sphere, FUNCTION = l1_within,
  RESTRICT = sphere_sel, JOIN = contjoinsel
);

CREATE FUNCTION hamming_within(bit, bit_sphere) RETURNS boolean
  AS 'MODULE_PATHNAME', 'bit_hamming_within' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
  SUPPORT vector_distance_support;

CREATE OPERATOR <<~>> (
  LEFTARG = bit, RIGHTARG = bit_sphere, FUNCTION = hamming_within,
  RESTRICT = sphere_sel, JOIN = contjoinsel
);

CREATE FUNCTION jaccard_within(bit, bit_sphere) RETURNS boolean
  AS 'MODULE_PATHNAME', 'bit_jaccard_within' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
  SUPPORT vector_distance_support;

CREATE OPERATOR <<%>> (
  LEFTARG = bit, RIGHTARG = bit_sphere, FUNCTION = jaccard_within,
  RESTRICT = sphere_sel, JOIN = contjoinsel
);

-- Strategy 2 of the operator classes, in both access methods.
ALTER OPERATOR FAMILY vector_l2_ops USING ivfflat ADD
  OPERATOR 2 <<->> (vector, vector_sphere);
ALTER OPERATOR FAMILY vector_ip_ops USING ivfflat ADD
  OPERATOR 2 <<#>> (vector, vector_sphere);
ALTER OPERATOR FAMILY vector_cosine_ops USING ivfflat ADD
  OPERATOR 2 <<=>> (vector, vector_sphere);
ALTER OPERATOR FAMILY vector_l1_ops USING ivfflat ADD
  OPERATOR 2 <<+>> (vector, vector_sphere);
ALTER OPERATOR FAMILY halfvec_l2_ops USING ivfflat ADD
  OPERATOR 2 <<->> (halfvec, halfvec_sphere);
ALTER OPERATOR FAMILY halfvec_ip_ops USING ivfflat ADD
  OPERATOR 2 <<#>> (halfvec, halfvec_sphere);
ALTER OPERATOR FAMILY halfvec_cosine_ops USING ivfflat ADD
  OPERATOR 2 <<=>> (halfvec, halfvec_sphere);
ALTER OPERATOR FAMILY halfvec_l1_ops USING ivfflat ADD
  OPERATOR 2 <<+>> (halfvec, halfvec_sphere);
ALTER OPERATOR FAMILY sparsevec_l2_ops USING ivfflat ADD
  OPERATOR 2 <<->> (sparsevec, sparsevec_sphere);
ALTER OPERATOR FAMILY sparsevec_ip_ops USING ivfflat ADD
  OPERATOR 2 <<#>> (sparsevec, sparsevec_sphere);
ALTER OPERATOR FAMILY sparsevec_cosine_ops USING ivfflat ADD
  OPERATOR 2 <<=>> (sparsevec, sparsevec_sphere);
ALTER OPERATOR FAMILY sparsevec_l1_ops USING ivfflat ADD
  OPERATOR 2 <<+>> (sparsevec, sparsevec_sphere);
ALTER OPERATOR FAMILY bit_hamming_ops USING ivfflat ADD
  OPERATOR 2 <<~>> (bit, bit_sphere);
ALTER OPERATOR FAMILY bit_jaccard_ops USING ivfflat ADD
  OPERATOR 2 <<%>> (bit, bit_sphere);

ALTER OPERATOR FAMILY vector_l2_ops USING hnsw ADD
  OPERATOR 2 <<->> (vector, vector_sphere);
ALTER OPERATOR FAMILY vector_ip_ops USING hnsw ADD
  OPERATOR 2 <<#>> (vector, vector_sphere);
ALTER OPERATOR FAMILY vector_cosine_ops USING hnsw ADD
  OPERATOR 2 <<=>> (vector, vector_sphere);
ALTER OPERATOR FAMILY vector_l1_ops USING hnsw ADD
  OPERATOR 2 <<+>> (vector, vector_sphere);
ALTER OPERATOR FAMILY halfvec_l2_ops USING hnsw ADD
  OPERATOR 2 <<->> (halfvec, halfvec_sphere);
ALTER OPERATOR FAMILY halfvec_ip_ops USING hnsw ADD
  OPERATOR 2 <<#>> (halfvec, halfvec_sphere);
ALTER OPERATOR FAMILY halfvec_cosine_ops USING hnsw ADD
  OPERATOR 2 <<=>> (halfvec, halfvec_sphere);
ALTER OPERATOR FAMILY halfvec_l1_ops USING hnsw ADD
  OPERATOR 2 <<+>> (halfvec, halfvec_sphere);
ALTER OPERATOR FAMILY sparsevec_l2_ops USING hnsw ADD
  OPERATOR 2 <<->> (sparsevec, sparsevec_sphere);
ALTER OPERATOR FAMILY sparsevec_ip_ops USING hnsw ADD
  OPERATOR 2 <<#>> (sparsevec, sparsevec_sphere);
ALTER OPERATOR FAMILY sparsevec_cosine_ops USING hnsw ADD
  OPERATOR 2 <<=>> (sparsevec, sparsevec_sphere);
ALTER OPERATOR FAMILY sparsevec_l1_ops USING hnsw ADD
  OPERATOR 2 <<+>> (sparsevec, sparsevec_sphere);
ALTER OPERATOR FAMILY bit_hamming_ops USING hnsw ADD
  OPERATOR 2 <<~>> (bit, bit_sphere);
ALTER OPERATOR FAMILY bit_jaccard_ops USING hnsw ADD
  OPERATOR 2 <<%>> (bit, bit_sphere);
