#!/bin/bash
# report.sh FOLDER TARGET
#   The tables of a run, in Markdown, from its CSV files.
#
# "At recall 0.95" is read off the curve through a peer's settings: where two
# neighbours enclose that recall, the logarithm of the rate, or of the time, is
# interpolated between them.
set -euo pipefail

FOLDER=$1
TARGET=$2
HERE=$(cd "$(dirname "$0")" && pwd)

medians()
{
	"$HERE/medians.sh" "$FOLDER/$1.csv"
}

# The rows of a file beside its header.
rows()
{
	tail -n +2 "$FOLDER/$1.csv" 2>/dev/null || true
}

# data,peer,qps,p50,p95,p99 at the target.
at_target()
{
	medians search | awk -F, -v target="$TARGET" '
		function between(i,   share) {
			share = (target - last[6]) / ($6 - last[6])
			return exp(log(last[i]) * (1 - share) + log($i) * share)
		}
		function print_row(   i) {
			printf "%s,%s", $1, $2
			for (i = 7; i <= 10; i++)
				printf ",%.6g", (same && last[6] < target ? between(i) : $i)
			printf "\n"
		}
		$2 ~ /^(vecdb|vecdb_exact)$/ {
			next
		}
		{
			same = $1 == last[1] && $2 == last[2]
			if (!done[$1, $2] && $6 >= target) {
				print_row()
				done[$1, $2] = 1
			}
			split($0, last, ",")
		}'
}

table_at_target()
{
	echo "## At recall@10 = $TARGET, one connection"
	echo
	echo "| data | peer | queries/s | p50 ms | p95 ms | p99 ms | vecdb's rate ÷ its |"
	echo "|---|---|---:|---:|---:|---:|---:|"
	at_target | awk -F, '
		{ row[NR] = $0 }
		$2 == "vecdb_target" { ours[$1] = $3 }
		END {
			for (i = 1; i <= NR; i++) {
				split(row[i], f, ",")
				printf "| %s | %s | %.0f | %.3f | %.3f | %.3f | %s |\n", f[1],
					f[2], f[3], f[4], f[5], f[6],
					ours[f[1]] ? sprintf("%.1f", ours[f[1]] / f[3]) : "–"
			}
		}'
	echo
}

# table TITLE FILE: the medians of every setting.
table()
{
	[ -n "$(rows "$2")" ] || return 0
	echo "## $1"
	echo
	echo "| data | peer | setting | connections | recall@10 | queries/s | p50 ms | p95 ms | p99 ms |"
	echo "|---|---|---|---:|---:|---:|---:|---:|---:|"
	medians "$2" | awk -F, '{
		printf "| %s | %s | %s | %s | %.4f | %.0f | %.3f | %.3f | %.3f |\n",
			$1, $2, $3, $4, $6, $7, $8, $9, $10
	}'
	echo
}

# EXPLAIN gives neither recall nor rate.
table_server()
{
	[ -n "$(rows server)" ] || return 0
	echo "## Time of the executor alone, one connection"
	echo
	echo "| data | peer | setting | p50 ms | p95 ms | p99 ms |"
	echo "|---|---|---|---:|---:|---:|"
	medians server | awk -F, '{
		printf "| %s | %s | %s | %.3f | %.3f | %.3f |\n", $1, $2, $3, $8, $9, $10
	}'
	echo
}

table_builds()
{
	[ -n "$(rows builds)" ] || return 0
	echo "## Build and size"
	echo
	echo "| data | peer | seconds | MB |"
	echo "|---|---|---:|---:|"
	rows builds | awk -F, '{
		printf "| %s | %s | %.1f | %.1f |\n", $1, $2, $3, $4 / 1048576
	}'
	echo
}

table_inserts()
{
	[ -n "$(rows inserts)" ] || return 0
	echo "## Single-row INSERTs, one connection"
	echo
	echo "| data | peer | median rows/s |"
	echo "|---|---|---:|"
	rows inserts | sort -t, -k1,1 -k2,2 -k5,5n | awk -F, '
		function flush() {
			if (n)
				printf "| %s | %s | %.0f |\n", data, peer, rate[int((n + 1) / 2)]
		}
		$1 != data || $2 != peer {
			flush()
			n = 0
		}
		{ data = $1; peer = $2; rate[++n] = $5 }
		END { flush() }'
	echo
}

