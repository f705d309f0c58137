-- Type halfvec: text and binary form, type modifier, catalog entries.
-- What it shares with vector is in vector_io.sql; here is what halves change.

-- Rounding to the nearest half, to an even fraction between two.
SELECT input, input::halfvec AS output FROM (VALUES
  ('[1,2,3]'),
  (' [ 1 , 2 ,	3 ] '),
  ('[0.1,0.3333333333,-0.1]'),
  ('[2049,2051,-2049]'),
  ('[1.00048828125,1.00146484375,1.0005]'),
  ('[65504,65519,-65519.99]'),
  ('[0,-0,1e-46,-1e-46]'),
  ('[6e-8,3e-8,2.98e-8,2.99e-8]'),
  ('[6.1e-5,6.10352e-5,6.09756e-5]'),
  ('[1e-1000]')
) AS t(input);

-- Text that is not.
SELECT input, error_of(format('SELECT %L::halfvec', input)) FROM (VALUES
  (''),
  ('[]'),
  ('[1,'),
  ('[1 2]'),
  ('[1a]'),
  ('[1,2]3'),
  ('[65520]'),
  ('[1, -65520 ]'),
  ('[4e38]'),
  ('[1e400]'),
  ('[nan]'),
  ('[inf,65520]'),
  ('[1,-Infinity]')
) AS t(input);

-- The limits of the dimension.
SELECT n, vector_dims(('[' || repeat('1,', n - 1) || '1]')::halfvec)
FROM (VALUES (1), (2000), (16000)) AS t(n);
SELECT n, error_of(format('SELECT %L::halfvec',
                                  '[' || repeat('1,', n - 1) || '1]'))
FROM (VALUES (16001), (32768), (65537)) AS t(n);

-- The type modifier is the dimension.
SELECT '[1,2,3]'::halfvec(3);
SELECT statement, error_of(statement) FROM (VALUES
  ($$SELECT '[1,2,3]'::halfvec(2)$$),
  ($$SELECT '[1]'::halfvec(0)$$),
  ($$SELECT '[1]'::halfvec(16000)$$),
  ($$SELECT '[1]'::halfvec(16001)$$),
  ($$SELECT '[1]'::halfvec(1, 2)$$)
) AS t(statement);

CREATE TABLE half_io (id int, v halfvec(3), free halfvec, list halfvec(2)[]);
SELECT attname, atttypmod, format_type(atttypid, atttypmod), attstorage
FROM pg_attribute WHERE attrelid = 'half_io'::regclass AND attnum > 0
ORDER BY attnum;
INSERT INTO half_io VALUES
  (1, '[1,2,3]', '[1]', '{"[1,2]","[3,4]"}'),
  (2, '[4,5,6]', '[1,2,3,4]', ARRAY['[5,6]', '[7,8]']::halfvec[]),
  (3, NULL, NULL, NULL);
SELECT statement, error_of(statement) FROM (VALUES
  ($$INSERT INTO half_io (v) VALUES ('[1,2]')$$),
  ($$UPDATE half_io SET v = free WHERE id = 2$$)
) AS t(statement);
SELECT * FROM half_io ORDER BY id;

-- How clients find the type.
SELECT 'halfvec'::regtype, typlen, typbyval, typtype, typcategory, typdelim,
  typalign, typstorage, typarray = '_halfvec'::regtype AS array_type, typname
FROM pg_type WHERE oid = 'halfvec'::regtype;

-- Binary: int16 dimension, int16 zero, a half each, all big-endian.
SELECT halfvec_send('[1,-2,0.5,6e-8]');
SELECT halfvec_send('[0,-0,65504,6.1e-5]');

