# Writes conf.d/vecdb.conf: TLS, memory by the machine's size, logging,
# archiving.
#
# One file of ours beside Debian's postgresql.conf, so that a person's own
# conf.d/zz-local.conf still has the last word and upgrades of the package find
# postgresql.conf untouched.
#
# shellcheck shell=bash
set -euo pipefail
# shellcheck source=lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"

memory_mb() {
  if [ -n "$VECDB_MEMORY_MB" ]; then
    echo "$VECDB_MEMORY_MB"
  else
    awk '/^MemTotal:/ { print int($2 / 1024) }' /proc/meminfo
  fi
}

at_most() {
  echo $(($1 < $2 ? $1 : $2))
}

preload() {
  local name list=
  for name in pg_stat_statements pgaudit; do
    [ ! -e "/usr/lib/postgresql/$VECDB_PG_MAJOR/lib/$name.so" ] ||
      list=$list${list:+,}$name
  done
  echo "$list"
}

tls_settings() {
  cat <<END
listen_addresses = '*'
ssl = on
ssl_cert_file = '$(pg_etc)/tls/server.crt'
ssl_key_file = '$(pg_etc)/tls/server.key'
ssl_ca_file = '$(pg_etc)/tls/ca.crt'
ssl_min_protocol_version = 'TLSv1.3'
password_encryption = 'scram-sha-256'
END
}

# A quarter of the memory for shared buffers is PostgreSQL's own advice; index
# builds get an eighth, because theirs is the one large allocation.
memory_settings() {
  local mb
  mb=$(memory_mb)
  cat <<END
shared_buffers = '$((mb / 4))MB'
effective_cache_size = '$((mb * 3 / 4))MB'
maintenance_work_mem = '$(at_most $((mb / 8 + 1)) 8192)MB'
work_mem = '$(at_most $((mb / 256 + 4)) 64)MB'
max_wal_size = '4GB'
checkpoint_completion_target = 0.9
random_page_cost = 1.1
END
}

# No statement text with a password reaches the log: passwords are set as
# verifiers only (password.sh).
log_settings() {
  cat <<END
log_connections = on
log_disconnections = on
log_line_prefix = '%m [%p] %q%u@%d %h '
log_checkpoints = on
log_lock_waits = on
log_temp_files = '64MB'
log_min_duration_statement = '5s'
idle_in_transaction_session_timeout = '1h'
tcp_keepalives_idle = 120
shared_preload_libraries = '$(preload)'
END
  case $(preload) in *pgaudit*) echo "pgaudit.log = 'ddl, role'" ;; esac
}

# wal_level and the sender limits are those a standby needs, so that adding one
# later needs no restart.  A standby that was away for longer than wal_keep_size
# lasts goes on from the archive.
wal_settings() {
  cat <<END
wal_level = replica
max_wal_senders = 10
max_replication_slots = 10
hot_standby = on
wal_keep_size = '1GB'
wal_compression = on
END
  [ -z "$VECDB_BACKUP_BUCKET" ] || cat <<END
archive_mode = on
archive_timeout = '60s'
archive_command = 'pgbackrest --stanza=$VECDB_CLUSTER archive-push %p'
restore_command = 'pgbackrest --stanza=$VECDB_CLUSTER archive-get %f "%p"'
END
}

# One of the named standbys must have a commit on its disk before the client
# hears of it.  A standby without a primary of its own ignores this until then.
synchronous_settings() {
  local names=${VECDB_SYNCHRONOUS// /\", \"}
  [ -z "$names" ] || echo "synchronous_standby_names = 'ANY 1 (\"$names\")'"
}

# Some settings wait for a restart, which is never done behind users' backs.
say_pending() {
  local pending
  pg_running || return 0
  pg_control reload
  sleep 0.2
  pending=$(echo "SELECT string_agg(name, ', ' ORDER BY name)
    FROM pg_settings WHERE pending_restart" | sql postgres)
  [ -z "$pending" ] || say "a restart is needed for: $pending"
}

need_root
load_config
{
  echo "# Written by vecdb-host; local settings belong in zz-local.conf."
  tls_settings
  memory_settings
  log_settings
  wal_settings
  synchronous_settings
} | write_file "$(pg_etc)/conf.d/vecdb.conf" postgres:postgres 644
[ "$CHANGED" = no ] || say_pending
