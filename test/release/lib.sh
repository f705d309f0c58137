# shellcheck shell=bash
#
# lib.sh: for the scripts beside it, which print TAP and which root runs in a folder
# with a release of Debian: cases (tap.sh), servers below $work of the user postgres,
# and builds of the extension.

tree=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
work=$(mktemp -d /tmp/vecdb.XXXXXX)
running=()			# "BIN NAME"
chmod 755 "$work"
install -d -o postgres "$work/home"
trap 'stop_all; rm -rf "$work"' EXIT
# shellcheck source=test/tap.sh
. "$tree/test/tap.sh"

# Servers --------------------------------------------------------------------

bin()
{
	echo "/usr/lib/postgresql/$1/bin"
}

as_postgres()
{
	runuser -u postgres -- env -C "$work/home" HOME="$work/home" "$@"
}

# What a command prints goes to a file, for a failure to show.
quietly()
{
	as_postgres "$@" >"$work/home/log" 2>&1
}

# make_cluster BIN NAME [OPTION]...: in $work/NAME.
make_cluster()
{
	local programs=$1 name=$2

	shift 2
	install -d -o postgres -m 700 "$work/$name"
	as_postgres "$programs/initdb" -A trust --no-sync -E UTF8 "$@" \
		-D "$work/$name" >/dev/null
}

# start BIN NAME [OPTION]: on the socket of $PGPORT in $work/home.
start()
{
	as_postgres "$1/pg_ctl" -D "$work/$2" -l "$work/home/$2.log" -w \
		-o "-k $work/home -c listen_addresses='' ${3:-}" start >/dev/null
	running+=("$1 $2")
}

stop()
{
	as_postgres "$1/pg_ctl" -D "$work/$2" -w -m fast stop >/dev/null 2>&1
}

stop_all()
{
	local server

	for server in "${running[@]}"; do
		# shellcheck disable=SC2086
		stop $server || true
	done
}

# sql DATABASE STATEMENT...: what they print, errors too.
sql()
{
	local database=$1 statement words=()

	shift
	for statement in "$@"; do
		words+=(-c "$statement")
	done
	as_postgres psql -XAtq -h "$work/home" -v ON_ERROR_STOP=1 -d "$database" \
		"${words[@]}" 2>&1
}

# What vecdb_check_index finds in a database.
findings()
{
	sql "$1" "SELECT c.relname, f.* FROM pg_class AS c
		JOIN pg_am AS a ON a.oid = c.relam AND amname IN ('ivfflat', 'hnsw'),
		vecdb_check_index(c.oid, true) AS f"
}

# The extension ----------------------------------------------------------------

# build PG_CONFIG [VARIABLE]...: and install it, by both names.
build()
{
	local folder

	folder=$(mktemp -d "$work/build.XXXXXX")
	make -s -j2 -C "$folder" -f "$tree/Makefile" with_llvm=no \
		PG_CONFIG="$1" "${@:2}" all install install-vector >"$folder/log" 2>&1 || {
		tail -n 20 "$folder/log" | sed 's/^/# /'
		return 1
	}
}