-- Halves, subnormal, ordinary and great, come in by binary, go out by text, and
-- come in by that.
CREATE FUNCTION receive_half(value bytea, type text DEFAULT 'halfvec')
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  file bytea := '\x5047434f50590aff0d0a00' || '\x0000000000000000'::bytea ||
    '\x0001' || int4send(length(value)) || value || '\xffff'::bytea;
  octal text := string_agg(format('\%s%s%s', b / 64, b / 8 % 8, b % 8), ''
                           ORDER BY i)
    FROM (SELECT i, get_byte(file, i)
          FROM generate_series(0, length(file) - 1) AS i) AS t(i, b);
BEGIN
  CREATE TEMP TABLE IF NOT EXISTS half_received (v halfvec);
  TRUNCATE half_received;
  EXECUTE format('ALTER TABLE half_received ALTER v TYPE %s', type);
  EXECUTE format('COPY half_received FROM PROGRAM %L WITH (FORMAT binary)',
                 format('printf ''%s''', octal));
  RETURN v FROM half_received;
END
$$;
SET client_min_messages = warning;
SELECT sign, start, halfvec_send(receive_half(sent)::halfvec) = sent AS same
FROM (SELECT sign, start, '\x07c00000'::bytea ||
        string_agg(substring(int4send(sign + i), 3), '' ORDER BY i)
      FROM unnest('{0,32768}'::int[]) AS sign,
        generate_series(0, 31743, 1984) AS start,
        generate_series(start, start + 1983) AS i
      WHERE start IN (0, 1984, 29760)
      GROUP BY sign, start) AS t(sign, start, sent) ORDER BY sign, start;
SELECT value, error_of(format('SELECT receive_half(%L, %L)', value, type))
FROM (VALUES
  ('\x'::bytea, 'halfvec'),
  ('\x0001', 'halfvec'),
  ('\x00000000', 'halfvec'),
  ('\x3e810000', 'halfvec'),
  ('\x000100013c00', 'halfvec'),
  ('\x000200003c00', 'halfvec'),
  ('\x000100003c', 'halfvec'),
  ('\x000100003c003c00', 'halfvec'),
  ('\x000100007c01', 'halfvec'),
  ('\x00010000fe00', 'halfvec'),
  ('\x000100007c00', 'halfvec'),
  ('\x00010000fc00', 'halfvec'),
  ('\x000100003c00', 'halfvec(2)')
) AS t(value, type);
RESET client_min_messages;

-- A value damaged on disk is an error, whoever reads it.
CREATE CAST (bytea AS halfvec) WITHOUT FUNCTION;
SELECT value, error_of(format('SELECT %L::bytea::halfvec + %1$L::bytea::halfvec', value))
FROM (VALUES
  ('\x'::bytea),
  ('\x00000000'),
  ('\x010000003c'),
  ('\x0300000000000000'),
  ('\x010000000000000000000000'),
  ('\xffff00000000')
) AS t(value);
DROP CAST (bytea AS halfvec);

-- COPY, out of line and in.
CREATE TABLE half_copy (id int, v halfvec);
INSERT INTO half_copy VALUES (1, '[1,-2.5,3e-7]'), (2, NULL),
  (3, (SELECT array_agg(sin(i) ORDER BY i) FROM generate_series(1, 16000) AS i)::halfvec);
COPY (SELECT * FROM half_copy WHERE id < 3 ORDER BY id) TO stdout;
CREATE TABLE half_back (LIKE half_copy);
\copy half_copy to 'results/halfvec_copy.txt'
\copy half_back from 'results/halfvec_copy.txt'
\copy half_copy to 'results/halfvec_copy.bin' with (format binary)
\copy half_back from 'results/halfvec_copy.bin' with (format binary)
SELECT count(*) FILTER (WHERE halfvec_send(a.v) IS NOT DISTINCT FROM halfvec_send(b.v)) AS same,
  count(*)
FROM half_copy AS a JOIN half_back AS b USING (id);
SELECT pg_column_size(v) FROM half_copy WHERE id = 3;

DROP FUNCTION receive_half;
DROP TABLE half_io, half_copy, half_back;
