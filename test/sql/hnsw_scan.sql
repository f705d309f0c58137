-- Scans of an hnsw index: the same lists as ivfflat's, by settings of its own.
SET client_min_messages = warning;
CREATE SCHEMA hnsw_scan;
SET search_path = hnsw_scan, public;
SET jit = off;
RESET client_min_messages;

SELECT opcname, opcdefault, amvalidate(o.oid)
FROM pg_opclass AS o JOIN pg_am AS a ON a.oid = opcmethod
WHERE amname = 'hnsw' AND opcname LIKE 'vector%' AND opcname <> 'vector_l1_ops' ORDER BY opcname;
CREATE OPERATOR CLASS empty_ops FOR TYPE vector USING hnsw AS STORAGE vector;
SELECT amvalidate(oid) FROM pg_opclass WHERE opcname = 'empty_ops';

CREATE TABLE t (id int PRIMARY KEY, v vector(64));
INSERT INTO t SELECT i, vec(i % 40, 64) + vec(i + 1000, 64) FROM generate_series(1, 8000) AS i;
CREATE INDEX t_v ON t USING hnsw (v vector_l2_ops) WITH (lists = 40);
ANALYZE t;
SELECT property, pg_indexam_has_property(oid, property)
FROM pg_am, unnest(ARRAY['can_order', 'can_unique', 'can_multi_col', 'can_include']) AS property
WHERE amname = 'hnsw' ORDER BY property;
SELECT property, pg_index_has_property('t_v', property)
FROM unnest(ARRAY['clusterable', 'index_scan', 'bitmap_scan', 'backward_scan']) AS property ORDER BY property;
SELECT property, pg_index_column_has_property('t_v', 1, property)
FROM unnest(ARRAY['distance_orderable', 'orderable', 'returnable']) AS property ORDER BY property;
SELECT count(*) FROM vecdb_check_index('t_v', true);
SELECT lists, rows, metric, options FROM vecdb_index_stats('t_v');
SELECT sum(rows) FROM vecdb_index_lists('t_v');

-- The planner takes it where rows are few that are wanted, and not else: a
-- scan by these settings would not return all.
SELECT regexp_replace(plan, '\[.*\]', '[...]') AS plan FROM plan('SELECT id FROM t ORDER BY v <-> vec(7, 64) LIMIT 5');
SELECT regexp_replace(plan, '\[.*\]', '[...]') AS plan FROM plan('SELECT id FROM t ORDER BY v <-> vec(7, 64)');
SET hnsw.iterative_scan = off;
SELECT regexp_replace(plan, '\[.*\]', '[...]') AS plan FROM plan('SELECT id FROM t ORDER BY v <-> vec(7, 64)');
RESET hnsw.iterative_scan;
SET enable_seqscan = off;
SET enable_sort = off;

-- A greater ef_search looks at a greater share of the rows: ef_search / root(rows) of them on average.
CREATE FUNCTION work(ef int, OUT recall float8, OUT probes float8, OUT codes float8) LANGUAGE sql AS $$
  SELECT set_config('hnsw.ef_search', ef::text, false), setseed(0.5);
  SELECT recall, probes, codes FROM vecdb_recall('t_v', sample => 100)
$$;
CREATE TABLE works AS SELECT ef, (work(ef)).* FROM unnest(ARRAY[1, 10, 40, 200, 1000]) AS ef;
SELECT ef, recall >= lag(recall, 1, 0::float8) OVER w - 0.01 AS recall, codes >= lag(codes, 1, 0::float8) OVER w AS codes
FROM works WINDOW w AS (ORDER BY ef);
SELECT recall > 0.93 AS well FROM works WHERE ef = 40;
SELECT recall > 0.99 AS well FROM works WHERE ef = 1000;
SELECT codes / (40 * sqrt(8000)) BETWEEN 0.3 AND 1.4 AS share FROM works WHERE ef = 40;
RESET hnsw.ef_search;

-- Where data is easy, a graph finds nearly all: so does a look at as many codes.
CREATE TABLE easy (v vector(3));
INSERT INTO easy SELECT vec(i, 3) FROM generate_series(1, 6000) AS i;
CREATE INDEX easy_v ON easy USING hnsw (v vector_l2_ops);
SELECT setseed(0.5);
SELECT recall >= 0.99 AS well, codes BETWEEN 800 AND 1500 AS codes FROM vecdb_recall('easy_v');

-- How many rows come of a scan that is run to its end, and in which order.
CREATE FUNCTION search(filter text DEFAULT 'true', wanted int DEFAULT NULL,
  OUT rows bigint, OUT ordered bool, OUT went_on bool, OUT fetches bigint, OUT stop text)
LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('SELECT count(*), bool_and(d >= before) FROM (SELECT d, lag(d, 1, d) OVER () AS before FROM
    (SELECT v <-> vec(7, 64) AS d FROM t WHERE %s ORDER BY d LIMIT $1) AS s) AS s', filter)
    INTO rows, ordered USING wanted;
  SELECT s.probes > s.first_probes, s.fetches, s.stop INTO went_on, fetches, stop FROM vecdb_last_scan() AS s;
END
$$;

-- Off: no more than ef_search rows, before a filter, in their order.
SET hnsw.iterative_scan = off;
SELECT rows, ordered, went_on, stop FROM search();
SELECT rows, ordered, went_on, stop FROM search(wanted => 40);
SELECT rows, ordered, went_on, stop FROM search(wanted => 41);
SELECT rows < 40 AS fewer, ordered, went_on, stop FROM search('id % 3 = 0');
SET hnsw.ef_search = 1;
SELECT rows, ordered, went_on, stop FROM search();
SET hnsw.ef_search = 1000;
SELECT rows BETWEEN 100 AND 1000 AS rows, ordered, went_on, stop FROM search();
RESET hnsw.ef_search;

