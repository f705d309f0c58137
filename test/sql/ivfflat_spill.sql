-- Rows in two lists: each comes once, and all that counts rows counts them once.
SET client_min_messages = warning;
CREATE SCHEMA ivfflat_spill;
SET search_path = ivfflat_spill, public;
SET jit = off;
RESET client_min_messages;

-- The option.
CREATE TABLE t (id int, c int, v vector(8)) WITH (autovacuum_enabled = off);
SELECT error_of('CREATE INDEX ON t USING ivfflat (v) WITH (spill = 1.1)');
SELECT error_of('CREATE INDEX ON t USING ivfflat (v) WITH (spill = -0.5)');
SELECT error_of('CREATE INDEX ON t USING hnsw (v vector_l2_ops) WITH (spill = -2)');

INSERT INTO t SELECT i, i % 10, vec(i) FROM generate_series(1, 4000) AS i;
INSERT INTO t SELECT i, NULL, NULL FROM generate_series(4001, 4100) AS i;
CREATE INDEX t_v ON t USING ivfflat (v, c) WITH (lists = 20, spill = 0.5);
ANALYZE t;

-- Half of the rows, more or less: the limit comes from a sample.
SELECT asked, share BETWEEN 0.4 AND 0.6 AS half, share = trained_share AS same,
       second_codes = round(share * 4000) AS counted
FROM vecdb_index_spill('t_v');
SELECT lists, rows, unplaced_rows, trained_rows, growth, mean_list > 4000 / 20 AS longer
FROM vecdb_index_stats('t_v');
SELECT sum(rows) > 4000 AS more FROM vecdb_index_lists('t_v');
SELECT reltuples FROM pg_class WHERE relname = 't_v';
SELECT * FROM vecdb_check_index('t_v', true);

-- Each row once: in order, all lists or some, to the end; strictly; in any order.
SELECT compare('t', '<->', vec(0));
SET ivfflat.probes = 20;
SELECT compare('t', '<->', vec(0));
RESET ivfflat.probes;
SET ivfflat.iterative_scan = strict_order;
SELECT compare('t', '<->', vec(0), 500);
SET ivfflat.iterative_scan = off;
SET ivfflat.probes = 20;
SELECT compare('t', '<->', vec(0), 100);
RESET ivfflat.probes;
RESET ivfflat.iterative_scan;
-- With little room in the queue, which takes several passes.
SET work_mem = '64kB';
SELECT compare('t', '<->', vec(5));
RESET work_mem;
SET enable_seqscan = off;
SET enable_sort = off;
SELECT count(*), count(DISTINCT id) FROM (SELECT id FROM t WHERE c = 3 ORDER BY v <-> vec(1)) AS s;
SELECT count(*), count(DISTINCT id) FROM t WHERE c = 3;
SELECT count(*), count(DISTINCT id) FROM (SELECT id FROM t ORDER BY v <-> NULL) AS s;
SELECT count(*), count(DISTINCT (q, id)) FROM generate_series(1, 5) AS q, LATERAL (SELECT id FROM t ORDER BY v <-> vec(q) LIMIT 400) AS s;
SET ivfflat.target_recall = 1;
SELECT count(*), count(DISTINCT id),
  count(*) = (SELECT count(*) FROM t WHERE (v <-> vec(1)) + 0 < 0.9) AS all_within
FROM (SELECT id FROM t WHERE v <-> vec(1) < 0.9 OFFSET 0) AS s;
RESET ivfflat.target_recall;
RESET enable_seqscan;
RESET enable_sort;

-- Rows that come later are chosen by the same limit.
INSERT INTO t SELECT i, i % 10, vec(i) FROM generate_series(5001, 6000) AS i;
SELECT abs(share - trained_share) < 0.1 AS alike FROM vecdb_index_spill('t_v');
SELECT rows, trained_rows, round(growth::numeric, 3) AS growth FROM vecdb_index_stats('t_v');
SELECT * FROM vecdb_check_index('t_v', true);
SELECT compare('t', '<->', vec(0));

-- Vacuum takes both entries, and counts rows.
DELETE FROM t WHERE id % 2 = 0;
ALTER INDEX t_v SET (autotrain = off);
CALL old_snapshots_end();
VACUUM t;
SELECT rows FROM vecdb_index_stats('t_v');
SELECT abs(share - trained_share) < 0.1 AS alike FROM vecdb_index_spill('t_v');
SELECT reltuples FROM pg_class WHERE relname = 't_v';
SELECT * FROM vecdb_check_index('t_v', true);
SELECT compare('t', '<->', vec(0));
INSERT INTO t SELECT i, i % 10, vec(i) FROM generate_series(2, 4000, 2) AS i;
SELECT * FROM vecdb_check_index('t_v', true);

-- Another tree: the option's change alone calls for it; rows come once.
ALTER INDEX t_v SET (autotrain = on, spill = 1, autotrain_growth = 100);
SELECT due, due_by_hand FROM vecdb_index_training('t_v');
CALL old_snapshots_end();
VACUUM t;
SELECT asked, share FROM vecdb_index_spill('t_v');
SELECT rows, trained_rows FROM vecdb_index_stats('t_v');
SELECT reltuples FROM pg_class WHERE relname = 't_v';
SELECT * FROM vecdb_check_index('t_v', true);
SELECT compare('t', '<->', vec(0));
SELECT due FROM vecdb_index_training('t_v');

