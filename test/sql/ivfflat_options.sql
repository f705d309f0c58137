-- Settings of the index: names, bounds, defaults.
SET client_min_messages = warning;
CREATE SCHEMA ivfflat_options;
SET search_path = ivfflat_options, public;
-- Costs of what is switched off would call for it.
SET jit = off;
RESET client_min_messages;

-- They are known once the library is loaded.
SELECT vec(1, 1) IS NOT NULL AS loaded;
SELECT name, setting, boot_val, min_val, max_val, enumvals, context
FROM pg_settings WHERE name LIKE 'ivfflat.%' ORDER BY name;

SET ivfflat.probes = -1;
SET ivfflat.probes = 1048577;
SET ivfflat.probes = 32768;
SET ivfflat.max_probes = 0;
SET ivfflat.max_probes = 1048577;
SET ivfflat.iterative_scan = on;
SET ivfflat.iterative_scan = strict_order;
SET "ivfflat.iterative_scan" = "relaxed_order";
SET ivfflat.iterative_scan = off;
SET ivfflat.target_recall = 0;
SET ivfflat.target_recall = -0.5;
SET ivfflat.target_recall = 1.01;
SET ivfflat.target_recall = 1;
SET ivfflat.target_recall = 0.01;

-- Unknown ones are mistakes.
DO $$
BEGIN
  SET ivfflat.prob = 1;
  -- Before 15 they were only warned of, and when they came first.
  IF current_setting('server_version_num')::int >= 150000 THEN
    RAISE WARNING 'an unknown setting was taken';
  END IF;
EXCEPTION WHEN invalid_name THEN
END
$$;

SET client_min_messages = warning;
DROP SCHEMA ivfflat_options CASCADE;
