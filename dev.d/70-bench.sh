# shellcheck shell=bash
#
# "./dev bench": the index against its peers; bench/run.sh measures, this sets
# the stage.
#
# As root, a server with pgvector is at hand: the release of Debian that has it
# (the folder that the matrix uses too), in which a private copy of PostgreSQL
# gets vecdb as well, so that both run in one server.  Its databases are kept in
# the cache, since some of pgvector's indexes take minutes to build.  Else, or with
# --local, vecdb runs alone in a server made of this machine's PostgreSQL, and
# pgvector where --pgvector says.

bench_usage()
{
	cat <<END
usage: ./dev bench [OPTION]...

  --data NAME[,NAME]...  glove, wn and deb (sentences), wn_foreign and deb_foreign
                         (asked what is unlike the rows), s768, s1536, s768m (a
                         million rows), or files (fvecs, .npy, GloVe .txt);
                         default: glove
  --metric METRIC        of a file: l2, cosine or ip; default: l2
  --all                  of costs: a million rows of 768 and 1536 dimensions too
  --sizes ROWS[,ROWS]... of costs: tables of so many rows; default:
                         1000,10000,100000,1000000
  --quick                20,000 rows of glove and of s768, without faiss: some
                         minutes, to see that all of it works
  --parts PART[,PART]... of: $(bench_parts); default: the first three
  --only PEER[,PEER]...  of: vecdb, exact, ivfflat, hnsw (pgvector's), hnswlib,
                         faiss, library (vecdb's own code without a server)
  --rounds N             repetitions, interleaved; default: 3
  --seconds S            at most, for each setting in each round; default: 5
  --queries N[,PEERS]    of k, filter and radius: how many for vecdb, and how
                         many for its peers; default: 200,25
  --shapes PATTERN       of filter: those whose name it is found in, such as
                         'random|against'; default: all
  --processor            search by the processor time of the backend instead of
                         the time that passes: for a machine that is not idle
  --docs                 put its tables and plots into docs/, in place of those
                         of the same data sets
  --rebuild              build pgvector's indexes again
  --out FOLDER           default: build/bench/results
  --pg VERSION           17 or 18: the server with pgvector; default: 17
  --local                this machine's PostgreSQL, without pgvector
  --pgvector CONNINFO    a database, its tables will be dropped, on a server
                         that has pgvector (with --local)
END
}

bench_parts()
{
	echo search connections insert cold growth 10m costs k filter radius live
}

BENCH_LOCAL=
BENCH_PG=17
BENCH_ROOT=			# the release's folder
BENCH_HOME=			# of its server, in the cache
BENCH_BIN=$ROOT/build/bench

cmd_bench()
{
	local options=() part command

	command=$(bench_command "$@")

	while [ $# -gt 0 ]; do
		case $1 in
			--help) bench_usage; return ;;
			--local) BENCH_LOCAL=1 ;;
			--pg) BENCH_PG=${2:-}; shift ;;
			*) options+=("$1") ;;
		esac
		shift
	done
	for part in options data peers costs shapes growth cold live run; do
		# shellcheck source=/dev/null
		. "$ROOT/bench/$part.sh"
	done
	bench_options "${options[@]}"
	bench_stage
	bench_measure "$command"
}

# The command as documents show it: without what is of this machine.
bench_command()
{
	printf './dev bench'
	while [ $# -gt 0 ]; do
		case $1 in
			--docs | --rebuild) ;;
			--out | --pgvector) shift ;;
			*) printf ' %s' "$1" ;;
		esac
		shift
	done
	echo
}

# Programs and servers.
bench_stage()
{
	[[ $BENCH_PG =~ ^1[78]$ ]] || die "--pg takes 17 or 18"
	is_root || BENCH_LOCAL=1
	need_packages gcc g++ libc6-dev make libpq-dev gnuplot-nox \
		python3-faiss python3-numpy libhnswlib-dev
	command -v psql >/dev/null || need_packages postgresql-client
	make_work
	trap bench_exit EXIT
	bench_programs
	if [ -n "$BENCH_LOCAL" ]; then
		bench_local_server
	else
		bench_release_server
	fi
}

bench_programs()
{
	mkdir -p "$BENCH_BIN"
	(
		flock 9
		make -s -j2 --no-print-directory -C "$ROOT/bench" BUILD="$BENCH_BIN" \
			COPT=-Werror all
	) 9>"$ROOT/build/lock" || die "the programs of bench/ do not compile"
}

# Memory enough for every index; nothing that runs now and then; no compilation
# and no parallel plan, so that a query is one process's work.
bench_settings()
{
	printf '%s\n' "shared_buffers=$(shared_buffers 4096)" \
		maintenance_work_mem=1GB max_parallel_maintenance_workers=2 \
		max_parallel_workers_per_gather=0 jit=off autovacuum=off \
		max_wal_size=16GB checkpoint_timeout=1h
}

bench_local_server()
{
	local settings

	find_postgres
	build_quietly
	mapfile -t settings < <(bench_settings)
	start_server "$WORK" "${settings[@]}"
}

bench_release_server()
{
	need_packages debootstrap debian-archive-keyring
	BENCH_ROOT=$VECDB_CACHE/matrix/$(release_of "$BENCH_PG")
	BENCH_HOME=$VECDB_CACHE/bench/pg$BENCH_PG
	make_release "$(release_of "$BENCH_PG")" "$BENCH_ROOT"
	mkdir -p "$BENCH_HOME"
	exec 8>"$BENCH_HOME/lock"
	flock -n 8 || die "another ./dev bench uses $BENCH_HOME"
	bench_install >"$WORK/log/build" 2>&1 || {
		tail -n 40 "$WORK/log/build" >&2
		die "vecdb could not be built for PostgreSQL $BENCH_PG"
	}
	bench_start
}

