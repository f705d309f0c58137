-- One table over several servers: foreign partitions by postgres_fdw, an
-- ivfflat index on each, searches that each server ends at LIMIT rows.
--
-- Run once in the coordinator's database; may be run again.  What it makes is in
-- the schema vecdb_shards, and keeps no state of its own: which shards a table
-- has is what its partitions say.
--
--   add_server(name, conninfo)     a server, with what must travel to it
--   set_on_servers(table, ...)     settings of the sessions on the shards
--   attach(table, servers)         a table on each server, a partition here
--   create_index(table, column..)  on every shard at once
--   grant_search(table, role, ..)  to a role that is no superuser
--   nearest(NULL::table, ...)      the nearest rows
--   nearest_query(table, ...)      the statement behind it, to use as it is
--   status(table)                  each shard, and what is wrong with it
--
-- A search through the partitioned table itself is right but slow: postgres_fdw
-- is told the order, not the limit, so that each shard sorts on for rows that
-- nobody reads.

CREATE EXTENSION IF NOT EXISTS postgres_fdw;
CREATE SCHEMA IF NOT EXISTS vecdb_shards;
CREATE EXTENSION IF NOT EXISTS dblink WITH SCHEMA vecdb_shards;

-- The extension's name here, "vecdb" or its alias; without it in the server's
-- option "extensions" no operator is sent and whole tables travel.
CREATE OR REPLACE FUNCTION vecdb_shards.extension_name() RETURNS name
LANGUAGE plpgsql STABLE AS $$
DECLARE
  found name;
BEGIN
  SELECT e.extname INTO found
  FROM pg_catalog.pg_extension e
  JOIN pg_catalog.pg_depend d ON d.refobjid = e.oid
    AND d.refclassid = 'pg_catalog.pg_extension'::regclass
    AND d.classid = 'pg_catalog.pg_type'::regclass AND d.deptype = 'e'
  JOIN pg_catalog.pg_type t ON t.oid = d.objid AND t.typname = 'vector';
  IF found IS NULL THEN
    RAISE 'the extension vecdb is not in this database'
      USING ERRCODE = 'undefined_object', HINT = 'CREATE EXTENSION vecdb first.';
  END IF;
  RETURN found;
END
$$;

-- postgres_fdw writes this schema before each operator that it sends, so that the
-- extension must be in the same one on every shard.
CREATE OR REPLACE FUNCTION vecdb_shards.extension_schema() RETURNS name
LANGUAGE sql STABLE AS $$
  SELECT nspname FROM pg_catalog.pg_extension e
  JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
  WHERE e.extname = vecdb_shards.extension_name()
$$;

-- Options as they stand in a statement: key 'value', key 'value'.
CREATE OR REPLACE FUNCTION vecdb_shards.options_list(
  options text[], verb text DEFAULT '')
RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT pg_catalog.string_agg(pg_catalog.format('%s %I %L', verb,
      pg_catalog.split_part(o, '=', 1),
      pg_catalog.substr(o, pg_catalog.strpos(o, '=') + 1)), ', ')
  FROM pg_catalog.unnest(options) AS o
$$;

CREATE OR REPLACE FUNCTION vecdb_shards.add_server(
  server name, conninfo text, for_role name DEFAULT CURRENT_USER)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  login CONSTANT text[] := ARRAY['user', 'password', 'passfile', 'sslcert',
    'sslkey', 'sslpassword', 'password_required'];
  word text;
  of_server text[] := ARRAY['extensions=' || vecdb_shards.extension_name(),
    'fetch_size=1000', 'use_remote_estimate=false'];
  of_login text[] := '{}';
BEGIN
  IF current_setting('server_version_num')::int >= 140000 THEN
    of_server := of_server || ARRAY['async_capable=true', 'batch_size=500'];
  END IF;
  -- A machine that is gone must not hold a search up for minutes.
  IF conninfo !~ '\mconnect_timeout\s*=' THEN
    of_server := of_server || ARRAY['connect_timeout=5'];
  END IF;
  FOREACH word IN ARRAY regexp_split_to_array(btrim(conninfo), '\s+') LOOP
    IF word !~ '^[a-z_]+=[^'']+$' THEN
      RAISE 'connection of shard "%": expected key=value, found "%"',
        server, word USING ERRCODE = 'invalid_parameter_value';
    ELSIF split_part(word, '=', 1) = ANY (login) THEN
      of_login := of_login || word;
    ELSE
      of_server := of_server || word;
    END IF;
  END LOOP;
  EXECUTE format('CREATE SERVER %I FOREIGN DATA WRAPPER postgres_fdw OPTIONS (%s)',
    server, vecdb_shards.options_list(of_server));
  EXECUTE format('CREATE USER MAPPING FOR %I SERVER %I%s', for_role, server,
    ' OPTIONS (' || nullif(vecdb_shards.options_list(of_login), '') || ')');
