# shellcheck shell=bash
#
# Who is measured: how each peer builds and in what ways it searches.  Servers
# share one client; what runs in a process of its own prints the same rows.

PGVECTOR=			# a database given by the user

# Settings from the least thorough on: close enough for what lies between two
# of them to be read off, far enough to be few.
TARGETS='0.8 0.9 0.93 0.95 0.97 0.98 0.99 0.995'
PROBES='1 2 5 10 15 20 30 40 60 80 120 160 240 320'
EF='10 20 40 60 80 120 160 200 300 400 600 800 1000'

# Those of the servers have a table each, as one table would let the planner
# choose between their indexes.
server_peers()
{
	echo vecdb
	if [ -n "$PGVECTOR" ] || [ -n "$BENCH_ROOT" ]; then
		echo ivfflat hnsw
	fi
}

process_peers()
{
	echo library
	[ "$DATA_METRIC" = ip ] || echo hnswlib faiss
}

peer_database()
{
	case $1 in
		vecdb) echo "vecdb_$DATA" ;;
		*) echo "pgvector_$DATA" ;;
	esac
}

peer_conninfo()
{
	if [ "$1" != vecdb ] && [ -n "$PGVECTOR" ]; then
		echo "$PGVECTOR"
	else
		echo "dbname=$(peer_database "$1")"
	fi
}

peer_sql()
{
	sql_in "$(peer_conninfo "$1")" "${@:2}"
}

# sql_in CONNINFO ARGUMENT...: psql.
sql_in()
{
	PGOPTIONS='-c client_min_messages=warning' \
		psql -qXAt -v ON_ERROR_STOP=1 -d "$1" "${@:2}"
}

# The name of the extension of a peer.
peer_extension()
{
	case $1 in
		vecdb) echo vecdb ;;
		*) echo vector ;;
	esac
}

# Name and options of the index of a peer.
peer_index()
{
	case $1 in
		vecdb) echo "ivfflat (v vector_${DATA_METRIC}_ops)" ;;
		ivfflat) echo "ivfflat (v vector_${DATA_METRIC}_ops)" \
			"WITH (lists = $(data_lists))" ;;
		hnsw) echo "hnsw (v vector_${DATA_METRIC}_ops)" \
			"WITH (m = 16, ef_construction = 64)" ;;
	esac
}

# build_server PEER: its table and index, unless a peer's of an earlier run
# still stand.  Ours are always built anew: the format may have changed.
build_server()
{
	local peer=$1 database

	database=$(peer_database "$peer")
	if [ "$peer" = vecdb ]; then
		psql -qXc "DROP DATABASE IF EXISTS $database" 2>/dev/null
	fi
	if [ "$(peer_conninfo "$peer")" = "dbname=$database" ]; then
		psql -qXAtc "SELECT 1 FROM pg_database WHERE datname = '$database'" |
			grep -q 1 || psql -qXc "CREATE DATABASE $database"
	fi
	peer_sql "$peer" -c "
		CREATE EXTENSION IF NOT EXISTS $(peer_extension "$peer");
		CREATE TABLE IF NOT EXISTS bench_builds (
			peer text PRIMARY KEY, seconds float8, bytes int8)"
	if [ -z "$REBUILD" ] && [ -n "$(peer_sql "$peer" -c "
		SELECT 1 FROM bench_builds WHERE peer = '$peer'")" ]; then
		return
	fi
	load_server "$peer"
	index_server "$peer"
}

load_server()
{
	say "$DATA: loading the table of $1"
	peer_sql "$1" -c "
		DELETE FROM bench_builds WHERE peer = '$1';
		DROP TABLE IF EXISTS bench_$1;
		CREATE TABLE bench_$1 (id integer PRIMARY KEY, v vector($DATA_DIMS))"
	bench_program client load "$(peer_conninfo "$1")" "bench_$1" \
		"$DATA_DIR/base.fvecs"
	peer_sql "$1" -c "VACUUM ANALYZE bench_$1"
}

index_server()
{
	say "$DATA: building the index of $1"
	peer_sql "$1" <<END
CHECKPOINT;
SELECT extract(epoch FROM clock_timestamp()) AS began \gset
CREATE INDEX bench_$1_v ON bench_$1 USING $(peer_index "$1");
INSERT INTO bench_builds VALUES ('$1',
  extract(epoch FROM clock_timestamp()) - :began,
  pg_relation_size('bench_$1_v'))
ON CONFLICT (peer) DO UPDATE
SET seconds = excluded.seconds, bytes = excluded.bytes;
END
}

# Rows "data,peer,seconds,bytes".
server_build_row()
{
	peer_sql "$1" -c "SELECT format('%s,%s,%s,%s', '$DATA', peer,
		round(seconds::numeric, 2), bytes)
		FROM bench_builds WHERE peer = '$1'"
}