# PostgreSQL with both extensions, in a copy of its own: the release's is left
# as it is.  Times of the sources are kept, so that only what changed compiles; no
# bitcode, since jit is off.
bench_install()
(
	set -e
	base=/srv/vecdb-bench
	bin=$base/pg/usr/lib/postgresql/$BENCH_PG/bin
	# Objects of another tree are newer than what they would be compiled from.
	[ "$(cat "$BENCH_ROOT$base/build/of" 2>/dev/null)" = "$ROOT" ] ||
		rm -rf "$BENCH_ROOT$base/build"
	mkdir -p "$BENCH_ROOT$base/build"
	echo "$ROOT" >"$BENCH_ROOT$base/build/of"
	in_release "$BENCH_ROOT" env DEBIAN_FRONTEND=noninteractive sh -ec "
		dpkg -s postgresql-$BENCH_PG-pgvector >/dev/null 2>&1 || {
			apt-get -q update
			apt-get -q install -y --no-install-recommends gcc make perl \
				postgresql-$BENCH_PG postgresql-server-dev-$BENCH_PG \
				postgresql-$BENCH_PG-pgvector
		}
		rm -rf $base/tree $base/pg
		mkdir -p $base/tree
		for part in lib/postgresql/$BENCH_PG share/postgresql/$BENCH_PG; do
			mkdir -p $base/pg/usr/\$part
			cp -a /usr/\$part/. $base/pg/usr/\$part/
		done"
	copy_tree "$BENCH_ROOT$base/tree"
	in_release "$BENCH_ROOT" sh -ec "
		make -s -j2 -C $base/build -f ../tree/Makefile \
			PG_CONFIG=/usr/lib/postgresql/$BENCH_PG/bin/pg_config with_llvm=no all
		make -s -C $base/build -f ../tree/Makefile DESTDIR=$base/pg \
			PG_CONFIG=/usr/lib/postgresql/$BENCH_PG/bin/pg_config with_llvm=no install
		test -x $bin/postgres
		chmod -R a+rX $base"
)

# In the release's folder as its user postgres, with the server's home at
# /bench and the socket's folder at /socket.  No process namespace: what is
# started here stays, and has the number that it has outside.
in_bench()
{
	# shellcheck disable=SC2016
	unshare --mount sh -c '
		mount --bind "$2" "$1/bench" &&
		mount --bind "$3" "$1/socket" &&
		mount -t tmpfs tmpfs "$1/dev/shm" &&
		root=$1 bin=$4 && shift 4 &&
		exec chroot --userspec=postgres:postgres "$root" env -i HOME=/bench \
			PATH="$bin:/usr/bin:/bin" LC_ALL=C.UTF-8 "$@"' sh \
		"$BENCH_ROOT" "$BENCH_HOME" "$WORK/socket" \
		"/srv/vecdb-bench/pg/usr/lib/postgresql/$BENCH_PG/bin" "$@" 8>&-
}

bench_start()
{
	local owner

	owner=$(awk -F: '$1 == "postgres" { print $3 ":" $4 }' \
		"$BENCH_ROOT/etc/passwd")
	mkdir -p "$WORK/socket" "$BENCH_ROOT/bench" "$BENCH_ROOT/socket"
	chown "$owner" "$WORK/socket" "$BENCH_HOME"
	if [ ! -f "$BENCH_HOME/data/PG_VERSION" ]; then
		rm -rf "$BENCH_HOME/data"
		in_bench initdb -D /bench/data -U postgres -A trust -E UTF8 -N \
			--locale=C.UTF-8 >"$WORK/log/initdb" || die "initdb failed"
	fi
	in_bench pg_ctl -D /bench/data -m fast -w stop >/dev/null 2>&1 || true
	bench_start_with
	export PGHOST=$WORK/socket PGUSER=postgres PGDATABASE=postgres
}

# bench_options_with SETTING...: the server's command line, with further
# settings, which win over those of every run.
bench_options_with()
{
	local setting

	printf '%s' "-k $1 -c listen_addresses=''"
	shift
	{ bench_settings && printf '%s\n' "$@"; } | while read -r setting; do
		[ -z "$setting" ] || printf ' -c %s' "$setting"
	done
}

bench_start_with()
{
	in_bench pg_ctl -D /bench/data -w -t 600 -l /bench/log \
		-o "$(bench_options_with /socket "$@")" start \
		>"$WORK/log/pg_ctl" 2>&1 || {
		tail -n 20 "$BENCH_HOME/log" >&2
		die "the server of the benchmark did not start"
	}
}

bench_stop()
{
	in_bench pg_ctl -D /bench/data -m fast -w -t 600 stop >/dev/null 2>&1
}

# bench_restart SETTING...: which empties the server's buffers.
bench_restart()
{
	if [ -n "$BENCH_ROOT" ]; then
		bench_stop
		bench_start_with "$@"
	else
		as_server_user "$PG_BIN/pg_ctl" -D "$WORK/data" -m fast -w \
			-l "$WORK/data/server.log" \
			-o "$(bench_options_with "$WORK/socket" "$@")" restart \
			>"$WORK/log/pg_ctl" 2>&1 ||
			die "the private server did not start again"
	fi
}

bench_exit()
{
	local status=$?

	trap '' INT TERM HUP
	[ -z "$BENCH_ROOT" ] || bench_stop || true
	# on_exit passes on the status that it finds.
	set +e
	(exit "$status")
	on_exit
}
