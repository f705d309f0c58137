-- vecdb_recall: the index's answers against the exact ones.
SET client_min_messages = warning;
CREATE SCHEMA recall;
SET search_path = recall, public;
RESET client_min_messages;

CREATE TABLE t (id int PRIMARY KEY, v vector(8));
INSERT INTO t SELECT i, vec(i) FROM generate_series(1, 3000) AS i;
CREATE INDEX t_l2 ON t USING ivfflat (v vector_l2_ops) WITH (lists = 30);
CREATE INDEX t_ip ON t USING ivfflat (v vector_ip_ops) WITH (lists = 30);
CREATE INDEX t_cosine ON t USING ivfflat (v vector_cosine_ops) WITH (lists = 30);
SELECT array_agg(vec(-i)) AS queries FROM generate_series(1, 50) AS i \gset
SELECT setseed(0.5);

-- All lists find everything, one list does not.
SET ivfflat.probes = 30;
SELECT c, recall >= 0.99 AS found, queries, k, exact_ms > 0 AS exact, index_ms > 0 AS index, probes, codes >= 3000 AS codes, fetches BETWEEN 10 AND 3000 AS fetches
FROM unnest('{t_l2,t_ip,t_cosine}'::regclass[]) AS c, vecdb_recall(c);
SELECT c, recall >= 0.99 AS found, queries, k, probes
FROM unnest('{t_l2,t_ip,t_cosine}'::regclass[]) AS c, vecdb_recall(c, :'queries'::vector[], 20);
SET ivfflat.probes = 1;
SELECT c, recall BETWEEN 0.01 AND 0.9 AS some, queries, k, probes, codes < 1000 AS codes
FROM unnest('{t_l2,t_ip,t_cosine}'::regclass[]) AS c, vecdb_recall(c);
SELECT recall BETWEEN 0.01 AND 0.9 AS some, queries, k, probes FROM vecdb_recall('t_l2', :'queries'::vector[], 1);

-- It is the recall that one would compute by hand.
CREATE FUNCTION answers(query vector, by_index boolean) RETURNS SETOF int
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('enable_seqscan', (NOT by_index)::text, true);
  PERFORM set_config('enable_indexscan', by_index::text, true);
  RETURN QUERY EXECUTE 'SELECT id FROM t ORDER BY v <-> $1 LIMIT 10' USING query;
END
$$;
BEGIN;
DROP INDEX t_ip, t_cosine;
SELECT count(*) / 500.0 AS by_hand FROM unnest(:'queries'::vector[]) AS q,
  LATERAL (SELECT answers(q, false) INTERSECT SELECT answers(q, true)) AS s \gset
SELECT index FROM vecdb_last_scan();
ROLLBACK;
SELECT abs(recall - :by_hand) < 1e-9 AS same, recall < 0.9 AS lossy FROM vecdb_recall('t_l2', :'queries'::vector[]);

-- Without probes, by the target.
RESET ivfflat.probes;
SET ivfflat.target_recall = 1;
SELECT recall >= 0.99 AS found, probes FROM vecdb_recall('t_l2');
SET ivfflat.target_recall = 0.6;
SELECT recall BETWEEN 0.4 AND 0.9 AS some, probes < 20 AS few FROM vecdb_recall('t_l2', sample => 300);
RESET ivfflat.target_recall;

-- The index that was asked for, whatever others there are and what is off.
CREATE INDEX t_short ON t USING ivfflat (v) WITH (lists = 2);
SET ivfflat.probes = 2;
SET enable_indexscan = off;
SET plan_cache_mode = force_custom_plan;
SELECT recall >= 0.99 AS found, probes FROM vecdb_recall('t_short', sample => 10);
SELECT index, lists FROM vecdb_last_scan();
SELECT recall < 0.99 AS lossy, probes FROM vecdb_recall('t_l2', sample => 10);
SELECT index, lists FROM vecdb_last_scan();
SHOW enable_seqscan;
SHOW enable_indexscan;
SHOW plan_cache_mode;
RESET enable_indexscan;
RESET plan_cache_mode;
RESET ivfflat.probes;
DROP INDEX t_short;

