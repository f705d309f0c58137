# Writes pg_hba.conf: who may come, from where, and how they prove who they are.
#
# From the network TLS only, and only from the networks that are named.
# Programs come with a client certificate of hours whose common name is their
# role; people with a SCRAM password that expires.  The superuser never comes
# from the network, with whatever password.  A line that does not match falls
# through to PostgreSQL's own "no pg_hba.conf entry".
#
# shellcheck shell=bash
set -euo pipefail
# shellcheck source=lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"

# The exporter's system user, and the superuser's for the measuring.
monitor_rule() {
  [ -z "$VECDB_EXPORTER_PORT" ] ||
    echo "local      $VECDB_DATABASE        vecdb_monitor                         peer map=vecdb_monitor"
}

monitor_map() {
  echo "# Written by vecdb-host; it is replaced the next time that runs."
  echo "# MAPNAME      SYSTEM-USERNAME  PG-USERNAME"
  [ -z "$VECDB_EXPORTER_PORT" ] || cat <<'END'
vecdb_monitor  prometheus       vecdb_monitor
vecdb_monitor  postgres         vecdb_monitor
END
}

rules() {
  local net
  cat <<END
# Written by vecdb-host; it is replaced the next time that runs.
# TYPE     DATABASE     USER               ADDRESS            METHOD
local      all          postgres                              peer
$(monitor_rule)
local      all          all                                   reject
hostnossl  all          all                all                reject
hostssl    all          postgres           all                reject
END
  for net in $VECDB_ALLOW; do
    cat <<END
hostssl    replication  vecdb_replicator   $net  cert
hostssl    all          +vecdb_programs    $net  cert
hostssl    all          all                $net  scram-sha-256
END
  done
}

need_root
load_config
require VECDB_ALLOW
monitor_map | write_file "$(pg_etc)/pg_ident.conf" postgres:postgres 640
changed=$CHANGED
rules | sed '/^$/d' |
  write_file "$(pg_etc)/pg_hba.conf" postgres:postgres 640
[ "$changed$CHANGED" = nono ] || pg_reload_if_running
