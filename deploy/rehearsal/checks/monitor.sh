# The exporter: what it serves, to whom, and the dashboard made for it.
#
# shellcheck shell=bash

metrics_url=http://127.0.0.1:9187/metrics

start_exporter() {
  # shellcheck disable=SC2016 # the machine's own shell expands it
  on db sh -c 'set -a; . /etc/default/prometheus-postgres-exporter
    exec runuser -u prometheus -- prometheus-postgres-exporter $ARGS' \
    >"$hosts/exporter_log" 2>&1 &
  local waited=0
  until on db bash -c '</dev/tcp/127.0.0.1/9187' 2>/dev/null; do
    waited=$((waited + 1))
    [ "$waited" -lt 100 ] || return 1
    sleep 0.1
  done
}

# metric NAME: of the tutorial's index, as a number without an exponent.
metric() {
  on db python3 -c '
import sys, urllib.request
text = urllib.request.urlopen(sys.argv[1], timeout=10).read().decode()
for line in text.splitlines():
    if (line.startswith(sys.argv[2] + "{")
            and "\"word_embeddings_embedding_idx\"" in line):
        print("%.10g" % float(line.split()[-1]))
' "$metrics_url" "vecdb_index_$1"
}

index_figure() {
  superuser_on db vecdb \
    "SELECT $1 FROM vecdb_index_stats('word_embeddings_embedding_idx')"
}

check_monitor() {
  accepted "the exporter starts" start_exporter
  equals "before a measurement an index has no recall" nan metric recall
  as_admin "GRANT SELECT ON word_embeddings TO vecdb_monitor"
  accepted "the indexes are measured" on db vecdb-host figures
  equals "the exporter serves the index's size" \
    "$(index_figure bytes)" metric bytes
  equals "its lists" "$(index_figure lists)" metric lists
  equals "its rows" 3000 metric rows
  equals "rows inserted since it was made" 3000 metric inserted_rows
  check_dead_slots
  accepted "its recall of a sample, 0.85 or more" recall_is_good
  equals "none where the owner has not granted SELECT" "t" \
    superuser_on db vecdb "SELECT bool_and(recall IS NULL)
      FROM vecdb_monitor.index_metrics
      WHERE \"table\" = 'word_embeddings_py' AND rows = 3000"
  check_locked
  check_dashboard
  check_exporter_rights
}

check_dead_slots() {
  superuser_on db vecdb "DELETE FROM word_embeddings WHERE id % 10 = 0
    AND word <> ALL (string_to_array('pumpkin,$autumn', ','))"
  superuser_on db vecdb "VACUUM (INDEX_CLEANUP on) word_embeddings"
  on db vecdb-host figures
  equals "its dead slots, after a tenth was deleted" \
    "$(index_figure free_slots)" metric free_slots
  accepted "there are some" test "$(index_figure free_slots)" -gt 200
}

table_lock() {
  as_superuser "SELECT count(*) FROM pg_locks WHERE granted
    AND mode = 'AccessExclusiveLock' AND pid IN (SELECT pid
      FROM pg_stat_activity WHERE application_name = 'keeper')"
}

# A lock that is kept for longer than a scrape may take.
check_locked() {
  local waited=0
  superuser_on db vecdb "SET application_name = keeper; BEGIN;
    LOCK TABLE word_embeddings; SELECT pg_sleep(60)" >/dev/null 2>&1 &
  until [ "$(table_lock)" -gt 0 ]; do
    waited=$((waited + 1))
    [ "$waited" -lt 100 ] || break
    sleep 0.1
  done
  equals "a scrape does not wait for a locked table" nan metric table_bytes
  as_superuser "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE application_name = 'keeper'" >/dev/null
  wait $! || true
}

recall_is_good() {
  metric recall | awk '{ print "recall", $1; exit !($1 >= 0.85 && $1 <= 1) }'
}

check_dashboard() {
  cp "$here/dashboard_metrics.py" "$(root_of db)/srv/"
  cp "$top/deploy/monitoring/grafana.json" "$(root_of db)/srv/"
  accepted "every metric of the dashboard is exported" \
    on db /srv/dashboard_metrics.py /srv/grafana.json "$metrics_url"
  sed 's/vecdb_index_lists/vecdb_index_lost/' \
    "$top/deploy/monitoring/grafana.json" >"$(root_of db)/srv/wrong.json"
  refused "one that is not would be named" 'vecdb_index_lost is not exported' \
    on db /srv/dashboard_metrics.py /srv/wrong.json "$metrics_url"
  sed 's/ >= 0)/)/' "$top/deploy/monitoring/grafana.json" \
    >"$(root_of db)/srv/wrong.json"
  refused "a sum that one index makes NaN would be, too" 'rows .* may be NaN' \
    on db /srv/dashboard_metrics.py /srv/wrong.json "$metrics_url"
}

as_monitor() {
  on db runuser -u prometheus -- psql -XqAtw -d vecdb -U vecdb_monitor -c "$1"
}

check_exporter_rights() {
  refused "the metrics are not served to the network" \
    'refused|timed out|timeout|exit 124' \
    on bastion timeout 2 bash -c "</dev/tcp/$db_ip/9187"
  refused "the exporter's role reads no table that it was not given" \
    'permission denied' as_monitor "SELECT 1 FROM word_embeddings_py"
  refused "it writes none" 'permission denied' \
    as_monitor "DELETE FROM word_embeddings"
  refused "another system user is not the exporter's role" \
    'Peer authentication failed' on db runuser -u nobody -- \
    psql -XqAtw -d vecdb -U vecdb_monitor -c "SELECT 1"
  refused "it does not come from the network" \
    'password authentication failed|no password supplied' \
    query "${by_password/vecdb_admin/vecdb_monitor}" "SELECT 1"
}
