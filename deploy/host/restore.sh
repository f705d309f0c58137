# Brings the cluster back as it was at a moment, from the backups.
#
#   restore TIME     as "2026-11-22 14:05:00+00"; everything after it is lost
#   restore latest   as it was when the last segment was archived
#
# The server stops, the files that differ are replaced, the log is replayed up
# to the moment, and the cluster goes on from there on a new timeline.  Whoever
# is not sure of the moment sets up another machine on a new volume and restores
# there, while this one goes on.  The administrator's password of that moment may
# be forgotten: he has a new one then.
#
# shellcheck shell=bash
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
# shellcheck source=lib.sh
. "$here/lib.sh"

target_options() {
  case $1 in
    latest) ;;
    *)
      printf '%s\n' --type=time --target-action=promote \
        "--target=$(date -u -d "$1" '+%F %T.%3N+00')"
      ;;
  esac
}

wait_until_promoted() {
  local waited=0
  until [ "$(echo 'SELECT pg_is_in_recovery()' |
    sql postgres 2>/dev/null)" = f ]; do
    pg_running || die "the server ended while it replayed the log" \
      "Its log says why: /var/log/postgresql."
    waited=$((waited + 1))
    [ "$waited" -lt 86400 ] || die "the server is still replaying the log"
    sleep 1
  done
}

# pgBackRest leaves its target in postgresql.auto.conf, which every copy of the
# cluster gets: a standby made from it would stop there and promote itself.
forget_target() {
  local name
  for name in restore_command recovery_target{,_action,_inclusive,_lsn,_name} \
    recovery_target_{time,timeline,xid}; do
    echo "ALTER SYSTEM RESET $name;"
  done | sql postgres
}

need_root
load_config
need_program pgbackrest
require VECDB_BACKUP_BUCKET
[ $# = 1 ] || die "expected one moment, or \"latest\"" \
  "For example: vecdb-host restore \"$(date -u -d '-5 minutes' '+%F %T+00')\"" 2
[ "$1" = latest ] || date -d "$1" >/dev/null 2>&1 ||
  die "\"$1\" is not a moment" "As \"$(date -u '+%F %T+00')\"." 2
# The log ends before it, and the server with an error, its files replaced.
[ "$1" = latest ] || [ "$(date -d "$1" +%s)" -le "$(date +%s)" ] ||
  die "\"$1\" is yet to come" "It is $(date -u '+%F %T+00') now." 2
[ -z "$VECDB_PRIMARY" ] ||
  die "this is a standby" "Restore the primary, then copy it anew."
mapfile -t options < <(target_options "$1")
! pg_running || pg_control stop
as_postgres pgbackrest --stanza="$VECDB_CLUSTER" --delta "${options[@]}" restore ||
  die "pgBackRest did not restore; the server stays stopped" \
    "Nothing in the backups is lost: mend what it says and run this again."
pg_control start
wait_until_promoted
forget_target
/bin/bash "$here/password.sh" if-due
say "the cluster is as it was: $1"
