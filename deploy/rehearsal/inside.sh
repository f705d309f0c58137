# The rehearsal's own course, as the first process of its namespaces.
#
# shellcheck shell=bash
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
out=$1 packages=$2 major=$3 shell=$4 broken=$5 backups=$6
operations=$7 next_version=$8
next=$packages/next
top=$(cd "$here/../.." && pwd)

# shellcheck source=hosts.sh
. "$here/hosts.sh"
# shellcheck source=machines.sh
. "$here/machines.sh"
# shellcheck source=check.sh
. "$here/check.sh"
# shellcheck source=breaks.sh
. "$here/breaks.sh"
for part in package setup network login bastion roles renewal tutorial standby \
  backup audit monitor upgrade failover; do
  # shellcheck source=/dev/null
  . "$here/checks/$part.sh"
done

make_network
make_hosts
make_authorities
make_repository
[ "$backups" = no ] || make_store
check_package
set_up_database
set_up_standby
set_up_bastion
open_tunnel
[ -z "$broken" ] || take_out "$broken"
check_report
check_network
check_login
check_bastion
check_roles
await_standby
check_renewal
check_tutorial
check_standby
if [ "$operations" = yes ]; then
  check_audit
  check_monitor
  check_extension_upgrade
fi
[ "$backups" = no ] || check_backup
[ "$operations" = no ] || check_failover
echo "$passed $failed" >"$out/counts"
if [ "$shell" = yes ]; then
  echo "$db_name:*:*:vecdb_admin:$password" >"$(root_of client)/root/.pgpass"
  chmod 600 "$(root_of client)/root/.pgpass"
  echo "The network is up; \"on client psql \$dsn\" works.  Leave to end it."
  export -f on root_of
  export dsn hosts
  /bin/bash --noprofile --norc -i || true
fi
