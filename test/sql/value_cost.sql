-- What the planner takes a distance to cost: by dimensions, and where it lies.
SET client_min_messages = warning;
CREATE SCHEMA value_cost;
SET search_path = value_cost, public;
RESET client_min_messages;

CREATE FUNCTION total(statement text) RETURNS float8 LANGUAGE plpgsql AS $$
DECLARE
  plan json;
BEGIN
  EXECUTE 'EXPLAIN (FORMAT json) ' || statement INTO plan;
  RETURN plan->0->'Plan'->>'Total Cost';
END
$$;

-- Of one row, in operators.
CREATE FUNCTION price(expression text, tab text) RETURNS float8 LANGUAGE sql AS $$
  SELECT (total(format('SELECT %s FROM %s', expression, tab)) -
          total(format('SELECT 1 FROM %s', tab))) / 100 /
         current_setting('cpu_operator_cost')::float8
$$;

CREATE TABLE short (v vector(3));
CREATE TABLE far (v vector(1000));
CREATE TABLE inside (v vector(1000));
ALTER TABLE inside ALTER v SET STORAGE plain;
CREATE TABLE undeclared (v vector);
CREATE FUNCTION ones(dim int) RETURNS vector LANGUAGE sql IMMUTABLE AS $$
  SELECT array_fill(1, ARRAY[dim])::vector
$$;
INSERT INTO short SELECT ones(3) FROM generate_series(1, 100);
INSERT INTO far SELECT ones(1000) FROM generate_series(1, 100);
INSERT INTO inside SELECT ones(1000) FROM generate_series(1, 100);
INSERT INTO undeclared SELECT ones(1000) FROM generate_series(1, 100);
VACUUM short, far, inside, undeclared;

-- Before statistics, the declaration tells.
CREATE TEMP TABLE before AS
  SELECT price('v <-> ones(1000)', 'far') AS far, price('v <-> ones(1000)', 'inside') AS inside;
ANALYZE short, far, inside, undeclared;
SELECT price('v <-> ones(1000)', 'far') / far BETWEEN 0.95 AND 1.05 AS far,
  price('v <-> ones(1000)', 'inside') / inside BETWEEN 0.95 AND 1.05 AS inside
FROM before;

-- Longer vectors cost more, and more again where they are out of line.
SELECT price('v <-> ones(3)', 'short') < 30 AS short,
  price('v <-> ones(1000)', 'inside') > 5 * price('v <-> ones(3)', 'short') AS inside,
  price('v <-> ones(1000)', 'far') > price('v <-> ones(1000)', 'inside') + 200 AS far;

-- A column without a dimension, beside a value that has one; each distance.
SELECT f, price(format(f, 'v'), 'undeclared') / price(format(f, 'v'), 'far')
    BETWEEN 0.95 AND 1.05 AS undeclared,
  price(format(f, 'v'), 'far') / price('v <-> ones(1000)', 'far')
    BETWEEN 0.95 AND 1.05 AS same
FROM unnest(ARRAY['%s <-> ones(1000)', '%s <=> ones(1000)', '%s <#> ones(1000)',
  '%s <+> ones(1000)', 'ones(1000) <-> %s', 'inner_product(%s, ones(1000))',
  'l2_distance(%s, ones(1000))', 'cosine_distance(%s, ones(1000))',
  'vector_l2_squared_distance(%s, ones(1000))',
  'vector_spherical_distance(%s, ones(1000))']) AS f;

-- A cast fetches the value in its stead.
SELECT price('v::vector(1000) <-> ones(1000)', 'undeclared') >= price('v <-> ones(1000)', 'far') AS cast;

-- Two columns; neither a dimension nor a value; a query that is not known yet.
SELECT price('v <-> v', 'far') > 1.5 * price('v <-> ones(1000)', 'far') AS both,
  price('v <-> v', 'undeclared') BETWEEN 100 AND 5000 AS unknown;
SET plan_cache_mode = force_generic_plan;
PREPARE query (vector) AS SELECT v <-> $1 FROM far;
SELECT total('EXECUTE query (ones(3))') = total('SELECT v <-> ones(1000) FROM far') AS generic;
RESET plan_cache_mode;
DEALLOCATE query;

-- Columns of a subquery and of a join; no column at all.
SELECT total('SELECT w <-> ones(1000) FROM (SELECT v AS w FROM far OFFSET 0) AS s') >
    total('SELECT v FROM far') + 50 AS sub,
  total('SELECT a.v <-> b.v FROM far AS a, far AS b') > 10000 AS joined,
  total('SELECT ones(3) <-> ones(3)') < 1 AS constant;

-- The server's own prices count.
CREATE TEMP TABLE usual AS
  SELECT price('v <-> ones(1000)', 'far') AS far, price('v <-> ones(1000)', 'inside') AS inside;
SET seq_page_cost = 10;
SELECT price('v <-> ones(1000)', 'far') > 1.5 * far AS far,
  abs(price('v <-> ones(1000)', 'inside') / inside - 1) < 0.01 AS inside FROM usual;
RESET seq_page_cost;

SET client_min_messages = warning;
DROP SCHEMA value_cost CASCADE;
