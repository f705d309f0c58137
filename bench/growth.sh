# shellcheck shell=bash
#
# The part "growth": how much longer a query takes over ten times the rows.

GROWTH_DATA=s768m
GROWTH_ROWS='100000 1000000'

# The same distribution at so many rows and at ten times as many.
measure_growth()
{
	local rows round base

	use_data $GROWTH_DATA l2
	base=$DATA
	for rows in $GROWTH_ROWS; do
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
		for rows in $GROWTH_ROWS; do
			DATA=growth_$rows
			server_ways vecdb | grep default |
				bench_program client search --round=$round --warm=1000 \
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
