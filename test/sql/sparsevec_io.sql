-- Type sparsevec: text and binary form, type modifier, catalog entries.

-- Text that is accepted, and how it comes back.
SELECT input, input::sparsevec AS output FROM (VALUES
  ('{1:1.5,3:2}/5'),
  (' { 1 : 1.5 ,	3 : 2 } / 5 '),
  (E'\n{1:\r\n2}\f/\t5'),
  ('{3:1.5,1:2}/5'),
  ('{5:1,4:2,3:3,2:4,1:5}/5'),
  ('{}/5'),
  ('{ }/1000000000'),
  ('{1000000000:-1}/1000000000'),
  ('{+1:+1}/+5'),
  ('{1:0,2:2}/5'),
  ('{1:0,1:2}/5'),
  ('{1:1,6:0,0:-0}/5'),
  ('{1:.5,2:5.,3:1e3,4:-1.5e+2}/4'),
  ('{1:3.4028235e38,2:1e-45}/2')
) AS t(input);

-- Text that is not.
SELECT input, error_of(format('SELECT %L::sparsevec', input)) FROM (VALUES
  (''), ('{'), ('}'), ('[1,2]'), ('1:1/5'), ('{{1:1}/5'),
  ('{1}/5'), ('{1:}/5'), ('{:1}/5'), ('{a:1}/5'), ('{1:a}/5'), ('{1.5:1}/5'),
  ('{1:1,}/5'), ('{,1:1}/5'), ('{1:1,,2:1}/5'), ('{1:1 2:1}/5'), ('{1:1x}/5'),
  ('{1:1'), ('{1:1}'), ('{1:1}5'), ('{1:1}/'), ('{1:1}/a'), ('{1:1}/5.5'),
  ('{1:1}/5}'),
  ('{}/0'), ('{}/-1'), ('{}/-99999999999999999999'),
  ('{}/1000000001'), ('{}/99999999999999999999'),
  ('{0:1}/5'), ('{-1:1}/5'), ('{6:1}/5'), ('{2147483648:1}/5'),
  ('{99999999999999999999:1}/5'), ('{-99999999999999999999:1}/5'),
  ('{1:1,1:2}/5'), ('{2:1,1:2,2:3}/5'), ('{1:1,2:1}/1'),
  ('{1:NaN}/5'), ('{1:inf}/5'), ('{1:-Infinity}/5'),
  ('{1:4e38}/5'), ('{1: -4e38 }/5'), ('{1:1e-46}/5')
) AS t(input);

-- As many elements as there may be, zeros counted, in any order.
SELECT count(*), min(e) FROM (
  SELECT string_agg((20001 - i) || ':1', ',') FROM generate_series(1, 16000) AS i
) AS t(list), unnest(string_to_array(split_part(('{' || list || '}/20000')::sparsevec::text, '}', 1), ',')) AS e;
SELECT error_of(format('SELECT %L::sparsevec', '{' || string_agg(i || ':0', ',') || '}/20000'))
FROM generate_series(1, 16001) AS i;
SELECT left(error_of(format('SELECT %L::sparsevec', '{1:1}/5' || repeat(',', 20000))), 60);

-- Every float comes back as itself.
SELECT count(*) AS values, count(*) FILTER (WHERE x::text::sparsevec = x) AS same
FROM (SELECT ARRAY[0, m * (10.0 ^ e), 0, -m / 3 * (10.0 ^ e)]::real[]::sparsevec
      FROM generate_series(-37, 37) AS e, generate_series(1, 9) AS m) AS t(x);

-- The type modifier is the dimension.
SELECT '{1:1}/3'::sparsevec(3);
SELECT statement, error_of(statement) FROM (VALUES
  ($$SELECT '{1:1}/3'::sparsevec(2)$$),
  ($$SELECT '{}/3'::sparsevec::sparsevec(4)$$),
  ($$SELECT '{}/3'::sparsevec(0)$$),
  ($$SELECT '{}/3'::sparsevec(-1)$$),
  ($$SELECT '{}/3'::sparsevec(1000000000)$$),
  ($$SELECT '{}/3'::sparsevec(1000000001)$$),
  ($$SELECT '{}/3'::sparsevec(1, 2)$$),
  ($$SELECT '{}/3'::sparsevec('a')$$)
) AS t(statement);
CREATE TABLE sparse_io (id int, v sparsevec(5), free sparsevec, list sparsevec(2)[]);
SELECT attname, atttypmod, format_type(atttypid, atttypmod), attstorage
FROM pg_attribute WHERE attrelid = 'sparse_io'::regclass AND attnum > 0
ORDER BY attnum;
INSERT INTO sparse_io VALUES
  (1, '{1:1.5,3:2}/5', '{}/1', '{"{1:1,2:2}/2","{}/2"}'),
  (2, NULL, '{7:-1}/1000000', NULL);