-- So within a transaction.
BEGIN;
SELECT queries FROM vecdb_recall('t_l2', sample => 2);
SHOW enable_seqscan;
SHOW plan_cache_mode;
COMMIT;

-- Other searches of the session see their indexes as before.
CREATE FUNCTION uses_index() RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  line text;
BEGIN
  FOR line IN EXPLAIN (COSTS OFF) SELECT v AS vecdb_recall FROM t WHERE id = 7 LOOP
    IF line LIKE '%t_pkey%' THEN
      RETURN true;
    END IF;
  END LOOP;
  RETURN false;
END
$$;
SELECT uses_index();

-- Parallel workers may look for the exact answer.
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SELECT abs(recall - :by_hand) < 1e-9 AS same FROM
  (SELECT set_config('ivfflat.probes', '1', false)) AS s, vecdb_recall('t_l2', :'queries'::vector[]);
RESET ivfflat.probes;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;

-- A row finds itself without merit, so it does not count.
CREATE TABLE one (v vector(2));
INSERT INTO one VALUES ('[1,2]');
CREATE INDEX one_v ON one USING ivfflat (v);
SELECT recall, queries, k, exact_ms, index_ms, probes, codes, fetches FROM vecdb_recall('one_v');
SELECT recall, queries FROM vecdb_recall('one_v', '{"[1,2]"}'::vector[]);
INSERT INTO one VALUES ('[3,4]');
SELECT recall, queries FROM vecdb_recall('one_v');

-- Of many equal rows, which ones are found does not matter.
CREATE TABLE equal_rows (v vector(3));
INSERT INTO equal_rows SELECT '[1,2,3]' FROM generate_series(1, 500);
INSERT INTO equal_rows SELECT '[1,2,4]' FROM generate_series(1, 500);
CREATE INDEX equal_rows_v ON equal_rows USING ivfflat (v) WITH (lists = 2);
SELECT recall, queries, k FROM vecdb_recall('equal_rows_v', k => 7, sample => 40);
SELECT recall, queries, k FROM vecdb_recall('equal_rows_v', k => 700, sample => 3);

-- Fewer rows than are wanted.
SELECT recall, queries, k FROM vecdb_recall('one_v', 10000, 100000);

-- What has no distance is no query and no answer.
CREATE TABLE gaps (v vector(2));
INSERT INTO gaps VALUES (NULL), ('[0,0]'), (NULL), ('[1,0]'), ('[0,1]');
CREATE INDEX gaps_l2 ON gaps USING ivfflat (v);
CREATE INDEX gaps_cosine ON gaps USING ivfflat (v vector_cosine_ops);
SELECT c, recall, queries FROM unnest('{gaps_l2,gaps_cosine}'::regclass[]) AS c, vecdb_recall(c);
SELECT recall, queries FROM vecdb_recall('gaps_cosine', '{"[0,0]","[1,1]"}'::vector[]);
DELETE FROM gaps WHERE v <> '[0,0]';
SELECT recall, queries FROM vecdb_recall('gaps_cosine');

-- No rows, no queries.
TRUNCATE gaps;
SELECT recall, queries, exact_ms FROM vecdb_recall('gaps_l2');
SELECT recall, queries FROM vecdb_recall('gaps_l2', '{"[1,1]"}'::vector[]);
SELECT recall, queries FROM vecdb_recall('t_l2', '{}'::vector[]);

-- Rows of this transaction count in both answers.
BEGIN;
INSERT INTO gaps VALUES ('[1,2]'), ('[3,4]');
SELECT recall, queries FROM vecdb_recall('gaps_l2');
ROLLBACK;

