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
    WHEN plan::text ~ '"Index Name": "(large|small|wide|rare)_(v|part)"' THEN 'ivfflat'
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

-- No distance, or all rows of the table; a radius that few rows are within.
SELECT node('SELECT id FROM large');
SELECT node('SELECT count(*) FROM large');
SELECT node('SELECT id FROM large WHERE v <-> vec(0, 64) < 1');
SELECT node('SELECT id FROM large ORDER BY v <-> vec(0, 64)');

-- A filter that another index serves, down to a row.
SELECT node('SELECT id FROM large WHERE id = 17 ORDER BY v <-> vec(0, 64) LIMIT 10');

-- A filter that leaves fewer rows than are asked for: all rows have to be read.
SELECT node('SELECT id FROM large WHERE abs(grp) = 17 ORDER BY v <-> vec(0, 64) LIMIT 1000');

-- A condition on a column of the index, where a B-tree would fetch as few rows as lists
-- are read; where it would fetch many; and where there is none.
CREATE TABLE rare AS SELECT i AS id, vec(i, 64)::vector(64) AS v, hashint4(i) & 16383 AS f
FROM generate_series(1, 20000) AS i;
CREATE INDEX rare_v ON rare USING ivfflat (v vector_l2_ops, f);
CREATE INDEX rare_f ON rare (f);
VACUUM ANALYZE rare;
SELECT node('SELECT id FROM rare WHERE f < 28 ORDER BY v <-> vec(0, 64) LIMIT 10');
SELECT node('SELECT id FROM rare WHERE f < 1600 ORDER BY v <-> vec(0, 64) LIMIT 10');
DROP INDEX rare_f;
SELECT node('SELECT id FROM rare WHERE f < 28 ORDER BY v <-> vec(0, 64) LIMIT 10');

-- Rows out of line: comparing 500 of them takes longer than it looks.
CREATE TABLE wide (id int, v vector(1000));
INSERT INTO wide SELECT i, array_fill(i, ARRAY[1000])::vector FROM generate_series(1, 500) AS i;
CREATE INDEX wide_v ON wide USING ivfflat (v);
VACUUM ANALYZE wide;
SELECT node('SELECT id FROM wide ORDER BY v <-> (SELECT v FROM wide LIMIT 1) LIMIT 10');
SELECT node('SELECT id FROM wide ORDER BY v <-> (SELECT v FROM wide LIMIT 1)');

-- A partial index costs what its own rows cost.
CREATE INDEX part ON large USING ivfflat (v) WHERE grp = 3;
ANALYZE large;
SELECT bool_or(line ~ ' part ') AS part
FROM plan('SELECT id FROM large WHERE grp = 3 ORDER BY v <-> vec(0, 64) LIMIT 5') AS line;
DROP INDEX part;

-- More rows cost more, so do more lists; and what is not read costs nothing.
CREATE FUNCTION total(statement text) RETURNS float8 LANGUAGE plpgsql AS $$
DECLARE plan json;
BEGIN
  EXECUTE 'EXPLAIN (FORMAT json) ' || statement INTO plan;
  RETURN plan->0->'Plan'->>'Total Cost';
END
$$;
CREATE FUNCTION search(wanted int, filter text DEFAULT 'true') RETURNS float8 LANGUAGE sql AS $$
  SELECT total(format('SELECT id FROM large WHERE %s ORDER BY v <-> vec(0, 64) LIMIT %s', filter, wanted))
$$;
SET enable_seqscan = off;
SET enable_sort = off;
SELECT search(1) < search(10) AND search(10) < search(100) AND search(100) < search(1000) AS rows,
  search(10) < search(10, 'grp < 50') AND search(10, 'grp < 50') < search(10, 'grp < 5') AS filters;
