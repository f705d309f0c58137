-- Of very many lists a search looks only at the nearest ones, until it needs others.
SET client_min_messages = warning;
CREATE SCHEMA ivfflat_many_lists;
SET search_path = ivfflat_many_lists, public;
-- Costs of what is switched off would call for it.
SET jit = off;
RESET client_min_messages;

CREATE TABLE many (id int PRIMARY KEY, v vector(8), a int);
INSERT INTO many SELECT i, vec(i), i % 10 FROM generate_series(1, 6000) AS i;
CREATE INDEX many_l2 ON many USING ivfflat (v, a) WITH (lists = 2500);
SELECT lists FROM vecdb_index_stats('many_l2');
SELECT * FROM vecdb_check_index('many_l2', true);

-- All rows, the nearest ones, those of more lists than were looked at first.
SELECT compare('many', '<->', vec(0));
SELECT compare('many', '<->', vec(0), 10);
SET ivfflat.probes = 2000;
SELECT compare('many', '<->', vec(0), 300);
SELECT probes FROM vecdb_last_scan();
RESET ivfflat.probes;

-- Some of them first, then the others: each row once.
SET enable_seqscan = off;
SET enable_sort = off;
SET enable_bitmapscan = off;
CREATE FUNCTION steps(condition text) RETURNS TABLE (rows bigint, different bigint, late bigint, lists bigint)
LANGUAGE plpgsql AS $$
DECLARE
  c refcursor;
  r record;
  ids int[]; distances float8[];
BEGIN
  OPEN c FOR EXECUTE 'SELECT id, v <-> vec(0) AS d FROM many WHERE ' || condition || ' ORDER BY v <-> vec(0)';
  LOOP
    FETCH c INTO r;
    EXIT WHEN NOT FOUND;
    ids := ids || r.id;
    distances := distances || r.d;
  END LOOP;
  CLOSE c;
  SELECT count(*), count(DISTINCT i) INTO rows, different FROM unnest(ids) AS i;
  SELECT count(*) INTO late FROM unnest(distances[2:], distances[:cardinality(ids) - 1]) AS u (d, before)
  WHERE d < before;
  SELECT probes INTO lists FROM vecdb_last_scan();
  RETURN NEXT;
END
$$;
SET ivfflat.iterative_scan = relaxed_order;
SELECT rows, different, late < rows / 20 AS few_late, lists FROM steps('true');
SELECT rows, different, late < rows / 20 AS few_late, lists > 1000 AS most FROM steps('a < 9');
SELECT rows, different, late < rows / 20 AS few_late, lists < 2500 AS some FROM steps('a = 3');
RESET ivfflat.iterative_scan;

-- Rows in no order, and within a radius.
SELECT count(*), count(DISTINCT id) FROM (SELECT id FROM many ORDER BY v <-> NULL) AS s;
SELECT count(*) = (SELECT count(*) FROM many WHERE (v <-> vec(0)) + 0 < 1) AS same, count(*) > 0 AS some
FROM many WHERE v <-> vec(0) < 1;

-- Where the inner product is the distance, as well.
CREATE INDEX many_ip ON many USING ivfflat (v vector_ip_ops) WITH (lists = 2500);
SELECT compare('many', '<#>', vec(0));
SET ivfflat.probes = 2000;
SELECT compare('many', '<#>', vec(0), 300);
RESET ivfflat.probes;

SET client_min_messages = warning;
DROP SCHEMA ivfflat_many_lists CASCADE;
