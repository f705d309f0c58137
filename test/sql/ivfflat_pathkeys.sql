-- Where rows are combined by their distance, an order that is only nearly one
-- would give wrong results.  The vectors have few values: many distances are
-- equal, and the codes' errors are large.
SET client_min_messages = warning;
CREATE SCHEMA ivfflat_pathkeys;
SET search_path = ivfflat_pathkeys, public;
SET jit = off;
SET max_parallel_workers_per_gather = 0;
RESET client_min_messages;

CREATE TABLE t (id int PRIMARY KEY, grp int, v vector(24));
INSERT INTO t
  SELECT i, i % 50, (SELECT array_agg(abs(hashint8(i * 24 + j)) % 3) FROM generate_series(1, 24) AS j)::vector
  FROM generate_series(1, 20000) AS i;
CREATE INDEX t_v ON t USING ivfflat (v);
CREATE TABLE d (x float8 PRIMARY KEY);
INSERT INTO d SELECT sqrt(i) FROM generate_series(0, 100) AS i;
VACUUM ANALYZE t, d;
CREATE FUNCTION q() RETURNS vector LANGUAGE sql IMMUTABLE AS 'SELECT array_fill(1, ARRAY[24])::vector';

-- Is there a scan by distance, and does the statement say what it says of the
-- table without the index?  With few lists probed, and all else made dear.
CREATE FUNCTION shape(statement text, joins boolean DEFAULT false,
  OUT index_scan boolean, OUT same boolean)
LANGUAGE plpgsql AS $$
DECLARE
  answer text; truth text;
BEGIN
  PERFORM set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true),
    set_config('enable_nestloop', joins::text, true), set_config('enable_hashagg', 'off', true),
    set_config('ivfflat.target_recall', '0.7', true);
  index_scan := EXISTS (SELECT FROM plan(statement) AS line WHERE line ~ 'Index Scan using [tb]_v');
  EXECUTE format('SELECT string_agg(s::text, '' '') FROM (%s) AS s', statement) INTO answer;
  PERFORM set_config('enable_seqscan', 'on', true), set_config('enable_indexscan', 'off', true);
  EXECUTE format('SELECT string_agg(s::text, '' '') FROM (%s) AS s', statement) INTO truth;
  PERFORM set_config('enable_indexscan', 'on', true);
  same := answer = truth;
END
$$;

-- A search, and what may be built on its order.
SELECT index_scan FROM shape('SELECT id FROM t ORDER BY v <-> q() LIMIT 5');
SELECT index_scan FROM shape('SELECT id, row_number() OVER (ORDER BY v <-> q()) AS n FROM t LIMIT 5');
SELECT index_scan FROM shape('SELECT id, rank() OVER (ORDER BY v <-> q()) AS n FROM t WHERE grp < 40 LIMIT 5');
SELECT index_scan FROM shape('SELECT t.id, x FROM t JOIN d ON x = grp ORDER BY t.v <-> q() LIMIT 5', joins => true);
SELECT index_scan FROM shape('SELECT count(*) FROM (SELECT id FROM t ORDER BY v <-> q() LIMIT 5) AS s');
SELECT index_scan FROM shape('SELECT grp, count(*) FROM (SELECT grp FROM t ORDER BY v <-> q() LIMIT 50) AS s GROUP BY grp');

-- Several distances: of rows that are equally far, the next one tells.
CREATE TABLE b (id int, v bit(8));
INSERT INTO b SELECT i, (i * 7919 % 256)::bit(8) FROM generate_series(1, 2000) AS i;
CREATE INDEX b_v ON b USING ivfflat (v bit_hamming_ops) WITH (lists = 1);
ANALYZE b;
SELECT * FROM shape($$SELECT v <~> '00000000' AS d, v <~> '11110000' AS e FROM b ORDER BY v <~> '00000000', v <~> '11110000' LIMIT 50$$);
SELECT * FROM shape($$SELECT v <~> '00000000' AS d, v <~> '11110000' AS e, v <~> '10101010' AS f FROM b
  WHERE id % 2 = 0 ORDER BY v <~> '00000000', v <~> '11110000', v <~> '10101010' LIMIT 50$$);
SELECT * FROM shape($$SELECT v <~> '00000000' AS d, rank() OVER (ORDER BY v <~> '00000000', v <~> '11110000') AS n FROM b LIMIT 50$$);

-- Groups.
SELECT * FROM shape('SELECT count(*) FROM t WHERE grp = 7 GROUP BY v <-> q() ORDER BY v <-> q() LIMIT 8');
SELECT * FROM shape('SELECT v <-> q() AS d, count(*) FROM t GROUP BY ROLLUP (v <-> q()) ORDER BY 1 LIMIT 8');

