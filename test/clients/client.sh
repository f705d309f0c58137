#!/bin/bash
#
# client.sh: a client's steps on a database of its own, then what the server saw
# of them, as TAP.
#
#   client.sh CLIENT
#
# What runs it lies beside this file as LANGUAGE-PACKAGES.run; a ".skip" says why
# there is nothing.  PGHOST and PGPORT lead to the server, where the role "client"
# owns the database and is no superuser; CLIENT_HAS says what the server has:
# types, access methods, operator classes as "hnsw:halfvec_l2_ops".
set -u
here=$(cd "$(dirname "$0")" && pwd)
client=$1
database=$client
read -r packages index order < <(
	awk -v client="$client" '$1 == client { print $2, $3, $4 }' "$here/list.txt"
)
runs=$here/${client%%-*}-$packages
count=0

# ask DATABASE STATEMENT...
ask()
{
	local name=$1 statements=()

	shift
	for statement in "$@"; do
		statements+=(-c "$statement")
	done
	psql -qXAt -v ON_ERROR_STOP=1 -U postgres -d "$name" "${statements[@]}"
}

# result STATUS NAME
result()
{
	count=$((count + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $count - $2"
	else
		echo "not ok $count - $2"
	fi
}

# number WHAT: of the indexes on vectors with the access method, such as their
# scans.
number()
{
	ask "$database" "SELECT coalesce(sum($1), 0)
		FROM pg_stat_user_indexes AS s
		JOIN pg_index AS i USING (indexrelid)
		JOIN pg_opclass AS o ON o.oid = i.indclass[0]
		JOIN pg_am AS a ON a.oid = o.opcmethod
		WHERE a.amname = '$index' AND o.opcintype = to_regtype('vector')"
}

# What a session counts is seen soon after its end.
scans()
{
	for _ in 1 2 3 4 5; do
		[ "$(number idx_scan)" -eq 0 ] || return 0
		sleep 1
	done
	return 1
}

# Of pages whose languages do not go by libpq's environment.
address()
{
	case $client in
		java-*) echo "jdbc:postgresql://127.0.0.1:$PGPORT/$database?user=client&password=$PGPASSWORD" ;;
		*) echo "host=$PGHOST port=$PGPORT user=client dbname=$database" ;;
	esac
}

if [ -e "$runs.skip" ]; then
	echo "1..0 # SKIP $(cat "$runs.skip")"
	exit
fi
# Searches take an index wherever they can, not only where it pays.
ask postgres "CREATE DATABASE \"$database\" OWNER client" \
	"ALTER DATABASE \"$database\" SET enable_seqscan = off" \
	"ALTER DATABASE \"$database\" SET enable_sort = off" || exit
[[ " $CLIENT_HAS " == *" $index "* ]] && CLIENT_INDEX=$index || CLIENT_INDEX=
export CLIENT_INDEX

log=$(mktemp)
trap 'rm -f "$log"' EXIT
status=0
PGUSER=client PGDATABASE=$database DATABASE_URL=$(address) \
	sh "$runs.run" "${client#*-}" >"$log" 2>&1 </dev/null || status=$?
sed -E '/^(ok|not ok|#|[0-9]+\.\.)/!s/^/# /' "$log"
count=$(grep -cE '^(ok|not ok) ' "$log")
if [ -e "$here/$client.out" ]; then
	cmp -s "$log" "$here/$client.out"
	result $? "the page's program prints what the page shows"
fi
result "$status" "the program ends well"
if [ -n "$CLIENT_INDEX" ]; then
	[ "$(number 1)" -gt 0 ]
	result $? "its index on vectors is $index"
	if [ "$order" = score ]; then
		result 0 "its searches take this index # SKIP they order by a similarity"
	else
		scans
		result $? "its searches take this index"
	fi
else
	result 0 "its index on vectors is $index # SKIP the server has no $index"
fi
echo "1..$count"
