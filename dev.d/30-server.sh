# shellcheck shell=bash
#
# The private server: a socket in a folder that only its user may enter, no
# port on any network.

# start_server FOLDER SETTING...: a new cluster in FOLDER/data.
start_server()
{
	local folder=$1 setting options

	shift
	make_server_folder "$folder/socket"
	make_server_folder "$folder/data"
	[ ${#folder} -le 80 ] || die "the path $folder is too long for a socket"
	as_server_user "$PG_BIN/initdb" -D "$folder/data" -U postgres \
		-A trust -E UTF8 --locale="$(server_locale)" -N >"$WORK/log/initdb" ||
		die "initdb failed: see above"
	options="-k $folder/socket -c listen_addresses=''"
	for setting in "$@"; do
		options+=" -c $setting"
	done
	[ -z "${VECDB_VALGRIND:-}" ] || put_under_valgrind "$folder"
	as_server_user "$PG_BIN/pg_ctl" -D "$folder/data" -w -t 120 \
		-l "$folder/data/server.log" -o "$options" start \
		>"$WORK/log/pg_ctl" 2>&1 || {
		cat "$folder/data/server.log" >&2
		die "the private server did not start"
	}
	export PGHOST=$folder/socket PGUSER=postgres PGDATABASE=postgres
}

# What pg_ctl starts from now on is valgrind, which starts the server;
# VECDB_VALGRIND is PostgreSQL's own list of what is no error.
put_under_valgrind()
{
	[ ! -e "$PG_BIN/postgres.bare" ] || return 0
	cp "$VECDB_VALGRIND" "$WORK/valgrind.supp"
	mv "$PG_BIN/postgres" "$PG_BIN/postgres.bare"
	cat >"$PG_BIN/postgres" <<-END
		#!/bin/sh
		[ "\$1" != -V ] || exec "$PG_BIN/postgres.bare" "\$@"
		exec valgrind --quiet --leak-check=no --gen-suppressions=all \
			--suppressions="$WORK/valgrind.supp" --num-callers=30 \
			--error-markers=VALGRINDERROR-BEGIN,VALGRINDERROR-END \
			--log-file="$1/data/valgrind.%p" "$PG_BIN/postgres.bare" "\$@"
	END
	chmod 755 "$PG_BIN/postgres" "$WORK/valgrind.supp"
}

server_locale()
{
	if locale -a 2>/dev/null | grep -qi '^C\.utf-\?8$'; then
		echo C.UTF-8
	else
		echo C
	fi
}

# stop_server FOLDER: end the server in FOLDER/data, if one runs.
stop_server()
{
	[ ! -s "$1/data/postmaster.pid" ] || stop_cluster "$1/data"
}

# stop_cluster DATA: end the server that has these files.
stop_cluster()
{
	as_server_user "$PG_BIN/pg_ctl" -D "$1" -m fast -w -t 60 stop \
		>/dev/null 2>&1 ||
		as_server_user "$PG_BIN/pg_ctl" -D "$1" -m immediate stop \
			>/dev/null 2>&1 || true
}

# Shared buffers of so many megabytes, but no more than a quarter of memory.
shared_buffers()
{
	local quarter

	quarter=$(awk '/^MemTotal:/ { print int($2 / 4096) }' /proc/meminfo)
	if [ "$quarter" -lt "$1" ]; then
		echo "${quarter}MB"
	else
		echo "${1}MB"
	fi
}

# End what "demo --keep" left: the server first, then its folder.
cmd_stop()
{
	local folder=${1:-}

	[ -n "$folder" ] || die "usage: ./dev stop FOLDER"
	folder=$(realpath -e -- "$folder" 2>/dev/null) || die "there is no folder $1"
	[ -f "$folder/kept" ] || die "$folder was not made by ./dev demo --keep"
	PG_BIN=$(cat "$folder/kept")
	WORK=$folder
	stop_server "$folder"
	[ ! -s "$folder/data/postmaster.pid" ] || die "the server did not stop"
	rm -rf "$folder"
	say "Stopped the server and removed $folder"
}
