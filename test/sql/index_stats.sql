-- vecdb_index_stats, vecdb_index_lists: what they count, whom they serve.
SET client_min_messages = warning;
CREATE SCHEMA index_stats;
SET search_path = index_stats, public;
RESET client_min_messages;

-- A table of a few rows is one list, without a root over it.
CREATE TABLE few (id int, v vector(8));
INSERT INTO few SELECT i, vec(i) FROM generate_series(1, 100) AS i;
INSERT INTO few VALUES (101, NULL), (102, '[0,0,0,0,0,0,0,0]');
CREATE INDEX few_l2 ON few USING ivfflat (v);
CREATE INDEX few_ip ON few USING ivfflat (v vector_ip_ops) WITH (bits = 4);
CREATE INDEX few_cosine ON few USING ivfflat (v vector_cosine_ops) WITH (lists = 1, bits = 8);
SELECT c, lists, height, dimensions, metric, bits, rows, unplaced_rows, free_slots, options
FROM unnest('{few_l2,few_ip,few_cosine}'::regclass[]) AS c, vecdb_index_stats(c);
SELECT min_list, median_list, mean_list, max_list, stddev_list, imbalance,
  trained_rows, trained_sample, growth, calibration_recall, calibration_share
FROM vecdb_index_stats('few_cosine');
SELECT list, rows, free_slots, pages FROM vecdb_index_lists('few_cosine');

-- Nothing is there to divide by.
CREATE TABLE none (v vector(8));
CREATE INDEX none_v ON none USING ivfflat (v);
SELECT rows, min_list, median_list, mean_list, max_list, stddev_list, bytes_per_row,
  trained_rows, growth, imbalance, calibration_recall
FROM vecdb_index_stats('none_v');

-- Rows of an index that knew none when it was made.
INSERT INTO none SELECT vec(i) FROM generate_series(1, 20) AS i;
SELECT rows, trained_rows, growth, imbalance, scale > 0 AS has_scale FROM vecdb_index_stats('none_v');

-- Many lists.
CREATE TABLE many (id int PRIMARY KEY, v vector(8));
INSERT INTO many SELECT i, vec(i) FROM generate_series(1, 3000) AS i;
INSERT INTO many SELECT i, NULL FROM generate_series(3001, 3007) AS i;
CREATE INDEX many_v ON many USING ivfflat (v) WITH (lists = 20, autotrain = off);
SELECT lists, height, rows, unplaced_rows, free_slots, trained_rows, trained_sample > 0 AS sampled, growth, options
FROM vecdb_index_stats('many_v');

-- The lists one by one tell the same.
CREATE VIEW agreement AS
WITH l AS (
  SELECT sum(rows) AS rows, sum(free_slots) AS free_slots, count(*) AS lists,
    count(DISTINCT head_block) AS heads, min(rows) AS min, avg(rows) AS mean,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY rows) AS median, max(rows) AS max,
    stddev_pop(rows) AS stddev, sum(rows * rows) AS squares, sum(pages) AS pages
  FROM vecdb_index_lists('many_v')
)
SELECT s.rows - s.unplaced_rows = l.rows AS rows, s.free_slots = l.free_slots AS free,
  s.lists = l.lists AS lists, l.heads = l.lists AS heads, s.min_list = l.min AS min,
  s.median_list = l.median AS median, abs(s.mean_list - l.mean) < 1e-9 AS mean,
  s.max_list = l.max AS max, abs(s.stddev_list - l.stddev) < 1e-9 AS stddev,
  abs(s.imbalance - l.lists * l.squares / l.rows ^ 2) < 1e-9 AS imbalance,
  -- the metapage, the mean, the root of 20 centroids, and the unplaced list
  s.pages - s.free_pages - l.pages AS other_pages,
  s.bytes = pg_relation_size('many_v') AS bytes,
  abs(s.bytes_per_row * s.rows - s.bytes) < 1e-6 AS bytes_per_row
FROM vecdb_index_stats('many_v') AS s, l;
SELECT * FROM agreement;
SELECT free_pages FROM vecdb_index_stats('many_v');

-- What the build learnt: to find more, more has to be read.
SELECT cardinality(calibration_recall) = cardinality(calibration_share) AS same,
  calibration_recall = (SELECT array_agg(r ORDER BY r) FROM unnest(calibration_recall) AS r) AS recall_ascends,
  calibration_share = (SELECT array_agg(r ORDER BY r) FROM unnest(calibration_share) AS r) AS share_ascends,
  1 >= ALL (calibration_share) AND 0 < ALL (calibration_share) AS shares
FROM vecdb_index_stats('many_v');

