# Measures every ivfflat and hnsw index of the database, for the exporter to show.
#
# One index after the other, each in a transaction of its own: one that cannot
# be measured is named and does not keep the others from it.  All of it happens
# as vecdb_monitor, since an index's expressions are its owner's code, which a
# superuser should not run.
#
# shellcheck shell=bash
set -euo pipefail
# shellcheck source=lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"

monitor_sql() {
  sql "$VECDB_DATABASE" -U vecdb_monitor
}

need_root
load_config
require VECDB_EXPORTER_PORT
# The primary's figures reach a standby with everything else.
[ -z "$VECDB_PRIMARY" ] || exit 0
failed=0
indexes=$(echo 'SELECT indexrelid FROM vecdb_monitor.measurable' | monitor_sql)
for index in $indexes; do
  echo "SET statement_timeout = '10min';
    SELECT vecdb_monitor.measure($index, $VECDB_RECALL_SAMPLE)" |
    monitor_sql >/dev/null || failed=$((failed + 1))
done
echo 'SELECT vecdb_monitor.forget_dropped()' | monitor_sql >/dev/null
[ "$failed" = 0 ] || die "$failed indexes could not be measured"
