# shellcheck shell=bash
# shellcheck disable=SC2046
#
# The part "live": an index made on an empty table that grows in several orders,
# by autovacuum and by VACUUM after each batch; one whose rows are replaced; and
# inserts, alone, of several at once, and beside a new tree.  live.sql has what is
# measured after each step; databases are named as those of shapes.sh.

LIVE_HEADER=data,part,order,vacuum,step,rows,before,recall,ms,codes,fresh_recall,fresh_ms,fresh_codes,trained,recoded,inserted
LIVE_INSERTS_HEADER=data,peer,what,connections,round,rows,rows_per_second,p50_ms,p999_ms,most_ms,backend_us
LIVE_QUERIES=${LIVE_QUERIES:-150}
LIVE_LAST_QUERIES=${LIVE_LAST_QUERIES:-400} # of the last step
LIVE_STEPS=12
LIVE_PEER_ROWS=${LIVE_PEER_ROWS:-20000} # by COPY, of pgvector's hnsw
LIVE_ORDERS=${LIVE_ORDERS:-"table random clusters"}

measure_live()
{
	local order

	[ -f "$OUT/live.csv" ] || echo "$LIVE_HEADER" >"$OUT/live.csv"
	[ -f "$OUT/live-inserts.csv" ] ||
		echo "$LIVE_INSERTS_HEADER" >"$OUT/live-inserts.csv"
	live_load
	bench_restart autovacuum=on autovacuum_naptime=1s
	for order in $LIVE_ORDERS; do
		live_growth "$order" autovacuum
	done
	live_copies
	bench_restart
	live_churn
	live_inserts
	for order in $LIVE_ORDERS; do
		live_growth "$order" 'by hand'
	done
	shapes_server vecdb -c "DROP DATABASE $(shapes_database vecdb)"
}

live_sql()
{
	shapes_sql vecdb "$@" </dev/null
}

live_load()
{
	say "$DATA: loading rows for a life"
	shapes_create vecdb
	bench_program client load "$(shapes_conninfo vecdb)" loaded \
		"$DATA_DIR/base.fvecs"
	live_sql -v op="$(data_operator)" -f "$ROOT/bench/live.sql"
}

# Growth and change ---------------------------------------------------------

live_index()
{
	echo "CREATE INDEX live_v ON live USING $(peer_index vecdb)"
}

# live_growth ORDER VACUUM: from an empty table on; at last a VACUUM by hand.
live_growth()
{
	local step

	say "$DATA: growth, $2, rows in the order: $1"
	live_sql -c "SELECT live_begin()" -c "$(live_index)" >/dev/null
	for ((step = 1; step <= LIVE_STEPS; step++)); do
		live_sql -c "SELECT live_add('$1', $step)" >/dev/null
		live_step growth "$1" "$2" $step 1 $step "$LIVE_QUERIES"
	done
	live_step growth "$1" "$2" $step 1 $LIVE_STEPS "$LIVE_LAST_QUERIES"
}

# A fifth of the rows by others, five times: all are others then.
live_churn()
{
	local step

	say "$DATA: cluster by cluster, all rows by others"
	live_sql -c "SELECT live_begin()" >/dev/null
	for step in 1 2 3 4 5; do
		live_sql -c "SELECT live_add('clusters', $step)" >/dev/null
	done
	live_sql -c "$(live_index)" -c 'VACUUM ANALYZE live'
	for step in 1 2 3 4 5; do
		live_sql -c "SELECT live_remove('clusters', $step)" \
			-c "SELECT live_add('clusters', $step + 5)" >/dev/null
		live_step churn clusters 'by hand' $step $((step + 1)) $((step + 5)) \
			"$LIVE_QUERIES"
	done
	live_step churn clusters 'by hand' 6 6 10 "$LIVE_LAST_QUERIES"
}

# live_step PART ORDER VACUUM STEP FIRST LAST QUERIES: recall before; VACUUM, or
# autovacuum's minute; the index beside a fresh one of the same rows, which is
# taken back.
live_step()
{
	local key="'$1', '$2', '$3', $4"

	live_sql -c "SELECT live_ask('$2', $5, $6, $7)" \
		-c "SELECT live_before($key)" >/dev/null
	if [ "$3" = 'by hand' ] || [ "$4" -gt $LIVE_STEPS ]; then
		live_sql -c 'VACUUM ANALYZE live'
	else
		live_settle
	fi
	live_sql -c "SELECT live_after($key)" >/dev/null
	# That at every other step, and at the last.
	if [ $(($4 % 2)) = 0 ] || [ "$7" = "$LIVE_LAST_QUERIES" ]; then
		live_beside_fresh "$key"
	fi
	live_sql -c "\\copy (SELECT '$DATA', * FROM live_results WHERE
		(part, rows_order, vacuum, step) = ($key)) TO STDOUT CSV" >>"$OUT/live.csv"
}

