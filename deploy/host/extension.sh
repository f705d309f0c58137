# Creates the extension as the administrator, or brings it to the installed
# package's version.
#
# The extension is trusted: the owner of a database creates it without being a
# superuser.  Doing it in the administrator's name proves that on every
# machine, and makes him the owner of the extension.
#
# pgaudit, where it is preloaded, sees the names of objects only with its own
# extension, which is the superuser's.
#
# shellcheck shell=bash
set -euo pipefail
# shellcheck source=lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"

need_root
load_config
available=$(echo "SELECT count(*) FROM pg_available_extensions
  WHERE name = '$VECDB_EXTENSION'" | sql "$VECDB_DATABASE")
[ "$available" = 1 ] || die "the extension $VECDB_EXTENSION is not installed" \
  "Try: apt-get install postgresql-$VECDB_PG_MAJOR-vecdb"
sql "$VECDB_DATABASE" -1 <<END
SET SESSION AUTHORIZATION "$VECDB_ADMIN";
CREATE EXTENSION IF NOT EXISTS "$VECDB_EXTENSION";
ALTER EXTENSION "$VECDB_EXTENSION" UPDATE;
END
case $(echo 'SHOW shared_preload_libraries' | sql "$VECDB_DATABASE") in
  *pgaudit*)
    echo 'CREATE EXTENSION IF NOT EXISTS pgaudit' | sql "$VECDB_DATABASE"
    ;;
esac