SELECT error_of($$INSERT INTO sparse_io (v) VALUES ('{1:1}/4')$$),
  error_of($$UPDATE sparse_io SET v = free WHERE id = 2$$);
SELECT * FROM sparse_io ORDER BY id;

-- 16 bytes, and 8 for each element.
SELECT pg_column_size('{}/5'::sparsevec), pg_column_size('{1:1.5,3:-2}/5'::sparsevec);

-- How clients find the type.
SELECT 'sparsevec'::regtype, typlen, typbyval, typtype, typcategory, typdelim, typalign,
  typstorage, typarray = '_sparsevec'::regtype AS array_type, typcollation
FROM pg_type WHERE oid = 'sparsevec'::regtype;

-- Binary: int32 dimensions, elements and zero, the indexes from 0, the elements.
SELECT sparsevec_send('{1:1.5,3:-2}/5');
SELECT sparsevec_send('{}/1000000000');

-- Hand the server a binary value.
CREATE TABLE sparse_received (v sparsevec);
CREATE FUNCTION pg_temp.receive(value bytea, type text DEFAULT 'sparsevec')
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  file bytea := '\x5047434f50590aff0d0a00' || '\x0000000000000000'::bytea ||
    '\x0001' || int4send(length(value)) || value || '\xffff'::bytea;
  octal text := string_agg(format('\%s%s%s', b / 64, b / 8 % 8, b % 8), ''
                           ORDER BY i)
    FROM (SELECT i, get_byte(file, i)
          FROM generate_series(0, length(file) - 1) AS i) AS t(i, b);
BEGIN
  EXECUTE format('ALTER TABLE sparse_received ALTER v TYPE %s', type);
  EXECUTE format('COPY sparse_received FROM PROGRAM %L WITH (FORMAT binary)',
                 format('printf ''%s''', octal));
  RETURN v FROM sparse_received;
END
$$;
SELECT pg_temp.receive('\x00000005000000020000000000000000000000023fc00000c0000000');
TRUNCATE sparse_received;
SELECT what, error_of(format('SELECT pg_temp.receive(%L, %L)', value, type))
FROM (VALUES
  ('nothing', '\x'::bytea, 'sparsevec'),
  ('half a header', '\x000000050000', 'sparsevec'),
  ('unsorted', '\x00000005000000020000000000000002000000003f8000003f800000', 'sparsevec'),
  ('double', '\x00000005000000020000000000000002000000023f8000003f800000', 'sparsevec'),
  ('index too high', '\x000000050000000100000000000000053f800000', 'sparsevec'),
  ('negative index', '\x000000050000000100000000ffffffff3f800000', 'sparsevec'),
  ('zero', '\x0000000500000001000000000000000000000000', 'sparsevec'),
  ('minus zero', '\x0000000500000001000000000000000080000000', 'sparsevec'),
  ('NaN', '\x000000050000000100000000000000007fc00000', 'sparsevec'),
  ('infinity', '\x00000005000000010000000000000000ff800000', 'sparsevec'),
  ('negative count', '\x00000005ffffffff00000000', 'sparsevec'),
  ('least count', '\x000000058000000000000000', 'sparsevec'),
  ('too many', '\x0000ffff00003e8100000000', 'sparsevec'),
  ('more than dimensions', '\x000000010000000200000000', 'sparsevec'),
  ('no dimension', '\x000000000000000000000000', 'sparsevec'),
  ('negative dimensions', '\xffffffff0000000000000000', 'sparsevec'),
  ('too many dimensions', '\x3b9aca010000000000000000', 'sparsevec'),
  ('unused is used', '\x000000050000000000000007', 'sparsevec'),
  ('garbage behind', '\x000000050000000100000000000000003f80000000', 'sparsevec'),
  ('too short', '\x00000005000000020000000000000000000000013f800000', 'sparsevec'),
  ('other dimensions', '\x000000050000000000000000', 'sparsevec(4)')
) AS t(what, value, type);

-- Text and binary copies are the same values.
DROP TABLE sparse_received;
CREATE TABLE sparse_back (LIKE sparse_io);
\copy sparse_io to 'results/sparsevec_io.txt'
\copy sparse_back from 'results/sparsevec_io.txt'
\copy sparse_io to 'results/sparsevec_io.bin' with (format binary)
\copy sparse_back from 'results/sparsevec_io.bin' with (format binary)
SELECT a.id, count(*) FILTER (WHERE row(a.v, a.free, a.list) IS NOT DISTINCT FROM row(b.v, b.free, b.list))
FROM sparse_io AS a JOIN sparse_back AS b USING (id) GROUP BY 1 ORDER BY 1;
DROP TABLE sparse_io, sparse_back;