-- Partial and expression indexes, names that need quotes, a hostile path.
CREATE SCHEMA "Odd ""Schema";
CREATE TABLE "Odd ""Schema"."a.Table" ("the Id" int, "Vec tor" vector);
INSERT INTO "Odd ""Schema"."a.Table" SELECT i, vec(i, 3 + i % 2) FROM generate_series(1, 400) AS i;
CREATE INDEX "An Index" ON "Odd ""Schema"."a.Table" USING ivfflat (("Vec tor"::vector(3)))
  WHERE vector_dims("Vec tor") = 3 AND "the Id" > 100;
SELECT recall >= 0.99 AS found, queries FROM vecdb_recall('"Odd ""Schema"."An Index"', sample => 1000);
SELECT count(*) FROM "Odd ""Schema"."a.Table" WHERE vector_dims("Vec tor") = 3 AND "the Id" > 100;
CREATE SCHEMA decoy;
CREATE FUNCTION decoy.wrong(vector, vector) RETURNS float8 LANGUAGE sql IMMUTABLE AS 'SELECT 1 / 0.0';
CREATE OPERATOR decoy.<-> (LEFTARG = vector, RIGHTARG = vector, FUNCTION = decoy.wrong);
CREATE FUNCTION decoy.random() RETURNS float8 LANGUAGE sql AS 'SELECT 1 / 0.0';
SET search_path = decoy, recall, public, pg_catalog;
SELECT recall >= 0.99 AS found, queries FROM vecdb_recall('"Odd ""Schema"."An Index"', sample => 5);
SELECT recall >= 0.99 AS found, queries FROM vecdb_recall('one_v');
SET search_path = recall, public;

-- Rows of inheriting tables are not in the index.
CREATE TABLE heir () INHERITS (one);
INSERT INTO heir VALUES ('[1,1]'), ('[2,2]'), ('[3,3]');
SELECT recall, queries FROM vecdb_recall('one_v', k => 5);

-- Out of line, in the table and as queries.
CREATE TABLE long (v vector(3000));
ALTER TABLE long ALTER v SET STORAGE EXTERNAL;
INSERT INTO long SELECT vec(i, 3000) FROM generate_series(1, 40) AS i;
CREATE INDEX long_v ON long USING ivfflat (v);
SELECT recall >= 0.99 AS found, queries FROM vecdb_recall('long_v');
SELECT recall >= 0.99 AS found, queries FROM vecdb_recall('long_v', (SELECT array_agg(v) FROM long));

-- NULL asks nothing.
SELECT vecdb_recall(NULL::regclass) IS NULL;
SELECT vecdb_recall('t_l2', NULL::vector[]) IS NULL;

-- What is refused.
SELECT vecdb_recall('t');
SELECT vecdb_recall('t_pkey');
SELECT vecdb_recall('t_l2', 0);
SELECT vecdb_recall('t_l2', 10001);
SELECT vecdb_recall('t_l2', sample => 0);
SELECT vecdb_recall('t_l2', sample => 100001);
SELECT vecdb_recall('t_l2', '{"[1,2]"}'::vector[], -1);
SELECT vecdb_recall('t_l2', '{"[1,2]"}'::vector[]);
SELECT vecdb_recall('t_l2', ARRAY[vec(1), NULL]);
SELECT vecdb_recall('t_l2', '{1,2}'::int[]);
CREATE TABLE parted (id int, v vector(8)) PARTITION BY RANGE (id);
CREATE TABLE part PARTITION OF parted FOR VALUES FROM (0) TO (1000);
INSERT INTO parted SELECT i, vec(i) FROM generate_series(1, 100) AS i;
CREATE INDEX parted_v ON parted USING ivfflat (v);
SELECT vecdb_recall('parted_v');
SELECT recall >= 0.99 AS found, queries FROM vecdb_recall('part_v_idx');
CREATE TABLE bad (v vector);
INSERT INTO bad VALUES ('[1,2]'), ('[1,2,3]');
\set VERBOSITY terse
CREATE INDEX CONCURRENTLY bad_v ON bad USING ivfflat ((v::vector(3)));
\set VERBOSITY default
SELECT vecdb_recall('bad_v');

