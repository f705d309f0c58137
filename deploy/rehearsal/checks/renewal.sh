# A new certificate without a restart; one that clients would refuse is not
# taken up.  And the host scripts, run again, change nothing.
#
# shellcheck shell=bash

served_serial() {
  on client timeout 5 openssl s_client -starttls postgres \
    -connect "127.0.0.1:$tunnel_port" 2>/dev/null </dev/null |
    openssl x509 -noout -serial
}

# A session that is open over the whole renewal.
open_session() {
  rm -f "$hosts/session"
  mkfifo "$hosts/session"
  on client env PGPASSWORD="$password" psql -XqAtw -d "$by_password" \
    <"$hosts/session" >"$hosts/session_output" 2>&1 &
  session=$!
  exec 7>"$hosts/session"
}

close_session() {
  echo "SELECT 'still here';" >&7
  exec 7>&-
  wait "$session" || true
}

check_renewal() {
  local before
  before=$(served_serial)
  open_session
  authority "$hosts/ca" server "$db_name" 60
  put_tls "$hosts/ca/$db_name"
  accepted "a new certificate is taken up" on db vecdb-host renew
  refused "it is another one that is served now" '^exit 1' \
    test "$before" = "$(served_serial)"
  equals "it is the one that was issued" \
    "$(openssl x509 -in "$hosts/ca/$db_name/server.crt" -noout -serial)" \
    served_serial
  equals "verified log-in goes on" 1 as_admin "SELECT 1"
  close_session
  equals "a session from before goes on" "still here" \
    cat "$hosts/session_output"
  equals "the server was not restarted" "$first_start" start_time
  check_bad_certificates
  check_idempotence
  check_interrupted_password
}

check_bad_certificates() {
  local good=$hosts/ca/$db_name work=$hosts/bad
  authority "$hosts/ca" server other.vecdb.internal 30
  put_tls "$hosts/ca/other.vecdb.internal"
  refused "a certificate for another name is not taken up" \
    "not for $db_name" on db vecdb-host tls
  mkdir "$work"
  cp "$good"/* "$work"
  cp "$hosts/ca/other.vecdb.internal/server.key" "$work"
  put_tls "$work"
  refused "a key that does not fit is not taken up" 'does not fit' \
    on db vecdb-host tls
  cp "$good"/* "$work"
  cp "$hosts/other_ca/ca.crt" "$work"
  put_tls "$work"
  refused "a certificate of another authority is not taken up" \
    'did not sign' on db vecdb-host tls
  put_tls "$good"
  equals "the good one is still served" \
    "$(openssl x509 -in "$good/server.crt" -noout -serial)" served_serial
  check_warning
}

check_warning() {
  accepted "no warning while a certificate is good for long" \
    on db vecdb-host tls check
  authority "$hosts/ca" server "$db_name" 5
  put_tls "$hosts/ca/$db_name"
  on db vecdb-host tls >/dev/null 2>&1
  refused "a warning when it expires in days" 'exit 3.*|expires in' \
    on db vecdb-host tls check
}

config_hash() {
  on db sh -c 'cd /etc/postgresql && find . -type f -exec sha256sum {} + |
    sort | sha256sum'
}

check_idempotence() {
  local before
  before=$(config_hash)
  accepted "the database machine's scripts run again" \
    on db vecdb-host database
  equals "they change nothing" "$before" config_hash
  equals "they restart nothing" "$first_start" start_time
  accepted "the bastion's script runs again" on bastion vecdb-host bastion
}

# A server that is away when the timer runs, and one that missed a password.
check_interrupted_password() {
  on db pg_ctlcluster "$major" main stop
  refused "no new password while the server does not answer" \
    'password: error: the server does not answer' on db vecdb-host password if-due
  on db pg_ctlcluster "$major" main start
  first_start=$(start_time)
  equals "the secret has still the server's" "$password" admin_password
  on db sed -i 's/"expires":"20/"expires":"30/; s/"password":"/&x/' \
    /srv/admin.json
  accepted "a secret that the server does not know is made anew" \
    on db vecdb-host password if-due
  password=$(admin_password)
  equals "with a password that it knows" 1 as_admin "SELECT 1"
}