-- A deleted row counts until vacuum has been there; its slot is used again.
DELETE FROM many WHERE id <= 1000;
SELECT rows, free_slots FROM vecdb_index_stats('many_v');
CALL old_snapshots_end();
VACUUM many;
SELECT rows, unplaced_rows, free_slots > 0 AS has_free, round(growth::numeric, 4) AS growth FROM vecdb_index_stats('many_v');
SELECT * FROM agreement;
-- Nearly: a build chooses among lists that are as near with less precision.
INSERT INTO many SELECT i, vec(i) FROM generate_series(1, 1000) AS i;
SELECT rows, free_slots < 10 AS used_again, growth FROM vecdb_index_stats('many_v');
INSERT INTO many SELECT i, vec(i) FROM generate_series(10001, 13000) AS i;
SELECT rows, growth FROM vecdb_index_stats('many_v');
SELECT * FROM agreement;

-- What lies in one place only makes uneven lists.
INSERT INTO many SELECT i, vec(1) FROM generate_series(20001, 23000) AS i;
SELECT max_list > 3000 AS long_list, imbalance > 2 AS uneven FROM vecdb_index_stats('many_v');

-- Pages that lists gave back.
DELETE FROM many;
CALL old_snapshots_end();
VACUUM many;
SELECT rows, free_slots, max_list, growth, imbalance, free_pages > 0 AS free_pages FROM vecdb_index_stats('many_v');

-- A partial index, an expression.
CREATE TABLE mixed (id int, v vector);
INSERT INTO mixed SELECT i, vec(i, 3 + i % 2) FROM generate_series(1, 100) AS i;
CREATE INDEX mixed_3 ON mixed USING ivfflat ((v::vector(3))) WHERE vector_dims(v) = 3;
SELECT dimensions, rows FROM vecdb_index_stats('mixed_3');

-- NULL asks nothing.
SELECT * FROM vecdb_index_lists(NULL);
SELECT vecdb_index_stats(NULL) IS NULL;

-- What is refused.
SELECT vecdb_index_stats('few');
SELECT vecdb_index_lists('few');
SELECT vecdb_index_stats('many_pkey');
SELECT vecdb_index_stats(0);
CREATE TABLE parted (id int, v vector(8)) PARTITION BY RANGE (id);
CREATE TABLE part PARTITION OF parted FOR VALUES FROM (0) TO (100);
CREATE INDEX parted_v ON parted USING ivfflat (v);
INSERT INTO parted SELECT i, vec(i) FROM generate_series(1, 10) AS i;
SELECT vecdb_index_stats('parted_v');
SELECT rows FROM vecdb_index_stats('part_v_idx');

-- An index whose build failed.
\set VERBOSITY terse
CREATE INDEX CONCURRENTLY mixed_bad ON mixed USING ivfflat ((v::vector(3)));
\set VERBOSITY default
SELECT vecdb_index_stats('mixed_bad');
DROP INDEX mixed_bad;

-- Counts are for those who may read the table, all of it, or watch the server.
CREATE ROLE regress_vecdb_none;
CREATE ROLE regress_vecdb_reader;
CREATE ROLE regress_vecdb_column;
CREATE ROLE regress_vecdb_monitor IN ROLE pg_monitor;
GRANT USAGE ON SCHEMA index_stats TO PUBLIC;
GRANT SELECT ON few TO regress_vecdb_reader;
GRANT SELECT (v) ON few TO regress_vecdb_column;
SET ROLE regress_vecdb_none;
SELECT vecdb_index_stats('few_l2');
SELECT vecdb_index_lists('few_l2');
SET ROLE regress_vecdb_column;
SELECT vecdb_index_stats('few_l2');
SET ROLE regress_vecdb_monitor;
SELECT rows FROM vecdb_index_stats('few_l2');
SET ROLE regress_vecdb_reader;
SELECT rows FROM vecdb_index_stats('few_l2');
SELECT rows FROM vecdb_index_lists('few_l2');
RESET ROLE;

-- Under row security, the counts tell of rows that are hidden.
ALTER TABLE few ENABLE ROW LEVEL SECURITY;
CREATE POLICY even ON few USING (id % 2 = 0);
SET ROLE regress_vecdb_reader;
SELECT vecdb_index_stats('few_l2');
SELECT vecdb_index_lists('few_l2');
SET ROLE regress_vecdb_monitor;
SELECT rows FROM vecdb_index_stats('few_l2');
RESET ROLE;
SELECT rows FROM vecdb_index_stats('few_l2');

SET client_min_messages = warning;
DROP SCHEMA index_stats CASCADE;
DROP ROLE regress_vecdb_none, regress_vecdb_reader, regress_vecdb_column, regress_vecdb_monitor;
