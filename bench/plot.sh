#!/bin/bash
# plot.sh FOLDER
#   One plot for each data set of a run: recall against queries a second, a
#   curve for each peer, as FOLDER/DATA.svg.
set -euo pipefail

FOLDER=$1
HERE=$(cd "$(dirname "$0")" && pwd)
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT

plot()
{
	local data=$1 peer style curves=()
	local colours=(d62728 ff7f0e 1f77b4 17becf 2ca02c 9467bd 8c564b e377c2 \
		7f7f7f bcbd22)

	while read -r peer; do
		awk -F, -v data="$data" -v peer="$peer" \
			'$1 == data && $2 == peer { print $6, $7 }' "$WORK/medians" |
			sort -n >"$WORK/$peer"
		style='with linespoints linewidth 2 pointtype 7 pointsize 0.5'
		[ "$(wc -l <"$WORK/$peer")" -gt 1 ] ||
			style='with points pointtype 2 pointsize 1.2 linewidth 2'
		style+=" linecolor rgb '#${colours[${#curves[@]} % 10]}'"
		curves+=("'$WORK/$peer' using 1:2 $style title '${peer//_/ }'")
	done < <(awk -F, -v data="$data" '
		$1 == data && !seen[$2]++ { print $2 }' "$WORK/medians")
	gnuplot <<END
set terminal svg size 860,560 background rgb 'white' font 'sans-serif,12'
set output '$FOLDER/$data.svg'
set title '$data: one connection, the 10 nearest rows'
set xlabel 'recall\@10'
set ylabel 'queries a second'
set logscale y
set xrange [0.6:1.0]
set grid xtics ytics lc rgb '#dddddd'
set key outside right top
plot $(IFS=,; echo "${curves[*]}")
END
}

"$HERE/medians.sh" "$FOLDER/search.csv" >"$WORK/medians"
cut -d, -f1 "$WORK/medians" | sort -u | while read -r data; do
	plot "$data"
done
