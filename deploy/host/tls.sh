# Installs the server's certificate, and renews it without a restart.
#
#   tls               fetch, check, install if new, reload
#   tls check-source  fetch and check only
#   tls check         how long the installed one is still good for
#
# The source holds the key, the certificate and the authority that clients'
# certificates are checked against: a folder (file:DIR with server.key,
# server.crt, ca.crt) or a JSON secret with "key", "certificate", "authority".
# A standby's source also has replicator.key and replicator.crt ("replicator_key"
# and "replicator_certificate").  Nothing is installed that a client would
# refuse: the key must fit, the name must be in the certificate, the dates must
# hold.
#
# shellcheck shell=bash
set -euo pipefail
# shellcheck source=lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"

parts="server.key server.crt ca.crt replicator.key replicator.crt"

# Secrets Manager's JSON, spread over the same file names as a folder has.
spread_json() {
  python3 -c '
import json, os, sys
names = {"key": "server.key", "certificate": "server.crt",
         "authority": "ca.crt", "replicator_key": "replicator.key",
         "replicator_certificate": "replicator.crt"}
try:
    value = json.load(sys.stdin)
    for key, name in names.items():
        if key in value:
            path = os.path.join(sys.argv[1], name)
            with open(path, "w", encoding="ascii") as out:
                out.write(value[key].strip() + "\n")
except (ValueError, TypeError, AttributeError) as error:
    sys.exit("not the expected JSON object: %s" % error)
' "$1"
}

fetch() {
  local into=$1 part
  case $VECDB_TLS_SOURCE in
    file:*)
      for part in $parts; do
        [ ! -r "${VECDB_TLS_SOURCE#file:}/$part" ] ||
          cp "${VECDB_TLS_SOURCE#file:}/$part" "$into/$part"
      done
      ;;
    *)
      secret_get "$VECDB_TLS_SOURCE" | spread_json "$into" ||
        die "cannot read the certificate from $VECDB_TLS_SOURCE"
      ;;
  esac
  for part in server.key server.crt ca.crt; do
    [ -s "$into/$part" ] || die "$VECDB_TLS_SOURCE holds no $part" \
      "Issue one with: vecdb-host authority DIR server $VECDB_NAME"
  done
}

public_key() {
  case $1 in
    *.key) openssl pkey -in "$1" -pubout 2>/dev/null ;;
    *) openssl x509 -in "$1" -noout -pubkey 2>/dev/null ;;
  esac
}

check() {
  local dir=$1 key certificate
  key=$(public_key "$dir/server.key") || die "server.key is not a private key"
  certificate=$(public_key "$dir/server.crt") ||
    die "server.crt is not a certificate"
  [ "$key" = "$certificate" ] || die "server.key does not fit server.crt"
  openssl x509 -in "$dir/server.crt" -noout -checkend 0 >/dev/null ||
    die "the certificate in $VECDB_TLS_SOURCE has expired" \
      "Issue a new one with: vecdb-host authority DIR server $VECDB_NAME"
  openssl x509 -in "$dir/server.crt" -noout -checkhost "$VECDB_NAME" |
    grep -q 'does match' ||
    die "the certificate in $VECDB_TLS_SOURCE is not for $VECDB_NAME"
  openssl verify -purpose sslserver -CAfile "$dir/ca.crt" \
    -untrusted "$dir/server.crt" "$dir/server.crt" >/dev/null 2>&1 ||
    die "ca.crt did not sign server.crt"
}

days_left() {
  local end
  end=$(openssl x509 -in "$1" -noout -enddate)
  echo $((($(date -d "${end#*=}" +%s) - $(date +%s)) / 86400))
}

# Warns by its exit code too, so that a monitor can ask.
check_installed() {
  local days
  [ -r "$tls/server.crt" ] || die "no certificate is installed"
  days=$(days_left "$tls/server.crt")
  [ "$days" -ge "$VECDB_TLS_WARN_DAYS" ] ||
    die "the certificate of $VECDB_NAME expires in $days days" \
      "Issue a new one and put it into $VECDB_TLS_SOURCE." 3
  say "the certificate of $VECDB_NAME is good for $days days"
}

# The key goes first: PostgreSQL reads both only when told to reload, and on a
# reload that finds a pair that does not fit it keeps serving the old one.
install_new() {
  local part any=no
  install -d -o postgres -g postgres -m 700 "$tls"
  for part in $parts; do
    [ -s "$work/$part" ] || continue
    write_file "$tls/$part" postgres:postgres 600 <"$work/$part"
    [ "$CHANGED" = no ] || any=yes
  done
  [ "$any" = yes ] || return 0
  pg_reload_if_running
  say "installed a certificate good for $(days_left "$tls/server.crt") days"
}

need_root
load_config
need_program openssl python3
require VECDB_NAME VECDB_TLS_SOURCE
tls=$(pg_etc)/tls
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
case ${1:-install} in
  check) check_installed ;;
  check-source)
    fetch "$work"
    check "$work"
    ;;
  install)
    fetch "$work"
    check "$work"
    install_new
    (check_installed) || true
    ;;
  *) die "expected \"check\", \"check-source\" or nothing, found \"$1\"" '' 2 ;;
esac
