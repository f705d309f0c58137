# Sets up the bastion's OpenSSH server: a door to one address and port, and
# nothing else.
#
# Whoever holds a key may open a forward to VECDB_BASTION_TARGET.  There is no
# shell, no sftp, no command, no forward in the other direction, no agent, no
# tunnel device and no password.  In the cloud the server listens on the
# loopback only and is reached through the session manager; the same file
# serves both.
#
# shellcheck shell=bash
set -euo pipefail
# shellcheck source=lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"

# MaxSessions 0 refuses every shell, command and subsystem while forwards go
# on; ForceCommand is the second lock should someone raise it.
sshd_config() {
  cat <<END
# Written by vecdb-host; it is replaced the next time that runs.
ListenAddress $VECDB_BASTION_LISTEN
HostKey /etc/ssh/ssh_host_ed25519_key
AllowUsers $VECDB_BASTION_USER
PermitRootLogin no
AuthenticationMethods publickey
PubkeyAuthentication yes
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM yes
StrictModes yes
AuthorizedKeysFile /etc/ssh/authorized_keys/%u
MaxSessions 0
ForceCommand /bin/false
PermitTTY no
PermitUserRC no
PermitUserEnvironment no
AllowTcpForwarding local
PermitOpen $VECDB_BASTION_TARGET
PermitListen none
GatewayPorts no
AllowStreamLocalForwarding no
AllowAgentForwarding no
X11Forwarding no
PermitTunnel no
MaxAuthTries 3
LoginGraceTime 20
ClientAliveInterval 60
ClientAliveCountMax 3
LogLevel VERBOSE
END
}

# A password field of "*" matches no password and leaves the account open for
# keys; "!" would lock it for them too.
ensure_user() {
  id "$VECDB_BASTION_USER" >/dev/null 2>&1 ||
    useradd --system --no-create-home --home-dir /nonexistent \
      --shell /usr/sbin/nologin --password '*' "$VECDB_BASTION_USER"
}

# Each key carries the limits a second time, so that a slip in one place is not
# a way in.  Options that a line of the source brings (expiry-time="...") stay
# in front.  A line that is no key takes nobody's key away: the whole is looked
# at before any of it is written.
authorized_keys() {
  local line options
  options="restrict,port-forwarding,permitopen=\"$VECDB_BASTION_TARGET\""
  while IFS= read -r line || [ -n "$line" ]; do
    case $line in
      '' | '#'*) ;;
      ssh-* | ecdsa-* | sk-*) echo "$options $line" ;;
      expiry-time=\"*) echo "$options,$line" ;;
      *) die "not a public key, nor expiry-time=\"...\" and one: $line" ;;
    esac
  done
}

need_root
load_config
require VECDB_BASTION_TARGET VECDB_BASTION_LISTEN
[ -x /usr/sbin/sshd ] || die "OpenSSH's server is not installed" \
  "Try: apt-get install openssh-server"
ensure_user
install -d -m 755 /etc/ssh/authorized_keys
keys=$([ -z "$VECDB_BASTION_KEYS" ] || secret_get "$VECDB_BASTION_KEYS")
keys=$(authorized_keys <<<"$keys")
printf '%s\n' "$keys" |
  write_file "/etc/ssh/authorized_keys/$VECDB_BASTION_USER" root:root 644
[ -s /etc/ssh/ssh_host_ed25519_key ] ||
  ssh-keygen -q -t ed25519 -N '' -f /etc/ssh/ssh_host_ed25519_key
sshd_config | write_file /etc/ssh/sshd_config root:root 600
install -d -m 755 /run/sshd
/usr/sbin/sshd -t
if has_systemd; then
  systemctl enable --quiet ssh
  systemctl reload-or-restart ssh
fi
say "ready: only $VECDB_BASTION_TARGET"
