# Sets up a database machine: every stage, in the order in which each one's
# needs are met.
#
# Nothing is built before the certificate and the secrets have been looked at:
# a machine without them ends here with a message and no cluster, so that a
# service manager can simply start it again later.  The cluster is opened to
# the network last, when certificate and pg_hba.conf are in place.
#
# shellcheck shell=bash
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
# shellcheck source=lib.sh
. "$here/lib.sh"

need_root
load_config
require VECDB_NAME VECDB_ALLOW VECDB_TLS_SOURCE VECDB_ADMIN_SECRET
[ -x "$(pg_bin)/postgres" ] ||
  die "PostgreSQL $VECDB_PG_MAJOR is not installed" \
    "Try: apt-get install postgresql-$VECDB_PG_MAJOR"
[ -z "$VECDB_EXPORTER_PORT" ] || need_program prometheus-postgres-exporter

stage() {
  say "stage $*"
  /bin/bash "$here/$1.sh" "${@:2}"
}

stage tls check-source
stage volume
stage cluster
stage tls
stage settings
stage access
pg_running || pg_control start
pg_control reload
# A standby takes roles, database and extension from its primary.
if [ -z "$VECDB_PRIMARY" ]; then
  stage roles
  stage password if-due
  stage extension
fi
stage monitor
stage backup
say "ready: $VECDB_NAME"
