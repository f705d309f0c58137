# Sets up the Prometheus exporter, with the figures of vecdb's indexes.
#
# Debian's prometheus-postgres-exporter serves them on a port of the loopback
# interface: whatever collects metrics runs on the machine, and no port opens.
# It logs in by the socket as vecdb_monitor, which reads statistics and nothing
# else.  Counting an index's slots reads the whole index, and recall takes exact
# searches, so that a scrape must not wait for them: "vecdb-host figures" keeps
# them in a table, by a timer.  A table's recall is measured once its owner
# grants SELECT on it to vecdb_monitor.
#
# shellcheck shell=bash
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
# shellcheck source=lib.sh
. "$here/lib.sh"

role_statements() {
  cat <<SQL
DO \$\$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'vecdb_monitor') THEN
    CREATE ROLE vecdb_monitor;
  END IF;
END \$\$;
ALTER ROLE vecdb_monitor LOGIN NOSUPERUSER NOCREATEROLE NOCREATEDB NOBYPASSRLS
  NOREPLICATION PASSWORD NULL CONNECTION LIMIT 5;
GRANT pg_monitor TO vecdb_monitor;
GRANT CONNECT ON DATABASE "$VECDB_DATABASE" TO vecdb_monitor;
CREATE SCHEMA IF NOT EXISTS vecdb_monitor AUTHORIZATION vecdb_monitor;
SQL
}

exporter_settings() {
  local port
  port=$(pg_conftool -s "$VECDB_PG_MAJOR" "$VECDB_CLUSTER" show port)
  cat <<END
# Written by vecdb-host; it is replaced the next time that runs.
DATA_SOURCE_NAME='user=vecdb_monitor host=/run/postgresql port=$port dbname=$VECDB_DATABASE'
ARGS="--web.listen-address=127.0.0.1:$VECDB_EXPORTER_PORT --disable-settings-metrics --extend.query-path=$queries"
END
}

start_exporter() {
  has_systemd || return 0
  systemctl enable --now prometheus-postgres-exporter vecdb-figures.timer
  [ "$CHANGED" = no ] || systemctl restart prometheus-postgres-exporter
}

need_root
load_config
[ -n "$VECDB_EXPORTER_PORT" ] || exit 0
queries=$(dirname "$here")/monitoring/queries.yaml
[ -r "$queries" ] || die "cannot read $queries"
need_program prometheus-postgres-exporter
if [ -z "$VECDB_PRIMARY" ]; then
  role_statements | sql "$VECDB_DATABASE" -1
  sql "$VECDB_DATABASE" -1 -U vecdb_monitor <"$here/../monitoring/figures.sql"
fi
exporter_settings |
  write_file /etc/default/prometheus-postgres-exporter root:root 644
start_exporter