END
$$;

-- The partitions of a table, with their servers; one of ours has none.
CREATE OR REPLACE FUNCTION vecdb_shards.partitions(
  parent regclass, OUT partition regclass, OUT server name,
  OUT remote_schema text, OUT remote_table text, OUT bound text)
RETURNS SETOF record LANGUAGE sql STABLE AS $$
  SELECT c.oid::regclass, s.srvname,
    coalesce((SELECT option_value FROM pg_catalog.pg_options_to_table(f.ftoptions)
      WHERE option_name = 'schema_name'), n.nspname::text),
    coalesce((SELECT option_value FROM pg_catalog.pg_options_to_table(f.ftoptions)
      WHERE option_name = 'table_name'), c.relname::text),
    pg_catalog.pg_get_expr(c.relpartbound, c.oid)
  FROM pg_catalog.pg_partition_tree(parent) AS t
  JOIN pg_catalog.pg_class c ON c.oid = t.relid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_catalog.pg_foreign_table f ON f.ftrelid = c.oid
  LEFT JOIN pg_catalog.pg_foreign_server s ON s.oid = f.ftserver
  WHERE t.isleaf AND t.relid <> parent
  ORDER BY s.srvname, c.oid
$$;

CREATE OR REPLACE FUNCTION vecdb_shards.require_partitioned(
  parent regclass, strategy "char" DEFAULT NULL)
RETURNS void LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_partitioned_table WHERE partrelid = parent
    AND partstrat = coalesce(strategy, partstrat))
  THEN
    RAISE 'table "%" is not partitioned%', parent,
      CASE WHEN strategy = 'h' THEN ' by hash' ELSE '' END
      USING ERRCODE = 'wrong_object_type',
      HINT = 'CREATE TABLE ... PARTITION BY HASH (id).';
  END IF;
END
$$;

-- A hash-partitioned table that lacks a part would answer without its rows.
CREATE OR REPLACE FUNCTION vecdb_shards.require_complete(parent regclass)
RETURNS void LANGUAGE plpgsql STABLE AS $$
DECLARE
  covered numeric;
BEGIN
  SELECT sum(1.0 / substring(bound FROM 'modulus (\d+)')::numeric) INTO covered
  FROM vecdb_shards.partitions(parent) WHERE bound ~ 'modulus';
  IF NOT EXISTS (SELECT FROM vecdb_shards.partitions(parent)) THEN
    RAISE 'table "%" has no shards', parent
      USING ERRCODE = 'object_not_in_prerequisite_state',
      HINT = 'Attach them with vecdb_shards.attach().';
  ELSIF covered < 0.999999 THEN
    RAISE 'a shard of table "%" is missing', parent
      USING ERRCODE = 'object_not_in_prerequisite_state',
      DETAIL = format('Its partitions hold %s %% of the rows'' hash values.',
        round(covered * 100)),
      HINT = 'Attach the missing partition again; vecdb_shards.status() lists those that are there.';
  END IF;
END
$$;

-- Sessions on the shards know nothing of a SET here: it travels as an option of
-- the server, and takes hold with the next transaction.
CREATE OR REPLACE FUNCTION vecdb_shards.set_on_servers(
  parent regclass, VARIADIC settings text[])
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  setting text;
  shard name;
  line text := '';
BEGIN
  FOREACH setting IN ARRAY settings LOOP
    IF setting !~ '^[a-z_]+(\.[a-z_]+)?=[^\s\\'']*$' THEN
      RAISE 'setting "%" is not of the form name=value', setting
        USING ERRCODE = 'invalid_parameter_value';
    END IF;
    line := line || '-c ' || setting || ' ';
  END LOOP;
  FOR shard IN SELECT DISTINCT server FROM vecdb_shards.partitions(parent)
    WHERE server IS NOT NULL
  LOOP
    EXECUTE format('ALTER SERVER %I OPTIONS (%s options %L)', shard,
      CASE WHEN EXISTS (SELECT FROM pg_foreign_server s,
          pg_options_to_table(s.srvoptions) WHERE s.srvname = shard
          AND option_name = 'options') THEN 'SET' ELSE 'ADD' END,
      btrim(line));
  END LOOP;
END
$$;

-- Work on the shards ----------------------------------------------------------

