# Four machines out of one: their addresses, networks and roots; machines.sh sets
# them up.
#
#   client   198.51.100.10   the outside; also answers on 443 as "the internet"
#   bastion  198.51.100.1    in the public subnet, forwards packets
#            10.77.0.1
#   db       10.77.0.2       in the isolated subnet, without a default route
#   standby  10.77.0.3       beside it, for a copy of the database
#
# The security groups are nft rule sets, one a machine, in nft/.  Addresses of
# the outside are from the block for documentation, so that nothing real can
# be meant.
#
# shellcheck shell=bash

hosts=/run/vecdb
client_ip=198.51.100.10
bastion_ip=198.51.100.1
bastion_inner_ip=10.77.0.1
db_ip=10.77.0.2
standby_ip=10.77.0.3
machines="client bastion db standby"
db_name=db.vecdb.internal
door=tunnel@$bastion_ip
tunnel_port=15432

root_of() {
  echo "$hosts/$1/root"
}

# on HOST COMMAND...: with that machine's network and files.
on() {
  local host=$1
  shift
  nsenter --net="/run/netns/$host" chroot "$hosts/$host/root" \
    env -i HOME=/root LANG=C.UTF-8 PATH=/usr/sbin:/usr/bin:/sbin:/bin \
    VECDB_REHEARSAL="$VECDB_REHEARSAL" "$@"
}

# All state is in this namespace's own /run, in memory.
make_network() {
  local host
  mount -t tmpfs -o mode=755 tmpfs /run
  mkdir -p /run/netns "$hosts"
  for host in $machines; do
    ip netns add "$host"
    ip -n "$host" link set lo up
  done
  ip link add outer netns client type veth peer name outer netns bastion
  make_subnet
  ip -n client addr add "$client_ip/24" dev outer
  ip -n bastion addr add "$bastion_ip/24" dev outer
  ip -n bastion addr add "$bastion_inner_ip/24" dev inner
  ip -n client link set outer up
  ip -n bastion link set outer up
  ip -n bastion link set inner up
  ip -n client route add 10.77.0.0/24 via "$bastion_ip"
  nsenter --net=/run/netns/bastion \
    sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'
  for host in $machines; do
    nsenter --net="/run/netns/$host" \
      nft -f "$here/nft/${host/standby/db}.nft"
  done
}

# The subnet is a bridge in the router's place, with a port for each machine.
make_subnet() {
  local host
  ip -n bastion link add inner type bridge
  for host in db standby; do
    ip link add "to_$host" netns bastion type veth peer name inner netns "$host"
    ip -n bastion link set "to_$host" master inner up
    ip -n "$host" link set inner up
  done
  ip -n db addr add "$db_ip/24" dev inner
  ip -n standby addr add "$standby_ip/24" dev inner
}

# What this machine keeps in these folders is none of the rehearsal's business.
masked="tmp run home root etc/postgresql etc/ssh var/lib/postgresql
  var/log/postgresql var/lib/apt/lists etc/apt/sources.list.d"

make_root() {
  local host=$1 root folder
  root=$(root_of "$host")
  mkdir -p "$hosts/$host/"{upper,work,root}
  mount -t overlay overlay -o \
    "lowerdir=/,upperdir=$hosts/$host/upper,workdir=$hosts/$host/work" "$root"
  mount -t proc proc "$root/proc"
  mount --bind /dev "$root/dev"
  mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
  for folder in $masked; do
    mkdir -p "$root/$folder"
    mount -t tmpfs -o mode=755 tmpfs "$root/$folder"
  done
  chmod 1777 "$root/tmp"
  mkdir -p "$hosts/$host/dpkg/"{upper,work}
  mount -t overlay overlay -o "lowerdir=$hosts/dpkg" -o \
    "upperdir=$hosts/$host/dpkg/upper,workdir=$hosts/$host/dpkg/work" \
    "$root/var/lib/dpkg"
  mkdir -p "$root/etc/vecdb" "$root/srv" "$root/run/lock"
  # The index of all manual pages would be made anew with every package.
  rm -f "$root/var/lib/man-db/auto-update"
  : >"$root/etc/apt/sources.list"
}

# A machine on which the extension was ever installed must not lend it.
forget_vecdb() {
  local root
  root=$(root_of "$1")
  on "$1" dpkg --purge "postgresql-$major-vecdb-vector" \
    "postgresql-$major-vecdb" vecdb-host >/dev/null 2>&1 || true
  rm -rf "$root/usr/lib/postgresql/$major/lib/"ve{cdb,ctor}.so \
    "$root/usr/lib/postgresql/$major/lib/bitcode/vecdb"* \
    "$root/usr/share/postgresql/$major/extension/"vec{db,tor}{.control,--*} \
    "$root/usr/lib/postgresql/$major/bin/vecdb" "$root/usr/bin/vecdb"
}

make_hosts() {
  local host
  "$here/snapshot_dpkg.py" "$hosts/dpkg"
  for host in $machines; do
    make_root "$host"
    forget_vecdb "$host"
  done
  for host in db standby; do
    chown postgres:postgres "$(root_of "$host")"/{etc,var/lib,var/log}/postgresql
  done
  # The private zone's only record.
  for host in bastion standby; do
    echo "$db_ip $db_name" >>"$(root_of "$host")/etc/hosts"
  done
  # The outside: whoever gets through to it gets an answer.
  on client /usr/bin/python3 -c '
import socket
listener = socket.create_server(("0.0.0.0", 443))
while True:
    listener.accept()[0].close()
' &
}
