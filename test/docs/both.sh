# shellcheck shell=bash source=/dev/null
# OLD, and NEW with the same rows.
. "$(dirname "${BASH_SOURCE[0]}")/old.sh"
createdb -T OLD NEW