-- connect(SERVERS): a connection to each, or an error that names who is missing.
CREATE OR REPLACE FUNCTION vecdb_shards.connect(servers name[])
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  shard name;
  reason text;
BEGIN
  FOREACH shard IN ARRAY servers LOOP
    BEGIN
      PERFORM dblink_connect('vecdb_shards ' || shard, shard::text);
      PERFORM dblink_exec('vecdb_shards ' || shard,
        format('SET search_path = %I', vecdb_shards.extension_schema()));
    EXCEPTION WHEN OTHERS THEN
      GET STACKED DIAGNOSTICS reason = PG_EXCEPTION_DETAIL;
      PERFORM vecdb_shards.disconnect();
      RAISE 'shard "%" cannot be reached', shard
        USING ERRCODE = 'sqlclient_unable_to_establish_sqlconnection',
        DETAIL = coalesce(nullif(reason, ''), SQLERRM);
    END;
  END LOOP;
END
$$;

-- Transactions that were not committed end with their connections.
CREATE OR REPLACE FUNCTION vecdb_shards.disconnect()
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM dblink_disconnect(c) FROM unnest(dblink_get_connections()) AS c
    WHERE c LIKE 'vecdb_shards %';
END
$$;

-- run(SERVERS, STATEMENTS): one each, all at once; the first error names its
-- shard, when all have ended.
CREATE OR REPLACE FUNCTION vecdb_shards.run(servers name[], statements text[])
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  i integer;
  failed text[] := '{}';
BEGIN
  FOR i IN 1 .. cardinality(servers) LOOP
    PERFORM dblink_send_query('vecdb_shards ' || servers[i], statements[i]);
  END LOOP;
  FOR i IN 1 .. cardinality(servers) LOOP
    WHILE dblink_is_busy('vecdb_shards ' || servers[i]) = 1 LOOP
      PERFORM pg_sleep(0.02);
    END LOOP;
    BEGIN
      LOOP
        PERFORM r FROM dblink_get_result('vecdb_shards ' || servers[i]) AS t(r text);
        EXIT WHEN NOT FOUND;
      END LOOP;
    EXCEPTION WHEN OTHERS THEN
      failed := failed || format('shard "%s": %s', servers[i], SQLERRM);
    END;
  END LOOP;
  IF cardinality(failed) > 0 THEN
    RAISE '%', failed[1] USING ERRCODE = 'fdw_error',
      DETAIL = array_to_string(failed, E'\n');
  END IF;
END
$$;

CREATE OR REPLACE FUNCTION vecdb_shards.run_everywhere(
  servers name[], statement text)
RETURNS void LANGUAGE sql AS $$
  SELECT vecdb_shards.run(servers,
    array_fill(statement, ARRAY[cardinality(servers)]))
$$;

-- The columns of a table, as another server's CREATE TABLE wants them.
CREATE OR REPLACE FUNCTION vecdb_shards.column_list(parent regclass)
RETURNS text LANGUAGE sql STABLE SET search_path = pg_catalog AS $$
  SELECT string_agg(format('%I %s%s', attname, format_type(atttypid, atttypmod),
    CASE WHEN attnotnull THEN ' NOT NULL' ELSE '' END), ', ' ORDER BY attnum)
  FROM pg_attribute
  WHERE attrelid = parent AND attnum > 0 AND NOT attisdropped
$$;

-- Everything or nothing: the shards commit when the partitions are there.
CREATE OR REPLACE FUNCTION vecdb_shards.attach(parent regclass, servers name[])
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  n CONSTANT integer := cardinality(servers);
  home text;
  own text;
BEGIN
  PERFORM vecdb_shards.require_partitioned(parent, 'h');
  IF EXISTS (SELECT FROM vecdb_shards.partitions(parent)) THEN
    RAISE 'table "%" has partitions already', parent
      USING ERRCODE = 'object_not_in_prerequisite_state';
  END IF;
  SELECT nspname, relname INTO home, own FROM pg_class c
    JOIN pg_namespace ns ON ns.oid = relnamespace WHERE c.oid = parent;
  PERFORM vecdb_shards.connect(servers);
  PERFORM vecdb_shards.run_everywhere(servers, 'BEGIN');
  PERFORM vecdb_shards.run_everywhere(servers, format(
    'CREATE SCHEMA IF NOT EXISTS %1$I; CREATE SCHEMA IF NOT EXISTS %2$I;
     CREATE EXTENSION IF NOT EXISTS %3$I WITH SCHEMA %2$I', home,
    vecdb_shards.extension_schema(), vecdb_shards.extension_name()));
  PERFORM vecdb_shards.run_everywhere(servers, format('CREATE TABLE %I.%I (%s)',
    home, own, vecdb_shards.column_list(parent)));
  FOR i IN 1 .. n LOOP
    EXECUTE format('CREATE FOREIGN TABLE %I.%I PARTITION OF %s FOR VALUES
      WITH (MODULUS %s, REMAINDER %s) SERVER %I
      OPTIONS (schema_name %L, table_name %L)', home,
      own || '_' || servers[i], parent, n, i - 1, servers[i], home, own);
  END LOOP;
  PERFORM vecdb_shards.run_everywhere(servers, 'COMMIT');
  PERFORM vecdb_shards.disconnect();
