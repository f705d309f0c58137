# Who gets into the database through the tunnel, and who does not.
#
# The client edits no hosts file: "host" is the name that the certificate must
# carry, "hostaddr" is where the tunnel begins.
#
# shellcheck shell=bash

tls_options="hostaddr=127.0.0.1 port=15432 connect_timeout=5"
verified="$tls_options host=db.vecdb.internal sslmode=verify-full
  sslrootcert=/root/tls/ca.crt"
by_password="$verified dbname=vecdb user=vecdb_admin"

admin_password() {
  on db python3 -c \
    'import json; print(json.load(open("/srv/admin.json"))["password"])'
}

# query CONNECTION SQL: as the administrator's password allows.
query() {
  on client env PGPASSWORD="$password" timeout 60 psql -XqAtw \
    -v ON_ERROR_STOP=1 -d "$1" -c "$2"
}

as_admin() {
  query "$by_password" "$1"
}

# with_certificate NAME: NAME's files, as the program vecdb_app.
with_certificate() {
  echo "$verified dbname=vecdb user=vecdb_app sslcert=/root/tls/$1.crt
    sslkey=/root/tls/$1.key"
}

check_login() {
  password=$(admin_password)
  dsn=$by_password
  check_verified
  check_passwords
  check_certificates
  check_superuser
}

check_verified() {
  equals "the administrator gets in, through the tunnel, verified" \
    "vecdb_admin|vecdb" as_admin "SELECT current_user, current_database()"
  equals "the connection is TLS 1.3" "t|TLSv1.3" as_admin \
    "SELECT ssl, version FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
  refused "no hosts file was edited for it" '^exit 1' \
    on client grep vecdb /etc/hosts
  refused "plaintext" 'rejects connection.*no encryption' \
    query "$tls_options host=$db_name sslmode=disable dbname=vecdb
      user=vecdb_admin" "SELECT 1"
  refused "another authority" 'certificate verify failed' \
    query "${by_password/ca.crt/other_ca.crt}" "SELECT 1"
  refused "another host name" 'does not match host name' \
    query "${by_password/host=db./host=other.}" "SELECT 1"
  refused "another database user without a password" \
    'password authentication failed|no password supplied' \
    query "${by_password/vecdb_admin/nobody_here}" "SELECT 1"
}

check_passwords() {
  local kept=$password
  password=wrong
  refused "a wrong password" 'password authentication failed' \
    as_admin "SELECT 1"
  password=$kept
  expire_password
  refused "an expired password" 'password authentication failed' \
    as_admin "SELECT 1"
  accepted "the server's log says that it had expired" \
    on db grep -q 'has an expired password' \
    "/var/log/postgresql/postgresql-$major-main.log"
  accepted "the machine gives a new password when the old one ends" \
    on db vecdb-host renew
  password=$(admin_password)
  equals "the new password" 1 as_admin "SELECT 1"
}

expire_password() {
  as_superuser "ALTER ROLE vecdb_admin VALID UNTIL '2020-01-01'"
}

check_certificates() {
  equals "a program with its certificate, without a password" vecdb_app \
    query "$(with_certificate app)" "SELECT current_user"
  refused "a program without a certificate" 'requires a valid client cert' \
    query "$verified dbname=vecdb user=vecdb_app" "SELECT 1"
  refused "an expired client certificate" 'certificate expired' \
    query "$(with_certificate late)" "SELECT 1"
  refused "another authority's client certificate" 'unknown ca' \
    query "$(with_certificate stranger)" "SELECT 1"
  refused "another program's certificate" \
    'certificate authentication failed' \
    query "$(with_certificate other)" "SELECT 1"
}

# With a password that is right, so that nothing but the rule refuses it.
check_superuser() {
  local kept=$password
  password=superuser
  as_superuser "ALTER ROLE postgres PASSWORD 'superuser'"
  refused "the superuser from the network" 'rejects connection' \
    query "${by_password/user=vecdb_admin/user=postgres}" "SELECT 1"
  as_superuser "ALTER ROLE postgres PASSWORD NULL"
  equals "the superuser on the machine itself" postgres \
    as_superuser "SELECT current_user"
  password=$kept
}
