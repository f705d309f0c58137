-- A few rows that are very much longer than all others: nothing is learnt from them,
-- and they are found as any.
SET client_min_messages = warning;
CREATE SCHEMA ivfflat_outliers;
SET search_path = ivfflat_outliers, public;
SET jit = off;
RESET client_min_messages;

-- One row in two hundred is longer, by 10^6 to 10^35.
CREATE TABLE usual (id int PRIMARY KEY, v vector(24));
INSERT INTO usual SELECT i, vec(i % 60, 24) + vec(i + 1000, 24) FROM generate_series(1, 12000) AS i;
CREATE FUNCTION longer(i int) RETURNS vector LANGUAGE sql IMMUTABLE AS $$
  SELECT vec(i, 24) * array_fill((10::float8 ^ (6 + i / 200 % 30))::real, ARRAY[24])::vector
$$;
CREATE TABLE mixed (id int PRIMARY KEY, v vector(24));
INSERT INTO mixed SELECT id, CASE WHEN id % 200 = 0 THEN longer(id) ELSE v END FROM usual ORDER BY id;

-- What searches beside usual rows do, on average: they fetch few, and find the rows.
CREATE FUNCTION searched(op text, OUT few bool, OUT near bool) LANGUAGE plpgsql AS $$
DECLARE
  query vector; ids int[]; exact int[]; fetches int := 0; hits int := 0;
BEGIN
  FOR query IN SELECT v FROM usual WHERE id % 401 = 7 LOOP
    SET LOCAL enable_indexscan = on;
    EXECUTE format('SELECT array_agg(id) FROM (SELECT id FROM mixed WHERE id %% 200 <> 0
      ORDER BY v OPERATOR(public.%s) $1 LIMIT 10) AS s', op) INTO ids USING query;
    fetches := fetches + (SELECT s.fetches FROM vecdb_last_scan() AS s);
    SET LOCAL enable_indexscan = off;
    EXECUTE format('SELECT array_agg(id) FROM (SELECT id FROM mixed WHERE id %% 200 <> 0
      ORDER BY v OPERATOR(public.%s) $1 LIMIT 10) AS s', op) INTO exact USING query;
    hits := hits + (SELECT count(*) FROM unnest(ids) AS i WHERE i = ANY (exact));
  END LOOP;
  few := fetches / 30 < 1000;
  near := hits / 300.0 > 0.9;
END
$$;
SET enable_seqscan = off;
SET enable_bitmapscan = off;

CREATE INDEX mixed_v ON mixed USING ivfflat (v);
SELECT searched('<->');
SELECT lists > 100 AS lists FROM vecdb_index_stats('mixed_v');
SELECT max(rows) < 800 AS spread FROM vecdb_index_lists('mixed_v');
SELECT * FROM vecdb_check_index('mixed_v', true);
-- Each of them is found, also where the distances to all lists are beyond single precision.
SELECT count(*) AS rows, count(*) FILTER (WHERE id = (SELECT id FROM mixed AS m ORDER BY m.v <-> q.v LIMIT 1)) AS found
FROM mixed AS q WHERE id % 200 = 0;
DROP INDEX mixed_v;

CREATE INDEX mixed_v ON mixed USING ivfflat (v vector_ip_ops);
SELECT searched('<#>');
DROP INDEX mixed_v;

CREATE INDEX mixed_v ON mixed USING ivfflat (v vector_l1_ops);
SELECT searched('<+>');
DROP INDEX mixed_v;

-- The same in another tree.
CREATE TABLE copy AS TABLE mixed;
TRUNCATE mixed;
CREATE INDEX mixed_v ON mixed USING ivfflat (v);
INSERT INTO mixed TABLE copy;
VACUUM mixed;
SELECT lists > 100 AS lists FROM vecdb_index_stats('mixed_v');
SELECT searched('<->');
SELECT * FROM vecdb_check_index('mixed_v', true);

-- Rows whose values are yet to come are one vector: the others are not too long
-- because that is short.
CREATE TABLE pending (id int PRIMARY KEY, v vector(24));
INSERT INTO pending SELECT i, CASE WHEN i % 25 = 0 THEN vec(i, 24) ELSE array_fill(1e-6::real, ARRAY[24])::vector END
FROM generate_series(1, 40000) AS i;
CREATE INDEX pending_v ON pending USING ivfflat (v);
SELECT lists > 100 AS lists FROM vecdb_index_stats('pending_v');

-- A query so long that single precision knows no distance of a list: their products
-- have an order all the same.
CREATE INDEX usual_v ON usual USING ivfflat (v vector_ip_ops);
SELECT compare('usual', '<#>', (v - vec(1, 24)) * array_fill(1e25::real, ARRAY[24])::vector, 10)
FROM usual WHERE id IN (1, 2000, 4000);

SET client_min_messages = warning;
DROP SCHEMA ivfflat_outliers CASCADE;
