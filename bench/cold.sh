# shellcheck shell=bash
# shellcheck disable=SC2046
#
# The part "cold": a quarter of table and index in memory.
#
# The server has shared buffers of an eighth, and a group of its own whose
# memory, the kernel's cache of its files with it, is limited to a quarter and
# what the server itself takes.  Its files are dropped from that cache, and then
# searches come: the first ones fill the memory, the others are what counts.

COLD_FIRST=200		# queries
COLD_GROUP=		# the group's folder
COLD_MOST=		# and the file that limits it

# Memory of the backend and of catalogs, MB.
COLD_MORE=16

measure_cold()
{
	local round peer

	need_search
	[ -z "$PGVECTOR" ] || die "a server that is not ours cannot be made cold"
	make_memory_group
	for ((round = 0; round < ROUNDS; round++)); do
		for peer in $(chosen $(server_peers)); do
			say "$DATA: cold, $peer, round $((round + 1))"
			measure_cold_peer "$peer" "$round"
		done
	done
	bench_restart
	[ -z "$COLD_GROUP" ] || rmdir "$COLD_GROUP" 2>/dev/null || true
}

# Everything in memory; then where a quarter of it is, from nothing on, by each
# way of reading ahead that the server has.
measure_cold_peer()
{
	local peer=$1 round=$2 label total method

	label=$(peer_label "$peer")
	total=$(peer_sql "$peer" -c "
		SELECT pg_total_relation_size('bench_$peer') / 1048576")
	bench_restart
	cold_search "$label" "$round" all --warm="$WARM" --start=$COLD_FIRST
	for method in $(read_methods); do
		limited_restart $((total > 64 ? total / 4 : 16)) "$method"
		method=${method#*=}
		cold_search "$label" "$round" "first${method:+ $method}" \
			--warm=0 --count=$COLD_FIRST
		cold_search "$label" "$round" "quarter${method:+ $method}" \
			--warm=0 --start=$COLD_FIRST
	done
}

# As settings; "=", which is none, before PostgreSQL 18, which has but one.
read_methods()
{
	psql -qXAtc "
		SELECT coalesce(string_agg('io_method=' || method, ' '), '=')
		FROM pg_settings, unnest(enumvals) method
		WHERE name = 'io_method' AND method <> 'sync'"
}

# cold_search LABEL ROUND WHEN OPTION...: the setting with WHEN behind it.
cold_search()
{
	local label=$1 round=$2 when=$3

	shift 3
	enough_ways | awk -F'\t' -v OFS='\t' -v label="$label" -v when="$when" '
		index($1, label) == 1 { $2 = $2 " " when; print }' |
		client_search --round="$round" --seconds=60 "$@" \
			>>"$OUT/cold.csv"
}

# limited_restart MB SETTING: the server anew, with so much memory and nothing in
# it; a SETTING of "=" is none.
limited_restart()
{
	local quarter=$1 setting=${2#=} used

	if [ -n "$COLD_GROUP" ]; then
		echo -1 >"$COLD_GROUP/$COLD_MOST" 2>/dev/null ||
			echo max >"$COLD_GROUP/$COLD_MOST"
	fi
	(
		[ -z "$COLD_GROUP" ] || echo "$BASHPID" >"$COLD_GROUP/cgroup.procs"
		bench_restart "shared_buffers=$((quarter / 2))MB" "$setting"
	) || die "the server did not start with little memory"
	forget_files
	[ -n "$COLD_GROUP" ] || return 0
	used=$(cat "$COLD_GROUP"/memory.usage_in_bytes 2>/dev/null ||
		cat "$COLD_GROUP"/memory.current)
	echo $((used + (quarter + COLD_MORE) * 1048576)) >"$COLD_GROUP/$COLD_MOST"
}

# Of either version, where the system lets us have one.
make_memory_group()
{
	local root

	COLD_GROUP=''
	for root in /sys/fs/cgroup/memory /sys/fs/cgroup; do
		COLD_MOST=memory.limit_in_bytes
		[ $root = /sys/fs/cgroup/memory ] || COLD_MOST=memory.max
		if mkdir -p $root/vecdb-bench 2>/dev/null &&
			[ -w $root/vecdb-bench/$COLD_MOST ]; then
			COLD_GROUP=$root/vecdb-bench
			return
		fi
		rmdir $root/vecdb-bench 2>/dev/null || true
	done
	warn "memory cannot be limited here: what is read stays in the kernel's cache"
}

# The server's files alone: others on this machine keep theirs.
forget_files()
{
	local folder=$WORK/data

	[ -z "$BENCH_ROOT" ] || folder=$BENCH_HOME/data
	sync
	find "$folder/base" -type f -size +0 \
		-exec dd if='{}' iflag=nocache count=0 status=none ';'
}
