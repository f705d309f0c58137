-- amvalidate: operator classes of ours are sound, broken ones are named.
SET client_min_messages = warning;
CREATE SCHEMA ivfflat_validate;
SET search_path = ivfflat_validate, public;
-- Costs of what is switched off would call for it.
SET jit = off;
RESET client_min_messages;

SELECT opcname, opcdefault, amvalidate(o.oid)
FROM pg_opclass AS o JOIN pg_am AS a ON a.oid = opcmethod
WHERE amname = 'ivfflat' AND opcname LIKE 'vector%' ORDER BY opcname;

-- Nothing at all.
CREATE OPERATOR CLASS empty_ops FOR TYPE vector USING ivfflat AS STORAGE vector;
SELECT amvalidate(oid) FROM pg_opclass WHERE opcname = 'empty_ops';

-- No function; an operator that does not order.
CREATE OPERATOR CLASS no_function_ops FOR TYPE vector USING ivfflat AS
  OPERATOR 1 <-> (vector, vector) FOR ORDER BY float_ops;
SELECT amvalidate(oid) FROM pg_opclass WHERE opcname = 'no_function_ops';
CREATE OPERATOR CLASS search_ops FOR TYPE vector USING ivfflat AS
  OPERATOR 1 = (vector, vector),
  FUNCTION 1 ivfflat_vector_l2_support(internal);
SELECT amvalidate(oid) FROM pg_opclass WHERE opcname = 'search_ops';

-- A strategy and a function that do not exist.
CREATE OPERATOR CLASS strategy_ops FOR TYPE vector USING ivfflat AS
  OPERATOR 1 <-> (vector, vector) FOR ORDER BY float_ops,
  OPERATOR 2 <#> (vector, vector) FOR ORDER BY float_ops,
  OPERATOR 6 <+> (vector, vector) FOR ORDER BY float_ops,
  FUNCTION 1 ivfflat_vector_l2_support(internal);
SELECT amvalidate(oid) FROM pg_opclass WHERE opcname = 'strategy_ops';
CREATE OPERATOR CLASS number_ops FOR TYPE vector USING ivfflat AS
  OPERATOR 1 <-> (vector, vector) FOR ORDER BY float_ops,
  FUNCTION 6 ivfflat_vector_l2_support(internal);

-- One that pgvector made works; one of functions that nobody knows does not.
CREATE OPERATOR CLASS pgvector_ops FOR TYPE vector USING ivfflat AS
  OPERATOR 1 <=> (vector, vector) FOR ORDER BY float_ops,
  FUNCTION 1 vector_negative_inner_product(vector, vector),
  FUNCTION 2 vector_norm(vector),
  FUNCTION 3 vector_spherical_distance(vector, vector),
  FUNCTION 4 vector_norm(vector);
SELECT amvalidate(oid) FROM pg_opclass WHERE opcname = 'pgvector_ops';
CREATE TABLE p (v vector(2));
INSERT INTO p SELECT ARRAY[i, 1]::vector FROM generate_series(1, 200) AS i;
CREATE INDEX p_v ON p USING ivfflat (v pgvector_ops) WITH (lists = 4);
INSERT INTO p VALUES ('[-1,3]');
SELECT metric, rows FROM vecdb_index_stats('p_v');
SET enable_seqscan = off;
EXPLAIN (COSTS OFF) SELECT v FROM p ORDER BY v <=> '[-1,3]' LIMIT 3;
SELECT v FROM p ORDER BY v <=> '[-1,3]' LIMIT 3;
RESET enable_seqscan;
CREATE OPERATOR CLASS unknown_ops FOR TYPE vector USING ivfflat AS
  OPERATOR 1 <+> (vector, vector) FOR ORDER BY float_ops,
  FUNCTION 1 inner_product(vector, vector);
CREATE INDEX p_u ON p USING ivfflat (v unknown_ops);

-- A function that is none of ours.
CREATE OPERATOR CLASS signature_ops FOR TYPE vector USING ivfflat AS
  OPERATOR 1 <-> (vector, vector) FOR ORDER BY float_ops,
  FUNCTION 1 (vector) vector_dims(vector);
SELECT amvalidate(oid) FROM pg_opclass WHERE opcname = 'signature_ops';

-- Another storage type is refused when the class is made.
CREATE OPERATOR CLASS storage_ops FOR TYPE vector USING ivfflat AS
  OPERATOR 1 <-> (vector, vector) FOR ORDER BY float_ops,
  FUNCTION 1 ivfflat_vector_l2_support(internal),
  STORAGE float8;

-- What the access method can do.
SELECT property, pg_indexam_has_property(oid, property)
FROM pg_am, unnest(ARRAY['can_order', 'can_unique', 'can_multi_col', 'can_include']) AS property
WHERE amname = 'ivfflat' ORDER BY property;
CREATE TABLE t (v vector(8));
CREATE INDEX t_v ON t USING ivfflat (v);
SELECT property, pg_index_has_property('t_v', property)
FROM unnest(ARRAY['clusterable', 'index_scan', 'bitmap_scan', 'backward_scan']) AS property ORDER BY property;
SELECT property, pg_index_column_has_property('t_v', 1, property)
FROM unnest(ARRAY['asc', 'orderable', 'returnable', 'search_array', 'search_nulls']) AS property ORDER BY property;

SET client_min_messages = warning;
DROP SCHEMA ivfflat_validate CASCADE;
