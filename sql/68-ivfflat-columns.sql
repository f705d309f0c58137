-- Operator classes of scalar columns, which follow the vector in an index, with
-- the names and strategies of B-tree's: by order where a type's order fits in 8
-- bytes of a key, by "=" where a key is a hash.  src/ivf/space/column.c has the
-- keys.  script.sh repeats all of it:
-- for hnsw too

CREATE OPERATOR FAMILY integer_ops USING ivfflat;

CREATE OPERATOR CLASS int2_ops DEFAULT FOR TYPE int2 USING ivfflat FAMILY integer_ops AS
  OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >;

CREATE OPERATOR CLASS int4_ops DEFAULT FOR TYPE int4 USING ivfflat FAMILY integer_ops AS
  OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >;

CREATE OPERATOR CLASS int8_ops DEFAULT FOR TYPE int8 USING ivfflat FAMILY integer_ops AS
  OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >;

ALTER OPERATOR FAMILY integer_ops USING ivfflat ADD
  OPERATOR 1 < (int2, int4), OPERATOR 2 <= (int2, int4), OPERATOR 3 = (int2, int4),
  OPERATOR 4 >= (int2, int4), OPERATOR 5 > (int2, int4),
  OPERATOR 1 < (int2, int8), OPERATOR 2 <= (int2, int8), OPERATOR 3 = (int2, int8),
  OPERATOR 4 >= (int2, int8), OPERATOR 5 > (int2, int8),
  OPERATOR 1 < (int4, int2), OPERATOR 2 <= (int4, int2), OPERATOR 3 = (int4, int2),
  OPERATOR 4 >= (int4, int2), OPERATOR 5 > (int4, int2),
  OPERATOR 1 < (int4, int8), OPERATOR 2 <= (int4, int8), OPERATOR 3 = (int4, int8),
  OPERATOR 4 >= (int4, int8), OPERATOR 5 > (int4, int8),
  OPERATOR 1 < (int8, int2), OPERATOR 2 <= (int8, int2), OPERATOR 3 = (int8, int2),
  OPERATOR 4 >= (int8, int2), OPERATOR 5 > (int8, int2),
  OPERATOR 1 < (int8, int4), OPERATOR 2 <= (int8, int4), OPERATOR 3 = (int8, int4),
  OPERATOR 4 >= (int8, int4), OPERATOR 5 > (int8, int4);

CREATE OPERATOR FAMILY float_ops USING ivfflat;

CREATE OPERATOR CLASS float4_ops DEFAULT FOR TYPE float4 USING ivfflat FAMILY float_ops AS
  OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >;

CREATE OPERATOR CLASS float8_ops DEFAULT FOR TYPE float8 USING ivfflat FAMILY float_ops AS
  OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >;

ALTER OPERATOR FAMILY float_ops USING ivfflat ADD
  OPERATOR 1 < (float4, float8), OPERATOR 2 <= (float4, float8), OPERATOR 3 = (float4, float8),
  OPERATOR 4 >= (float4, float8), OPERATOR 5 > (float4, float8),
  OPERATOR 1 < (float8, float4), OPERATOR 2 <= (float8, float4), OPERATOR 3 = (float8, float4),
  OPERATOR 4 >= (float8, float4), OPERATOR 5 > (float8, float4);

CREATE OPERATOR FAMILY datetime_ops USING ivfflat;

CREATE OPERATOR CLASS date_ops DEFAULT FOR TYPE date USING ivfflat FAMILY datetime_ops AS
  OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >;

CREATE OPERATOR CLASS timestamp_ops DEFAULT FOR TYPE timestamp USING ivfflat FAMILY datetime_ops AS
  OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >;

CREATE OPERATOR CLASS timestamptz_ops DEFAULT FOR TYPE timestamptz USING ivfflat FAMILY datetime_ops AS
  OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >;

ALTER OPERATOR FAMILY datetime_ops USING ivfflat ADD
  OPERATOR 1 < (date, timestamp), OPERATOR 2 <= (date, timestamp), OPERATOR 3 = (date, timestamp),
  OPERATOR 4 >= (date, timestamp), OPERATOR 5 > (date, timestamp),
  OPERATOR 1 < (timestamp, date), OPERATOR 2 <= (timestamp, date), OPERATOR 3 = (timestamp, date),
  OPERATOR 4 >= (timestamp, date), OPERATOR 5 > (timestamp, date),
  OPERATOR 1 < (timestamptz, date), OPERATOR 2 <= (timestamptz, date), OPERATOR 3 = (timestamptz, date),
  OPERATOR 4 >= (timestamptz, date), OPERATOR 5 > (timestamptz, date),
  OPERATOR 1 < (timestamptz, timestamp), OPERATOR 2 <= (timestamptz, timestamp), OPERATOR 3 = (timestamptz, timestamp),
  OPERATOR 4 >= (timestamptz, timestamp), OPERATOR 5 > (timestamptz, timestamp),
  OPERATOR 1 < (date, timestamptz), OPERATOR 2 <= (date, timestamptz), OPERATOR 3 = (date, timestamptz),
  OPERATOR 4 >= (date, timestamptz), OPERATOR 5 > (date, timestamptz),
  OPERATOR 1 < (timestamp, timestamptz), OPERATOR 2 <= (timestamp, timestamptz), OPERATOR 3 = (timestamp, timestamptz),
  OPERATOR 4 >= (timestamp, timestamptz), OPERATOR 5 > (timestamp, timestamptz);

