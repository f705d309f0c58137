# A small certificate authority, for a machine of its keeper and never for one
# of the network.
#
#   authority DIR init [NAME]                 create it
#   authority DIR server HOST [DAYS [OTHER-NAME...]]
#                                             HOST/{server.key,server.crt,ca.crt}
#   authority DIR client ROLE [HOURS]         ROLE/{client.key,client.crt,ca.crt}
#   authority DIR json HOST [REPLICATOR]      what the cloud's secret holds
#
# Server certificates run 1 to 90 days (30), client certificates 1 to 24 hours
# (8); only that of a standby, vecdb_replicator, up to 90 days.  A negative
# number of hours issues one that is already over; it exists for the rehearsal,
# which has to see it refused.
#
# shellcheck shell=bash
set -euo pipefail
# shellcheck source=lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"
umask 077

config() {
  cat <<'END'
[ca]
default_ca = vecdb
[vecdb]
database = index.txt
serial = serial
new_certs_dir = issued
certificate = ca.crt
private_key = ca.key
default_md = sha256
policy = name
unique_subject = no
[name]
commonName = supplied
END
}

new_key() {
  openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1"
}

init() {
  local name=${1:-vecdb private root}
  [ ! -e "$dir/ca.key" ] || die "$dir holds an authority already"
  mkdir -p "$dir/issued"
  config >"$dir/ca.conf"
  : >"$dir/index.txt"
  openssl rand -hex 16 >"$dir/serial"
  new_key "$dir/ca.key"
  openssl req -x509 -new -key "$dir/ca.key" -sha256 -days 3650 \
    -subj "/CN=$name" -out "$dir/ca.crt" \
    -config <(printf '[req]\ndistinguished_name = dn\n[dn]\n') \
    -addext basicConstraints=critical,CA:TRUE,pathlen:0 \
    -addext keyUsage=critical,keyCertSign,cRLSign \
    -addext subjectKeyIdentifier=hash
  say "created $dir; keep ca.key off every machine of the network"
}

# issue NAME FILES START END EXTENSIONS: dates as openssl's "ca" wants them.
issue() {
  local name=$1 prefix=$2 start=$3 end=$4 extensions=$5 out=$dir/$1
  [ -r "$dir/ca.key" ] || die "$dir holds no authority" \
    "Create one with: vecdb-host authority $dir init"
  mkdir -p "$out"
  new_key "$out/$prefix.key"
  openssl req -new -key "$out/$prefix.key" -subj "/CN=$name" \
    -out "$out/$prefix.csr"
  (cd "$dir" && openssl ca -batch -config ca.conf -notext \
    -startdate "$start" -enddate "$end" -extfile <(echo "$extensions") \
    -in "$name/$prefix.csr" -out "$name/$prefix.crt") 2>"$out/log" ||
    die "openssl did not sign: $(tail -n 3 "$out/log")"
  rm -f "$out/$prefix.csr" "$out/log"
  cp "$dir/ca.crt" "$out/ca.crt"
  say "issued $out/$prefix.crt, good until $end"
}

at() {
  date -u -d "$1" +%Y%m%d%H%M%SZ
}

server() {
  local host=$1 days=${2:-30} name names=
  for name in "$host" "${@:3}"; do
    [[ $name =~ ^[a-z0-9-]+(\.[a-z0-9-]+)+$ ]] ||
      die "expected a full host name, found \"$name\""
    names=$names${names:+,}DNS:$name
  done
  { [[ $days =~ ^[0-9]{1,2}$ ]] && [ "$days" -ge 1 ] && [ "$days" -le 90 ]; } ||
    die "a server certificate runs 1 to 90 days, found \"$days\""
  issue "$host" server "$(at '-5 minutes')" "$(at "+$days days")" \
    "basicConstraints=CA:FALSE
keyUsage=critical,digitalSignature
extendedKeyUsage=serverAuth
subjectAltName=$names"
}

client() {
  local role=$1 hours=${2:-8} most start
  [[ $role =~ ^[a-z_][a-z0-9_]*$ ]] ||
    die "expected a role's name, found \"$role\""
  most=24
  [ "$role" != vecdb_replicator ] || most=2160
  { [[ $hours =~ ^-?[1-9][0-9]{0,3}$ ]] && [ "$hours" -ge -24 ] &&
    [ "$hours" -le "$most" ]; } ||
    die "a certificate of $role runs 1 to $most hours, found \"$hours\""
  start='-5 minutes'
  [ "$hours" -gt 0 ] || start='-2 days'
  issue "$role" client "$(at "$start")" "$(at "$hours hours")" \
    "basicConstraints=CA:FALSE
keyUsage=critical,digitalSignature
extendedKeyUsage=clientAuth"
}

json() {
  python3 - "$dir" "$@" <<'END'
import json, os, sys
root, host = sys.argv[1:3]
files = {"key": (host, "server.key"), "certificate": (host, "server.crt"),
         "authority": (host, "ca.crt")}
if len(sys.argv) > 3:
    files["replicator_key"] = (sys.argv[3], "client.key")
    files["replicator_certificate"] = (sys.argv[3], "client.crt")
value = {}
for key, path in files.items():
    with open(os.path.join(root, *path), encoding="ascii") as file:
        value[key] = file.read()
print(json.dumps(value))
END
}

[ $# -ge 2 ] || die "expected: authority DIR init|server|client|json ..." '' 2
need_program openssl
dir=$1
command=$2
shift 2
case $command in
  init) init "$@" ;;
  server | client | json)
    [ $# -ge 1 ] || die "$command: a name is missing" '' 2
    "$command" "$@"
    ;;
  *) die "expected init, server, client or json, found \"$command\"" '' 2 ;;
esac
