-- vecdb_last_scan: what the session's last scan did.
SET client_min_messages = warning;
CREATE SCHEMA last_scan;
SET search_path = last_scan, public;
RESET client_min_messages;

-- No scan yet.
SELECT * FROM vecdb_last_scan();

CREATE TABLE t (id int PRIMARY KEY, v vector(8));
INSERT INTO t SELECT i, vec(i) FROM generate_series(1, 2000) AS i;
INSERT INTO t VALUES (2001, NULL);
CREATE INDEX t_v ON t USING ivfflat (v) WITH (lists = 20);

-- A build and a vacuum are no scans, nor is a search without the index.
VACUUM t;
SET enable_indexscan = off;
SELECT count(*) FROM (SELECT id FROM t ORDER BY v <-> vec(1) LIMIT 10) AS s;
RESET enable_indexscan;
SELECT index FROM vecdb_last_scan();
SET enable_seqscan = off;

-- The caller had enough.
SET ivfflat.probes = 3;
SELECT count(*) FROM (SELECT id FROM t ORDER BY v <-> vec(1) LIMIT 10) AS s;
SELECT index, lists, first_probes, probes, codes BETWEEN 10 AND 1999 AS some_codes,
  fetches BETWEEN 10 AND codes AS some_fetches, invisible, rows, passes, stop
FROM vecdb_last_scan();

-- The caller wants more than the first lists hold.
SELECT count(*) FROM (SELECT id FROM t ORDER BY v <-> vec(1) LIMIT 1500) AS s;
SELECT first_probes, probes > 3 AS more_probes, rows, passes > 1 AS more_passes, stop FROM vecdb_last_scan();

-- Everything.
SELECT count(*) FROM (SELECT id FROM t ORDER BY v <-> vec(1)) AS s;
SELECT first_probes, probes, codes >= 2000 AS all_codes, fetches, invisible, rows, stop FROM vecdb_last_scan();

-- The settings allow no more lists.
SET ivfflat.max_probes = 5;
SELECT count(*) < 2001 AS some FROM (SELECT id FROM t ORDER BY v <-> vec(1)) AS s;
SELECT first_probes, probes, rows < 2001 AS some, stop FROM vecdb_last_scan();
RESET ivfflat.max_probes;
SET ivfflat.iterative_scan = off;
SELECT count(*) < 2001 AS some FROM (SELECT id FROM t ORDER BY v <-> vec(1)) AS s;
SELECT first_probes, probes, rows < 2001 AS some, stop FROM vecdb_last_scan();
RESET ivfflat.iterative_scan;

-- max_probes bounds an automatic choice, whether the scan may go on or not, but
-- not the lists that probes asks for.
SET ivfflat.max_probes = 5;
SET ivfflat.probes = 0;
SET ivfflat.target_recall = 1;
SELECT count(*) FROM (SELECT id FROM t ORDER BY v <-> vec(1) LIMIT 10) AS s;
SELECT lists, first_probes, probes, stop FROM vecdb_last_scan();
SET ivfflat.iterative_scan = off;
SELECT count(*) < 2001 AS some FROM (SELECT id FROM t ORDER BY v <-> vec(1)) AS s;
SELECT lists, first_probes, probes, stop FROM vecdb_last_scan();
RESET ivfflat.iterative_scan;
SET ivfflat.target_recall = 0.99;
SET ivfflat.max_probes = 1;
SELECT count(*) < 2001 AS some FROM (SELECT id FROM t ORDER BY v <-> vec(1)) AS s;
SELECT lists, first_probes, probes, stop FROM vecdb_last_scan();
SET ivfflat.max_probes = 5;
SET ivfflat.probes = 7;
SELECT count(*) < 2001 AS some FROM (SELECT id FROM t ORDER BY v <-> vec(1)) AS s;
SELECT lists, first_probes, probes, stop FROM vecdb_last_scan();
RESET ivfflat.target_recall;
RESET ivfflat.max_probes;
SET ivfflat.probes = 3;

