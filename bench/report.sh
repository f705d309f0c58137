#!/bin/bash
# report.sh FOLDER TARGET [SETS [TABLE ARGUMENT...]]
#   The tables of a run, in Markdown, from its CSV files.  SETS, parted by commas,
#   are those of the data sets to tell of, in this order; empty: all.  With TABLE it
#   is that one alone, by a function of the name table_TABLE.
#
# "At recall 0.95" is read off the curve through a peer's settings: where two
# neighbours enclose that recall, the logarithm of the rate, or of the time, is
# interpolated between them.
set -euo pipefail

FOLDER=$1
TARGET=$2
SETS=${3:-}
HERE=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=bench/report-shapes.sh
. "$HERE/report-shapes.sh"
# shellcheck source=bench/report-live.sh
. "$HERE/report-live.sh"

# The rows of a file beside its header.
rows()
{
	local file=$FOLDER/$1.csv name

	[ -f "$file" ] || return 0
	if [ -z "$SETS" ]; then
		tail -n +2 "$file"
		return
	fi
	for name in ${SETS//,/ }; do
		awk -F, -v data="$name" 'NR > 1 && $1 == data' "$file"
	done
}

medians()
{
	[ -f "$FOLDER/$1.csv" ] || return 0
	{
		head -n 1 "$FOLDER/$1.csv"
		rows "$1"
	} | "$HERE/medians.sh" -
}

# at_target TARGET: data,peer,qps,p50,p95,p99,recall at the target, which is the
# recall but for the row of the default setting.  Of a peer that no setting brings
# there: data,peer,,,,,its highest recall.
at_target()
{
	medians search | awk -F, -v target="$1" '
		function between(i,   share) {
			share = (target - last[6]) / ($6 - last[6])
			return exp(log(last[i]) * (1 - share) + log($i) * share)
		}
		function print_row(   i) {
			printf "%s,%s", $1, $2
			for (i = 7; i <= 10; i++)
				printf ",%.6g", (same && last[6] < target ? between(i) : $i)
			printf ",%s\n", ($2 == "vecdb" ? $6 : target)
		}
		$2 == "vecdb" {
			same = 0
			print_row()
		}
		$2 ~ /^(vecdb|vecdb_exact)$/ {
			next
		}
		{
			same = $1 == last[1] && $2 == last[2]
			peer = $1 "," $2
			if (!(peer in most)) peers[++npeers] = peer
			most[peer] = $6 > most[peer] + 0 ? $6 : most[peer]
			if (!done[peer] && $6 >= target) {
				print_row()
				done[peer] = 1
			}
			split($0, last, ",")
		}
		END {
			for (p = 1; p <= npeers; p++)
				if (!done[peers[p]])
					printf "%s,,,,,%s\n", peers[p], most[peers[p]]
		}'
}

# table_at_target TARGET
table_at_target()
{
	local target=$1

	echo "## At recall@10 = $target, one connection"
	echo
	echo "| data | peer | recall@10 | queries/s | p50 ms | p95 ms | p99 ms | vecdb's rate ÷ its |"
	echo "|---|---|---:|---:|---:|---:|---:|---:|"
	at_target "$target" | awk -F, -v usual="$TARGET" -v target="$target" '
		$2 == "vecdb" && target != usual { next }
		{ row[++n] = $0 }
		$2 == "vecdb_target" { ours[$1] = $3 }
		END {
			for (i = 1; i <= n; i++) {
				split(row[i], f, ",")
				if (f[3] == "") {
					printf "| %s | %s | %.3f at most | | | | | |\n", f[1], f[2], f[7]
					continue
				}
				printf "| %s | %s | %.3f | %.0f | %.3f | %.3f | %.3f | %s |\n",
					f[1], f[2] (f[2] == "vecdb" ? ", no setting" : ""), f[7],
					f[3], f[4], f[5], f[6],
					ours[f[1]] ? sprintf("%.1f", ours[f[1]] / f[3]) : "–"
			}
		}'
	echo
}

# pivot HEADING: from lines "row, column, cell", parted by tabs, a table of them, rows
# and columns in the order in which they come.  HEADING is that of the rows' names.
pivot()
{
	awk -F'\t' -v heading="$1" '
		{
			if (!($1 in known)) { known[$1]; names[++nnames] = $1 }
			if (!($2 in seen)) { seen[$2]; columns[++ncolumns] = $2 }
			cell[$1, $2] = $3
		}
		END {
			if (!nnames) exit
			printf "| %s", heading
			for (c = 1; c <= ncolumns; c++) printf " | %s", columns[c]
			gsub(/[^|]+/, "---", heading)
			printf " |\n|%s", heading
			for (c = 1; c <= ncolumns; c++) printf "|---:"
			print "|"
			for (n = 1; n <= nnames; n++) {
				printf "| %s", names[n]
				for (c = 1; c <= ncolumns; c++)
					printf " | %s", cell[names[n], columns[c]]
				print " |"
			}
		}'
}

# What is found at each target recall, over all rounds.
table_targets()
{
	echo "## Recall@10 at each target"
	echo
	medians search | awk -F, -v OFS='\t' '
		$2 == "vecdb_target" {
			sub(/target=/, "", $3)
			print $1, $3, sprintf("%.3f", $6)
		}' | pivot data
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

# The same by the file alone.
table_settings()
{
	table "Settings" "$1"
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

# Of looks at active sessions, at those that waited for a lightweight lock.
table_waits()
{
	[ -n "$(rows waits)" ] || return 0
	echo "## Waits for lightweight locks, and memory"
	echo
	echo "| data | peer | setting | connections | active sessions seen | of them waiting | for | largest backend, MB |"
	echo "|---|---|---|---:|---:|---:|---|---:|"
	rows waits | awk -F, '
		{
			way = $1 " | " $2 " | " $3 " | " $5
			if (!(way in active)) order[++n] = way
			active[way] += $6
			waiting[way] += $7
			if (index(locks[way] " ", $8 " ") == 0)
				locks[way] = locks[way] ($8 == "" ? "" : " " $8)
			if ($9 > most[way]) most[way] = $9
		}
		END {
			for (i = 1; i <= n; i++)
				printf "| %s | %d | %d | %s | %.1f |\n", order[i],
					active[order[i]], waiting[order[i]], locks[order[i]],
					most[order[i]] / 1024
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
		{
			split($1, set, "_")
			if (!(set[1] in first)) { sets[++n] = set[1]; first[set[1]] = $8 }
			last[set[1]] = $8
		}
		END {
			for (i = 1; i <= n; i++)
				printf "A query over ten times the rows of %s takes %.2f times as long.\n\n",
					sets[i], last[sets[i]] / first[sets[i]]
		}'
}

# The first two parts of what costs.sh reports: all but single cells.
table_costs()
{
	[ -f "$FOLDER/costs.md" ] || return 0
	awk '/^## Choices that/ { exit } !/^## / { print }' "$FOLDER/costs.md"
}

# table_runs FILE[-PART]: which commands measured these rows of FILE.csv, and where.
table_runs()
{
	awk -F'\t' -v file="$1" -v sets="$SETS" '
		BEGIN { n = split(sets, names, ",") }
		function wanted(data,   i) {
			for (i = 1; i <= n; i++) if (names[i] == data) return 1
			return n == 0
		}
		$1 == file && wanted($2) && !seen[$3, $4]++ {
			printf "`%s` on %s.\n", $4, $3
		}' "$FOLDER/runs.tsv"
}

if [ $# -gt 3 ]; then
	"table_$4" "${@:5}"
	exit
fi
echo "# Benchmark"
echo
cat "$FOLDER/machine.txt"
echo
if [ -n "$(rows search)" ]; then
	table_at_target "$TARGET"
	table_at_target 0.99
	table_targets
fi
table_builds
table_server
table_inserts
table "More connections" connections
table_waits
table "Cold: all in memory, the first queries from disk, a quarter in memory" cold
table "Growth: ten times the rows, default settings" growth
growth_ratio
table "Every setting" search
if [ -n "$(rows shapes)" ]; then
	table_filters
	table_choices
	table_limits
	table_radii
	table_shapes
fi
if [ -n "$(rows live)" ]; then
	table_live
fi
if [ -f "$FOLDER/costs.md" ]; then
	cat "$FOLDER/costs.md"
fi