CREATE OPERATOR CLASS bool_ops DEFAULT FOR TYPE bool USING ivfflat AS
  OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >;

CREATE OPERATOR CLASS char_ops DEFAULT FOR TYPE "char" USING ivfflat AS
  OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >;

CREATE OPERATOR CLASS oid_ops DEFAULT FOR TYPE oid USING ivfflat AS
  OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >;

CREATE OPERATOR CLASS time_ops DEFAULT FOR TYPE time USING ivfflat AS
  OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >;

CREATE OPERATOR CLASS timetz_ops DEFAULT FOR TYPE timetz USING ivfflat AS
  OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >;

CREATE OPERATOR CLASS interval_ops DEFAULT FOR TYPE interval USING ivfflat AS
  OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >;

CREATE OPERATOR CLASS money_ops DEFAULT FOR TYPE money USING ivfflat AS
  OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >;

CREATE OPERATOR CLASS numeric_ops DEFAULT FOR TYPE numeric USING ivfflat AS
  OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >;

CREATE OPERATOR CLASS pg_lsn_ops DEFAULT FOR TYPE pg_lsn USING ivfflat AS
  OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >;

CREATE OPERATOR CLASS xid8_ops DEFAULT FOR TYPE xid8 USING ivfflat AS
  OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >;

CREATE OPERATOR CLASS macaddr_ops DEFAULT FOR TYPE macaddr USING ivfflat AS
  OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >;

CREATE OPERATOR CLASS macaddr8_ops DEFAULT FOR TYPE macaddr8 USING ivfflat AS
  OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >;

CREATE OPERATOR CLASS text_ops DEFAULT FOR TYPE text USING ivfflat AS
  OPERATOR 3 =;

CREATE OPERATOR CLASS bpchar_ops DEFAULT FOR TYPE bpchar USING ivfflat AS
  OPERATOR 3 =;

CREATE OPERATOR CLASS name_ops DEFAULT FOR TYPE name USING ivfflat AS
  OPERATOR 3 =;

CREATE OPERATOR CLASS bytea_ops DEFAULT FOR TYPE bytea USING ivfflat AS
  OPERATOR 3 =;

CREATE OPERATOR CLASS uuid_ops DEFAULT FOR TYPE uuid USING ivfflat AS
  OPERATOR 3 =;

CREATE OPERATOR CLASS jsonb_ops DEFAULT FOR TYPE jsonb USING ivfflat AS
  OPERATOR 3 =;

CREATE OPERATOR CLASS inet_ops DEFAULT FOR TYPE inet USING ivfflat AS
  OPERATOR 3 =;

CREATE OPERATOR CLASS enum_ops DEFAULT FOR TYPE anyenum USING ivfflat AS
  OPERATOR 3 =;

CREATE OPERATOR CLASS array_ops DEFAULT FOR TYPE anyarray USING ivfflat AS
  OPERATOR 3 =;

CREATE OPERATOR CLASS range_ops DEFAULT FOR TYPE anyrange USING ivfflat AS
  OPERATOR 3 =;

CREATE OPERATOR CLASS tid_ops DEFAULT FOR TYPE tid USING ivfflat AS
  OPERATOR 3 =;

CREATE OPERATOR CLASS xid_ops DEFAULT FOR TYPE xid USING ivfflat AS
  OPERATOR 3 =;

CREATE OPERATOR CLASS cid_ops DEFAULT FOR TYPE cid USING ivfflat AS
  OPERATOR 3 =;

CREATE OPERATOR CLASS oidvector_ops DEFAULT FOR TYPE oidvector USING ivfflat AS
  OPERATOR 3 =;

CREATE OPERATOR CLASS aclitem_ops DEFAULT FOR TYPE aclitem USING ivfflat AS
  OPERATOR 3 =;

-- PostgreSQL 13 has no multiranges.
DO $$
BEGIN
  IF pg_catalog.to_regtype('pg_catalog.anymultirange') IS NOT NULL THEN
    CREATE OPERATOR CLASS multirange_ops DEFAULT FOR TYPE anymultirange USING ivfflat AS
      OPERATOR 3 =;
  END IF;
END $$;

-- A comment on each, of which the families have a class each or several.
DO $$
DECLARE
  made record;
BEGIN
  FOR made IN
    SELECT DISTINCT opfname AS family, c.opcname AS class, amname AS method,
      pg_catalog.format_type(opcintype, NULL) AS type
    FROM pg_catalog.pg_opclass AS c
    JOIN pg_catalog.pg_opfamily AS f ON f.oid = opcfamily
    JOIN pg_catalog.pg_am AS a ON a.oid = opcmethod
    WHERE amname = 'ivfflat'
      AND opcnamespace = (SELECT typnamespace FROM pg_catalog.pg_type WHERE oid = 'vector'::regtype)
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_amproc WHERE amprocfamily = f.oid)
  LOOP
    EXECUTE pg_catalog.format('COMMENT ON OPERATOR CLASS %I USING %I IS %L', made.class, made.method,
      pg_catalog.concat(made.method, ' operators of scalar columns: ', made.type));
    EXECUTE pg_catalog.format('COMMENT ON OPERATOR FAMILY %I USING %I IS %L', made.family, made.method,
      pg_catalog.concat(made.method, ' operators of scalar columns: ',
        pg_catalog.replace(made.family, '_ops', '')));
  END LOOP;
END
$$;
