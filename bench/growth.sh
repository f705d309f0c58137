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
# times as many.
measure_growth()
{
	local rows round base

	use_data "$1" l2
	base=$DATA
	for rows in $2; do
		[ -f "$DATA_DIR/truth-$rows.ivecs" ] ||
			make_truth "$DATA_DIR" "truth-$rows.ivecs" queries \
				--rows="$rows"
		DATA=growth_$rows
		psql -qXc "DROP DATABASE IF EXISTS vecdb_$DATA" 2>/dev/null
		psql -qXc "CREATE DATABASE vecdb_$DATA"
		growth_build "$rows"
		server_build_row vecdb >>"$OUT/builds.csv"
	done
	for ((round = 0; round < ROUNDS; round++)); do
		for rows in $2; do
			DATA=growth_$rows
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
	index_server vecdb
}

# The most rows, once more: inserts, and a server whose buffers hold a tenth of
# the index.
measure_many()
{
	local round size base

	measure_growth "$MANY_DATA" "$MANY_ROWS"
	base=$DATA
	DATA=growth_${MANY_ROWS##* }
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
