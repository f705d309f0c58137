# shellcheck shell=bash
#
# The part "costs": does the planner's estimate follow the time?  Tables of
# many sizes and dimensions, LIMITs and filters, in a database of its own;
# costs.sql measures, costs-report.sql makes the tables.

COSTS_DIMS='50 128 768 1536'
COSTS_ROWS='1000 10000 100000 1000000'
COSTS_MOST=160000000	# numbers in a table, unless --all was given

measure_costs()
{
	local dims rows round

	psql -qXc 'DROP DATABASE IF EXISTS vecdb_costs' 2>/dev/null
	psql -qXc 'CREATE DATABASE vecdb_costs'
	costs_sql -c 'CREATE EXTENSION vecdb' -f "$ROOT/bench/costs.sql"
	for dims in $COSTS_DIMS; do
		costs_load "$dims"
	done
	for ((round = 1; round <= ROUNDS; round++)); do
		for dims in $COSTS_DIMS; do
			for rows in $(costs_rows "$dims"); do
				say "costs: $rows rows of $dims dimensions," \
					"round $round of $ROUNDS"
				costs_sql -c "SELECT costs_measure('t_${dims}_$rows', $round)" \
					>/dev/null
			done
		done
	done
	costs_sql -c 'SELECT costs_estimate(4), costs_estimate(1.1)' >/dev/null
	costs_sql -c '\copy (SELECT * FROM costs_ratios ORDER BY page_cost DESC,
		dims, rows, selectivity DESC, wanted, plan) TO STDOUT CSV HEADER' \
		>"$OUT/costs.csv"
	costs_sql -f "$ROOT/bench/costs-report.sql" >"$OUT/costs.md"
	psql -qXc 'DROP DATABASE vecdb_costs'
}

costs_sql()
{
	PGOPTIONS='-c client_min_messages=warning' \
		psql -qXAt -v ON_ERROR_STOP=1 -d vecdb_costs "$@"
}

# The sizes of tables of so many dimensions.
costs_rows()
{
	local rows

	for rows in $COSTS_ROWS; do
		[ $((rows * $1)) -gt "$COSTS_MOST" ] || echo "$rows"
	done
}

# Tables of each size of the same vectors; the queries are others.
costs_load()
{
	local dims=$1 base=$WORK/costs-base.fvecs queries=$WORK/costs-queries.fvecs
	local rows tab

	rows=$(costs_rows "$dims" | tail -1)
	bench_program generate --rows="$rows" --dims="$dims" --queries=60 \
		"$base" "$queries"
	costs_sql -c "CREATE TABLE queries_$dims (id int, v vector($dims))"
	bench_program client load dbname=vecdb_costs "queries_$dims" "$queries"
	for rows in $(costs_rows "$dims"); do
		tab=t_${dims}_$rows
		say "costs: loading $rows rows of $dims dimensions"
		costs_table "$tab" "$dims"
		bench_program client load --rows="$rows" dbname=vecdb_costs "$tab" \
			"$base"
		costs_sql -c "INSERT INTO costs_tables VALUES ('$tab', $dims, $rows)" \
			-c "CREATE INDEX ON $tab (b)" \
			-c "CREATE INDEX ON $tab (c)" \
			-c "CREATE INDEX ON $tab USING ivfflat (v, c)" \
			-c "VACUUM ANALYZE $tab"
	done
	rm "$base" "$queries"
}

# Numbers without any order, neither of the rows nor of their distances.
costs_table()
{
	local number='int GENERATED ALWAYS AS
		((hashint4(id)::bigint + 2147483648) * 1000000 >> 32) STORED'

	costs_sql -c "CREATE TABLE $1 (
		id int, f $number, b $number, c $number, v vector($2))"
}
