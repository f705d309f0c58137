# Gives the administrator a new random password that expires, and puts it where
# people with the right to the secret can fetch it.
#
#   password            now
#   password if-due     only when less than half of its time is left, or the
#                       secret holds another one than the server
#
# The server learns a SCRAM verifier, never the password, so that no log of
# statements can leak it.  Nothing is written while the server does not answer.
# Then the secret is first: if that fails, the old password stays; if the server
# fails after it, or is restored to a moment before, the two name different ends,
# and the next run repeats both.
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

# The end of the server's password; nothing where there is no password, no end to
# it, or half of its time is over.
good_until() {
  sql postgres <<END
SELECT to_char(rolvaliduntil AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
FROM pg_authid WHERE rolname = '$VECDB_ADMIN' AND rolpassword IS NOT NULL
  AND rolvaliduntil >= now() + interval '$VECDB_PASSWORD_HOURS hours' / 2
END
}

# The end that the secret names, if there is one that names any.
secret_until() {
  secret_get "$VECDB_ADMIN_SECRET" 2>/dev/null | python3 -c '
import json, sys
try:
    print(json.load(sys.stdin)["expires"])
except (ValueError, TypeError, KeyError):
    pass
'
}

is_due() {
  local until
  until=$(good_until) || die "the server does not answer; nothing was changed"
  [ -z "$until" ] || [ "$until" != "$(secret_until)" ]
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
  now)
    good_until >/dev/null || die "the server does not answer; nothing was changed"
    rotate
    ;;
  if-due) ! is_due || rotate ;;
  *) die "expected \"if-due\" or nothing, found \"$1\"" '' 2 ;;
esac
