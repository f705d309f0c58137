# What a machine says that cannot be set up yet, and that it then holds nothing
# half made.
#
# shellcheck shell=bash

# configured LINE...: the database's configuration with lines after it; a later
# line wins.
configured() {
  {
    database_config
    [ $# = 0 ] || printf '%s\n' "$@"
  } >"$(root_of db)/etc/vecdb/host.conf"
}

check_before_setup() {
  configured VECDB_TLS_SOURCE=file:/srv/nothing
  refused "without a certificate a machine does not set itself up" \
    'holds no server.key' bootstrap_database db
  equals "it has made no cluster" "" on db pg_lsclusters -h
  configured VECDB_COLOUR=blue
  refused "an unknown key is named, with its line" \
    'host.conf:[0-9]+: expected one of the known keys' on db vecdb-host database
  configured "VECDB_ADMIN=x'; DROP ROLE y"
  refused "a name that is none is named" 'expected a lowercase identifier' \
    on db vecdb-host database
  configured VECDB_PG_MAJOR=18
  refused "a missing PostgreSQL is named" 'PostgreSQL 18 is not installed' \
    on db vecdb-host database
}

report() {
  on db vecdb-host report | sort | sed 's/ [0-9]* Percent$/ n Percent/'
}

check_report() {
  equals "the machine reports what alarms ring for" \
    "CertificateDays 29 Count
DatabaseAnswers 1 Count
DiskUsedPercent n Percent" report
}
