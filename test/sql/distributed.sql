-- Tables that Citus distributes: here they are empty shells, which functions
-- that look into an index have to say.
--
-- Citus itself is not here.  This is a stand-in for what the functions rely on:
-- its catalog pg_dist_partition, which names the shells; the names of shards and
-- of their indexes; and run_command_on_shards(), which puts the name of a shard
-- into its command by format() and gives the one value that comes of it.
SET client_min_messages = warning;
CREATE SCHEMA distributed;
CREATE SCHEMA "odd %s's";
SET search_path = distributed, public;

-- A catalog of that name elsewhere, or of another form, is not Citus's.
CREATE TABLE distributed.pg_dist_partition (logicalrelid regclass);
CREATE TABLE items (id int, v vector(8));
CREATE INDEX items_v ON items USING ivfflat (v) WITH (lists = 5);
INSERT INTO distributed.pg_dist_partition VALUES ('items');
SELECT rows FROM vecdb_index_stats('items_v');
SET allow_system_table_mods = on;
CREATE TABLE pg_catalog.pg_dist_partition (partmethod "char");
SELECT rows FROM vecdb_index_stats('items_v');
ALTER TABLE pg_catalog.pg_dist_partition ADD COLUMN logicalrelid text;
INSERT INTO pg_catalog.pg_dist_partition VALUES ('h', 'items');
SELECT rows FROM vecdb_index_stats('items_v');
DROP TABLE pg_catalog.pg_dist_partition;
CREATE TABLE pg_catalog.pg_dist_partition (logicalrelid regclass, partmethod "char");
RESET allow_system_table_mods;

-- Of tables that it does not name, and where it names none, nothing is said.
SET client_min_messages = notice;
SELECT rows FROM vecdb_index_stats('items_v');
SELECT index FROM vecdb_last_scan();
RESET client_min_messages;

-- A shell with its two shards.
CREATE FUNCTION run_command_on_shards(shell regclass, command text, OUT shardid bigint,
    OUT success boolean, OUT result text) RETURNS SETOF record LANGUAGE plpgsql AS $$
BEGIN
  FOR shardid IN SELECT substring(relname FROM '(\d+)$')::bigint FROM pg_class
    WHERE relname ~ (shell::text || '_\d+$') AND relkind = 'r' ORDER BY 1
  LOOP
    EXECUTE format(command, format('%I.%I', 'distributed', shell || '_' || shardid)) INTO STRICT result;
    success := true;
    RETURN NEXT;
  END LOOP;
END $$;
INSERT INTO pg_catalog.pg_dist_partition VALUES ('items', 'h');
CREATE TABLE items_102008 (LIKE items);
CREATE TABLE items_102009 (LIKE items);
INSERT INTO items_102008 SELECT i, vec(i) FROM generate_series(1, 600) AS i;
INSERT INTO items_102009 SELECT i, vec(i) FROM generate_series(601, 1000) AS i;
CREATE INDEX items_v_102008 ON items_102008 USING ivfflat (v) WITH (lists = 5);
CREATE INDEX items_v_102009 ON items_102009 USING ivfflat (v) WITH (lists = 5);

SELECT rows FROM vecdb_index_stats('items_v');
SELECT rows FROM vecdb_index_lists('items_v') LIMIT 1;
SELECT rows FROM vecdb_index_training('items_v');
SELECT * FROM vecdb_check_index('items_v');
SELECT recall FROM vecdb_recall('items_v');
SELECT recall FROM vecdb_recall('items_v', ARRAY[vec(1)]);
SELECT recall FROM vecdb_recall('items_v', 'id < 5');
SELECT index FROM vecdb_last_scan();
-- The shards themselves are tables like others.
SELECT rows FROM vecdb_index_stats('items_v_102008');

-- What the hints say can be run.
SELECT shardid, success, result::json -> 0 -> 'rows' AS rows FROM run_command_on_shards('distributed.items', $cmd$SELECT json_agg(r) FROM vecdb_index_stats((quote_ident('distributed') || '.' || quote_ident('items_v_' || substring('%s' FROM '([0-9]+)"?$')))::regclass) AS r$cmd$);
SELECT shardid, success, result FROM run_command_on_shards('distributed.items', $cmd$SELECT json_agg(r) FROM vecdb_check_index((quote_ident('distributed') || '.' || quote_ident('items_v_' || substring('%s' FROM '([0-9]+)"?$')))::regclass) AS r$cmd$);
SET enable_seqscan = off;
SELECT shardid, success, (result::json ->> 'rows')::int FROM run_command_on_shards('items', $cmd$SELECT to_json(vecdb_last_scan()) FROM (SELECT count(*) FROM (SELECT FROM %s ORDER BY v <-> '[1,2,3,4,5,6,7,8]' LIMIT 10) AS a) AS b$cmd$);
RESET enable_seqscan;

-- Nor does a strange name break them.
ALTER INDEX items_v RENAME TO "V's %i";
ALTER TABLE items SET SCHEMA "odd %s's";
SELECT recall FROM vecdb_recall('"odd %s''s"."V''s %i"');

SET allow_system_table_mods = on;
DROP TABLE pg_catalog.pg_dist_partition;
RESET allow_system_table_mods;
SET client_min_messages = warning;
DROP SCHEMA distributed CASCADE;
DROP SCHEMA "odd %s's" CASCADE;
