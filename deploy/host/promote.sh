# Makes this standby the primary.
#
#   promote          refuses while the primary still sends
#   promote --force  whatever the primary does
#
# Two primaries at once are the one accident that no copy mends, so the old one
# must be known to be dead, and must stay so: "follow" on it comes first.  What
# was acknowledged under VECDB_SYNCHRONOUS is here; without it the last moments
# may be missing.  The private zone's record is then pointed at this machine;
# clients keep their connection string.
#
# shellcheck shell=bash
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
# shellcheck source=lib.sh
. "$here/lib.sh"

receiving() {
  [ "$(echo "SELECT count(*) FROM pg_stat_wal_receiver
    WHERE status = 'streaming'" | sql postgres)" = 1 ]
}

need_root
load_config
case ${1:-} in
  '' | --force) ;;
  *) die "expected \"--force\" or nothing, found \"$1\"" '' 2 ;;
esac
pg_running || die "the server does not run"
[ "$(echo 'SELECT pg_is_in_recovery()' | sql postgres)" = t ] ||
  die "this machine is no standby"
[ "${1:-}" = --force ] || ! receiving ||
  die "the primary $VECDB_PRIMARY still sends to this standby" \
    "Stop it first, and see that it stays stopped; else: promote --force"
pg_control promote
set_config VECDB_PRIMARY ''
/bin/bash "$here/database.sh"
say "this machine is the primary now; point $VECDB_NAME at it"
