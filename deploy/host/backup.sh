# Configures pgBackRest for an S3 bucket, and runs backups.
#
#   backup         write the configuration, create the stanza
#   backup full    a full backup, and old ones expire
#   backup incr    an incremental one
#   backup info    what there is
#
# Without VECDB_BACKUP_BUCKET there is nothing to do.  On a cloud machine the
# instance's role is the key (VECDB_BACKUP_KEY=auto); another store takes
# file:PATH with the access key on the first line and its secret on the second.
#
# shellcheck shell=bash
set -euo pipefail
# shellcheck source=lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"

stanza=

key_settings() {
  local key secret
  case $VECDB_BACKUP_KEY in
    auto) echo "repo1-s3-key-type=auto" ;;
    file:*)
      { read -r key && read -r secret; } <"${VECDB_BACKUP_KEY#file:}" ||
        die "$VECDB_BACKUP_KEY does not hold two lines"
      printf 'repo1-s3-key=%s\nrepo1-s3-key-secret=%s\n' "$key" "$secret"
      # A store addressed by its own name has the bucket in the path.
      echo "repo1-s3-uri-style=path"
      ;;
  esac
}

configuration() {
  cat <<END
# Written by vecdb-host.
[global]
repo1-type=s3
repo1-s3-bucket=$VECDB_BACKUP_BUCKET
repo1-s3-region=$VECDB_BACKUP_REGION
repo1-s3-endpoint=$VECDB_BACKUP_ENDPOINT
repo1-path=$VECDB_BACKUP_PATH
repo1-retention-full=$VECDB_BACKUP_FULL_KEPT
repo1-bundle=y
compress-type=zst
process-max=2
start-fast=y
log-level-console=warn
END
  key_settings
  [ -z "$VECDB_BACKUP_CA" ] ||
    echo "repo1-storage-ca-file=$VECDB_BACKUP_CA"
  cat <<END

[$stanza]
pg1-path=$(pg_data)
pg1-port=$(pg_conftool -s "$VECDB_PG_MAJOR" "$VECDB_CLUSTER" show port)
END
}

pgbackrest_run() {
  as_postgres pgbackrest --stanza="$stanza" "$@"
}

# The whole of it before any is written: without its key nothing is archived.
configure() {
  local content
  require VECDB_BACKUP_REGION VECDB_BACKUP_ENDPOINT
  content=$(configuration)
  # PostgreSQL's user reads it; it may hold a key.
  write_file /etc/pgbackrest.conf postgres:postgres 600 <<<"$content"
  [ -n "$VECDB_PRIMARY" ] || pgbackrest_run stanza-create
}

need_root
load_config
[ -n "$VECDB_BACKUP_BUCKET" ] || {
  [ $# = 0 ] || die "VECDB_BACKUP_BUCKET is not set in $VECDB_CONF"
  say "no bucket, no backups"
  exit 0
}
need_program pgbackrest
stanza=$VECDB_CLUSTER
case ${1:-configure} in
  configure) configure ;;
  full | incr)
    # The timers run on every member; a standby's primary makes the backups.
    [ -n "$VECDB_PRIMARY" ] || pgbackrest_run --type="$1" backup
    ;;
  info) pgbackrest_run info ;;
  *) die "expected \"full\", \"incr\", \"info\" or nothing, found \"$1\"" '' 2 ;;
esac
