# Makes this machine a standby of VECDB_PRIMARY, or of the host that is named,
# by a new copy of the primary's files.
#
#   follow [HOST]
#
# For a primary of old after another was promoted, and for every standby after
# the primary was restored to a moment: their histories parted from the
# primary's.  The files here are given up only when the copy is whole.  A server
# that runs as a primary is not touched: whoever means it stops it first.
#
# shellcheck shell=bash
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
# shellcheck source=lib.sh
. "$here/lib.sh"

need_root
load_config
[ $# -le 1 ] || die "expected one host name" '' 2
if [ $# = 1 ]; then
  [[ $1 =~ ^[a-z0-9.-]+$ ]] || die "\"$1\" is not a host name" '' 2
  primary=$1
else
  primary=$VECDB_PRIMARY
fi
[ -n "$primary" ] || die "no primary is named" "Try: vecdb-host follow HOST" 2
if pg_running; then
  [ "$(echo 'SELECT pg_is_in_recovery()' | sql postgres)" = t ] ||
    die "the server runs as a primary" \
      "To give its data up: pg_ctlcluster $VECDB_PG_MAJOR $VECDB_CLUSTER stop"
  pg_control stop
fi
before=$VECDB_PRIMARY
set_config VECDB_PRIMARY "$primary"
/bin/bash "$here/tls.sh"
/bin/bash "$here/cluster.sh" copy || {
  set_config VECDB_PRIMARY "$before"
  die "nothing was changed; the server is stopped"
}
/bin/bash "$here/database.sh"
say "this machine follows $primary"
