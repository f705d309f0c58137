-- Type vector: text and binary form, type modifier, catalog entries.

-- Text that is accepted, and how it comes back.
SELECT input, input::vector AS output FROM (VALUES
  ('[1,2,3]'),
  (' [ 1 , 2 ,	3 ] '),
  (E'\n[1,\r\n2]\f'),
  ('[1.5,-2.25,+3]'),
  ('[.5,5.]'),
  ('[1e3,1E-3,-1.5e+2]'),
  ('[0,-0]'),
  ('[0.1,0.2,0.3]'),
  ('[3.14159265358979]'),
  ('[16777217]'),
  ('[3.4028235e38,-3.4028235e38]'),
  ('[1.17549435e-38,1e-45]'),
  ('[1e-46,-1e-46]')
) AS t(input);

-- Text that is not.
SELECT input, error_of(format('SELECT %L::vector', input)) FROM (VALUES
  (''),
  ('  '),
  ('1,2'),
  ('{1,2}'),
  ('['),
  (']'),
  ('[]'),
  ('[ ]'),
  ('[,'),
  ('[,1]'),
  ('[1,]'),
  ('[1,,2]'),
  ('[1'),
  ('[1,'),
  ('[1 2]'),
  ('[1;2]'),
  ('[a]'),
  ('[1a]'),
  ('[1,2]3'),
  ('[1,2]]'),
  ('[1,2] ,'),
  ('[[1,2]]'),
  ('[4e38]'),
  ('[1, -4e38 ]'),
  ('[1e400]'),
  ('[nan]'),
  ('[NaN,1]'),
  ('[inf]'),
  ('[1,-Infinity]')
) AS t(input);

-- The limits of the dimension.
SELECT n, vector_dims(('[' || repeat('1,', n - 1) || '1]')::vector)
FROM (VALUES (1), (2000), (16000)) AS t(n);
SELECT n, error_of(format('SELECT %L::vector',
                                  '[' || repeat('1,', n - 1) || '1]'))
FROM (VALUES (16001), (32768), (65537)) AS t(n);

-- Many commas that are no elements.
SELECT left(error_of(format('SELECT %L::vector',
                                    '[1]' || repeat(',', 20000))), 50);

-- Every float comes back as itself.
SELECT count(*) AS values, count(*) FILTER (WHERE x::text::vector = x) AS same
FROM (SELECT ARRAY[m * (10.0 ^ e), -m / 3 * (10.0 ^ e)]::real[]::vector
      FROM generate_series(-37, 37) AS e, generate_series(1, 9) AS m) AS t(x);

-- The type modifier is the dimension.
SELECT '[1,2,3]'::vector(3);
SELECT statement, error_of(statement) FROM (VALUES
  ($$SELECT '[1,2,3]'::vector(2)$$),
  ($$SELECT '[1,2]'::vector::vector(3)$$),
  ($$SELECT '[1]'::vector(0)$$),
  ($$SELECT '[1]'::vector(-1)$$),
  ($$SELECT '[1]'::vector(16000)$$),
  ($$SELECT '[1]'::vector(16001)$$),
  ($$SELECT '[1]'::vector(1, 2)$$),
  ($$SELECT '[1]'::vector('a')$$),
  ($$SELECT '[1]'::vector(99999999999)$$)
) AS t(statement);

CREATE TABLE io_test (id int, v vector(3), free vector, list vector(2)[]);
SELECT attname, atttypmod, format_type(atttypid, atttypmod), attstorage
FROM pg_attribute WHERE attrelid = 'io_test'::regclass AND attnum > 0
ORDER BY attnum;
INSERT INTO io_test VALUES
  (1, '[1,2,3]', '[1]', '{"[1,2]","[3,4]"}'),
  (2, '[4,5,6]', '[1,2,3,4]', ARRAY['[5,6]', '[7,8]']::vector[]),
  (3, NULL, NULL, NULL);
