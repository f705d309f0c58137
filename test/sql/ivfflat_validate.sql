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
  FUNCTION 1 ivfflat_vector_l2_support(internal);
SELECT amvalidate(oid) FROM pg_opclass WHERE opcname = 'strategy_ops';
CREATE OPERATOR CLASS number_ops FOR TYPE vector USING ivfflat AS
  OPERATOR 1 <-> (vector, vector) FOR ORDER BY float_ops,
  FUNCTION 2 ivfflat_vector_l2_support(internal);

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
