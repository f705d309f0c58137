# Four machines out of one: addresses, roots, and the setting up of each.
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

authority() {
  /bin/bash "$top/deploy/host/authority.sh" "$@" >/dev/null
}

# The root stays outside of all three machines, as it should.
make_authorities() {
  local ca=$hosts/ca other=$hosts/other_ca
  authority "$ca" init
  authority "$ca" server "$db_name" 30
  authority "$ca" client vecdb_app 8
  authority "$ca" client vecdb_other 8
  authority "$other" init 'somebody else'
  authority "$other" client vecdb_app 8
  authority "$ca" client vecdb_late -1
  authority "$ca" client vecdb_replicator 720
  put_tls "$ca/$db_name"
  mkdir -p "$(root_of client)/root/tls"
  cp "$ca/ca.crt" "$(root_of client)/root/tls/"
  cp "$other/ca.crt" "$(root_of client)/root/tls/other_ca.crt"
  client_certificate "$ca/vecdb_app" app
  client_certificate "$ca/vecdb_other" other
  client_certificate "$ca/vecdb_late" late
  client_certificate "$other/vecdb_app" stranger
}

client_certificate() {
  local kind
  for kind in crt key; do
    cp "$1/client.$kind" "$(root_of client)/root/tls/$2.$kind"
  done
}

# What in the cloud is the secret that holds the certificate.
put_tls() {
  local host tls
  for host in db standby; do
    tls=$(root_of "$host")/srv/tls
    mkdir -p "$tls"
    cp "$1"/* "$tls/"
    cp "$hosts/ca/vecdb_replicator/client.crt" "$tls/replicator.crt"
    cp "$hosts/ca/vecdb_replicator/client.key" "$tls/replicator.key"
  done
}

# What in the cloud is the package bucket.
make_repository() {
  local host
  "$top/deploy/package/make-repository" --gnupg-home "$hosts/gnupg" \
    "$hosts/repository" "$packages/postgresql-$major-vecdb"{,-vector}_*.deb \
    "$packages"/vecdb-host_*.deb >/dev/null
  for host in $machines; do
    cp -r "$hosts/repository" "$(root_of "$host")/srv/repository"
    mkdir -p "$(root_of "$host")/etc/apt/keyrings"
    cp "$hosts/repository/vecdb.asc" "$(root_of "$host")/etc/apt/keyrings/"
    echo "deb [signed-by=/etc/apt/keyrings/vecdb.asc] file:/srv/repository ./" \
      >"$(root_of "$host")/etc/apt/sources.list.d/vecdb.list"
  done
}

apt_on() {
  on "$1" env DEBIAN_FRONTEND=noninteractive apt-get -q -y "${@:2}"
}

database_config() {
  cat <<END
VECDB_PG_MAJOR=$major
VECDB_NAME=$db_name
VECDB_ALLOW=10.77.0.0/24
VECDB_TLS_SOURCE=file:/srv/tls
VECDB_ADMIN_SECRET=file:/srv/admin.json
VECDB_MEMORY_MB=512
END
  [ "$operations" = no ] || echo VECDB_EXPORTER_PORT=9187
}

# bootstrap HOST COMMAND PACKAGE...: as the cloud machine's user data does.
bootstrap() {
  local root
  root=$(root_of "$1")
  cp "$top/deploy/host/bootstrap.sh" "$root/srv/"
  cat >"$root/etc/vecdb/bootstrap.conf" <<END
REPOSITORY=/srv/repository
PACKAGES=${*:3}
COMMAND=$2
END
  on "$1" bash /srv/bootstrap.sh
}

bootstrap_database() {
  bootstrap "$1" database \
    "postgresql-$major" "postgresql-$major-vecdb" vecdb-host
}

set_up_database() {
  local -a more=()
  check_before_setup
  [ "$backups" = no ] || mapfile -t more < <(store_config)
  configured "${more[@]}"
  accepted "the database machine sets itself up" bootstrap_database db
  first_start=$(start_time)
}

set_up_standby() {
  {
    database_config
    echo "VECDB_MACHINE=standby"
    echo "VECDB_PRIMARY=$db_name"
  } >"$(root_of standby)/etc/vecdb/host.conf"
  {
    bootstrap_database standby
    echo "exit code $?"
  } >"$hosts/standby_log" 2>&1 &
}

# It goes on beside the first checks, and must be there before certificates
# change.
await_standby() {
  local waited=0
  until grep -q '^exit code' "$hosts/standby_log"; do
    waited=$((waited + 1))
    [ "$waited" -lt 600 ] || break
    sleep 0.1
  done
  equals "a standby sets itself up" "exit code 0" tail -n 1 "$hosts/standby_log"
}

start_time() {
  as_superuser 'SELECT pg_postmaster_start_time()'
}

# superuser_on HOST DATABASE SQL: on the machine itself, by its socket.
superuser_on() {
  on "$1" runuser -u postgres -- psql -XqAt -v ON_ERROR_STOP=1 -d "$2" -c "$3"
}

as_superuser() {
  superuser_on db postgres "$1"
}

new_ssh_key() {
  ssh-keygen -q -t ed25519 -N '' -C "$1" \
    -f "$(root_of client)/root/.ssh/$1"
}

set_up_bastion() {
  local ssh
  ssh=$(root_of client)/root/.ssh
  install -d -m 700 "$ssh"
  new_ssh_key person
  new_ssh_key late
  new_ssh_key stranger
  {
    cat "$ssh/person.pub"
    echo "expiry-time=\"20250101\" $(cat "$ssh/late.pub")"
  } >"$(root_of bastion)/srv/keys"
  cat >"$(root_of bastion)/etc/vecdb/host.conf" <<END
VECDB_BASTION_LISTEN=$bastion_ip
VECDB_BASTION_TARGET=$db_name:5432
VECDB_BASTION_KEYS=file:/srv/keys
END
  accepted "the bastion sets itself up" \
    bootstrap bastion bastion vecdb-host openssh-server
  start_sshd
  echo "$bastion_ip $(cut -d ' ' -f 1,2 \
    "$(root_of bastion)/etc/ssh/ssh_host_ed25519_key.pub")" >"$ssh/known_hosts"
}

start_sshd() {
  on bastion /usr/sbin/sshd -E /var/log/sshd.log
}

# ssh_with KEY ARGUMENT...: "$door" among the arguments is where to.
ssh_with() {
  local key=$1
  shift
  on client timeout 10 ssh -F none -i "/root/.ssh/$key" -o BatchMode=yes \
    -o IdentitiesOnly=yes -o ConnectTimeout=3 -o ExitOnForwardFailure=yes \
    -o UserKnownHostsFile=/root/.ssh/known_hosts "$@"
}

open_tunnel() {
  local waited=0
  on client ssh -F none -i /root/.ssh/person -N -o BatchMode=yes \
    -o UserKnownHostsFile=/root/.ssh/known_hosts \
    -o ExitOnForwardFailure=yes -o ConnectTimeout=3 \
    -L "127.0.0.1:$tunnel_port:$db_name:5432" "$door" 2>"$hosts/tunnel_log" &
  until on client bash -c "</dev/tcp/127.0.0.1/$tunnel_port" 2>/dev/null; do
    waited=$((waited + 1))
    [ "$waited" -lt 100 ] || return 0
    sleep 0.1
  done
}
