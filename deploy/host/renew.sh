# What the timer runs: takes up a new certificate when the source has one, gives
# a new password when half of the old one's time is over.
#
# Each is tried even when the other fails; the exit code is the worst.
#
# shellcheck shell=bash
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
# shellcheck source=lib.sh
. "$here/lib.sh"

need_root
load_config
status=0
/bin/bash "$here/tls.sh" || status=$?
/bin/bash "$here/tls.sh" check >/dev/null || status=$?
[ -n "$VECDB_PRIMARY" ] || /bin/bash "$here/password.sh" if-due || status=$?
exit "$status"