-- Without spilling there is no trace of it, and older versions read the index.
ALTER INDEX t_v SET (spill = 0);
CALL old_snapshots_end();
VACUUM t;
SELECT * FROM vecdb_index_spill('t_v');
SELECT rows FROM vecdb_index_stats('t_v');
SELECT * FROM vecdb_check_index('t_v', true);
ALTER INDEX t_v RESET (spill);
CALL old_snapshots_end();
VACUUM t;
SELECT * FROM vecdb_index_spill('t_v');

-- Automatic: nothing below 256 dimensions, where it has not paid.
CREATE TABLE automatic AS SELECT i AS id, vec(i) AS v FROM generate_series(1, 3000) AS i;
CREATE INDEX automatic_v ON automatic USING ivfflat ((v::vector(8))) WITH (lists = 40);
SELECT * FROM vecdb_index_spill('automatic_v');

-- From there on by what is saved: much where rows scatter around many centres, in
-- some directions more than in others, and nothing where they fill a cube.
CREATE FUNCTION long(n bigint, centres int) RETURNS vector
LANGUAGE sql IMMUTABLE AS $$
  SELECT l2_normalize((vec(n, 48) + CASE WHEN centres > 0 THEN vec(1000000 + n * n % centres, 48) ELSE vec(0, 48) END
    - array_fill(1, ARRAY[48])::vector) * (SELECT array_agg(j ^ -0.5 ORDER BY j)::vector FROM generate_series(1, 48) AS j))
    || array_fill(0, ARRAY[208])::vector
$$;
CREATE TABLE centred AS SELECT i AS id, long(i, 300)::vector(256) AS v FROM generate_series(1, 4000) AS i;
CREATE INDEX centred_v ON centred USING ivfflat (v) WITH (lists = 60);
SELECT asked, share BETWEEN 0.15 AND 0.6 AS some FROM vecdb_index_spill('centred_v');
SELECT * FROM vecdb_check_index('centred_v', true);
SELECT compare('centred', '<->', long(5000, 300), 10);
CREATE TABLE cube AS SELECT i AS id, (vec(i, 24) || array_fill(0, ARRAY[232])::vector)::vector(256) AS v FROM generate_series(1, 4000) AS i;
CREATE INDEX cube_v ON cube USING ivfflat (v) WITH (lists = 120);
SELECT * FROM vecdb_index_spill('cube_v');

-- Bits, inner products and cosines; copies of one row, whose entries tie.
CREATE TABLE b AS SELECT i AS id, (hashint8(i::bigint)::bit(32) || hashint8(i::bigint * 7)::bit(32))::bit(64) AS v FROM generate_series(1, 3000) AS i;
CREATE INDEX b_v ON b USING ivfflat (v bit_hamming_ops) WITH (lists = 30, spill = 0.7);
SELECT second_codes > 0 AS some FROM vecdb_index_spill('b_v');
SET enable_seqscan = off;
SELECT count(*), count(DISTINCT id) FROM (SELECT id FROM b ORDER BY v <~> repeat('01', 32)::bit(64) LIMIT 3000) AS s;
RESET enable_seqscan;
SELECT * FROM vecdb_check_index('b_v', true);
CREATE TABLE same AS SELECT i AS id, vec(i % 100) AS v FROM generate_series(1, 3000) AS i;
CREATE INDEX same_ip ON same USING ivfflat ((v::vector(8)) vector_ip_ops) WITH (lists = 10, spill = 1);
SELECT * FROM vecdb_check_index('same_ip', true);
ALTER TABLE same ALTER v TYPE vector(8);
CREATE INDEX same_l1 ON same USING ivfflat (v vector_l1_ops) WITH (lists = 10, spill = 1);
SELECT * FROM vecdb_check_index('same_l1', true);
SELECT compare('same', '<+>', vec(5));
SELECT compare('same', '<+>', vec(5), 100);

-- Rows that come again go where a build put them, though they lie in tight clusters
-- far from each other, and the root has several pages.
CREATE TABLE again AS SELECT i AS id, (SELECT array_agg(
    hashint4(i * 263 + k) / 2147483648.0 + hashint4((i % 50) * 256 + k) / 1073741824.0)
  FROM generate_series(1, 256) AS k)::vector(256) AS v FROM generate_series(1, 3000) AS i;
CREATE INDEX again_v ON again USING ivfflat (v) WITH (lists = 200, spill = 0.5);
CREATE TABLE built AS SELECT list, rows FROM vecdb_index_lists('again_v');
INSERT INTO again SELECT id + 3000, v FROM again;
SELECT sum(abs(l.rows - 2 * b.rows)) < 0.03 * sum(b.rows) AS doubled
FROM vecdb_index_lists('again_v') AS l JOIN built AS b USING (list);

-- The option is told as it was written.
CREATE INDEX same_part ON same USING ivfflat (v) WITH (lists = 10, spill = 0.4);
SELECT asked FROM vecdb_index_spill('same_part');
DROP INDEX same_part;

-- One list has no other; an empty table neither.
CREATE TABLE one AS SELECT id, v FROM same LIMIT 10;
CREATE INDEX one_v ON one USING ivfflat (v) WITH (lists = 1, spill = 1);
SELECT * FROM vecdb_index_spill('one_v');
SELECT compare('one', '<->', vec(5));
DELETE FROM one;
CALL old_snapshots_end();
VACUUM one;
INSERT INTO one SELECT id, v FROM same LIMIT 10;
SELECT * FROM vecdb_check_index('one_v', true);
