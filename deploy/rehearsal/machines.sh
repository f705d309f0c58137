# The machines of hosts.sh set up: authorities, packages, the database and its
# standby, the bastion.
#
# shellcheck shell=bash

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
    echo "VECDB_PRIMARY=$db_name"
    # Without an end of line, as editors leave it.
    printf 'VECDB_MACHINE=standby'
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