EXCEPTION WHEN OTHERS THEN
  PERFORM vecdb_shards.disconnect();
  RAISE;
END
$$;

-- CREATE INDEX on the table here would build nothing there.
CREATE OR REPLACE FUNCTION vecdb_shards.create_index(
  parent regclass, column_name name, opclass name DEFAULT 'vector_l2_ops',
  storage text DEFAULT '')
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  servers name[];
  statements text[];
BEGIN
  PERFORM vecdb_shards.require_complete(parent);
  SELECT array_agg(server), array_agg(format(
      'CREATE INDEX ON %I.%I USING ivfflat (%I %I)%s', remote_schema,
      remote_table, column_name, opclass,
      CASE WHEN storage = '' THEN '' ELSE format(' WITH (%s)', storage) END))
    INTO servers, statements
    FROM vecdb_shards.partitions(parent) WHERE server IS NOT NULL;
  PERFORM vecdb_shards.connect(servers);
  PERFORM vecdb_shards.run(servers, statements);
  PERFORM vecdb_shards.run_everywhere(servers, (SELECT
    format('ANALYZE %I.%I', remote_schema, remote_table)
    FROM vecdb_shards.partitions(parent) WHERE server IS NOT NULL LIMIT 1));
  PERFORM vecdb_shards.disconnect();
EXCEPTION WHEN OTHERS THEN
  PERFORM vecdb_shards.disconnect();
  RAISE;
END
$$;

-- LOGIN is how the role proves itself to the shards: key=value words, as in
-- add_server().  Without a password postgres_fdw wants password_required=false.
CREATE OR REPLACE FUNCTION vecdb_shards.grant_search(
  parent regclass, role name, login text)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  part record;
BEGIN
  EXECUTE format('GRANT USAGE ON SCHEMA vecdb_shards TO %I', role);
  EXECUTE format('GRANT SELECT ON %s TO %I', parent, role);
  FOR part IN SELECT * FROM vecdb_shards.partitions(parent) LOOP
    EXECUTE format('GRANT SELECT ON %s TO %I', part.partition, role);
    CONTINUE WHEN part.server IS NULL;
    EXECUTE format('DROP USER MAPPING IF EXISTS FOR %I SERVER %I',
      role, part.server);
    EXECUTE format('CREATE USER MAPPING FOR %I SERVER %I OPTIONS (%s)',
      role, part.server, vecdb_shards.options_list(
        regexp_split_to_array(btrim(login), '\s+')));
  END LOOP;
END
$$;

-- Searches --------------------------------------------------------------------

-- A subquery for each shard, so that LIMIT is sent with the order.  OFFSET 0
-- hides the order that they come in from the sort above: else the planner would
-- merge them, which asks one shard after the other, where Append asks all of
-- them at once.  $1 is the vector.
CREATE OR REPLACE FUNCTION vecdb_shards.nearest_query(
  parent regclass, column_name name, operator text DEFAULT '<->',
  count integer DEFAULT 10, condition text DEFAULT 'true')
RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
  names text;
  branches text;
BEGIN
  IF operator <> ALL (ARRAY['<->', '<=>', '<#>', '<+>']) THEN
    RAISE 'operator "%" is none that orders vectors by distance', operator
      USING ERRCODE = 'invalid_parameter_value',
      HINT = 'There are <->, <=>, <#> and <+>.';
  ELSIF count IS NULL OR count < 1 THEN
    RAISE 'the number of rows is %, expected 1 or more', count
      USING ERRCODE = 'invalid_parameter_value';
  END IF;
  PERFORM vecdb_shards.require_partitioned(parent);
  PERFORM vecdb_shards.require_complete(parent);
  SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) INTO names
    FROM pg_attribute WHERE attrelid = parent AND attnum > 0 AND NOT attisdropped;
  SELECT string_agg(format('  (SELECT %s, %I %s $1 AS vecdb_distance FROM %s
    WHERE %s ORDER BY %I %s $1 LIMIT %s)', names, column_name, operator,
      partition, condition, column_name, operator, count), E'\n  UNION ALL\n')
    INTO branches FROM vecdb_shards.partitions(parent);
  RETURN format(E'SELECT %s FROM (\n%s\n  OFFSET 0) AS vecdb_shards\nORDER BY vecdb_distance LIMIT %s',
    names, branches, count);
