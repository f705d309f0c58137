# Creates the administrator, the programs' roles and the database, and takes
# back whatever right they should not have.
#
# The administrator owns the database and may look into statistics and end
# sessions.  He is neither superuser nor CREATEROLE: on PostgreSQL 15 a role
# with CREATEROLE can grant itself pg_execute_server_program and with it a
# shell.  Roles are therefore made here, from the configuration.
#
# shellcheck shell=bash
set -euo pipefail
# shellcheck source=lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"

# Names come from a checked configuration: lowercase identifiers only.
ensure_role() {
  local name=$1 attributes=$2
  cat <<EOF
DO \$\$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '$name') THEN
    CREATE ROLE "$name";
  END IF;
END \$\$;
ALTER ROLE "$name" NOSUPERUSER NOCREATEROLE NOBYPASSRLS $attributes;
EOF
}

role_statements() {
  local program
  ensure_role vecdb_programs 'NOLOGIN NOCREATEDB NOREPLICATION'
  ensure_role vecdb_replicator 'LOGIN NOCREATEDB REPLICATION PASSWORD NULL'
  ensure_role "$VECDB_ADMIN" 'LOGIN CREATEDB NOREPLICATION'
  echo "GRANT pg_read_all_stats, pg_signal_backend TO \"$VECDB_ADMIN\";"
  for program in $VECDB_PROGRAMS; do
    ensure_role "$program" 'LOGIN NOCREATEDB NOREPLICATION PASSWORD NULL'
    echo "GRANT vecdb_programs TO \"$program\";"
  done
}

database_exists() {
  [ "$(echo "SELECT count(*) FROM pg_database
    WHERE datname = '$VECDB_DATABASE'" | sql postgres)" = 1 ]
}

database_statements() {
  cat <<END
REVOKE ALL ON DATABASE "$VECDB_DATABASE" FROM PUBLIC;
GRANT CONNECT ON DATABASE "$VECDB_DATABASE" TO vecdb_programs;
REVOKE CONNECT ON DATABASE postgres, template1 FROM PUBLIC;
END
}

need_root
load_config
role_statements | sql postgres -1
database_exists ||
  echo "CREATE DATABASE \"$VECDB_DATABASE\" OWNER \"$VECDB_ADMIN\"" |
  sql postgres
database_statements | sql postgres -1
