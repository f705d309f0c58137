-- Values out of line that a scan has fetched, which the distance functions find
-- again: they must be those of the row, whatever happens meanwhile.
CREATE TABLE wide (id int, v vector(900));
ALTER TABLE wide ALTER v SET STORAGE EXTERNAL;
INSERT INTO wide SELECT n, vec(n, 900) FROM generate_series(1, 400) AS n;
CREATE INDEX wide_v ON wide USING ivfflat (v) WITH (lists = 4);
SELECT pg_relation_size(reltoastrelid) > 400 * 3000 AS out_of_line
FROM pg_class WHERE relname = 'wide';

-- The distance in the result is the row's own, however many are fetched.
SET enable_seqscan = off;
CREATE FUNCTION wrong(wanted int) RETURNS bigint LANGUAGE sql AS $$
  SELECT count(*)
  FROM (SELECT id, v <-> vec(1000, 900) AS d FROM wide
        ORDER BY v <-> vec(1000, 900) LIMIT wanted) AS s
  WHERE d <> vec(1000, 900) <-> (SELECT v FROM wide AS w WHERE w.id = s.id)
$$;
EXPLAIN (COSTS off)
SELECT id FROM wide ORDER BY v <-> vec(1000, 900) LIMIT 10;
SELECT wanted, wrong(wanted) FROM unnest(ARRAY[1, 10, 100, 400]) AS wanted;

-- Two scans at a time, and rows that change under them.
BEGIN;
DECLARE near CURSOR FOR
  SELECT id, v <-> vec(1000, 900) = vec(id, 900) <-> vec(1000, 900) AS same
  FROM wide ORDER BY v <-> vec(1000, 900);
DECLARE far CURSOR FOR
  SELECT id, v <#> vec(7, 900) = vec(id, 900) <#> vec(7, 900) AS same
  FROM wide ORDER BY v <-> vec(7, 900);
MOVE 20 FROM near;
MOVE 20 FROM far;
UPDATE wide SET v = vec(id + 5000, 900);
SELECT count(*) FROM wide
WHERE v <-> vec(1, 900) <> vec(id + 5000, 900) <-> vec(1, 900);
SAVEPOINT a;
UPDATE wide SET v = vec(id + 6000, 900);
ROLLBACK TO a;
SELECT count(*) FROM wide
WHERE v <-> vec(1, 900) <> vec(id + 5000, 900) <-> vec(1, 900);
CREATE TEMP TABLE fetched (id int, same bool);
DO $$
DECLARE r record; cursors refcursor[] := ARRAY['near', 'far']; c refcursor;
BEGIN
  FOREACH c IN ARRAY cursors LOOP
    FOR i IN 1 .. 100 LOOP
      FETCH c INTO r;
      INSERT INTO fetched VALUES (r.id, r.same);
    END LOOP;
  END LOOP;
END $$;
SELECT count(*), count(DISTINCT id) > 100 AS various, bool_and(same) FROM fetched;
COMMIT;
SELECT wanted, wrong(wanted) FROM unnest(ARRAY[1, 10, 100, 400]) AS wanted;

-- A scan that ends in an error leaves nothing behind.
SELECT id, 1 / (id - id) FROM wide ORDER BY v <-> vec(1000, 900) LIMIT 10;
SELECT wrong(10);
DROP FUNCTION wrong;
DROP TABLE wide;
