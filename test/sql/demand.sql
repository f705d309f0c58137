-- A scan learns of the LIMIT above it: in each shape of plan the rows are the
-- nearest, in their order.
SET enable_seqscan = off;
SET enable_sort = off;
SET enable_bitmapscan = off;
SET enable_hashjoin = off;
SET enable_mergejoin = off;
SET max_parallel_workers_per_gather = 0;
SET jit = off;
SET ivfflat.target_recall = 0.999;

CREATE TABLE demand (id int PRIMARY KEY, v vector(8));
INSERT INTO demand SELECT i, vec(i) FROM generate_series(1, 3000) AS i;
CREATE INDEX demand_idx ON demand USING ivfflat (v vector_l2_ops) WITH (lists = 20);
CREATE TABLE demand_parts (id int, v vector(8)) PARTITION BY HASH (id);
CREATE TABLE demand_part0 PARTITION OF demand_parts FOR VALUES WITH (modulus 2, remainder 0);
CREATE TABLE demand_part1 PARTITION OF demand_parts FOR VALUES WITH (modulus 2, remainder 1);
INSERT INTO demand_parts SELECT * FROM demand;
CREATE INDEX demand_parts_idx ON demand_parts USING ivfflat (v vector_l2_ops) WITH (lists = 10);
CREATE TABLE demand_numbers (n bigint);
INSERT INTO demand_numbers VALUES (3), (250), (0), (NULL), (20);
ANALYZE demand, demand_parts, demand_numbers;

-- Do the index and the table give the same distances?  One in twenty may be
-- missing; as many late, and none where the scan knows all that is asked for.
CREATE FUNCTION shape(statement text, late int DEFAULT 0) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  line text; explained text := '';
  found float8[]; exact float8[]; n int; missing int; too_late int;
BEGIN
  FOR line IN EXECUTE 'EXPLAIN (COSTS off) ' || statement LOOP
    explained := explained || line;
  END LOOP;
  IF explained !~ 'Index Scan.*Order By' THEN
    RETURN 'no index scan: ' || explained;
  END IF;
  EXECUTE format('SELECT array_agg(d) FROM (%s) AS s', statement) INTO found;
  SET LOCAL enable_indexscan = off;
  SET LOCAL enable_sort = on;
  SET LOCAL enable_seqscan = on;
  EXECUTE format('SELECT array_agg(d) FROM (%s) AS s', statement) INTO exact;
  SET LOCAL enable_indexscan = on;
  SET LOCAL enable_sort = off;
  SET LOCAL enable_seqscan = off;
  n := coalesce(cardinality(exact), 0);
  IF coalesce(cardinality(found), 0) <> n THEN
    RETURN format('%s rows, not %s', cardinality(found), n);
  END IF;
  SELECT count(*) INTO missing
  FROM (SELECT unnest(exact) EXCEPT ALL SELECT unnest(found)) AS m;
  SELECT count(*) INTO too_late
  FROM unnest(found[2:], found[:n - 1]) AS u (d, before) WHERE d < before;
  IF missing > 1 + n / 20 OR too_late > late THEN
    RETURN format('%s of %s missing, %s late', missing, n, too_late);
  END IF;
  RETURN format('%s rows agree', n);
END
$$;

-- LIMIT and OFFSET, of whatever size
SELECT l, shape('SELECT v <-> vec(-7) AS d FROM demand ORDER BY v <-> vec(-7) ' || l)
FROM unnest(ARRAY['LIMIT 1', 'LIMIT 10', 'LIMIT 300', 'LIMIT 20 OFFSET 200', 'LIMIT 0',
                  'LIMIT (SELECT 40)']) AS l;
SELECT l, shape('SELECT v <-> vec(-7) AS d FROM demand ORDER BY v <-> vec(-7) ' || l, 150)
FROM unnest(ARRAY['LIMIT NULL', 'OFFSET 2900', 'LIMIT 9223372036854775807',
                  'LIMIT 9223372036854775807 OFFSET 2950',
                  'LIMIT 5 OFFSET 9223372036854775807']) AS l;
SELECT shape('SELECT v <-> vec(-7) AS d FROM demand ORDER BY v <-> vec(-7) FETCH FIRST 30 ROWS WITH TIES', 3);

-- nodes in between
SELECT shape('SELECT v <-> vec(-7) AS d FROM demand WHERE id % 3 = 0 ORDER BY v <-> vec(-7) LIMIT 30', 3);
SELECT shape('SELECT d + 0 AS d FROM (SELECT id, v <-> vec(-7) AS d FROM demand ORDER BY v <-> vec(-7) OFFSET 0) AS s WHERE id % 3 = 0 LIMIT 30', 3);
SELECT shape('SELECT v <-> vec(-7) AS d FROM demand_parts ORDER BY v <-> vec(-7) LIMIT 60', 5);
SELECT shape('SELECT v <-> vec(-7) AS d FROM demand LEFT JOIN demand_numbers ON n = id ORDER BY v <-> vec(-7) LIMIT 60', 5);
SELECT shape('SELECT v <-> vec(-7) AS d FROM demand, demand_numbers ORDER BY v <-> vec(-7) LIMIT 60', 5);
SELECT shape('WITH c AS MATERIALIZED (SELECT v <-> vec(-7) AS d FROM demand ORDER BY v <-> vec(-7) LIMIT 60) SELECT d FROM c');
SELECT shape('SELECT unnest(ARRAY(SELECT v <-> vec(-7) FROM demand ORDER BY v <-> vec(-7) LIMIT 60)) AS d');
WITH locked AS (SELECT v <-> vec(-7) AS d FROM demand ORDER BY v <-> vec(-7) LIMIT 60 FOR UPDATE)
SELECT array_agg(d) = array_agg(d ORDER BY d) AS ordered, count(*) FROM locked;

-- another LIMIT with each restart
SELECT n, s.* FROM demand_numbers, LATERAL
  (SELECT count(d), array_agg(d) = array_agg(d ORDER BY d) AS ordered
   FROM (SELECT v <-> vec(-7) AS d FROM demand ORDER BY v <-> vec(-7) LIMIT n) AS t) AS s
WHERE n IS NOT NULL;

-- another one with each execution
SET plan_cache_mode = force_generic_plan;
PREPARE nearest (bigint) AS
  SELECT count(d), array_agg(d) = array_agg(d ORDER BY d) AS ordered
  FROM (SELECT v <-> vec(-7) AS d FROM demand ORDER BY v <-> vec(-7) LIMIT $1) AS s;
EXECUTE nearest (5);
EXECUTE nearest (250);
EXECUTE nearest (0);
RESET plan_cache_mode;

-- cursors, one of them left by an error, and queries while they are open
BEGIN;
DECLARE few CURSOR FOR SELECT id FROM demand ORDER BY v <-> vec(-7) LIMIT 40;
MOVE 5 IN few;
SAVEPOINT s;
DECLARE other CURSOR FOR SELECT id FROM demand ORDER BY v <-> vec(-9) LIMIT 40;
MOVE 5 IN other;
SELECT id / 0 FROM demand ORDER BY v <-> vec(-8) LIMIT 10;
ROLLBACK TO s;
SELECT shape('SELECT v <-> vec(-8) AS d FROM demand ORDER BY v <-> vec(-8) LIMIT 50');
MOVE ALL IN few;
COMMIT;

DROP TABLE demand, demand_parts, demand_numbers;
DROP FUNCTION shape(text, int);