-- An index that this transaction's snapshots must not use.
CREATE TABLE chain (id int, v vector(8));
INSERT INTO chain SELECT i, vec(i) FROM generate_series(1, 10) AS i;
BEGIN;
UPDATE chain SET v = vec(id + 1);
CREATE INDEX chain_v ON chain USING ivfflat (v);
SELECT vecdb_recall('chain_v');
ROLLBACK;

-- An error within leaves the session as it was.
CREATE TABLE fragile (id int, v vector(8));
INSERT INTO fragile SELECT i, vec(i) FROM generate_series(1, 10) AS i;
CREATE FUNCTION brittle(v vector) RETURNS vector LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  IF current_setting('recall.break', true) = 'yes' THEN
    RAISE EXCEPTION 'broken';
  END IF;
  RETURN v;
END
$$;
CREATE INDEX fragile_v ON fragile USING ivfflat ((brittle(v)::vector(8)));
SELECT recall >= 0.99 AS found, queries FROM vecdb_recall('fragile_v');
SET recall.break = 'yes';
\set VERBOSITY terse
SELECT vecdb_recall('fragile_v');
\set VERBOSITY default
DO $$
BEGIN
  PERFORM vecdb_recall('fragile_v');
EXCEPTION WHEN raise_exception THEN
  RAISE NOTICE 'caught, enable_seqscan is %', current_setting('enable_seqscan');
END
$$;
SHOW enable_seqscan;
SELECT uses_index();
RESET recall.break;

-- Within a search, too, when a function of the index makes one.
CREATE TABLE curious (id int PRIMARY KEY, v vector(8));
INSERT INTO curious SELECT i, vec(i) FROM generate_series(1, 10) AS i;
CREATE FUNCTION sees_index() RETURNS boolean LANGUAGE plpgsql
SET enable_seqscan = off AS $$
DECLARE
  line text;
BEGIN
  FOR line IN EXPLAIN (COSTS OFF) SELECT * FROM recall.curious WHERE id = 7 LOOP
    IF line LIKE '%curious_pkey%' THEN
      RETURN true;
    END IF;
  END LOOP;
  RETURN false;
END
$$;
CREATE FUNCTION curious(v vector) RETURNS vector LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  IF NOT recall.sees_index() THEN
    RAISE EXCEPTION 'no index';
  END IF;
  RETURN v;
END
$$;
CREATE INDEX curious_v ON curious USING ivfflat ((curious(v)::vector(8)));
SELECT recall >= 0.99 AS found, queries FROM vecdb_recall('curious_v');

-- A search that a function of the index makes is not the one that is measured.
CREATE TABLE nested (v vector(8));
INSERT INTO nested SELECT vec(i) FROM generate_series(1, 20) AS i;
CREATE FUNCTION searching(v vector) RETURNS vector LANGUAGE plpgsql IMMUTABLE
SET enable_seqscan = off AS $$
BEGIN
  PERFORM 1 FROM recall.t ORDER BY t.v OPERATOR(public.<->) searching.v LIMIT 1;
  RETURN v;
END
$$;
CREATE INDEX nested_v ON nested USING ivfflat ((searching(v)::vector(8)));
SET ivfflat.probes = 9;
SELECT recall >= 0.99 AS found, queries, probes, codes, fetches BETWEEN 10 AND 20 AS fetches FROM vecdb_recall('nested_v');
RESET ivfflat.probes;

