# Creates the cluster with data checksums, adopts one that is already on the
# data volume, or copies one from a primary; does not start a new one.
#
#   cluster         what is not there yet
#   cluster copy    the primary's, in place of the stopped one that is there
#
# shellcheck shell=bash
set -euo pipefail
# shellcheck source=lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"

# pg_createcluster takes over a data directory that is there and leaves it as
# it is.
create() {
  # shellcheck disable=SC2046
  pg_createcluster --locale C.UTF-8 --encoding UTF8 --start-conf auto \
    "$VECDB_PG_MAJOR" "$VECDB_CLUSTER" \
    $([ -s "$(pg_data)/PG_VERSION" ] || echo -- --data-checksums) >/dev/null
}

# The copy is made beside the data directory and renamed, so that a copy cut
# off half-way is never taken for a cluster.
copy_primary() {
  local partial tls
  partial=$(pg_data).partial
  tls=$(pg_etc)/tls
  rm -rf "$partial"
  as_postgres "$(pg_bin)/pg_basebackup" -D "$partial" -X stream -R \
    --checkpoint=fast -d "host=$VECDB_PRIMARY user=vecdb_replicator \
sslmode=verify-full sslrootcert=$tls/ca.crt sslcert=$tls/replicator.crt \
sslkey=$tls/replicator.key application_name=$VECDB_MACHINE" ||
    die "cannot copy the primary $VECDB_PRIMARY"
  # What a restore of the primary left behind is not the copy's target.
  sed -i '/^recovery_target/d' "$partial/postgresql.auto.conf"
  rm -rf "$(pg_data)"
  mv "$partial" "$(pg_data)"
}

need_root
load_config
need_program pg_createcluster pg_lsclusters runuser
if [ "${1:-}" = copy ]; then
  require VECDB_PRIMARY
  ! pg_running || die "the server runs"
  copy_primary
elif [ ! -e "$(pg_etc)/postgresql.conf" ]; then
  fresh=$([ -s "$(pg_data)/PG_VERSION" ] || echo yes)
  create
  if [ -n "$VECDB_PRIMARY" ] && [ -n "$fresh" ]; then
    /bin/bash "$(dirname "$(readlink -f "$0")")/tls.sh"
    copy_primary
  fi
fi