-- Rows that the snapshot does not see are looked at in vain.
DELETE FROM t WHERE id <= 500;
SELECT count(*) FROM (SELECT id FROM t ORDER BY v <-> vec(1)) AS s;
SELECT fetches, invisible, rows, stop FROM vecdb_last_scan();

-- The last of several scans: a join's inner side starts anew for each row, and
-- counts anew.
SELECT count(*) FROM generate_series(1, 3) AS n,
  LATERAL (SELECT id FROM t ORDER BY v <-> vec(n) LIMIT n * 5) AS s;
SELECT rows, stop FROM vecdb_last_scan();

-- Scans side by side count for themselves; the one that was asked last is shown.
CREATE TABLE u (id int PRIMARY KEY, v vector(8));
INSERT INTO u SELECT i, vec(i) FROM generate_series(1, 300) AS i;
CREATE INDEX u_v ON u USING ivfflat (v) WITH (lists = 2);
BEGIN;
DECLARE a CURSOR FOR SELECT 1 FROM t ORDER BY v <-> vec(1);
DECLARE b CURSOR FOR SELECT 1 FROM u ORDER BY v <-> vec(1);
DECLARE c CURSOR FOR SELECT 1 FROM u ORDER BY v <-> vec(2);
MOVE 5 FROM a;
MOVE 70 FROM b;
MOVE 1 FROM c;
SELECT index, lists, first_probes, rows, stop FROM vecdb_last_scan();
MOVE 1 FROM a;
SELECT index, lists, first_probes, rows, fetches < 300 AS few, stop FROM vecdb_last_scan();
MOVE ALL FROM b;
SELECT index, lists, first_probes, rows, fetches, stop FROM vecdb_last_scan();
MOVE 2 FROM a;
SELECT index, lists, first_probes, rows, stop FROM vecdb_last_scan();
CLOSE a;
SELECT index, rows FROM vecdb_last_scan();
COMMIT;

-- So do those inside of others, whichever of the two is asked last.
CREATE FUNCTION seven(q vector) RETURNS bigint LANGUAGE sql AS
$$ SELECT count(*) FROM (SELECT 1 FROM last_scan.u ORDER BY v <-> q LIMIT 7) AS s $$;
SELECT count(*), sum(seven) FROM (SELECT seven(v) FROM t ORDER BY v <-> vec(1) LIMIT 4) AS s;
SELECT index, rows, stop FROM vecdb_last_scan();
SET ivfflat.iterative_scan = off;
SELECT count(*) AS count FROM (SELECT id FROM t WHERE seven(v) = 7 ORDER BY v <-> vec(1)) AS s \gset
SELECT index, lists, probes, rows = :count AS rows, rows > 7 AS many, stop FROM vecdb_last_scan();
RESET ivfflat.iterative_scan;

-- An error leaves what was there at the last row that was returned.
DO $$
DECLARE
  r record;
BEGIN
  FOR r IN SELECT id FROM t ORDER BY v <-> vec(1) LOOP
    PERFORM 1 / (SELECT count(*) - 7 FROM (SELECT 1 FROM u ORDER BY v <-> vec(r.id) LIMIT 7) AS s);
  END LOOP;
EXCEPTION WHEN division_by_zero THEN
  RAISE NOTICE 'caught';
END
$$;
SELECT index, rows FROM vecdb_last_scan();
SELECT id FROM t ORDER BY v <-> '[1,2]';
SELECT index, rows FROM vecdb_last_scan();

-- An index without rows; one that is gone.
CREATE TABLE none (v vector(8));
CREATE INDEX none_v ON none USING ivfflat (v);
SELECT v FROM none ORDER BY v <-> vec(1);
SELECT index, lists, rows, codes, fetches, stop FROM vecdb_last_scan();
DROP TABLE none;
SELECT index::oid > 0 AS has_number, rows, stop FROM vecdb_last_scan();

SET client_min_messages = warning;
DROP SCHEMA last_scan CASCADE;