-- Recall tells whether rows are there, so it takes the right to read them.
CREATE ROLE regress_vecdb_none;
CREATE ROLE regress_vecdb_reader;
CREATE ROLE regress_vecdb_monitor IN ROLE pg_monitor;
GRANT USAGE ON SCHEMA recall TO PUBLIC;
GRANT SELECT ON t TO regress_vecdb_reader;
SET ROLE regress_vecdb_none;
SELECT vecdb_recall('t_l2');
SELECT vecdb_recall('t_l2', '{"[1,2,3,4,5,6,7,8]"}'::vector[]);
SET ROLE regress_vecdb_monitor;
SELECT vecdb_recall('t_l2');
SET ROLE regress_vecdb_reader;
SELECT recall > 0.5 AS found, queries FROM vecdb_recall('t_l2');
RESET ROLE;

-- What a policy hides from somebody is not measured for him: neither figure
-- could be told of the other rows.  Members of pg_stat_scan_tables may know.
ALTER TABLE t ENABLE ROW LEVEL SECURITY;
CREATE POLICY first_rows ON t USING (id <= 12);
SET ROLE regress_vecdb_reader;
SELECT vecdb_recall('t_l2');
SELECT vecdb_recall('t_l2', :'queries'::vector[], 20);
RESET ROLE;
GRANT SELECT ON t TO regress_vecdb_monitor;
SET ROLE regress_vecdb_monitor;
SET ivfflat.target_recall = 1;
SELECT recall >= 0.99 AS found, queries FROM vecdb_recall('t_l2', sample => 20);
RESET ROLE;

-- Where policies are for the owner too, both answers are made of what he sees.
CREATE ROLE regress_vecdb_owner;
ALTER TABLE t OWNER TO regress_vecdb_owner;
ALTER TABLE t FORCE ROW LEVEL SECURITY;
SET ROLE regress_vecdb_owner;
SELECT recall >= 0.99 AS found, queries, k FROM vecdb_recall('t_l2');
SELECT recall >= 0.99 AS found, queries FROM vecdb_recall('t_l2', :'queries'::vector[], 20);
-- nothing is left to find among the first lists
SET ivfflat.probes = 1;
SET ivfflat.iterative_scan = off;
SELECT recall < 0.5 AS lost, queries FROM vecdb_recall('t_l2');
RESET ivfflat.iterative_scan;
RESET ivfflat.probes;
SET row_security = off;
\set VERBOSITY terse
SELECT vecdb_recall('t_l2');
\set VERBOSITY default
RESET row_security;
RESET ROLE;
SELECT queries FROM vecdb_recall('t_l2');
CREATE POLICY nobody ON t AS RESTRICTIVE USING (false);
SET ROLE regress_vecdb_owner;
SELECT recall, queries FROM vecdb_recall('t_l2', :'queries'::vector[]);
RESET ROLE;

