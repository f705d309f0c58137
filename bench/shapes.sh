# shellcheck shell=bash
# shellcheck disable=SC2046
#
# The parts "k", "filter" and "radius": searches of other shapes than the ten
# nearest rows, in databases of their own; shapes.sql measures.  Rows have a
# random number and, for filters that follow the clusters, the number of the
# nearest of some rows.

SHAPES_HEADER=data,part,peer,setting,shape,rows,queries,found,recall,ms,fetches,chosen
SHAPES_QUERIES=25
SHAPES_CENTERS=64
SHAPES_PARTS='k filter radius'

wants_shapes()
{
	wants k || wants filter || wants radius
}

measure_shapes()
{
	local peer part

	[ -f "$OUT/shapes.csv" ] || echo "$SHAPES_HEADER" >"$OUT/shapes.csv"
	for peer in $(chosen $(server_peers)); do
		shapes_load "$peer"
		for part in $SHAPES_PARTS; do
			wants "$part" || continue
			say "$DATA: $part, by $peer"
			shapes_sql "$peer" -c "SELECT shapes_measure('$part')" >/dev/null
		done
		shapes_sql "$peer" -c "\\copy (SELECT '$DATA', * FROM shapes_results)
			TO STDOUT CSV" >>"$OUT/shapes.csv"
		psql -qXc "DROP DATABASE $(shapes_database "$peer")"
	done
	"$ROOT/bench/shapes-plot.sh" "$OUT"
}

shapes_database()
{
	echo "shapes_$1_$DATA"
}

shapes_sql()
{
	PGOPTIONS='-c client_min_messages=warning' \
		psql -qXAt -v ON_ERROR_STOP=1 -d "$(shapes_database "$1")" "${@:2}"
}

# Rows, queries, what is true, and the peer's index.
shapes_load()
{
	local peer=$1 database

	database=$(shapes_database "$peer")
	psql -qXc "DROP DATABASE IF EXISTS $database" 2>/dev/null
	psql -qXc "CREATE DATABASE $database"
	say "$DATA: loading rows for other shapes, $peer"
	shapes_sql "$peer" -c "CREATE EXTENSION \
		$([ "$peer" = vecdb ] && echo vecdb || echo vector)" \
		-c "CREATE TABLE loaded (id int, v vector($DATA_DIMS))" \
		-c "CREATE TABLE queries (id int, v vector($DATA_DIMS))"
	bench_program client load "dbname=$database" loaded "$DATA_DIR/base.fvecs"
	bench_program client load "dbname=$database" queries \
		"$DATA_DIR/queries.fvecs"
	shapes_sql "$peer" -v op="$(data_operator)" -v peer="$peer" \
		-v queries="$SHAPES_QUERIES" -v centers="$SHAPES_CENTERS" \
		-v index="$(shapes_index "$peer")" -f "$ROOT/bench/shapes.sql"
}

# Ours has the columns that are filtered.
shapes_index()
{
	local index

	index=$(peer_index "$1")
	[ "$1" != vecdb ] || index=${index%)}', f, grp)'
	echo "$index"
}
