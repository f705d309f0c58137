#!/bin/bash
# parts-plot.sh FOLDER
#   Plots of what a run measured of all data sets beside searches: builds.svg,
#   sizes.svg, inserts.svg, cold.svg, growth.svg, targets.svg, costs.svg, and
#   DATA-connections.svg.
set -euo pipefail

FOLDER=$1
# shellcheck source=bench/plot-lib.sh
. "$(dirname "$0")/plot-lib.sh"

# lines FILE TITLE XLABEL YLABEL SETTING...: curves from "title,x,y".
lines()
{
	{
		plot_head "$1" "$2" 480
		printf '%s\n' "set xlabel '$3'" "set ylabel '$4'" "${@:5}" \
			"plot $(curves)"
	} | gnuplot
}

plot_builds()
{
	awk -F, 'NR > 1 { print $1 "," $2 "," $3 }' "$FOLDER/builds.csv" |
		bars builds 'building the index' seconds
	awk -F, 'NR > 1 { print $1 "," $2 "," $4 / 1048576 }' "$FOLDER/builds.csv" |
		bars sizes 'size of the index' MB
}

plot_inserts()
{
	tail -n +2 "$FOLDER/inserts.csv" | sort -t, -k1,1 -k2,2 -k5,5n | awk -F, '
		function flush() { if (n) print of "," rate[int((n + 1) / 2)] }
		$1 "," $2 != of { flush(); n = 0; of = $1 "," $2 }
		{ rate[++n] = $5 }
		END { flush() }' |
		bars inserts 'single rows, one connection' 'inserts a second'
}

plot_cold()
{
	setting_medians cold | awk -F, '{ print $1 "," $2 " p50," $8; print $1 "," $2 " p99," $10 }' |
		bars cold 'shared buffers of a quarter, and nothing in them' ms
}

plot_growth()
{
	setting_medians growth | awk -F, '{ split($1, set, "_"); print set[1] " " $2 "," set[2] "," $8 }' |
		lines growth 'ten times the rows' rows 'p50, ms' 'set logscale xy'
}

plot_targets()
{
	setting_medians search | awk -F, '$2 == "vecdb_target" {
		sub(/target=/, "", $3)
		print $1 "," $3 "," $6 }' |
		lines targets 'what a target recall comes to' \
			'ivfflat.target\_recall' 'recall\@10' 'set yrange [*:1]' \
			'set key inside bottom right'
}

plot_connections()
{
	local data

	setting_medians connections | cut -d, -f1 | sort -u | while read -r data; do
		setting_medians connections | awk -F, -v data="$data" '$1 == data {
			print $2 " " $3 "," $4 "," $7 }' |
			lines "$data-connections" "$data: several connections" \
				connections 'queries a second' 'set logscale xy 2'
	done
}

# Each cell, at the higher page cost.
plot_costs()
{
	{
		plot_head costs 'what the planner expects, and what it takes' 560
		cat <<'END'
set xlabel 'ms'
set ylabel 'ms expected'
set logscale xy
set key inside top left Left reverse
END
		awk -F, '
			NR == 1 { for (i = 1; i <= NF; i++) column[$i] = i; next }
			$column["page_cost"] == 4 {
				print $column["plan"] "," $column["ms"] "," $column["estimate"]
			}' "$FOLDER/costs.csv" >"$WORK/costs"
		printf 'plot x with lines linecolor rgb "#7f7f7f" notitle'
		for plan in ivfflat columns exact btree; do
			printf ", '< grep ^%s, %s' using 2:3 with points pointtype 7 pointsize 0.4 title '%s'" \
				$plan "$WORK/costs" $plan
		done
		echo
	} | sed '/^plot/i set datafile separator ","' | gnuplot
}

for part in builds inserts cold growth connections costs; do
	! has_rows $part || plot_$part
done
if has_rows search && grep -q vecdb_target "$FOLDER/search.csv"; then
	plot_targets
fi
