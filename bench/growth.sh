# shellcheck shell=bash
# shellcheck disable=SC2034
#
# The parts "growth" and "10m": how much longer a query takes over ten times the
# rows.

GROWTH_DATA=s768m
GROWTH_ROWS='100000 1000000'

# Ten million need some 15 GB of disk: vectors, table, index, WAL.
MANY_DATA=m96
MANY_ROWS='1000000 10000000'

# measure_growth DATA ROWS: the same distribution at so many rows and at ten
# times as many, each a data set DATA_ROWS of its own.
measure_growth()
{
	local rows round base

	use_data "$1" l2
	base=$DATA
	for rows in $2; do
		[ -f "$DATA_DIR/truth-$rows.ivecs" ] ||
			make_truth "$DATA_DIR" "truth-$rows.ivecs" queries \
				--rows="$rows"
		DATA=${base}_$rows
		psql -qXc "DROP DATABASE IF EXISTS vecdb_$DATA" 2>/dev/null
		psql -qXc "CREATE DATABASE vecdb_$DATA"
		growth_build "$rows"
		server_build_row vecdb >>"$OUT/builds.csv"
	done
	for ((round = 0; round < ROUNDS; round++)); do
		for rows in $2; do
			DATA=${base}_$rows
			server_ways vecdb | grep default |
				bench_program client search --round=$round --warm=1000 \
					${CLOCK:+"$CLOCK"} \
					--start="$(first_query $round)" \
					"$DATA_DIR/queries.fvecs" \
					"$DATA_DIR/truth-$rows.ivecs" |
				sed "s/^/$DATA,/" >>"$OUT/growth.csv"
		done
	done
	DATA=$base
}

growth_build()
{
	say "$DATA: loading and indexing"
	peer_sql vecdb -c "
		CREATE EXTENSION vecdb;
		CREATE TABLE bench_builds (
			peer text PRIMARY KEY, seconds float8, bytes int8);
		CREATE TABLE bench_vecdb (
			id integer PRIMARY KEY, v vector($DATA_DIMS))"
	bench_program client load --rows="$1" "$(peer_conninfo vecdb)" \
		bench_vecdb "$DATA_DIR/base.fvecs"
	peer_sql vecdb -c "VACUUM ANALYZE bench_vecdb"
	watch_memory &
	index_server vecdb
	kill $! 2>/dev/null || true
	wait $! 2>/dev/null || true
	[ ! -f "$WORK/memory" ] || echo "$DATA,$(cat "$WORK/memory")" |
		tee -a "$OUT/memory.csv"
}

# Watch the processes that build an index, until killed: leaves the most
# megabytes that they had at a time in a file, of their own and in shared memory
# that they made for it.  Only a server on this machine can be watched.
watch_memory()
{
	local most=0 now

	rm -f "$WORK/memory"
	while :; do
		now=$(peer_sql vecdb -c "
			SELECT pid FROM pg_stat_activity
			WHERE query ILIKE '%CREATE INDEX%' AND pid <> pg_backend_pid()
			ORDER BY backend_type = 'parallel worker'" | build_memory)
		if [ "$now" -gt "$most" ]; then
			most=$now
			echo "$most" >"$WORK/memory"
		fi
		sleep 0.5
	done
}

# The megabytes of the processes on standard input, the leader first.
build_memory()
{
	local pid leader='' total=0 kb

	while read -r pid; do
		kb=$(awk '/^RssAnon/ { print $2 }' "/proc/$pid/status" 2>/dev/null)
		total=$((total + ${kb:-0}))
		leader=${leader:-$pid}
	done
	kb=$(awk '/^[0-9a-f]+-/ { ours = /\/dev\/shm\/PostgreSQL/ }
		ours && /^Rss:/ { sum += $2 }
		END { print sum + 0 }' "/proc/${leader:-none}/smaps" 2>/dev/null)
	echo $(((total + ${kb:-0}) / 1024))
}

# The most rows, once more: inserts, and a server whose buffers hold a tenth of
# the index.
measure_many()
{
	local round size base

	measure_growth "$MANY_DATA" "$MANY_ROWS"
	base=$DATA
	DATA=${base}_${MANY_ROWS##* }
	for ((round = 0; round < ROUNDS; round++)); do
		bench_program client insert --label="$DATA,vecdb,$round" \
			--seconds="$SECONDS_EACH" --setup='SET synchronous_commit = off' \
			"$(peer_conninfo vecdb)" bench_vecdb \
			"$DATA_DIR/queries.fvecs" >>"$OUT/inserts.csv"
	done
	peer_sql vecdb -c "VACUUM bench_vecdb"
	size=$(peer_sql vecdb -c "
		SELECT pg_relation_size('bench_vecdb_v') / 1048576 / 10")
	bench_restart "shared_buffers=$((size > 16 ? size : 16))MB"
	server_ways vecdb | grep default |
		bench_program client search ${CLOCK:+"$CLOCK"} --warm=1000 \
			"$DATA_DIR/queries.fvecs" \
			"$DATA_DIR/truth-${MANY_ROWS##* }.ivecs" |
		sed "s/^/$DATA,/" >>"$OUT/cold.csv"
	bench_restart
	DATA=$base
}