# way PEER LABEL SETTING SQL: a line for "client search".
way()
{
	printf '%s\t%s\t%s\t%s\t%s\n' "$2" "$3" "$(peer_conninfo "$1")" "$4" \
		"SELECT id FROM bench_$1 ORDER BY v $(data_operator) \$1 LIMIT 10"
}

# Every way of a server's peer to search, the least thorough first.
server_ways()
{
	local n

	case $1 in
		vecdb)
			way vecdb vecdb default 'SET enable_seqscan = off'
			for n in $TARGETS; do
				way vecdb vecdb_target target="$n" \
					"SET enable_seqscan = off; SET ivfflat.target_recall = $n"
			done
			for n in $PROBES; do
				way vecdb vecdb_probes probes="$n" \
					"SET enable_seqscan = off; SET ivfflat.probes = $n"
			done
			;;
		ivfflat)
			for n in $PROBES; do
				[ "$n" -gt "$(data_lists)" ] || way ivfflat pgvector_ivfflat \
					probes="$n" \
					"SET enable_seqscan = off; SET ivfflat.probes = $n"
			done
			;;
		hnsw)
			for n in $EF; do
				way hnsw pgvector_hnsw ef="$n" \
					"SET enable_seqscan = off; SET hnsw.ef_search = $n"
			done
			;;
		exact)
			way vecdb vecdb_exact exact \
				'SET enable_indexscan = off; SET enable_bitmapscan = off'
			;;
	esac
}

# Peers in a process ------------------------------------------------------

# Build what is missing; the files stay in the data's folder.
build_processes()
{
	local peer kind row

	for peer in "$@"; do
		case $peer in
			hnswlib)
				build_file hnswlib "$BENCH_BIN/hnswlib" build \
					"$(unit_file base)" "$DATA_DIR/hnswlib.index.new" 2
				;;
			faiss)
				for kind in ivfflat ivfpq hnsw; do
					build_file "faiss_$kind" /usr/bin/python3 \
						"$ROOT/bench/faiss_peer.py" build "$kind" \
						"$(unit_file base)" "$DATA_DIR/faiss_$kind.index.new"
				done
				;;
		esac
	done
}

# build_file NAME COMMAND...: prints seconds,bytes into NAME.build.
build_file()
{
	local name=$1 path=$DATA_DIR/$1

	shift
	if [ ! -f "$path.build" ]; then
		say "$DATA: building $name"
		"$@" >"$path.build.new" || die "$name could not be built"
		mv "$path.index.new" "$path.index"
		mv "$path.build.new" "$path.build"
	fi
	echo "$DATA,$name,$(cat "$path.build")" >>"$OUT/builds.csv"
}

# search_hnswlib ROUND START, and so on: rows as of "client search".
search_hnswlib()
{
	# shellcheck disable=SC2086
	"$BENCH_BIN/hnswlib" search hnswlib "$1" "$WARM" "$SECONDS_EACH" "$2" 10 \
		"$DATA_DIR/hnswlib.index" "$(unit_file base)" "$(unit_file queries)" \
		"$DATA_DIR/truth.ivecs" $EF
}

search_faiss()
{
	local kind settings

	for kind in ivfflat ivfpq hnsw; do
		settings=$PROBES
		[ $kind != hnsw ] || settings=$EF
		# shellcheck disable=SC2086
		/usr/bin/python3 "$ROOT/bench/faiss_peer.py" search "$kind" \
			"faiss_$kind" "$1" "$WARM" "$SECONDS_EACH" "$2" 10 \
			"$DATA_DIR/faiss_$kind.index" "$(unit_file base)" \
			"$(unit_file queries)" "$DATA_DIR/truth.ivecs" $settings
	done
}

# Our own code builds in seconds and stays for all rounds, as a coprocess, whose
# descriptors a subshell can only use as copies.
start_library()
{
	local row

	say "$DATA: building the index in memory"
	# shellcheck disable=SC2086
	coproc LIBRARY {
		exec "$BENCH_BIN/library" --metric="$DATA_METRIC" "$(unit_file base)" \
			"$(unit_file queries)" "$DATA_DIR/truth.ivecs" $PROBES
	}
	exec {LIBRARY_OUT}<&"${LIBRARY[0]}" {LIBRARY_IN}>&"${LIBRARY[1]}"
	read -r row <&"$LIBRARY_OUT" || die "bench/library failed"
	echo "$DATA,library,${row#build,}" >>"$OUT/builds.csv"
	read -r row <&"$LIBRARY_OUT"
}

search_library()
{
	local row

	echo "$1 $2 $WARM $SECONDS_EACH" >&"$LIBRARY_IN"
	while read -r row <&"$LIBRARY_OUT" && [ -n "$row" ]; do
		echo "$row"
	done
}

# The end of its input ends it.
stop_library()
{
	local process=${LIBRARY_PID:-} own=${LIBRARY[1]:-}

	[ -n "$process" ] || return 0
	exec {own}>&- {LIBRARY_IN}>&- {LIBRARY_OUT}<&-
	wait "$process" || true
}