SELECT statement, error_of(statement) FROM (VALUES
  ($$INSERT INTO io_test (v) VALUES ('[1,2]')$$),
  ($$UPDATE io_test SET v = free WHERE id = 2$$),
  ($$INSERT INTO io_test (list) VALUES ('{"[1,2]","[1,2,3]"}')$$),
  ($$INSERT INTO io_test (list) SELECT ARRAY[v] FROM io_test$$),
  ($$ALTER TABLE io_test ALTER free TYPE vector(2)$$)
) AS t(statement);
SELECT * FROM io_test ORDER BY id;
SELECT id, list[2], array_length(list, 1), '[7,8]' = ANY (list) AS has
FROM io_test ORDER BY id;

-- How clients find the type.
SELECT 'vector'::regtype, to_regtype('vector') IS NOT NULL AS found,
  typlen, typbyval, typtype, typcategory, typdelim, typalign, typstorage,
  typarray = '_vector'::regtype AS array_type,
  typname, typcollation
FROM pg_type WHERE oid = 'vector'::regtype;

-- Binary: int16 dimension, int16 zero, float4 each, all big-endian.
SELECT vector_send('[1,-2,0.5]');
SELECT vector_send('[0,-0,3.4028235e38,1e-45]');

-- Hand the server a binary value.
CREATE TABLE received (v vector);
CREATE FUNCTION pg_temp.receive(value bytea, type text DEFAULT 'vector')
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  file bytea := '\x5047434f50590aff0d0a00' || '\x0000000000000000'::bytea ||
    '\x0001' || int4send(length(value)) || value || '\xffff'::bytea;
  octal text := string_agg(format('\%s%s%s', b / 64, b / 8 % 8, b % 8), ''
                           ORDER BY i)
    FROM (SELECT i, get_byte(file, i)
          FROM generate_series(0, length(file) - 1) AS i) AS t(i, b);
BEGIN
  EXECUTE format('ALTER TABLE received ALTER v TYPE %s', type);
  EXECUTE format('COPY received FROM PROGRAM %L WITH (FORMAT binary)',
                 format('printf ''%s''', octal));
  RETURN v FROM received;
END
$$;
SELECT pg_temp.receive('\x000300003f800000c00000003f000000');
TRUNCATE received;
SELECT value, error_of(format('SELECT pg_temp.receive(%L, %L)',
                                      value, type))
FROM (VALUES
  ('\x'::bytea, 'vector'),
  ('\x0001', 'vector'),
  ('\x00000000', 'vector'),
  ('\xffff0000', 'vector'),
  ('\x3e810000', 'vector'),
  ('\x3e800000', 'vector'),
  ('\x000100013f800000', 'vector'),
  ('\x0001ffff3f800000', 'vector'),
  ('\x000200003f800000', 'vector'),
  ('\x00010000', 'vector'),
  ('\x000100003f8000', 'vector'),
  ('\x000100003f8000003f800000', 'vector'),
  ('\x000100007fc00000', 'vector'),
  ('\x00010000ffc00000', 'vector'),
  ('\x000100007f800000', 'vector'),
  ('\x00010000ff800000', 'vector'),
  ('\x000100003f800000', 'vector(2)')
) AS t(value, type);
SELECT count(*) FROM received;

-- A value damaged on disk is an error, whoever reads it.
CREATE CAST (bytea AS vector) WITHOUT FUNCTION;
SELECT value, error_of(format('SELECT %L::bytea::vector + %1$L::bytea::vector', value))
FROM (VALUES
  ('\x'::bytea),
  ('\x0000'),
  ('\x00000000'),
  ('\x0100000000'),
  ('\x0000000000000000'),
  ('\x0200000000000000'),
  ('\x010000000000000000000000'),
  ('\xffff000000000000')
) AS t(value);
DROP CAST (bytea AS vector);

DROP TABLE io_test, received;
