-- The planner's choice, far from the point where it turns.
SET client_min_messages = warning;
CREATE SCHEMA ivfflat_cost;
SET search_path = ivfflat_cost, public;
-- Costs of what is switched off would call for it.
SET jit = off;
RESET client_min_messages;

CREATE FUNCTION node(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE plan json;
BEGIN
  EXECUTE 'EXPLAIN (FORMAT json) ' || statement INTO plan;
  RETURN CASE
    WHEN plan::text ~ '"Index Name": "large_v"' THEN 'ivfflat'
    WHEN plan::text ~ '"Index Name": "small_v"' THEN 'ivfflat'
    ELSE 'another' END;
END
$$;

CREATE TABLE small (id int PRIMARY KEY, v vector(8));
INSERT INTO small SELECT i, vec(i) FROM generate_series(1, 20) AS i;
CREATE INDEX small_v ON small USING ivfflat (v);
CREATE TABLE large (id int PRIMARY KEY, v vector(64), grp int);
INSERT INTO large SELECT i, vec(i, 64), i % 100 FROM generate_series(1, 20000) AS i;
CREATE INDEX large_v ON large USING ivfflat (v);
VACUUM ANALYZE small, large;

-- A few neighbours among many rows.
SELECT node('SELECT id FROM large ORDER BY v <-> vec(0, 64) LIMIT 10');
SELECT node('SELECT id FROM large ORDER BY v <-> vec(0, 64) LIMIT 1');
SELECT node('SELECT id FROM large WHERE grp < 50 ORDER BY v <-> vec(0, 64) LIMIT 10');
SELECT node('SELECT id FROM large ORDER BY v <-> (SELECT v FROM small WHERE false) LIMIT 10');

-- A table of one or two pages.
SELECT node('SELECT id FROM small ORDER BY v <-> vec(0, 8) LIMIT 10');

-- No order by distance, or all rows of the table.
SELECT node('SELECT id FROM large');
SELECT node('SELECT count(*) FROM large');
SELECT node('SELECT id FROM large WHERE v <-> vec(0, 64) < 1');
SELECT node('SELECT id FROM large ORDER BY v <-> vec(0, 64)');

-- A filter that another index serves, down to a row.
SELECT node('SELECT id FROM large WHERE id = 17 ORDER BY v <-> vec(0, 64) LIMIT 10');

-- An index that cannot serve has no way around.
SET enable_seqscan = off;
SELECT node('SELECT count(v) FROM large') <> 'ivfflat' AS other;

SET client_min_messages = warning;
DROP SCHEMA ivfflat_cost CASCADE;
