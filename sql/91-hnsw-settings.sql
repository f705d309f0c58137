-- Who may set those of hnsw: everybody, as 90-settings.sql says of the others.

DO $$
DECLARE
  setting text;
BEGIN
  IF pg_catalog.current_setting('server_version_num')::integer < 150000 THEN
    RETURN;
  END IF;
  FOREACH setting IN ARRAY ARRAY['hnsw.ef_search', 'hnsw.iterative_scan',
    'hnsw.max_scan_tuples', 'hnsw.scan_mem_multiplier']
  LOOP
    CONTINUE WHEN pg_catalog.has_parameter_privilege('public', setting, 'SET');
    LOCK TABLE pg_catalog.pg_parameter_acl IN SHARE ROW EXCLUSIVE MODE;
    EXECUTE pg_catalog.format('GRANT SET ON PARAMETER %I.%I TO PUBLIC',
      pg_catalog.split_part(setting, '.', 1), pg_catalog.split_part(setting, '.', 2));
  END LOOP;
END
$$;
