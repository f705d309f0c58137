-- Who may set what. The settings are for everybody, but in a session in which
-- the library is not loaded the server cannot know that, and refuses those who
-- are no superusers ALTER DATABASE, ALTER ROLE and CREATE FUNCTION ... SET. From
-- 15 on it can be told.

DO $$
DECLARE
  setting text;
BEGIN
  IF pg_catalog.current_setting('server_version_num')::integer < 150000 THEN
    RETURN;
  END IF;
  FOREACH setting IN ARRAY ARRAY['ivfflat.probes', 'ivfflat.target_recall',
    'ivfflat.iterative_scan', 'ivfflat.max_probes', 'vecdb.kernel']
  LOOP
    CONTINUE WHEN pg_catalog.has_parameter_privilege('public', setting, 'SET');
    -- All databases share this table: two that grant at a time would fail.
    LOCK TABLE pg_catalog.pg_parameter_acl IN SHARE ROW EXCLUSIVE MODE;
    EXECUTE pg_catalog.format('GRANT SET ON PARAMETER %I.%I TO PUBLIC',
      pg_catalog.split_part(setting, '.', 1), pg_catalog.split_part(setting, '.', 2));
  END LOOP;
END
$$;
