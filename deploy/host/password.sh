# Gives the administrator a new random password that expires, and puts it where
# people with the right to the secret can fetch it.
#
#   password            now
#   password if-due     only when less than half of its time is left
#
# The server learns a SCRAM verifier, never the password, so that no log of
# statements can leak it.  The secret is written first: if that fails, the old
# password stays; if the server then fails, the next run repeats both.
#
# shellcheck shell=bash
set -euo pipefail
# shellcheck source=lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"

# RFC 5803's form, with RFC 7677's hash and PostgreSQL's iteration count.
scram_verifier() {
  python3 -c '
import base64, hashlib, hmac, os, sys
password = sys.stdin.readline().rstrip("\n").encode("ascii")
salt, rounds = os.urandom(16), 4096
salted = hashlib.pbkdf2_hmac("sha256", password, salt, rounds)
stored = hashlib.sha256(
    hmac.digest(salted, b"Client Key", "sha256")).digest()
server = hmac.digest(salted, b"Server Key", "sha256")
text = lambda raw: base64.b64encode(raw).decode("ascii")
print("SCRAM-SHA-256$%d:%s$%s:%s"
      % (rounds, text(salt), text(stored), text(server)))
'
}

secret_json() {
  printf '{"username":"%s","password":"%s","host":"%s","port":5432,' \
    "$VECDB_ADMIN" "$1" "$VECDB_NAME"
  printf '"dbname":"%s","expires":"%s"}\n' "$VECDB_DATABASE" "$2"
}

# A role without a password, or without an end to it, counts as overdue.
is_due() {
  local due
  due=$(echo "SELECT rolpassword IS NULL OR rolvaliduntil IS NULL
    OR rolvaliduntil < now() + interval '$VECDB_PASSWORD_HOURS hours' / 2
    FROM pg_authid WHERE rolname = '$VECDB_ADMIN'" | sql postgres)
  [ "$due" != f ]
}

rotate() {
  local password verifier until
  password=$(openssl rand -base64 33 | tr -d '/+=\n')
  until=$(date -u -d "+$VECDB_PASSWORD_HOURS hours" +%Y-%m-%dT%H:%M:%SZ)
  verifier=$(printf '%s\n' "$password" | scram_verifier)
  secret_json "$password" "$until" | secret_put "$VECDB_ADMIN_SECRET"
  sql postgres <<END
ALTER ROLE "$VECDB_ADMIN" PASSWORD '$verifier' VALID UNTIL '$until';
END
  say "the password of $VECDB_ADMIN is good until $until"
}

need_root
load_config
need_program openssl python3
require VECDB_ADMIN_SECRET VECDB_NAME
case ${1:-now} in
  now) rotate ;;
  if-due) ! is_due || rotate ;;
  *) die "expected \"if-due\" or nothing, found \"$1\"" '' 2 ;;
esac
