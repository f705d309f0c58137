# The administrator may do his work and nothing more.
#
# shellcheck shell=bash

# cannot WHAT PATTERN SQL
cannot() {
  refused "the administrator cannot $1" "$2" as_admin "$3"
}

check_roles() {
  local denied='permission denied|must be superuser|must have admin option'
  equals "the administrator is no superuser and makes no roles" "f|f|f|f" \
    as_admin "SELECT rolsuper, rolcreaterole, rolbypassrls, rolreplication
      FROM pg_roles WHERE rolname = current_user"
  check_trusted
  cannot "make himself superuser" "$denied" "ALTER ROLE vecdb_admin SUPERUSER"
  cannot "make a role" "$denied" "CREATE ROLE mallory LOGIN"
  cannot "grant himself the server's programs" "$denied" \
    "GRANT pg_execute_server_program TO vecdb_admin"
  cannot "become the superuser" "$denied" "SET ROLE postgres"
  cannot "run a program" "$denied" "COPY (SELECT 1) TO PROGRAM 'id'"
  cannot "read the server's files" "$denied" \
    "SELECT pg_read_file('/etc/passwd')"
  cannot "write the server's files" "$denied" "COPY (SELECT 1) TO '/tmp/x'"
  cannot "create an untrusted extension" "$denied" "CREATE EXTENSION file_fdw"
  cannot "make a C function" "$denied" "CREATE FUNCTION f() RETURNS int
    LANGUAGE c AS '/tmp/x.so', 'f'"
  cannot "load a library" 'access to library|permission denied' \
    "LOAD '/tmp/x.so'"
  cannot "change the server's settings" "$denied" \
    "ALTER SYSTEM SET ssl = off"
  refused "a program cannot create tables" 'permission denied' \
    query "$(with_certificate app)" "CREATE TABLE t (i int)"
}

# In a database of his own making, as someone does who follows the tutorial.
check_trusted() {
  accepted "the administrator makes a database" \
    as_admin "CREATE DATABASE tutorial"
  accepted "the administrator creates the extension (trusted)" query \
    "${by_password/dbname=vecdb/dbname=tutorial}" "CREATE EXTENSION vecdb"
  equals "the extension works there" "1" query \
    "${by_password/dbname=vecdb/dbname=tutorial}" \
    "SELECT '[1,2]'::vector <-> '[1,3]'::vector"
}
