-- Equality joins, groups and distinct rows of the three types, by hash and by
-- merge: 0 and -0 are equal.
SET client_min_messages = warning;
CREATE SCHEMA equal_joins_test;
SET search_path = equal_joins_test, public;
RESET client_min_messages;

-- 350 values, some times each, and in two spellings of zero.
CREATE TABLE texts AS
SELECT i, format('[%s,%s,0]', i % 50, i % 7) AS dense, format('[%s,%s,-0]', i % 50, i % 7) AS negative
FROM generate_series(1, 2000) AS i;
CREATE TABLE a AS SELECT i, dense::vector AS v, dense::halfvec AS h, dense::vector::sparsevec AS s FROM texts;
CREATE TABLE b AS SELECT i, negative::vector AS v, negative::halfvec AS h, negative::vector::sparsevec AS s FROM texts WHERE i <= 1000;
INSERT INTO a VALUES (0, NULL, NULL, NULL);
INSERT INTO b VALUES (0, NULL, NULL, NULL), (5000, '[1,2]', '[1,2]', '{1:1}/2');
ANALYZE a;
ANALYZE b;

-- The same numbers by each kind of join, and by text.
SELECT count(*) FROM texts AS x JOIN texts AS y ON x.dense = y.dense AND y.i <= 1000;
CREATE FUNCTION joins() RETURNS TABLE (kind text, v bigint, h bigint, s bigint) LANGUAGE plpgsql AS $$
DECLARE
  join_kind text;
BEGIN
  FOREACH join_kind IN ARRAY '{JOIN,LEFT JOIN,FULL JOIN}'::text[] LOOP
    kind := join_kind;
    EXECUTE format('SELECT count(*) FROM a %s b USING (v)', join_kind) INTO v;
    EXECUTE format('SELECT count(*) FROM a %s b USING (h)', join_kind) INTO h;
    EXECUTE format('SELECT count(*) FROM a %s b USING (s)', join_kind) INTO s;
    RETURN NEXT;
  END LOOP;
END $$;
SET enable_nestloop = off;
SET enable_mergejoin = off;
SELECT plan('SELECT count(*) FROM a JOIN b USING (v)');
SELECT plan('SELECT count(*) FROM a JOIN b USING (h)');
SELECT plan('SELECT count(*) FROM a FULL JOIN b USING (s)');
SELECT * FROM joins();
SET enable_mergejoin = on;
SET enable_hashjoin = off;
SELECT plan('SELECT count(*) FROM a FULL JOIN b USING (v)');
SELECT * FROM joins();
RESET enable_hashjoin;
RESET enable_nestloop;

-- Groups and sets.
SELECT count(DISTINCT dense) FROM texts;
SET enable_sort = off;
SELECT plan('SELECT DISTINCT v FROM a');
SELECT plan('SELECT DISTINCT h FROM a');
SELECT plan('SELECT DISTINCT s FROM a');
SELECT (SELECT count(v) FROM (SELECT v FROM a UNION SELECT v FROM b WHERE i < 5000) AS q) AS v,
  (SELECT count(h) FROM (SELECT h FROM a UNION SELECT h FROM b WHERE i < 5000) AS q) AS h,
  (SELECT count(s) FROM (SELECT s FROM a UNION SELECT s FROM b WHERE i < 5000) AS q) AS s;
RESET enable_sort;

SELECT oprleft::regtype, oprcanhash, oprcanmerge FROM pg_operator
WHERE oprname = '=' AND oprleft IN ('vector'::regtype, 'halfvec'::regtype, 'sparsevec'::regtype) ORDER BY 1;

SET client_min_messages = warning;
DROP SCHEMA equal_joins_test CASCADE;