-- Conditions without a distance have all their rows, whatever is set for searches.
CREATE TABLE filed (c int, v vector(8));
INSERT INTO filed SELECT i % 4, CASE WHEN i % 10 > 0 THEN vec(i, 8) END FROM generate_series(1, 1000) AS i;
CREATE INDEX filed_v ON filed USING hnsw (v vector_l2_ops, c);
ANALYZE filed;
SELECT * FROM plan('SELECT count(*) FROM filed WHERE c = 1');
SELECT count(*) FROM filed WHERE c = 1;
SELECT count(*) FROM filed WHERE c = 1 AND v IS NOT NULL;
SELECT count(*) FROM filed WHERE v IS NULL;
SELECT rows, stop FROM vecdb_last_scan();

-- Relaxed, which is the default: goes on, to the end if it is asked to.
RESET hnsw.iterative_scan;
SHOW hnsw.iterative_scan;
SELECT rows, ordered, went_on, stop FROM search();
SELECT rows, went_on, stop FROM search('id % 100 = 0', 50);

-- Strict: goes on too, but leaves out what would come too late.
SET hnsw.iterative_scan = strict_order;
SELECT rows BETWEEN 7600 AND 8000 AS rows, ordered, went_on, stop FROM search();
SELECT rows >= 45 AS rows, ordered, went_on, stop FROM search('id % 100 = 0', 50);

-- Many rows at one distance, in all lists: none is lost between two batches, and
-- none comes twice, when the scan begins anew either.
CREATE TABLE bits (id int, v vector(16));
INSERT INTO bits SELECT i, (SELECT array_agg((hashint8(i * 100 + j) & 1)::float4 ORDER BY j) FROM generate_series(1, 16) AS j)::vector
FROM generate_series(1, 6000) AS i;
CREATE INDEX ON bits USING hnsw (v vector_l2_ops) WITH (lists = 60);
SELECT q, count(*) BETWEEN 5000 AND 6000 AS most, count(*) = count(DISTINCT id) AS once, bool_and(d >= before) AS ordered
FROM generate_series(1, 3) AS q, LATERAL (SELECT id, d, lag(d, 1, d) OVER () AS before
  FROM (SELECT id, v <-> (SELECT v FROM bits WHERE id = q) AS d FROM bits ORDER BY d) AS s) AS s
GROUP BY q ORDER BY q;

-- Rows that are looked at, but for those of the first lists.
RESET hnsw.iterative_scan;
SET hnsw.max_scan_tuples = 1;
SELECT rows = fetches AS rows, rows < 4000 AS fewer, went_on, stop FROM search();
SET hnsw.max_scan_tuples = 5000;
SELECT rows <= fetches AS rows, fetches, went_on, stop FROM search();
SET hnsw.max_scan_tuples = 8000;
SELECT rows, fetches, stop FROM search();
RESET hnsw.max_scan_tuples;

-- More memory, fewer passes over the codes for the same rows.
CREATE FUNCTION passes(memory float8) RETURNS int LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('hnsw.scan_mem_multiplier', memory::text, false);
  PERFORM search();
  RETURN (SELECT l.passes FROM vecdb_last_scan() AS l);
END
$$;
ALTER INDEX t_v SET (lists = 1);
REINDEX INDEX t_v;
SET work_mem = '64kB';
SELECT passes(1) > passes(1000) AS fewer;
RESET work_mem;
RESET hnsw.scan_mem_multiplier;

-- The metrics; rows that come and go; NULL, which a graph would leave out.
SELECT compare('t', '<->', vec(9, 64), 10);
DROP INDEX t_v;
CREATE INDEX t_v ON t USING hnsw (v vector_ip_ops);
SELECT compare('t', '<#>', vec(9, 64), 10);
DROP INDEX t_v;
CREATE INDEX t_v ON t USING hnsw (v vector_cosine_ops);
SELECT compare('t', '<=>', vec(9, 64), 10);
DELETE FROM t WHERE id % 2 = 0;
VACUUM t;
INSERT INTO t VALUES (10000, vec(9, 64)), (10001, NULL), (10002, array_fill(0, ARRAY[64])::vector);
SELECT id, v <=> vec(9, 64) AS distance FROM t ORDER BY distance LIMIT 1;
SELECT count(*) FROM vecdb_check_index('t_v', true);
SELECT compare('t', '<=>', vec(9, 64));

-- Where a setting of the one method says nothing to the other.
CREATE INDEX t_i ON t USING ivfflat (v vector_l2_ops);
SET hnsw.ef_search = 1;
SET hnsw.iterative_scan = off;
SELECT compare('t', '<->', vec(9, 64));
SET ivfflat.iterative_scan = off;
SET ivfflat.probes = 1;
RESET hnsw.ef_search;
RESET hnsw.iterative_scan;
SELECT compare('t', '<=>', vec(9, 64));

-- Unlogged, and empty at first.
CREATE UNLOGGED TABLE u (id int, v vector(3));
CREATE INDEX ON u USING hnsw (v vector_l2_ops);
INSERT INTO u VALUES (1, '[1,2,3]'), (2, '[1,1,1]'), (3, NULL);
SELECT id FROM u ORDER BY v <-> '[1,2,2]';
SELECT id FROM u ORDER BY v <-> NULL LIMIT 1;
TRUNCATE u;
SELECT id FROM u ORDER BY v <-> '[1,2,2]';

SET client_min_messages = warning;
DROP SCHEMA hnsw_scan CASCADE;