growth_ratio()
{
	[ -n "$(rows growth)" ] || return 0
	medians growth | awk -F, '
		{ p50[NR] = $8 }
		END {
			printf "A query over ten times the rows takes %.2f times as long.\n\n",
				p50[NR] / p50[1]
		}'
}

# Searches of other shapes than ten rows: shapes.sh.
table_shapes()
{
	echo "## Other LIMITs, filters, radii"
	echo
	echo "| data | part | peer | setting | columns | shape | rows | recall | median ms | fetches | codes | plan |"
	echo "|---|---|---|---|---|---|---:|---:|---:|---:|---:|---|"
	rows shapes | awk -F, '{
		printf "| %s | %s | %s | %s | %s | %s | %s | %s | %s | %s | %s | %s |\n",
			$1, $2, $3, $4, $5, $6, $7, $10, $11, $12, $13, $14
	}'
	echo
}

# Filters through columns of the index: the share of the rate without a filter,
# and how many times that of the fastest of each peer's settings that finds as
# much.
table_filters()
{
	rows shapes | awk -F, '
		$2 != "filter" { next }
		$3 == "vecdb" && $4 ~ /^columns/ {
			target = substr($4, 9)
			if ($6 == "none") none[$1, target, $5] = $11
			else { row[++n] = $0; }
		}
		$3 != "vecdb" {
			if (!($3 in peer)) { peer[$3]; peers[++npeers] = $3 }
			other[++m] = $0
		}
		function times(of, name,   i, f, least) {
			for (i = 1; i <= m; i++) {
				split(other[i], f, ",")
				if (f[1] == of[1] && f[3] == name && f[6] == of[6] &&
					f[10] >= of[10] - 0.01 && (!least || f[11] < least))
					least = f[11]
			}
			return least ? sprintf("%.1f", least / of[11]) : "–"
		}
		END {
			if (n == 0) exit
			printf "| data | filter | target | recall | ms | share of the rate without"
			for (p = 1; p <= npeers; p++) printf " | times %s", peers[p]
			printf " |\n|---|---|---:|---:|---:|---:"
			for (p = 1; p <= npeers; p++) printf "|---:"
			print "|"
			for (i = 1; i <= n; i++) {
				split(row[i], of, ",")
				target = substr(of[4], 9)
				printf "| %s | %s | %s | %s | %s | %.2f", of[1], of[6], target,
					of[10], of[11], none[of[1], target, of[5]] / of[11]
				for (p = 1; p <= npeers; p++) printf " | %s", times(of, peers[p])
				print " |"
			}
			print ""
		}'
}

# What the planner chose for a filter beside the fastest of the ways.
table_choices()
{
	rows shapes | awk -F, '
		$2 == "filter" && $3 == "vecdb" && $6 != "none" && $4 !~ /0.99$/ {
			cell = $1 "," $6
			if ($4 == "chosen") { chosen[cell] = $11; plan[cell] = $14 }
			else if (!(cell in least) || $11 < least[cell]) {
				least[cell] = $11
				way[cell] = $4
			}
		}
		END {
			for (cell in chosen) n++
			if (n == 0) exit
			print "| data | filter | chosen | ms | fastest | ms | loss |"
			print "|---|---|---|---:|---|---:|---:|"
			for (cell in chosen) {
				split(cell, of, ",")
				printf "| %s | %s | %s | %s | %s | %s | %.2f |\n", of[1], of[2],
					plan[cell], chosen[cell], way[cell], least[cell],
					chosen[cell] / least[cell] | "sort"
			}
		}'
	echo
}

echo "# Benchmark"
echo
cat "$FOLDER/machine.txt"
echo
if [ -n "$(rows search)" ]; then
	table_at_target
fi
table_builds
table_server
table_inserts
table "More connections" connections
table "Cold: all in memory, the first queries from disk, a quarter in memory" cold
table "Growth: 768 dimensions, default settings" growth
growth_ratio
table "Every setting" search
if [ -n "$(rows shapes)" ]; then
	table_filters
	table_choices
	table_shapes
fi
if [ -f "$FOLDER/costs.md" ]; then
	cat "$FOLDER/costs.md"
fi
