# Who changed what in the database is written down; passwords are not.
#
# shellcheck shell=bash

# Lines of the server's log with this text; nothing else is printed.
logged() {
  on db sh -c "cat /var/log/postgresql/postgresql-$major-main.log*" |
    grep -F -- "$1" || true
}

audited() {
  logged "AUDIT: SESSION" | grep -F -- "$1" |
    sed -E 's/^.* (vecdb_[a-z]+@vecdb) .*AUDIT: SESSION,[0-9]+,[0-9]+,/\1 /'
}

check_audit() {
  as_admin "CREATE TABLE audited (id int)"
  as_admin "GRANT SELECT ON audited TO vecdb_app"
  as_admin "SELECT count(*) AS not_audited FROM audited"
  equals "a table's creation is in the audit log, with its name" \
    "vecdb_admin@vecdb DDL,CREATE TABLE,TABLE,public.audited,CREATE TABLE audited (id int),<not logged>" \
    audited "CREATE TABLE audited"
  equals "a grant is in the audit log" \
    "vecdb_admin@vecdb ROLE,GRANT,TABLE,,GRANT SELECT ON audited TO vecdb_app,<not logged>" \
    audited "GRANT SELECT ON audited"
  equals "a query is not" "" logged "not_audited"
  accepted "the administrator's new password is audited" \
    password_change_audited
  equals "neither password nor verifier is in the log" "" logged "SCRAM-SHA-256\$"
  cannot "switch the audit off" 'permission denied' "SET pgaudit.log = 'none'"
  as_admin "DROP TABLE audited"
}

# The words after "password" are the extension's own doing.
password_change_audited() {
  logged "AUDIT: SESSION" | grep -q 'ALTER ROLE.*PASSWORD <REDACTED>'
}
