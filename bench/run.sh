# shellcheck shell=bash
# shellcheck disable=SC2046,SC2034
#
# What is measured and in what order; dev.d/70-bench.sh brings the servers.
#
# The machine's speed may change while this runs.  So the peers take turns: a
# round measures every setting of every peer once, and what is reported are
# medians over the rounds, of each setting, and ratios of these.  Every round
# begins with other queries, so that a slow peer, whose time is limited, still
# answers different ones each time.

SEARCH_HEADER=data,peer,setting,round,connections,queries,recall,qps,p50_ms,p95_ms,p99_ms,mean_ms

# bench_measure COMMAND: the whole run, which the command asked for.
bench_measure()
{
	local command=$1 name

	mkdir -p "$OUT"
	rm -f "$OUT"/*.csv "$OUT"/*.svg "$OUT"/report.md "$OUT"/costs.md
	echo "$SEARCH_HEADER" >"$OUT/search.csv"
	echo "$SEARCH_HEADER" >"$OUT/connections.csv"
	echo data,peer,setting,round,connections,active,waiting,locks,kilobytes \
		>"$OUT/waits.csv"
	echo "$SEARCH_HEADER" >"$OUT/server.csv"
	echo "$SEARCH_HEADER" >"$OUT/cold.csv"
	echo "$SEARCH_HEADER" >"$OUT/growth.csv"
	echo data,peer,seconds,bytes >"$OUT/builds.csv"
	echo data,megabytes >"$OUT/memory.csv"
	echo data,peer,round,rows,rows_per_second >"$OUT/inserts.csv"
	machine >"$OUT/machine.txt"
	echo "$command" >"$OUT/command.txt"
	if [ "$PARTS" != costs ]; then
		for name in ${SETS//,/ }; do
			use_data "$name" "$METRIC"
			measure_set
		done
	fi
	if wants growth; then
		measure_growth "$GROWTH_DATA" "$GROWTH_ROWS"
	fi
	if wants 10m; then
		measure_many
	fi
	if wants costs; then
		measure_costs
	fi
	"$ROOT/bench/report.sh" "$OUT" "$TARGET" >"$OUT/report.md"
	"$ROOT/bench/plots.sh" "$OUT"
	[ -z "$INTO_DOCS" ] || "$ROOT/bench/docs.sh" "$OUT"
	cat "$OUT/report.md"
	say ""
	say "Tables, CSV and plots: $OUT"
}

machine()
{
	local server

	server=$(psql -qXAtc 'SHOW server_version')
	echo "$(awk -F': ' '/^model name/ { print $2; exit }' /proc/cpuinfo)," \
		"$(nproc) cores, $(awk '/^MemTotal/ { print int($2 / 1048576 + 0.5) }' \
		/proc/meminfo) GB; PostgreSQL $server; $(date -u +%Y-%m-%d)"
}

measure_set()
{
	local servers peer

	if wants_shapes; then
		measure_shapes
	fi
	if wants live; then
		measure_live
	fi
	wants_searches || return 0
	servers=$(chosen $(server_peers))
	for peer in $servers; do
		build_server "$peer"
		server_build_row "$peer" >>"$OUT/builds.csv"
	done
	# shellcheck disable=SC2046
	build_processes $(chosen $(process_peers))
	if wants search; then
		measure_search
		measure_server_time
	fi
	if wants connections; then
		measure_connections
	fi
	if wants insert; then
		measure_insert
	fi
	if wants cold; then
		measure_cold
	fi
}

# Parts that are measured on one table and index for each peer.
wants_searches()
{
	wants search || wants connections || wants insert || wants cold
}

# client_search OPTION...: the ways come on standard input.
client_search()
{
	bench_program client search "$@" "$DATA_DIR/queries.fvecs" \
		"$DATA_DIR/truth.ivecs" | sed "s/^/$DATA,/"
}

first_query()
{
	local queries

	queries=$(($(stat -Lc %s "$DATA_DIR/queries.fvecs") / (4 * DATA_DIMS + 4)))
	echo $(($1 * queries / ROUNDS))
}

# Bring tables and indexes into the kernel's cache: a large one of which only
# some queries have read the pages they need would look slow.
warm_files()
{
	local peer

	for peer in $(chosen $(server_peers)); do
		peer_sql "$peer" -c 'CREATE EXTENSION IF NOT EXISTS pg_prewarm' -c "
			SELECT sum(pg_prewarm(oid, 'read')) FROM pg_class
			WHERE relkind IN ('r', 'i', 't') AND relpages > 0" >/dev/null ||
			warn "the files of $peer could not be read ahead"
	done
}

measure_search()
{
	local round peer start processes

	processes=$(chosen $(process_peers))
	warm_files
	[[ $processes != *library* ]] || start_library
	for ((round = 0; round < ROUNDS; round++)); do
		say "$DATA: searching, round $((round + 1)) of $ROUNDS"
		start=$(first_query $round)
		for peer in $(chosen $(server_peers) exact); do
			server_ways "$peer" | client_search --round=$round --enough=0.995 \
				--start="$start" --warm="$WARM" --seconds="$SECONDS_EACH" \
				${CLOCK:+"$CLOCK"} >>"$OUT/search.csv"
		done
		for peer in $processes; do
			"search_$peer" $round "$start" | sed "s/^/$DATA,/" \
				>>"$OUT/search.csv"
		done
	done
	stop_library
}

# The ways of the servers whose recall reaches the target at least cost, by
# what the search has measured.
enough_ways()
{
	local peer label setting

	for peer in $(chosen $(server_peers)); do
		label=$(peer_label "$peer")
		setting=$("$ROOT/bench/medians.sh" "$OUT/search.csv" |
			awk -F, -v data="$DATA" -v label="$label" -v target="$TARGET" '
				$1 == data && $2 == label && $6 >= target && !n++ {
					print $3
				}')
		server_ways "$peer" | awk -F'\t' -v label="$label" \
			-v setting="$setting" '
				$2 == "default" || ($1 == label && $2 == setting)'
	done
}

peer_label()
{
	case $1 in
		vecdb) echo vecdb_target ;;
		*) echo "pgvector_$1" ;;
	esac
}

# What the server itself says: without the client, the socket, the parser.
measure_server_time()
{
	enough_ways | client_search --server --warm="$WARM" \
		--seconds="$SECONDS_EACH" >>"$OUT/server.csv"
}

measure_connections()
{
	local round connections

	need_search
	for ((round = 0; round < ROUNDS; round++)); do
		for connections in 1 2 4 8 16; do
			say "$DATA: $connections connections, round $((round + 1))"
			enough_ways | client_search --round=$round --warm="$WARM" \
				--connections=$connections --seconds="$SECONDS_EACH" \
				--count=1000000 --watch="$OUT/waits" >>"$OUT/connections.csv"
			sed "s/^/$DATA,/" "$OUT/waits" >>"$OUT/waits.csv"
			rm "$OUT/waits"
		done
	done
}

need_search()
{
	wants search || die "connections and cold choose their settings by search"
}

# Without waiting for the disk at each commit, which would hide the index.
measure_insert()
{
	local round peer

	for ((round = 0; round < ROUNDS; round++)); do
		say "$DATA: inserting, round $((round + 1))"
		for peer in $(chosen $(server_peers)); do
			bench_program client insert --label="$DATA,$peer,$round" \
				--seconds="$SECONDS_EACH" \
				--setup='SET synchronous_commit = off' ${CLOCK:+"$CLOCK"} \
				"$(peer_conninfo "$peer")" "bench_$peer" \
				"$DATA_DIR/queries.fvecs" >>"$OUT/inserts.csv"
			peer_sql "$peer" -c "VACUUM bench_$peer"
		done
	done
}
