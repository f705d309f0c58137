-- How many dimensions an index has: by its column, a domain, or its option.
SET client_min_messages = warning;
CREATE SCHEMA ivfflat_dimensions_test;
SET search_path = ivfflat_dimensions_test, public;
RESET client_min_messages;

-- An ALTER that takes them away would leave an index that nothing can build.
CREATE TABLE t (id int, v vector(3));
INSERT INTO t SELECT i, vec(i, 3) FROM generate_series(1, 2000) AS i;
CREATE INDEX t_v ON t USING ivfflat (v);
ALTER TABLE t ALTER v TYPE vector;
ALTER INDEX t_v SET (dimensions = 3);
ALTER TABLE t ALTER v TYPE vector;
SELECT pg_get_indexdef('t_v'::regclass);
INSERT INTO t VALUES (2001, '[1,2,3]');
INSERT INTO t VALUES (2002, '[1,2,3,4]');
REINDEX INDEX t_v;
VACUUM FULL t;
SELECT count(*) FROM vecdb_check_index('t_v', true);
SET enable_seqscan = off;
SELECT plan('SELECT id FROM t ORDER BY v <-> ''[1,2,3]'' LIMIT 1');
SELECT id FROM t ORDER BY v <-> '[1,2,3]' LIMIT 1;
TRUNCATE t;
INSERT INTO t VALUES (1, '[1,2,3]');
SELECT id FROM t ORDER BY v <-> '[1,2,3]' LIMIT 1;
REINDEX INDEX CONCURRENTLY t_v;
-- Only a build asks what the option says.
ALTER INDEX t_v RESET (dimensions);
TRUNCATE t;
ALTER INDEX t_v SET (dimensions = 4);
REINDEX INDEX t_v;
ALTER INDEX t_v SET (dimensions = 3);
REINDEX INDEX t_v;
ALTER TABLE t ALTER v TYPE vector(4);
DROP INDEX t_v;

-- Other types, and the name hnsw.
CREATE TABLE u (h halfvec, s sparsevec, b bit varying, v vector);
CREATE INDEX ON u USING ivfflat (h halfvec_l2_ops);
CREATE INDEX u_h ON u USING ivfflat (h halfvec_l2_ops) WITH (dimensions = 4);
CREATE INDEX u_s ON u USING ivfflat (s) WITH (dimensions = 30000);
CREATE INDEX u_v ON u USING hnsw (v vector_cosine_ops) WITH (dimensions = 4);
CREATE INDEX ON u USING hnsw (v vector_cosine_ops);
INSERT INTO u VALUES ('[1,2,3,4]', '{1:1}/30000', '101', '[1,2,3,4]');
INSERT INTO u (h) VALUES ('[1,2,3]');
INSERT INTO u (s) VALUES ('{1:1}/3');
REINDEX TABLE u;
SELECT options FROM vecdb_index_stats('u_v');

-- Values that do not fit, and two numbers.
CREATE INDEX ON u USING ivfflat (v) WITH (dimensions = 0);
CREATE INDEX ON u USING ivfflat (v) WITH (dimensions = 16001);
CREATE INDEX ON u USING ivfflat (v) WITH (dimensions = 2000000000);
CREATE INDEX ON u USING ivfflat (v) WITH (dimensions = 5);
CREATE INDEX ON u USING ivfflat ((v::vector(4))) WITH (dimensions = 5);
CREATE INDEX ON u USING ivfflat ((v::vector(4))) WITH (dimensions = 4);
CREATE INDEX ON u USING ivfflat ((v::vector));

-- Domains have what their type has.
CREATE DOMAIN v3 AS vector(3);
CREATE DOMAIN unit AS v3 CHECK (vector_norm(VALUE) < 1.1);
CREATE DOMAIN any_v AS vector;
CREATE TABLE d (id int, a v3, b unit, c any_v);
INSERT INTO d SELECT i, vec(i, 3), l2_normalize(vec(i, 3) + '[0,0,1]'), '[1,2]' FROM generate_series(1, 1500) AS i;
CREATE INDEX d_a ON d USING ivfflat (a vector_l2_ops);
CREATE INDEX d_b ON d USING ivfflat (b vector_ip_ops);
CREATE INDEX ON d USING ivfflat (c vector_l2_ops);
CREATE INDEX d_c ON d USING ivfflat (c vector_l2_ops) WITH (dimensions = 2);
ANALYZE d;
SELECT plan('SELECT id FROM d ORDER BY a <-> ''[1,2,3]'' LIMIT 5');
SELECT plan('SELECT id FROM d ORDER BY b <#> ''[1,2,3]'' LIMIT 5');
SELECT (SELECT array_agg(id) FROM (SELECT id FROM d ORDER BY a <-> '[1,2,3]' LIMIT 3) AS s)
  = (SELECT array_agg(id) FROM (SELECT id FROM d ORDER BY (a <-> '[1,2,3]') + 0 LIMIT 3) AS s) AS same;
SELECT c.relname, f.* FROM pg_class AS c, vecdb_check_index(c.oid, true) AS f WHERE c.relname IN ('d_a', 'd_b', 'd_c');
INSERT INTO d (a) VALUES ('[1,2]');
SELECT recall > 0.8 AS found FROM vecdb_recall('d_a', sample => 20);

SET client_min_messages = warning;
DROP SCHEMA ivfflat_dimensions_test CASCADE;
