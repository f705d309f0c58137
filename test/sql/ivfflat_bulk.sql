-- Rows that are fetched many at a time, in the order of their pages.
SET client_min_messages = warning;
CREATE SCHEMA ivfflat_bulk;
SET search_path = ivfflat_bulk, public;
SET jit = off;
RESET client_min_messages;

-- Neighbours lie on pages far apart.
CREATE TABLE t (id int PRIMARY KEY, part int, v vector(32));
INSERT INTO t SELECT i, i % 7, vec(i % 40, 32) + vec(i + 1000, 32) FROM generate_series(1, 6000) AS i;
CREATE INDEX t_v ON t USING ivfflat (v) WITH (lists = 30);
VACUUM ANALYZE t;
SET enable_seqscan = off;
SET enable_bitmapscan = off;
SET enable_sort = off;

-- Ids in the order in which they come, and the rows that were fetched for them.
CREATE FUNCTION answers(statement text, OUT ids text, OUT fetches bigint)
LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('SELECT string_agg(id::text, '' '') FROM (%s) AS s', statement) INTO ids;
  fetches := (SELECT s.fetches FROM vecdb_last_scan() AS s);
END
$$;

-- The same in the order of bounds alone, row by row.
CREATE FUNCTION same_answers(statement text, others text DEFAULT '',
  OUT rows int, OUT same boolean, OUT none_more boolean)
LANGUAGE plpgsql AS $$
DECLARE
  bulk record;
  single record;
BEGIN
  PERFORM set_config('vecdb.disable_shortcuts', others, false);
  SELECT * INTO bulk FROM answers(statement);
  PERFORM set_config('vecdb.disable_shortcuts', concat_ws(', ', nullif(others, ''), 'fetch'), false);
  SELECT * INTO single FROM answers(statement);
  SET vecdb.disable_shortcuts = '';
  rows := cardinality(string_to_array(bulk.ids, ' '));
  same := bulk.ids = single.ids;
  none_more := bulk.fetches <= single.fetches;
END
$$;

-- Up to a LIMIT that is known no row is fetched that would not be otherwise.
SELECT n, s.* FROM unnest(ARRAY[10, 16, 100, 1000, 6000, 9000]) AS n,
  same_answers(format('SELECT id FROM t ORDER BY v <-> vec(7, 32) LIMIT %s', n)) AS s;
SELECT target, s.* FROM unnest(ARRAY['0.5', '0.99', '1']) AS target,
  set_config('ivfflat.target_recall', target, false),
  same_answers('SELECT id FROM t ORDER BY v <-> vec(9, 32) LIMIT 300 OFFSET 100') AS s;
SELECT way, s.* FROM unnest(ARRAY['off', 'strict_order']) AS way,
  set_config('ivfflat.iterative_scan', way, false),
  same_answers('SELECT id FROM t ORDER BY v <-> vec(11, 32) LIMIT 200') AS s;
RESET ivfflat.iterative_scan;

-- With a filter it is not known how many rows it takes, nor within a radius.  All
-- bounds are below the distances, so that nothing comes late.
SELECT s.rows, s.same FROM same_answers('SELECT id FROM t WHERE part = 3 ORDER BY v <-> vec(5, 32) LIMIT 100') AS s;
SELECT s.rows, s.same FROM same_answers('SELECT id FROM t WHERE v <-> vec(5, 32) < 4.6 ORDER BY v <-> vec(5, 32)') AS s;
SELECT s.rows > 100 AS many, s.same, s.none_more
FROM same_answers('SELECT id FROM t WHERE v <-> vec(5, 32) < 4.6 ORDER BY v <-> vec(5, 32) LIMIT 5000') AS s;
SELECT (SELECT count(*) FROM t WHERE v <-> vec(5, 32) < 4.6) = count(*) AS complete, count(*) > 100 AS many
FROM (SELECT v FROM t OFFSET 0) AS t WHERE v <-> vec(5, 32) < 4.6;
RESET ivfflat.target_recall;

