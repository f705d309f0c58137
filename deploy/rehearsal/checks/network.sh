# Who reaches whom: the security groups, the route that is not there.
#
# A dropped packet gives no answer, so the refusals here are timeouts (exit
# code 124) and each has a twin that shows the same way open.
#
# shellcheck shell=bash

# reach HOST ADDRESS PORT
reach() {
  on "$1" timeout 1 bash -c "</dev/tcp/$2/$3"
}

nft_on() {
  nsenter --net="/run/netns/$1" nft "${@:2}"
}

check_network() {
  accepted "the bastion reaches the database" reach bastion "$db_ip" 5432
  refused "the bastion reaches no other port of it" '^exit 124' \
    reach bastion "$db_ip" 22
  accepted "the client has a route to the database" \
    ip -n client route get "$db_ip"
  equals "the bastion forwards packets" 1 \
    on bastion cat /proc/sys/net/ipv4/ip_forward
  check_direct_way
  check_way_out
}

# An answer would need a route back; with one in place only the group stands
# between the client and the database, and opening the group shows it.
check_direct_way() {
  local opened
  ip -n db route replace 198.51.100.0/24 via "$bastion_inner_ip"
  refused "the client does not reach the database directly" '^exit 124' \
    reach client "$db_ip" 5432
  opened=$(nft_on db -e -a insert rule inet group input \
    ip saddr "$client_ip" tcp dport 5432 accept)
  accepted "opening the database's group would let it" \
    reach client "$db_ip" 5432
  nft_on db delete rule inet group input \
    handle "$(sed -n 's/.*# handle \([0-9]*\)$/\1/p' <<<"$opened")"
  ip -n db route del 198.51.100.0/24 via "$bastion_inner_ip"
}

check_way_out() {
  accepted "the bastion reaches the outside on 443" \
    reach bastion "$client_ip" 443
  refused "the database has no route out" 'unreachable' \
    ip -n db route get "$client_ip"
  ip -n db route replace 198.51.100.0/24 via "$bastion_inner_ip"
  refused "the database's group lets nothing out, route or not" '^exit 124' \
    reach db "$client_ip" 443
  ip -n db route del 198.51.100.0/24 via "$bastion_inner_ip"
}
