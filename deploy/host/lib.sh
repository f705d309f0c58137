# Shared by every host script: messages, the configuration file, secrets, files
# written only when they change, and the cluster's handles.
#
# The host scripts set up one machine of the private network.  They have two
# callers, the user data of the cloud template and the rehearsal on one
# machine, and know of neither: what differs stands in one file of KEY=VALUE
# lines, by default /etc/vecdb/host.conf.  Each script may be run again at any
# time and changes only what is not yet as it should be.
#
# shellcheck shell=bash

# So that "... | write_file" tells its caller whether anything changed.
shopt -s lastpipe

PROGRAM=${0##*/}
PROGRAM="vecdb-host ${PROGRAM%.sh}"
VECDB_CONF=${VECDB_CONF:-/etc/vecdb/host.conf}

# Every key, with what it is when the file does not say.
declare -A DEFAULTS=(
  [VECDB_PG_MAJOR]=15
  [VECDB_CLUSTER]=main
  [VECDB_NAME]=""
  [VECDB_ALLOW]=""
  [VECDB_DATABASE]=vecdb
  [VECDB_EXTENSION]=vecdb
  [VECDB_ADMIN]=vecdb_admin
  [VECDB_PROGRAMS]=vecdb_app
  [VECDB_ADMIN_SECRET]=""
  [VECDB_PASSWORD_HOURS]=36
  [VECDB_TLS_SOURCE]=""
  [VECDB_TLS_WARN_DAYS]=14
  [VECDB_DATA_VOLUME]=""
  [VECDB_MEMORY_MB]=""
  [VECDB_PRIMARY]=""
  [VECDB_SYNCHRONOUS]=""
  [VECDB_MACHINE]=db
  [VECDB_METRICS]=""
  [VECDB_EXPORTER_PORT]=""
  [VECDB_RECALL_SAMPLE]=100
  [VECDB_BACKUP_BUCKET]=""
  [VECDB_BACKUP_REGION]=""
  [VECDB_BACKUP_ENDPOINT]=""
  [VECDB_BACKUP_PATH]=/vecdb
  [VECDB_BACKUP_CA]=""
  [VECDB_BACKUP_KEY]=auto
  [VECDB_BACKUP_FULL_KEPT]=4
  [VECDB_BASTION_LISTEN]=127.0.0.1
  [VECDB_BASTION_USER]=tunnel
  [VECDB_BASTION_TARGET]=""
  [VECDB_BASTION_KEYS]=""
)

say() {
  printf '%s: %s\n' "$PROGRAM" "$1"
}

# die MESSAGE [HINT] [EXIT CODE]
die() {
  printf '%s: error: %s\n' "$PROGRAM" "$1" >&2
  [ -z "${2:-}" ] || printf '%s: hint: %s\n' "$PROGRAM" "$2" >&2
  exit "${3:-1}"
}

need_root() {
  [ "$(id -u)" = 0 ] || die "must be run as root" "Try: sudo $PROGRAM"
}

need_program() {
  local name
  for name; do
    command -v "$name" >/dev/null || die "the program $name is missing"
  done
}

# Reads the file without evaluating it: a value is a value, never a command.
load_config() {
  local key line number=0
  for key in "${!DEFAULTS[@]}"; do
    printf -v "$key" '%s' "${DEFAULTS[$key]}"
  done
  [ -r "$VECDB_CONF" ] || die "cannot read $VECDB_CONF" \
    "Write it first; deploy/README.md names the keys."
  while IFS= read -r line || [ -n "$line" ]; do
    number=$((number + 1))
    case $line in '' | '#'*) continue ;; esac
    key=${line%%=*}
    { [ "$key" != "$line" ] && [ -n "$key" ] &&
      [ -n "${DEFAULTS[$key]+known}" ]; } ||
      die "$VECDB_CONF:$number: expected one of the known keys and \"=\", found \"$line\""
    printf -v "$key" '%s' "${line#*=}"
  done <"$VECDB_CONF"
  check_config
}

# require KEY...: a stage names what it cannot do without.
require() {
  local key
  for key; do
    [ -n "${!key}" ] || die "$key is not set in $VECDB_CONF"
  done
}

# check_match KEY REGEX WHAT
check_match() {
  [[ ${!1} =~ $2 ]] || die "$1 is \"${!1}\", expected $3" \
    "Correct it in $VECDB_CONF."
}

