# A machine's first step: packages from the signed repository, then the set-up.
#
# It is the one script that does not come out of the package, so it needs
# nothing but what a bare Debian machine has (and the AWS client for a bucket).
# It is run again until it succeeds, and later to take up newer packages.
#
#   bootstrap [CONFIGURATION]      /etc/vecdb/bootstrap.conf
#
# The configuration has three lines, NAME=VALUE:
#   REPOSITORY   s3://BUCKET or /FOLDER, signed by /etc/apt/keyrings/vecdb.asc
#   PACKAGES     what to install, with a space between
#   COMMAND      what vecdb-host is to make of the machine: database, bastion
#
# shellcheck shell=bash
set -euo pipefail

conf=${1:-/etc/vecdb/bootstrap.conf}
key=/etc/apt/keyrings/vecdb.asc
copy=/var/lib/vecdb/repository

die() {
  printf 'bootstrap: error: %s\n' "$1" >&2
  exit 1
}

value_of() {
  local value
  value=$(sed -n "s/^$1=//p" "$conf")
  [ -n "$value" ] || die "$conf does not say $1"
  echo "$value"
}

fetch_repository() {
  case $repository in
    s3://*)
      mkdir -p "$copy"
      aws s3 sync --only-show-errors --delete "$repository/" "$copy/"
      ;;
    /*) copy=$repository ;;
    *) die "REPOSITORY is \"$repository\", expected s3://BUCKET or /FOLDER" ;;
  esac
  [ -s "$copy/InRelease" ] || die "there is no repository in $repository yet"
}

# The network has no other source, and an unreachable one only costs time.  The
# packages' own cluster would lie on the wrong volume.
configure_apt() {
  : >/etc/apt/sources.list
  find /etc/apt/sources.list.d -type f ! -name vecdb.list -delete
  echo "deb [signed-by=$key] file:$copy ./" \
    >/etc/apt/sources.list.d/vecdb.list
  mkdir -p /etc/postgresql-common/createcluster.d
  echo 'create_main_cluster = false' \
    >/etc/postgresql-common/createcluster.d/vecdb.conf
}

# Configuration that the host scripts have written in a package's place stays when
# a newer package has another: nobody is there to be asked.
install_packages() {
  export DEBIAN_FRONTEND=noninteractive
  apt-get -q update -o APT::Update::Error-Mode=any
  # shellcheck disable=SC2086 # one word a package
  apt-get -q -y -o Dpkg::Options::=--force-confold \
    install --no-install-recommends $packages </dev/null
}

start() {
  if [ -d /run/systemd/system ]; then
    systemctl daemon-reload
    systemctl enable "vecdb-setup@$command.service"
    [ "$command" != database ] || systemctl enable --now vecdb-renew.timer \
      vecdb-report.timer vecdb-backup-full.timer vecdb-backup-incr.timer
    systemctl restart --no-block "vecdb-setup@$command.service"
  else
    vecdb-host "$command"
  fi
}

[ "$(id -u)" = 0 ] || die "must be run as root"
[ -r "$conf" ] || die "cannot read $conf"
[ -r "$key" ] || die "cannot read the repository's key, $key"
repository=$(value_of REPOSITORY)
packages=$(value_of PACKAGES)
command=$(value_of COMMAND)
fetch_repository
configure_apt
install_packages
start
