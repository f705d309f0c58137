# Rules that can be taken out of the finished network, each by its name, to see
# that the check which stands for it then fails.
#
# shellcheck shell=bash

# rule|the check that must then fail|what the rule is|options it needs
breaks="\
group-in|the client does not reach the database directly|the database's group lets in the bastion only
group-out|the database's group lets nothing out, route or not|the database's group lets out to its own members only
no-route|the database has no route out|the database has no default route
tls-only|plaintext|pg_hba.conf takes TLS only
superuser|the superuser from the network|pg_hba.conf rejects the superuser
password-end|an expired password|passwords end
certificate-end|an expired client certificate|client certificates end
permit-open|the bastion forwards to nobody else|the bastion forwards to the database only
no-shell|the bastion runs no command|the bastion gives no session
no-remote|the bastion opens no port for the client|the bastion opens no port
no-createrole|the administrator cannot make a role|the administrator makes no roles
synchronous|without the standby a commit is not acknowledged|a commit waits for a standby|--operations
fence|a standby is not promoted while its primary sends|a primary that sends stays alone|--operations"

list_breaks() {
  local rule what
  while IFS='|' read -r rule _ what _; do
    printf '%-16s %s\n' "$rule" "$what"
  done <<<"$breaks"
}

take_out() {
  echo "taken out: $1"
  "break_${1//-/_}"
}

break_group_in() {
  nft_on db insert rule inet group input tcp dport 5432 accept
}

break_group_out() {
  nft_on db insert rule inet group output accept
}

break_no_route() {
  ip -n db route add default via "$bastion_inner_ip"
}

edit_hba() {
  sed -i "$1" "$(root_of db)/etc/postgresql/$major/main/pg_hba.conf"
  on db pg_ctlcluster "$major" main reload
  sleep 0.3
}

break_tls_only() {
  edit_hba 's/^hostnossl .*/hostnossl all all all scram-sha-256/'
}

break_superuser() {
  edit_hba '/^hostssl *all *postgres /d'
}

break_password_end() {
  # shellcheck disable=SC2317 # the login checks call it
  expire_password() { :; }
}

break_certificate_end() {
  authority "$hosts/ca" client vecdb_app 8
  client_certificate "$hosts/ca/vecdb_app" late
}

edit_sshd() {
  sed -i "$@" "$(root_of bastion)/etc/ssh/sshd_config" \
    "$(root_of bastion)/etc/ssh/authorized_keys/tunnel"
  kill -HUP "$(cat "$(root_of bastion)/run/sshd.pid")"
  sleep 0.5
}

break_permit_open() {
  edit_sshd -e 's/^PermitOpen .*/PermitOpen any/' \
    -e 's/,permitopen="[^"]*"//'
}

break_no_shell() {
  edit_sshd -e 's/^MaxSessions .*/MaxSessions 10/' -e '/^ForceCommand/d' \
    -e 's/^PermitTTY no/PermitTTY yes/' -e 's/^restrict,/restrict,pty,/'
  sed -i '/^tunnel:/s|[^:]*$|/bin/bash|' "$(root_of bastion)/etc/passwd"
}

break_no_remote() {
  edit_sshd -e 's/^AllowTcpForwarding .*/AllowTcpForwarding yes/' \
    -e 's/^PermitListen .*/PermitListen any/'
}

break_no_createrole() {
  as_superuser "ALTER ROLE vecdb_admin CREATEROLE"
}

break_synchronous() {
  # shellcheck disable=SC2317 # the failover checks call it
  synchronous() { :; }
}

break_fence() {
  # shellcheck disable=SC2317 # the failover checks call it
  promote() { on standby vecdb-host promote --force; }
}
