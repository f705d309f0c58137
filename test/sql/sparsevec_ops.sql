-- Type sparsevec: distances, norm, order, B-tree and hash class.

-- Distances.
SELECT l2_distance('{}/2'::sparsevec, '{1:3,2:4}/2'), '{1:3}/2'::sparsevec <-> '{2:4}/2',
  inner_product('{1:1,2:2}/2'::sparsevec, '{2:3}/2'), '{1:1,2:2}/2'::sparsevec <#> '{2:3}/2',
  cosine_distance('{1:1}/2'::sparsevec, '{1:2,2:2}/2'), '{1:1}/2'::sparsevec <=> '{1:-3}/2',
  l1_distance('{1:1,2:2}/2'::sparsevec, '{2:5}/2'), '{1:1,2:2}/2'::sparsevec <+> '{}/2';
SELECT '{}/2'::sparsevec <=> '{1:1}/2', '{1:1}/2'::sparsevec <#> '{2:1}/2',
  sparsevec_l2_squared_distance('{1:3}/9', '{9:4}/9');
-- Nothing is lost by rounding where the squares are whole, as of type vector.
SELECT '{1:1,2:2}/2'::sparsevec <=> '{1:2,2:4}/2' AS double, '{1:1,2:1}/2'::sparsevec <=> '{1:-1,2:-1}/2' AS opposite;
-- Any finite input gives the right distance.
SELECT '{1:3e38}/1'::sparsevec <-> '{1:-3e38}/1', '{1:3e38}/1'::sparsevec <=> '{1:3e38}/1',
  '{1:1e-40}/1'::sparsevec <=> '{1:1e-40}/1', '{1:3e38}/1'::sparsevec <+> '{1:-3e38}/1';
SELECT statement, error_of(statement) FROM (VALUES
  ($$SELECT l2_distance('{1:1}/2'::sparsevec, '{1:1}/3')$$),
  ($$SELECT '{1:1}/2'::sparsevec <#> '{1:1}/3'$$),
  ($$SELECT '{1:1}/2'::sparsevec <=> '{1:1}/3'$$),
  ($$SELECT '{1:1}/2'::sparsevec <+> '{1:1}/3'$$)
) AS t(statement);

-- Norm and normalization.
SELECT l2_norm('{1:3,2:4}/2'::sparsevec), l2_norm('{}/2'::sparsevec),
  l2_norm('{1:3e37,2:4e37}/2'::sparsevec);
SELECT l2_normalize('{1:3,2:4}/2'::sparsevec), l2_normalize('{}/2'::sparsevec),
  l2_normalize('{1:3e38,2:1e-37}/2'::sparsevec), l2_normalize('{1:1e-40}/3'::sparsevec);

-- The same as the vectors with their zeros, for all pairs of some.
CREATE TABLE sparse_ops AS
SELECT a::sparsevec AS s, a::vector AS v FROM (
  SELECT (SELECT array_agg(greatest(hashint4(i * 100 + j) % 4, -1) % 3)
          FROM generate_series(1, 1 + i % 6) AS j)::real[]
  FROM generate_series(1, 120) AS i) AS t(a);
SELECT count(*) FILTER (WHERE sparsevec_cmp(a.s, b.s) <> vector_cmp(a.v, b.v)) AS other_order,
  count(*) FILTER (WHERE (a.s = b.s) <> (a.v = b.v) OR (a.s <> b.s) <> (a.v <> b.v)
    OR (a.s < b.s) <> (a.v < b.v) OR (a.s <= b.s) <> (a.v <= b.v)
    OR (a.s > b.s) <> (a.v > b.v) OR (a.s >= b.s) <> (a.v >= b.v)) AS other_relation,
  count(*) FILTER (WHERE a.s = b.s AND (sparsevec_hash(a.s) <> sparsevec_hash(b.s)
    OR sparsevec_hash_extended(a.s, 7) <> sparsevec_hash_extended(b.s, 7))) AS other_hash
FROM sparse_ops AS a, sparse_ops AS b;
SELECT count(*) FILTER (WHERE abs((a.s <-> b.s) - (a.v <-> b.v)) > 1e-6) AS l2,
  count(*) FILTER (WHERE (a.s <#> b.s) <> (a.v <#> b.v)) AS ip,
  count(*) FILTER (WHERE (a.s <+> b.s) <> (a.v <+> b.v)) AS l1,
  count(*) FILTER (WHERE (a.s <=> b.s = 'NaN') <> (a.v <=> b.v = 'NaN')
    OR (a.s <=> b.s <> 'NaN' AND abs((a.s <=> b.s) - (a.v <=> b.v)) > 1e-6)) AS cosine,
  count(*) > 1000 AS many
FROM sparse_ops AS a, sparse_ops AS b WHERE vector_dims(a.v) = vector_dims(b.v);

-- Sorts, groups, joins and indexes.
SELECT s FROM (SELECT DISTINCT s FROM sparse_ops) AS t ORDER BY s LIMIT 6;
CREATE INDEX sparse_btree ON sparse_ops (s);
CREATE INDEX sparse_hash ON sparse_ops USING hash (s);
SET enable_seqscan = off;
SET enable_bitmapscan = off;
EXPLAIN (COSTS off) SELECT * FROM sparse_ops WHERE s < '{1:1}/2' ORDER BY s;
SELECT count(*), (SELECT count(*) FROM sparse_ops WHERE v < '[1,0]') FROM sparse_ops WHERE s < '{1:1}/2';
DROP INDEX sparse_btree;
EXPLAIN (COSTS off) SELECT * FROM sparse_ops WHERE s = '{1:-1}/1';
SELECT count(*), (SELECT count(*) FROM sparse_ops WHERE v = '[-1]') FROM sparse_ops WHERE s = '{1:-1}/1';
RESET enable_seqscan;
RESET enable_bitmapscan;
SET enable_sort = off;
EXPLAIN (COSTS off) SELECT s, count(*) FROM sparse_ops GROUP BY s;
RESET enable_sort;
SELECT count(*) = (SELECT count(DISTINCT v) FROM sparse_ops) AS grouped FROM (SELECT s FROM sparse_ops GROUP BY s) AS t;
SELECT opcname, amname, opcdefault, amvalidate(pg_opclass.oid)
FROM pg_opclass JOIN pg_am ON pg_am.oid = opcmethod
WHERE opcintype = 'sparsevec'::regtype AND amname IN ('btree', 'hash') ORDER BY amname;
DROP TABLE sparse_ops;