-- Rows of one page are fetched together: a search looks at a row for each answer
-- and one more, mostly, and touches fewer pages than that.
CREATE FUNCTION pages(statement text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  plan json;
BEGIN
  EXECUTE 'EXPLAIN (ANALYZE, BUFFERS, COSTS off, TIMING off, FORMAT json) ' || statement INTO plan;
  RETURN (plan->0->'Plan'->>'Shared Hit Blocks')::bigint + (plan->0->'Plan'->>'Shared Read Blocks')::bigint;
END
$$;
CREATE FUNCTION pages_spared(statement text) RETURNS float8 LANGUAGE plpgsql AS $$
DECLARE
  bulk bigint;
  single bigint;
BEGIN
  SET vecdb.disable_shortcuts = '';
  bulk := pages(statement);
  SET vecdb.disable_shortcuts = 'fetch';
  single := pages(statement);
  SET vecdb.disable_shortcuts = '';
  RETURN (single - bulk)::float8 / (SELECT fetches FROM vecdb_last_scan());
END
$$;
-- The bars are two thirds to three quarters of what is spared: 0.76, 0.46 and 0.20
-- pages a row that is fetched.  A radius spares least, since it is not known how many
-- rows it holds: they are fetched in growing numbers, and a page may come in several.
SELECT pages_spared('SELECT id FROM t ORDER BY v <-> vec(13, 32) LIMIT 2000') > 0.5 AS limit_spares,
  pages_spared('SELECT id FROM t WHERE part = 3 AND id % 11 = 2 ORDER BY v <-> vec(13, 32) LIMIT 40') > 0.3 AS filter_spares,
  pages_spared('SELECT id FROM t WHERE v <-> vec(13, 32) < 5') > 0.15 AS radius_spares;

-- A cursor goes on where it was, and a join starts again and again.
SELECT ids AS at_once FROM answers('SELECT id FROM t ORDER BY v <-> vec(17, 32) LIMIT 500') \gset
BEGIN;
DECLARE c CURSOR FOR SELECT id FROM t ORDER BY v <-> vec(17, 32) LIMIT 500;
CREATE TEMP TABLE got (n serial, id int) ON COMMIT DROP;
CREATE FUNCTION take(wanted int) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
  c refcursor := 'c';
  row record;
BEGIN
  FOR i IN 1..wanted LOOP
    FETCH c INTO row;
    EXIT WHEN NOT FOUND;
    INSERT INTO got (id) VALUES (row.id);
  END LOOP;
  RETURN (SELECT count(*) FROM got);
END
$$;
SELECT take(3), take(200), take(1000);
SELECT string_agg(id::text, ' ' ORDER BY n) = :'at_once' AS same FROM got;
COMMIT;
SELECT count(*), count(DISTINCT s.id), bool_and(s.ids = (answers(format('SELECT id FROM t ORDER BY v <-> vec(%s, 32) LIMIT 60', q))).ids) AS same
FROM (SELECT q, min(b.id) AS id, string_agg(b.id::text, ' ' ORDER BY n) AS ids
  FROM generate_series(1, 20) AS q, LATERAL
    (SELECT id, row_number() OVER () AS n FROM (SELECT id FROM t ORDER BY v <-> vec(q, 32) LIMIT 60) AS a) AS b
  GROUP BY q) AS s;

-- What was deleted, changed or moved meanwhile, before vacuum came and after.
DELETE FROM t WHERE id % 3 = 0;
UPDATE t SET v = vec(id + 9000, 32) WHERE id % 5 = 0;
UPDATE t SET part = part + 1 WHERE id % 4 = 0;
SET ivfflat.target_recall = 1;
SELECT compare('t', '<->', vec(19, 32), 1000);
SELECT s.* FROM same_answers('SELECT id FROM t ORDER BY v <-> vec(19, 32) LIMIT 1000') AS s;
VACUUM t;
SELECT compare('t', '<->', vec(19, 32), 1000);
SELECT s.* FROM same_answers('SELECT id FROM t ORDER BY v <-> vec(19, 32) LIMIT 1000') AS s;
RESET ivfflat.target_recall;

-- Of rows that are alike no more are fetched than are wanted.
CREATE TABLE alike (id int PRIMARY KEY, v vector(32));
INSERT INTO alike SELECT i, vec(CASE WHEN i % 2 = 0 THEN 1 ELSE i END, 32) FROM generate_series(1, 8000) AS i;
CREATE INDEX ON alike USING ivfflat (v) WITH (lists = 10);
ANALYZE alike;
SELECT count(*), bool_and(id % 2 = 0 OR id = 1) AS alike, (SELECT fetches FROM vecdb_last_scan()) < 700 AS few
FROM (SELECT id FROM alike ORDER BY v <-> vec(1, 32) + array_fill(0.001::real, ARRAY[32])::vector LIMIT 500) AS s;
DROP INDEX alike_v_idx;
TRUNCATE alike;
INSERT INTO alike SELECT i, vec(CASE WHEN i % 10 = 0 THEN i % 200 ELSE i END, 32) FROM generate_series(1, 8000) AS i;
CREATE INDEX ON alike USING ivfflat (v) WITH (lists = 10);
SELECT count(*), bool_and(s.rows = wanted AND s.same) AS same, bool_and(s.none_more) AS none_more
FROM generate_series(1, 6) AS q, unnest(ARRAY[100, 300]) AS wanted,
  same_answers(format('SELECT id FROM alike ORDER BY v <-> vec(%s, 32) LIMIT %s', 20000 + q, wanted)) AS s;

-- Values out of line, and an expression of a row.
CREATE TABLE long (id int PRIMARY KEY, v vector(520));
ALTER TABLE long ALTER v SET STORAGE EXTERNAL;
INSERT INTO long SELECT i, vec(i % 40, 520) + vec(i + 1000, 520) FROM generate_series(1, 1200) AS i;
CREATE INDEX ON long USING ivfflat (v) WITH (lists = 10);
CREATE INDEX ON long USING ivfflat (((v * v)::vector(520))) WITH (lists = 10);
ANALYZE long;
DELETE FROM long WHERE id % 3 = 0;
SELECT pg_relation_size(reltoastrelid) > 0 AS out_of_line FROM pg_class WHERE oid = 'long'::regclass;
SELECT name, s.* FROM unnest(ARRAY['', 'toast', 'guess', 'ahead']) AS name,
  same_answers('SELECT id FROM long ORDER BY v <-> vec(23, 520) LIMIT 300', name) AS s;
SELECT s.* FROM same_answers('SELECT id FROM long ORDER BY (v * v)::vector(520) <-> vec(23, 520) LIMIT 300') AS s;

DROP SCHEMA ivfflat_bulk CASCADE;