# live_beside_fresh STEP
live_beside_fresh()
{
	shapes_sql vecdb <<END
BEGIN;
DROP INDEX live_v;
$(live_index);
SELECT recall, ms, live_codes(0.95) AS codes FROM live_search(0.95, 3) \gset
ROLLBACK;
SELECT live_fresh($1, :recall, :ms, :codes) \g /dev/null
END
}

live_settle()
{
	local i

	for ((i = 0; i < 120; i++)); do
		sleep 0.5
		[ "$(live_sql -c "SELECT live_is_settled()")" != t ] || return 0
	done
}

# Inserts --------------------------------------------------------------------

# live_insert PEER WHAT CONNECTIONS ROUND: into table loaded, as it is.
live_insert()
{
	bench_program client insert --label="$DATA,$1,$2,$3,$4" --connections="$3" \
		--latency --seconds="$SECONDS_EACH" \
		--setup='SET synchronous_commit = off' "$(shapes_conninfo "$1")" \
		loaded "$DATA_DIR/base.fvecs" >>"$OUT/live-inserts.csv"
}

live_inserts()
{
	local peer round connections index

	for peer in $(chosen $(server_peers)); do
		[ "$peer" = vecdb ] || shapes_create "$peer"
		index="CREATE INDEX loaded_v ON loaded USING $(peer_index "$peer")"
		for ((round = 0; round < ROUNDS; round++)); do
			say "$DATA: inserts into an empty index, $peer, round $((round + 1))"
			for connections in 1 8; do
				live_empty "$peer"
				live_insert "$peer" 'no index' $connections $round
				live_empty "$peer" "$index"
				live_insert "$peer" 'empty index' $connections $round
			done
		done
		live_drop "$peer"
	done
	bench_program client load "$(shapes_conninfo vecdb)" loaded \
		"$DATA_DIR/base.fvecs"
	shapes_sql vecdb -c "DROP INDEX loaded_v" -c "CREATE INDEX loaded_v ON
		loaded USING $(peer_index vecdb)" -c 'VACUUM loaded' </dev/null
	for ((round = 0; round < ROUNDS; round++)); do
		for connections in 1 8; do
			live_insert vecdb lists $connections $round
		done
		live_beside_moves $round
	done
}

# live_drop PEER: its database, if it is not ours, which is used further.
live_drop()
{
	[ "$1" = vecdb ] ||
		shapes_server "$1" -c "DROP DATABASE $(shapes_database "$1")"
}

# live_empty PEER [INDEX]: the table as it was made.
live_empty()
{
	shapes_sql "$1" -c 'DROP TABLE IF EXISTS loaded' \
		-c "CREATE TABLE loaded (id int PRIMARY KEY, v vector($DATA_DIMS))" \
		${2:+-c "$2"} </dev/null
}

# Single inserts while VACUUM makes one tree after the other, each with a list
# more than the one before.
live_beside_moves()
{
	local mark=$WORK/moving lists mover

	: >"$mark"
	lists=$(shapes_sql vecdb -c "SELECT lists FROM
		vecdb_index_training('loaded_v')" </dev/null)
	while [ -f "$mark" ]; do
		lists=$((lists + 1))
		shapes_sql vecdb -c "ALTER INDEX loaded_v SET (lists = $lists)" \
			-c 'VACUUM loaded' </dev/null
	done &
	mover=$!
	live_insert vecdb 'beside moves' 1 "$1"
	rm "$mark"
	wait $mover
}

# Rows by COPY into an indexed empty table, with autovacuum at work.
live_copies()
{
	local peer rows index seconds began

	for peer in $(chosen $(server_peers)); do
		say "$DATA: COPY into an empty index, $peer"
		rows=$DATA_ROWS
		[ "$peer" != hnsw ] || rows=$((rows < LIVE_PEER_ROWS ? rows : LIVE_PEER_ROWS))
		index="CREATE INDEX loaded_v ON loaded USING $(peer_index "$peer")"
		[ "$peer" = vecdb ] || shapes_create "$peer"
		live_empty "$peer" "$index"
		began=$(date +%s.%N)
		bench_program client load --rows="$rows" "$(shapes_conninfo "$peer")" \
			loaded "$DATA_DIR/base.fvecs"
		seconds=$(awk -v a="$began" -v b="$(date +%s.%N)" 'BEGIN { print b - a }')
		echo "$DATA,$peer,COPY,1,0,$rows,$(awk -v n="$rows" -v s="$seconds" \
			'BEGIN { printf "%.1f", n / s }'),,,," >>"$OUT/live-inserts.csv"
		live_drop "$peer"
	done
}