-- Distinct rows.
SELECT * FROM shape('SELECT DISTINCT v <-> q() AS d FROM t ORDER BY 1 LIMIT 8');
SELECT * FROM shape('SELECT DISTINCT ON (v <-> q()) v <-> q() AS d, id FROM t ORDER BY 1, 2 LIMIT 8');

-- Aggregates that want their rows in order.
SELECT * FROM shape('SELECT min(v <-> q()) FROM t WHERE grp = 7');
SELECT * FROM shape('SELECT min(v <-> q()), max(grp) FROM t WHERE grp = 7');
SELECT * FROM shape('SELECT count(DISTINCT v <-> q()) FROM t WHERE grp = 7');
SELECT * FROM shape('SELECT array_agg(v <-> q() ORDER BY v <-> q()) FROM t WHERE grp = 7');

-- Windows that end where a distance does.
SELECT * FROM shape('SELECT v <-> q() AS d, count(*) OVER (PARTITION BY v <-> q()) AS n FROM t WHERE grp = 7 LIMIT 8');
SELECT * FROM shape('SELECT count(*) OVER (ORDER BY v <-> q() RANGE 0.1 PRECEDING) AS n FROM t WHERE grp = 7 LIMIT 8');

-- Joins by distance.
SELECT * FROM shape('SELECT x FROM t JOIN d ON v <-> q() = x ORDER BY v <-> q() LIMIT 8');
SELECT * FROM shape('SELECT v <-> q() AS y, x FROM t LEFT JOIN d ON v <-> q() = x WHERE grp = 7 ORDER BY v <-> q() LIMIT 8');
SELECT * FROM shape('SELECT v <-> q() AS y, x FROM t FULL JOIN d ON v <-> q() = x ORDER BY v <-> q() LIMIT 8');

-- Sets.
SELECT * FROM shape('SELECT v <-> q() AS d FROM t UNION SELECT x FROM d ORDER BY 1 LIMIT 8');

-- The same around a search: no group comes twice, and a row meets all its equals.
CREATE FUNCTION around(statement text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  fine boolean;
BEGIN
  PERFORM set_config('enable_hashjoin', 'off', true), set_config('enable_nestloop', 'off', true),
    set_config('enable_hashagg', 'off', true), set_config('ivfflat.target_recall', '0.7', true),
    set_config('enable_seqscan', 'off', true);
  IF NOT EXISTS (SELECT FROM plan(statement) AS line WHERE line ~ 'Index Scan using t_v') THEN
    RETURN NULL;
  END IF;
  EXECUTE format('SELECT count(*) = count(DISTINCT d) AND sum(n) > 3900 FROM (%s) AS s', statement) INTO fine;
  RETURN fine;
END
$$;
SELECT around('SELECT d, count(*) AS n FROM
  (SELECT v <-> q() AS d FROM t ORDER BY v <-> q() LIMIT 4000) AS s GROUP BY d');
SELECT around('SELECT DISTINCT d, 4000 / count(*) OVER () AS n FROM
  (SELECT DISTINCT d FROM (SELECT v <-> q() AS d FROM t ORDER BY v <-> q() LIMIT 4000) AS s) AS s');
SELECT around('SELECT x AS d, count(*) AS n FROM
  (SELECT v <-> q() AS y FROM t ORDER BY v <-> q() LIMIT 4000) AS s JOIN d ON abs(x) = y GROUP BY x');
SELECT around('WITH s AS MATERIALIZED (SELECT v <-> q() AS d FROM t ORDER BY v <-> q() LIMIT 4000)
  SELECT d, count(*) AS n FROM s GROUP BY d');

SELECT around('SELECT d, 4000 AS n FROM ((SELECT v <-> q() AS d FROM t WHERE grp < 40 ORDER BY v <-> q() LIMIT 4000)
  UNION (SELECT x FROM d)) AS s');
SELECT around('SELECT d, 4000 AS n FROM ((SELECT v <-> q() AS d FROM t WHERE grp < 40 ORDER BY v <-> q() LIMIT 4000)
  EXCEPT (SELECT x + 10 FROM d)) AS s');

-- Parallel workers know nothing of the row of a query around them.
CREATE TABLE p (id int, v vector(24)) PARTITION BY HASH (id);
CREATE TABLE p_0 PARTITION OF p FOR VALUES WITH (modulus 2, remainder 0);
CREATE TABLE p_1 PARTITION OF p FOR VALUES WITH (modulus 2, remainder 1);
INSERT INTO p SELECT id, v FROM t;
CREATE INDEX p_v ON p USING ivfflat (v);
ANALYZE p;
SET enable_seqscan = off;
SET max_parallel_workers_per_gather = 2;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SELECT count(*) FROM t, LATERAL (SELECT p.id FROM p ORDER BY p.v <-> t.v) AS n WHERE t.id IN (1, 2);

SET client_min_messages = warning;
DROP SCHEMA ivfflat_pathkeys CASCADE;
