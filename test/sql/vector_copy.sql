-- Type vector: COPY, storage out of line, tables that are rewritten.
CREATE TABLE copy_test (id int, v vector, list vector[]);
INSERT INTO copy_test VALUES
  (1, '[1,-2.5,3e-10]', ARRAY['[1,2]', '[3]']::vector[]),
  (2, NULL, '{}'),
  (3, '[3.4028235e38,1e-45,-0]', ARRAY[NULL, '[0.1]']::vector[]),
  (4, (SELECT array_agg(sin(i) ORDER BY i) FROM generate_series(1, 16000) AS i)::vector, NULL),
  (5, array_fill(1, ARRAY[16000])::vector, NULL);
COPY (SELECT * FROM copy_test WHERE id < 4 ORDER BY id) TO stdout;
COPY (SELECT v FROM copy_test WHERE id IN (1, 3) ORDER BY id) TO stdout (FORMAT csv);

CREATE TABLE copy_back (LIKE copy_test);
\copy copy_test to 'results/vector_copy.txt'
\copy copy_back from 'results/vector_copy.txt'
SELECT count(*) FILTER (WHERE vector_send(a.v) IS NOT DISTINCT FROM vector_send(b.v)) AS same,
  count(*) FILTER (WHERE a.list IS NOT DISTINCT FROM b.list) AS same_list, count(*)
FROM copy_test AS a JOIN copy_back AS b USING (id);
TRUNCATE copy_back;
\copy copy_test to 'results/vector_copy.bin' with (format binary)
\copy copy_back from 'results/vector_copy.bin' with (format binary)
SELECT count(*) FILTER (WHERE vector_send(a.v) IS NOT DISTINCT FROM vector_send(b.v)) AS same,
  count(*) FILTER (WHERE a.list IS NOT DISTINCT FROM b.list) AS same_list, count(*)
FROM copy_test AS a JOIN copy_back AS b USING (id);
SELECT max(vector_dims(v)) FROM copy_back;

-- Errors name the line and the column; nothing is loaded.
CREATE TABLE copy_three (v vector(3));
COPY copy_three FROM stdin;
[1,2,3]
[1,2]
\.
COPY copy_three FROM stdin;
[1,2,3]
[1,2,x]
\.
COPY copy_three FROM stdin;
[1,2,3]

\.
SELECT count(*) FROM copy_three;
COPY copy_three FROM stdin;
[1,2,3]
[4, 5, 6]
\N
\.
SELECT * FROM copy_three;

-- 8 + 4 * dim bytes, or 4 less out of line: never compressed by itself, and
-- inline at any length where the column says so.
CREATE TABLE store (kind text, v vector);
INSERT INTO store SELECT 'external', array_fill(1, ARRAY[n])::vector
  FROM unnest('{100,1000}'::int[]) AS n;
ALTER TABLE store ALTER v SET STORAGE plain;
INSERT INTO store SELECT 'plain', array_fill(1, ARRAY[n])::vector
  FROM unnest('{100,1000}'::int[]) AS n;
ALTER TABLE store ALTER v SET STORAGE extended;
INSERT INTO store SELECT 'extended', array_fill(1, ARRAY[n])::vector
  FROM unnest('{100,1000}'::int[]) AS n;
SELECT kind, vector_dims(v) AS dims,
  CASE WHEN pg_column_size(v) > 400 THEN pg_column_size(v) END AS size,
  v = array_fill(1, ARRAY[vector_dims(v)])::vector AS intact
FROM store ORDER BY kind, dims;

-- Rewriting a table, and a column that gets its dimension later.
ALTER TABLE copy_three ADD COLUMN w vector(2) DEFAULT '[7,8]';
ALTER TABLE copy_three ALTER v TYPE vector;
UPDATE copy_three SET v = v || w;
ALTER TABLE copy_three ALTER v TYPE vector(5);
SELECT v, w, vector_dims(v) FROM copy_three;
CREATE TABLE copy_generated (
  a real[], v vector(2) GENERATED ALWAYS AS (a::vector(2)) STORED,
  CHECK (vector_norm(v) < 100));
INSERT INTO copy_generated VALUES ('{3,4}');
SELECT v, vector_norm(v) FROM copy_generated;

DROP TABLE copy_test, copy_back, copy_three, store, copy_generated;