END
$$;

-- nearest(NULL::items, 'embedding', '[1,2,3]'): the condition is SQL text, not
-- for what a stranger typed.
CREATE OR REPLACE FUNCTION vecdb_shards.nearest(
  parent anyelement, column_name name, query vector,
  operator text DEFAULT '<->', count integer DEFAULT 10,
  condition text DEFAULT 'true')
RETURNS SETOF anyelement LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN QUERY EXECUTE vecdb_shards.nearest_query(
    (SELECT typrelid::pg_catalog.regclass FROM pg_catalog.pg_type
      WHERE oid = pg_catalog.pg_typeof(parent)::pg_catalog.oid),
    column_name, operator, count, condition) USING query;
END
$$;

-- What each shard says of itself; a dead one is a row with its reason.
CREATE OR REPLACE FUNCTION vecdb_shards.status(
  parent regclass, OUT server name, OUT partition regclass, OUT alive boolean,
  OUT extension_version text, OUT estimated_rows bigint, OUT bytes bigint,
  OUT indexes integer, OUT invalid_indexes integer, OUT problem text)
RETURNS SETOF record LANGUAGE plpgsql AS $$
DECLARE
  part record;
  reason text;
BEGIN
  FOR part IN SELECT * FROM vecdb_shards.partitions(parent) AS p
    WHERE p.server IS NOT NULL
  LOOP
    server := part.server;
    partition := part.partition;
    extension_version := NULL;
    estimated_rows := NULL;
    bytes := NULL;
    indexes := NULL;
    invalid_indexes := NULL;
    problem := NULL;
    alive := false;
    BEGIN
      PERFORM vecdb_shards.connect(ARRAY[part.server]);
      alive := true;
      SELECT * INTO extension_version, estimated_rows, bytes, indexes, invalid_indexes
      FROM dblink('vecdb_shards ' || part.server, format(
        'SELECT (SELECT extversion FROM pg_extension WHERE extname = %1$L),
          (SELECT greatest(reltuples, 0)::bigint FROM pg_class
            WHERE oid = %2$L::regclass), pg_total_relation_size(%2$L),
          count(*), count(*) FILTER (WHERE NOT indisvalid)
        FROM pg_index JOIN pg_class c ON c.oid = indexrelid
        JOIN pg_am a ON a.oid = relam
        WHERE indrelid = %2$L::regclass AND amname IN (''ivfflat'', ''hnsw'')',
        vecdb_shards.extension_name(),
        format('%I.%I', part.remote_schema, part.remote_table)))
        AS t(a text, b bigint, c bigint, d integer, e integer);
      problem := CASE WHEN invalid_indexes > 0 THEN 'an index is not valid'
        WHEN indexes = 0 THEN 'it has no index'
        WHEN extension_version <> (SELECT extversion FROM pg_extension
          WHERE extname = vecdb_shards.extension_name())
        THEN 'its extension is of another version' END;
    EXCEPTION WHEN OTHERS THEN
      GET STACKED DIAGNOSTICS reason = PG_EXCEPTION_DETAIL;
      problem := concat_ws(': ', SQLERRM, nullif(reason, ''));
    END;
    PERFORM vecdb_shards.disconnect();
    RETURN NEXT;
  END LOOP;
END
$$;

-- A superuser calls most of these, and others may create functions in public: so
-- they look into pg_catalog, and where dblink is.  nearest() looks where its caller
-- does, whose condition it is.
DO $$
DECLARE
  own pg_catalog.regprocedure;
  home pg_catalog.name;
BEGIN
  SELECT n.nspname INTO home FROM pg_catalog.pg_extension e
    JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
    WHERE e.extname = 'dblink';
  FOR own IN SELECT p.oid::pg_catalog.regprocedure FROM pg_catalog.pg_proc p
    JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
    WHERE n.nspname = 'vecdb_shards' AND p.proname <> 'nearest'
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
        WHERE d.objid = p.oid AND d.deptype = 'e')
  LOOP
    EXECUTE pg_catalog.format('ALTER FUNCTION %s SET search_path = pg_catalog, %I, pg_temp',
      own, home);
  END LOOP;
END
$$;