-- Whoever measures lends the table's owner no rights of his own: expressions,
-- predicates, casts and policies run as the owner, and can change nobody.
CREATE SCHEMA theirs AUTHORIZATION regress_vecdb_owner;
SET ROLE regress_vecdb_owner;
GRANT USAGE ON SCHEMA theirs TO PUBLIC;
CREATE TABLE theirs.loot (place text, who text);
GRANT INSERT ON theirs.loot TO PUBLIC;
CREATE FUNCTION theirs.take(place text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF current_user <> 'regress_vecdb_owner' THEN
    INSERT INTO theirs.loot VALUES (place, current_user);
  END IF;
END
$$;
CREATE FUNCTION theirs.same(v vector) RETURNS vector LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  PERFORM theirs.take('expression');
  RETURN v;
END
$$;
CREATE FUNCTION theirs.yes(place text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  PERFORM theirs.take(place);
  RETURN true;
END
$$;
CREATE DOMAIN theirs.checked AS vector CHECK (theirs.yes('cast' || vector_dims(VALUE)));
CREATE TABLE theirs.t (id int, v vector(2));
INSERT INTO theirs.t SELECT i, ARRAY[i, 1]::vector FROM generate_series(1, 30) AS i;
CREATE INDEX by_expression ON theirs.t USING ivfflat ((theirs.same(v)::vector(2)));
CREATE INDEX by_predicate ON theirs.t USING ivfflat (v) WHERE theirs.yes('predicate' || (id % 1)::text);
CREATE INDEX by_cast ON theirs.t USING ivfflat ((v::theirs.checked::vector(2)));
CREATE TABLE theirs.policed (v vector(2));
INSERT INTO theirs.policed SELECT v FROM theirs.t;
CREATE INDEX by_policy ON theirs.policed USING ivfflat (v);
ALTER TABLE theirs.policed ENABLE ROW LEVEL SECURITY;
ALTER TABLE theirs.policed FORCE ROW LEVEL SECURITY;
CREATE POLICY p ON theirs.policed USING (theirs.yes('policy'));
GRANT SELECT ON theirs.t, theirs.policed TO PUBLIC;
CREATE FUNCTION theirs.become_nobody() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  SET ROLE regress_vecdb_none;
END
$$;
CREATE FUNCTION theirs.restrained(v vector) RETURNS vector LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  IF current_setting('recall.break', true) = 'yes' THEN
    PERFORM theirs.become_nobody();
  END IF;
  RETURN v;
END
$$;
CREATE INDEX restrained ON theirs.t USING ivfflat ((theirs.restrained(v)::vector(2)));
CREATE FUNCTION theirs.careless(v vector) RETURNS vector LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  IF current_setting('recall.break', true) = 'yes' THEN
    PERFORM helper();
  END IF;
  RETURN v;
END
$$;
CREATE INDEX careless ON theirs.t USING ivfflat ((theirs.careless(v)::vector(2)));
RESET ROLE;
CREATE FUNCTION measured(index regclass, queries vector[]) RETURNS text LANGUAGE sql AS $$
  SELECT concat_ws(' ', (SELECT recall >= 0.5 FROM vecdb_recall(index, sample => 3)),
    (SELECT recall >= 0.5 FROM vecdb_recall(index, queries)))
$$;
SET ROLE regress_vecdb_monitor;
SELECT index, measured(index, '{"[1,1]","[7,2]"}') FROM unnest(ARRAY['theirs.by_expression',
  'theirs.by_predicate', 'theirs.by_cast', 'theirs.by_policy', 'theirs.restrained']::regclass[]) AS index;
RESET ROLE;
SELECT index, measured(index, '{"[1,1]","[7,2]"}') FROM unnest(ARRAY['theirs.by_expression',
  'theirs.by_predicate', 'theirs.by_cast', 'theirs.by_policy']::regclass[]) AS index;
SELECT DISTINCT * FROM theirs.loot ORDER BY place, who;
SELECT current_user = session_user AS same;
SET recall.break = 'yes';
\set VERBOSITY terse
SELECT vecdb_recall('theirs.restrained');
\set VERBOSITY default
SELECT current_user = session_user AS same;

-- Nor does the owner lend his to whoever measures: the caller's path is bare.
CREATE FUNCTION helper() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'as %', current_user;
END
$$;
SET ROLE regress_vecdb_reader;
\set VERBOSITY terse
SELECT vecdb_recall('theirs.careless');
\set VERBOSITY default
RESET ROLE;
RESET recall.break;
SHOW search_path;

-- With scalar columns behind the vector, or the whole row in expressions.
CREATE TABLE filtered (id int, v vector);
INSERT INTO filtered SELECT i, vec(i) FROM generate_series(1, 2000) AS i;
CREATE INDEX filtered_v ON filtered USING ivfflat ((v::vector(8)), id, (id % 10)) WITH (lists = 10);
SELECT recall > 0.8 AS well, queries FROM vecdb_recall('filtered_v', 10, 30);
SELECT recall > 0.8 AS well, queries FROM vecdb_recall('filtered_v', 'id <= 500', 10, 30);

SET client_min_messages = warning;
DROP SCHEMA theirs, recall, "Odd ""Schema", decoy CASCADE;
DROP ROLE regress_vecdb_none, regress_vecdb_reader, regress_vecdb_monitor, regress_vecdb_owner;
