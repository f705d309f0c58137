-- ivfflat over halfvec: all classes, expressions, and what knows types.
SET client_min_messages = warning;
CREATE SCHEMA ivfflat_halfvec;
SET search_path = ivfflat_halfvec, public;
SET jit = off;
RESET client_min_messages;

SELECT opcname, opcdefault, amvalidate(o.oid)
FROM pg_opclass AS o JOIN pg_am AS a ON a.oid = opcmethod
WHERE amname = 'ivfflat' AND opcintype = 'halfvec'::regtype ORDER BY opcname;

CREATE TABLE t (id int PRIMARY KEY, v halfvec(8));
INSERT INTO t SELECT i, vec(i) FROM generate_series(1, 2000) AS i;
INSERT INTO t SELECT i, NULL FROM generate_series(2001, 2005) AS i;
INSERT INTO t VALUES (2006, '[0,0,0,0,0,0,0,0]'), (2007, '[65504,0,0,0,0,0,0,-65504]'), (2008, '[6e-8,0,0,0,0,0,0,0]');
CREATE INDEX t_l2 ON t USING ivfflat (v) WITH (lists = 20);
CREATE INDEX t_ip ON t USING ivfflat (v halfvec_ip_ops) WITH (lists = 20, bits = 4);
CREATE INDEX t_cosine ON t USING ivfflat (v halfvec_cosine_ops) WITH (bits = 8);
CREATE INDEX t_l1 ON t USING ivfflat (v halfvec_l1_ops) WITH (lists = 20);
INSERT INTO t SELECT i, vec(i) FROM generate_series(3001, 3200) AS i;
UPDATE t SET v = v + '[1,0,0,0,0,0,0,0]' WHERE id < 50;
DELETE FROM t WHERE id BETWEEN 100 AND 200;
VACUUM ANALYZE t;
SELECT * FROM vecdb_check_index('t_l2', true)
UNION ALL SELECT * FROM vecdb_check_index('t_ip', true)
UNION ALL SELECT * FROM vecdb_check_index('t_cosine', true)
UNION ALL SELECT * FROM vecdb_check_index('t_l1', true);

SET enable_seqscan = off;
EXPLAIN (COSTS OFF) SELECT id FROM t ORDER BY v <-> '[1,0,0,0,0,0,0,0]' LIMIT 5;
EXPLAIN (COSTS OFF) SELECT id FROM t ORDER BY v <#> '[1,0,0,0,0,0,0,0]' LIMIT 5;
EXPLAIN (COSTS OFF) SELECT id FROM t ORDER BY v <+> '[1,0,0,0,0,0,0,0]' LIMIT 5;
EXPLAIN (COSTS OFF) SELECT id FROM t ORDER BY v <=> '[1,0,0,0,0,0,0,0]' LIMIT 5;
SET ivfflat.probes = 32768;
SELECT op, compare('t', op, vec(q)), compare('t', op, vec(q), 10)
FROM unnest(ARRAY['<->', '<#>', '<=>', '<+>']) AS op, generate_series(0, 2) AS q ORDER BY op, q;
SELECT compare('t', '<->', NULL), compare('t', '<=>', '[0,0,0,0,0,0,0,0]');
SELECT recall > 0.9 AS found, queries, k FROM vecdb_recall('t_l2', 10, 20);
SELECT recall > 0.9 AS found, queries FROM vecdb_recall('t_cosine', ARRAY[vec(1)::halfvec, vec(2)::halfvec], 10);
RESET ivfflat.probes;
SELECT count(*) FROM (SELECT id FROM t ORDER BY v <-> vec(0)::halfvec) AS s;
SELECT lists, dimensions, metric, bits, rows FROM unnest('{t_l2,t_ip,t_l1}'::regclass[]) AS i, vecdb_index_stats(i);
SELECT error_of($$SELECT vecdb_recall('t_cosine', ARRAY[vec(1), vec(2)])$$);
SELECT statement, error_of(statement) FROM (VALUES
  ('SELECT id FROM t ORDER BY v <-> ''[1,2]'' LIMIT 1'),
  ('CREATE INDEX ON t USING ivfflat ((v::halfvec))'),
  ('CREATE INDEX ON t USING ivfflat (v vector_l2_ops)')
) AS t(statement);

-- An expression: vectors indexed and searched as halves.
CREATE TABLE e (id int PRIMARY KEY, v vector);
INSERT INTO e SELECT i, vec(i, 64) FROM generate_series(1, 1000) AS i;
CREATE INDEX e_half ON e USING ivfflat ((v::halfvec(64)) halfvec_l2_ops) WITH (lists = 10);
INSERT INTO e SELECT i, vec(i, 64) FROM generate_series(1001, 1100) AS i;
ANALYZE e;
SET ivfflat.probes = 10;
SELECT line FROM plan('SELECT id FROM e ORDER BY v::halfvec(64) <-> (SELECT vec(7, 64)::halfvec(64)) LIMIT 3') AS line WHERE line ~ 'e_half';
SELECT array_agg(id) FROM (SELECT id FROM e ORDER BY v::halfvec(64) <-> (SELECT vec(1050, 64)::halfvec(64)) LIMIT 1) AS s;
SELECT * FROM vecdb_check_index('e_half', true);
SELECT recall > 0.9 AS found FROM vecdb_recall('e_half', 10, 20);
RESET ivfflat.probes;
SELECT error_of($$INSERT INTO e VALUES (0, '[1,2]')$$),
  error_of($$INSERT INTO e VALUES (0, array_fill(1e6, ARRAY[64]))$$);
SELECT count(*) FROM e;

-- Out of line, and as many dimensions as there are.
CREATE TABLE big (id int, v halfvec(1600));
INSERT INTO big SELECT i, vec(i, 1600) FROM generate_series(1, 120) AS i;
CREATE INDEX big_v ON big USING ivfflat (v halfvec_cosine_ops) WITH (lists = 4);
SET ivfflat.probes = 4;
SELECT compare('big', '<=>', vec(5, 1600)), compare('big', '<=>', vec(5, 1600), 10);
RESET ivfflat.probes;
SELECT * FROM vecdb_check_index('big_v', true);
CREATE TABLE biggest (v halfvec(16000));
CREATE INDEX ON biggest USING ivfflat (v);
INSERT INTO biggest SELECT vec(i, 16000) FROM generate_series(1, 2) AS i;
SELECT vector_dims(v) FROM biggest ORDER BY v <-> vec(2, 16000)::halfvec LIMIT 1;

-- A distance over halves costs less than one over floats, by what it reads.
CREATE FUNCTION cost_of(statement text) RETURNS float8 LANGUAGE plpgsql AS $$
DECLARE
  plan json;
BEGIN
  EXECUTE 'EXPLAIN (FORMAT json) ' || statement INTO plan;
  RETURN plan -> 0 -> 'Plan' ->> 'Total Cost';
END
$$;
CREATE TABLE c AS SELECT i AS id, vec(i, 400)::vector(400) AS v, vec(i, 400)::halfvec(400) AS h FROM generate_series(1, 100) AS i;
ANALYZE c;
SET enable_seqscan = on;
SELECT cost_of('SELECT h <-> h FROM c') < cost_of('SELECT v <-> v FROM c') AS less,
  cost_of('SELECT h <-> h FROM c') > cost_of('SELECT id FROM c') AS more;

SET client_min_messages = warning;
DROP SCHEMA ivfflat_halfvec CASCADE;