# What ends up in SQL, in a path or in another program's file is checked here,
# once, so that no stage needs to quote its way around a strange name.
check_config() {
  local name='^[a-z_][a-z0-9_]{0,62}$'
  check_match VECDB_PG_MAJOR '^1[3-9]$' "a major version from 13 to 19"
  check_match VECDB_CLUSTER '^[a-z][a-z0-9_]{0,30}$' "a cluster name"
  check_match VECDB_DATABASE "$name" "a lowercase identifier"
  check_match VECDB_EXTENSION "$name" "a lowercase identifier"
  check_match VECDB_ADMIN "$name" "a lowercase identifier"
  check_match VECDB_PROGRAMS '^([a-z_][a-z0-9_]{0,62}( |$))*$' \
    "lowercase identifiers with a space between"
  check_match VECDB_NAME '^([a-z0-9-]+(\.[a-z0-9-]+)+)?$' "a full host name"
  check_match VECDB_ALLOW '^([0-9./]+( |$))*$' "networks as a.b.c.d/n"
  check_match VECDB_PASSWORD_HOURS '^[1-9][0-9]{0,3}$' "1 to 9999 hours"
  check_match VECDB_TLS_WARN_DAYS '^[0-9]{1,3}$' "0 to 999 days"
  check_match VECDB_MEMORY_MB '^([1-9][0-9]{1,7})?$' "megabytes"
  check_match VECDB_DATA_VOLUME '^(vol-[0-9a-f]+|/dev/[a-zA-Z0-9/_-]+)?$' \
    "a volume id or a device"
  check_match VECDB_PRIMARY '^[a-z0-9.-]*$' "a host name"
  check_match VECDB_MACHINE '^[a-z0-9-]+$' "a short machine name"
  check_match VECDB_SYNCHRONOUS '^([a-z0-9-]+( |$))*$' \
    "short machine names with a space between"
  check_match VECDB_EXPORTER_PORT '^([1-9][0-9]{3,4})?$' "a port above 1023"
  check_match VECDB_RECALL_SAMPLE '^(0|[1-9][0-9]{0,3})$' "0 to 9999 searches"
  check_match VECDB_METRICS '^(aws:[A-Za-z0-9_/-]+)?$' "aws:NAMESPACE"
  check_match VECDB_BACKUP_FULL_KEPT '^[1-9][0-9]{0,2}$' "1 to 999"
  check_match VECDB_BACKUP_KEY '^(auto|file:/.+)$' "auto or file:PATH"
  check_match VECDB_BASTION_USER "$name" "a lowercase identifier"
  check_match VECDB_BASTION_TARGET '^([a-z0-9.-]+:[0-9]{1,5})?$' "HOST:PORT"
}

# write_file PATH OWNER MODE: standard input becomes the file, in one rename,
# unless it is the same already.  CHANGED says afterwards which it was.
CHANGED=no
write_file() {
  local path=$1 owner=$2 mode=$3 new
  new=$(mktemp "$path.XXXXXX") || die "cannot write beside $path"
  cat >"$new"
  chown "$owner" "$new"
  chmod "$mode" "$new"
  if cmp -s "$new" "$path" &&
    [ "$(stat -c %a "$new")" = "$(stat -c %a "$path")" ]; then
    rm -f "$new"
    CHANGED=no
  else
    mv -f "$new" "$path"
    # shellcheck disable=SC2034 # the callers read it
    CHANGED=yes
  fi
}

# A secret lives behind "aws:ARN" (AWS Secrets Manager) or "file:PATH".
secret_get() {
  case $1 in
    aws:*)
      aws secretsmanager get-secret-value --secret-id "${1#aws:}" \
        --query SecretString --output text
      ;;
    file:*) cat "${1#file:}" ;;
    *) die "a secret is \"aws:ARN\" or \"file:PATH\", found \"$1\"" ;;
  esac
}

# The value goes through standard input or a file, never through an argument,
# which every user of the machine could read.
secret_put() {
  case $1 in
    aws:*)
      aws secretsmanager put-secret-value --secret-id "${1#aws:}" \
        --secret-string file:///dev/stdin >/dev/null
      ;;
    file:*) write_file "${1#file:}" root:root 600 ;;
    *) die "a secret is \"aws:ARN\" or \"file:PATH\", found \"$1\"" ;;
  esac
}

# set_config KEY VALUE: one key of the configuration becomes another.  A last line
# without an end gets one.
set_config() {
  { sed -e "/^$1=/d" -e "\$a\\" "$VECDB_CONF" && echo "$1=$2"; } |
    write_file "$VECDB_CONF" root:root 644
  printf -v "$1" '%s' "$2"
}

# Where Debian keeps the cluster.
pg_bin() { echo "/usr/lib/postgresql/$VECDB_PG_MAJOR/bin"; }
pg_etc() { echo "/etc/postgresql/$VECDB_PG_MAJOR/$VECDB_CLUSTER"; }
pg_data() { echo "/var/lib/postgresql/$VECDB_PG_MAJOR/$VECDB_CLUSTER"; }

as_postgres() {
  runuser -u postgres -- "$@"
}

pg_running() {
  as_postgres "$(pg_bin)/pg_ctl" status -D "$(pg_data)" >/dev/null 2>&1
}

# With systemd in charge pg_ctlcluster hands the request on to it.
pg_control() {
  pg_ctlcluster "$VECDB_PG_MAJOR" "$VECDB_CLUSTER" "$@"
}

pg_reload_if_running() {
  ! pg_running || pg_control reload
}

# sql DATABASE [psql option...]: standard input, as the superuser, by socket.
# The socket's folder lets "peer" tell who asks; no password exists for it.
sql() {
  local database=$1 port
  shift
  port=$(pg_conftool -s "$VECDB_PG_MAJOR" "$VECDB_CLUSTER" show port)
  PGOPTIONS='-c client_min_messages=warning -c synchronous_commit=local' \
    as_postgres "$(pg_bin)/psql" -XqAt -v ON_ERROR_STOP=1 -p "$port" \
    -d "$database" "$@"
}

has_systemd() {
  [ -d /run/systemd/system ]
}
