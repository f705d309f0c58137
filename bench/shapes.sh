# shellcheck shell=bash
# shellcheck disable=SC2046
#
# The parts "k", "filter" and "radius": searches of other shapes than the ten
# nearest rows, in databases of their own; shapes.sql measures.  Rows have
# random numbers and, for filters that follow the clusters, the number of the
# nearest of some rows and the rank by distance from one; and what else the set
# tells of them.

SHAPES_HEADER=data,part,peer,setting,columns,shape,rows,queries,found,recall,ms,fetches,codes,chosen
SHAPES_QUERIES=200 # of ours; some ways have fewer: shapes.sql
SHAPES_PEER_QUERIES=25
SHAPES=.	# of the filters, a regular expression
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
			! wants "$part" || shapes_part "$peer" "$part"
		done
		shapes_sql "$peer" -c "\\copy (SELECT '$DATA', * FROM shapes_results)
			TO STDOUT CSV" >>"$OUT/shapes.csv"
		shapes_server "$peer" -c "DROP DATABASE $(shapes_database "$peer")"
	done
}

# One part by one peer: with an index for each set of columns, if it is ours.
shapes_part()
{
	local peer=$1 part=$2 columns

	say "$DATA: $part, by $peer"
	shapes_sql "$peer" -c "SELECT shapes_prepare('$part')" >/dev/null
	shapes_sql "$peer" -c "SELECT DISTINCT columns FROM shapes_cells
		WHERE part = '$part' ORDER BY 1" | while IFS= read -r columns; do
		shapes_index "$peer" "$columns"
		shapes_sql "$peer" -c "SELECT shapes_measure('$part', '$columns')" \
			>/dev/null </dev/null
	done
}

# Where the peer's databases are.
shapes_server()
{
	local conninfo=

	if [ "$1" != vecdb ]; then
		conninfo=$PGVECTOR
	fi
	psql -qXAt -v ON_ERROR_STOP=1 ${conninfo:+-d "$conninfo"} "${@:2}"
}

shapes_database()
{
	echo "shapes_$1_$DATA"
}

shapes_conninfo()
{
	if [ "$1" != vecdb ] && [ -n "$PGVECTOR" ]; then
		echo "$PGVECTOR dbname=$(shapes_database "$1")"
	else
		echo "dbname=$(shapes_database "$1")"
	fi
}

shapes_sql()
{
	sql_in "$(shapes_conninfo "$1")" "${@:2}"
}

# shapes_create PEER: a database of its own, with an empty table for the rows.
shapes_create()
{
	local database

	database=$(shapes_database "$1")
	shapes_server "$1" -c "DROP DATABASE IF EXISTS $database" 2>/dev/null
	shapes_server "$1" -c "CREATE DATABASE $database"
	shapes_sql "$1" -c "CREATE EXTENSION $(peer_extension "$1")" \
		-c "CREATE TABLE loaded (id int, v vector($DATA_DIMS))"
}

# Rows, queries, and what is true.
shapes_load()
{
	local peer=$1

	say "$DATA: loading rows for other shapes, $peer"
	shapes_create "$peer"
	shapes_sql "$peer" \
		-c "CREATE TABLE queries (id int, v vector($DATA_DIMS))" \
		-c "CREATE TABLE own (id int, word text, size int)" \
		-c "CREATE TABLE own_queries (LIKE own)"
	bench_program client load "$(shapes_conninfo "$peer")" loaded \
		"$DATA_DIR/base.fvecs"
	bench_program client load "$(shapes_conninfo "$peer")" queries \
		"$DATA_DIR/queries.fvecs"
	shapes_own base | shapes_sql "$peer" -c '\copy own FROM STDIN'
	shapes_own queries | shapes_sql "$peer" -c '\copy own_queries FROM STDIN'
	shapes_sql "$peer" -v op="$(data_operator)" -v peer="$peer" \
		-v shapes="$SHAPES" -v queries="$(shapes_queries "$peer")" -f "$ROOT/bench/shapes.sql"
}

shapes_queries()
{
	if [ "$1" = vecdb ]; then
		echo "$SHAPES_QUERIES"
	else
		echo "$SHAPES_PEER_QUERIES"
	fi
}

# Number, cluster and size of each row of a file, where the set has such.
shapes_own()
{
	[ -f "$DATA_DIR/$1.tsv" ] || return 0
	awk -F'\t' -v OFS='\t' '
		NR == 1 {
			for (i = 1; i <= NF; i++) column[$i] = i
			word = column["section"] ? column["section"] : column["file"]
			size = column["size_kb"] ? column["size_kb"] : column["words"]
			next
		}
		{ print NR - 2, $word, $size + 0 }' "$DATA_DIR/$1.tsv"
}

# shapes_index PEER COLUMNS: the only one on vectors; a peer's stays.
shapes_index()
{
	local peer=$1 index

	index=$(peer_index "$peer")
	if [ "$peer" = vecdb ]; then
		shapes_sql "$peer" -c 'DROP INDEX IF EXISTS rows_v' </dev/null
		index=${index%)}${2:+, $2}')'
	fi
	shapes_sql "$peer" -c "CREATE INDEX IF NOT EXISTS rows_v ON rows USING $index" \
		-c 'VACUUM ANALYZE rows' </dev/null
}
