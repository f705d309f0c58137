# What the bastion gives: one forward, to one address and port.
#
# shellcheck shell=bash

# forward KEY TARGET: standard input and output become a connection to TARGET.
forward() {
  ssh_with "$1" -W "$2" "$door"
}

check_bastion() {
  accepted "the bastion forwards to the database" \
    forward person "$db_name:5432"
  check_sessions
  check_forwards
  check_keys
}

# The server answers each request for a session in the same words.
check_sessions() {
  local no_session='open failed|session open refused|not allowed'
  refused "the bastion gives no shell" "$no_session" \
    ssh_with person -tt "$door"
  refused "the bastion runs no command" "$no_session" \
    ssh_with person "$door" id
  refused "the bastion gives no sftp" "$no_session" \
    ssh_with person -s "$door" sftp
}

check_forwards() {
  refused "the bastion opens no port for the client" \
    'remote port forwarding failed' \
    ssh_with person -N -R 9000:127.0.0.1:443 "$door"
  refused "the bastion forwards to no other port of the database" \
    'administratively prohibited' forward person "$db_name:22"
  refused "the bastion forwards to nobody else" \
    'administratively prohibited' forward person "$client_ip:443"
  refused "the bastion forwards to no port of its own" \
    'administratively prohibited' forward person "$bastion_ip:22"
}

check_keys() {
  check_wrong_key
  refused "an expired key" 'Permission denied' \
    forward late "$db_name:5432"
  refused "a stranger's key" 'Permission denied' \
    forward stranger "$db_name:5432"
  refused "a password is not even asked for" \
    'Permission denied \(publickey\)' \
    ssh_with stranger -o PreferredAuthentications=password -N "$door"
  refused "root at the bastion" 'Permission denied' \
    ssh_with person -N "root@$bastion_ip"
}

check_wrong_key() {
  local keys
  keys=$(root_of bastion)/srv/keys
  cp "$keys" "$hosts/keys"
  { echo 'no key' && cat "$hosts/keys"; } >"$keys"
  refused "a line that is no key is named" 'not a public key.*: no key' \
    on bastion vecdb-host bastion
  accepted "it takes nobody's key away" forward person "$db_name:5432"
  cp "$hosts/keys" "$keys"
}