CREATE TEMP TABLE usual AS SELECT search(10) AS few, search(100, 'grp < 5') AS many;
SET ivfflat.probes = 1;
SELECT search(10) < few AS probes FROM usual;
SET ivfflat.iterative_scan = off;
SELECT search(100, 'grp < 5') < many / 2 AS iterative_scan FROM usual;
RESET ivfflat.iterative_scan;
SET ivfflat.max_probes = 1;
SELECT search(100, 'grp < 5') < many / 2 AS max_probes FROM usual;
RESET ivfflat.max_probes;
RESET ivfflat.probes;
SET ivfflat.target_recall = 1;
SELECT search(10) > few AS target_recall FROM usual;
RESET ivfflat.target_recall;

-- Rows in order cost nothing where a scan knows their number before the first one, and
-- something under a filter, or where work_mem has no room for so many.
CREATE FUNCTION search_as(mode text, wanted int, filter text DEFAULT 'true') RETURNS float8
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('ivfflat.iterative_scan', mode, true);
  RETURN search(wanted, filter);
END
$$;
SELECT search_as('strict_order', 100) = search_as('relaxed_order', 100) AS strict,
  search_as('off', 100) = search_as('relaxed_order', 100) AS off,
  search_as('strict_order', 10, 'grp < 5') > 1.1 * search_as('relaxed_order', 10, 'grp < 5') AS filtered;
SET work_mem = '64kB';
SELECT search_as('strict_order', 4000) > 1.1 * search_as('relaxed_order', 4000) AS without_room;
RESET work_mem;
RESET ivfflat.iterative_scan;
RESET enable_seqscan;
RESET enable_sort;

-- Lists without a row that passes a condition on their column are not walked.
CREATE TABLE beside AS SELECT id, v, id AS own, id % 2 AS half FROM large;
CREATE INDEX beside_v ON beside USING ivfflat (v, own, half);
VACUUM ANALYZE beside;
SELECT total('SELECT id FROM beside WHERE own = 17 ORDER BY v <-> vec(0, 64) LIMIT 10') * 2 <
  total('SELECT id FROM beside WHERE half = 1 ORDER BY v <-> vec(0, 64) LIMIT 10') AS pruned;
DROP TABLE beside;

-- A LIMIT that is not known yet is a tenth of the rows to the planner.
SET plan_cache_mode = force_generic_plan;
PREPARE search (int) AS
  SELECT id FROM wide ORDER BY v <-> (SELECT v FROM wide LIMIT 1) LIMIT $1;
SELECT node('EXECUTE search (10)');
SET plan_cache_mode = force_custom_plan;
SELECT node('EXECUTE search (10)');
RESET plan_cache_mode;
DEALLOCATE search;

-- An index that cannot serve has no way around.
SET enable_seqscan = off;
SELECT node('SELECT count(v) FROM large') <> 'ivfflat' AS other;
CREATE INDEX wide_part ON wide USING ivfflat (v) WHERE id <= 100;
SELECT statement FROM unnest(ARRAY[
    'SELECT count(*) FROM wide',
    'SELECT count(*) FROM wide WHERE id <= 100',
    'SELECT id FROM wide WHERE id <= 100 LIMIT 1',
    'SELECT v FROM wide WHERE id <= 100 ORDER BY id LIMIT 1',
    'SELECT EXISTS (SELECT FROM wide WHERE id <= 100)',
    'SELECT count(*) FROM small, wide WHERE wide.id <= 100',
    'SELECT count(*) FROM small JOIN wide USING (id) WHERE wide.id <= 100',
    'SELECT 1 FROM wide WHERE id <= 100 FOR UPDATE LIMIT 1',
    'UPDATE wide SET v = v WHERE id <= 100',
    'DELETE FROM wide WHERE id <= 100',
    'DECLARE c CURSOR FOR SELECT FROM wide WHERE id <= 100']) AS statement
  WHERE node(statement) = 'ivfflat';
SELECT count(*) FROM wide;
SELECT count(*) FROM (SELECT FROM wide WHERE id <= 100 LIMIT 10) AS few;
UPDATE wide SET v = v WHERE id <= 100;
SET enable_indexscan = off;
SELECT node('SELECT count(*) FROM wide WHERE id <= 100') AS neither;
SELECT count(*) FROM wide WHERE id <= 100;
RESET enable_indexscan;

SET client_min_messages = warning;
DROP SCHEMA ivfflat_cost CASCADE;
