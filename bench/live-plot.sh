#!/bin/bash
# live-plot.sh FOLDER
#   Plots of the part live, as FOLDER/DATA-live.svg: over the rows of a growing
#   table, recall, and codes for each of a fresh index at the same recall.
set -euo pipefail

FOLDER=$1
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT

# ratios DATA EXPRESSION: a curve for each order and way to vacuum; awk has the
# fields.
# shellcheck disable=SC2016
ratios()
{
	local data=$1 value=$2 name file

	while IFS= read -r name; do
		file=$WORK/${value//[^a-z0-9]/_}-${name//[ ,]/_}
		awk -F, -v data="$data" -v name="$name" '
			$1 == data && $2 == "growth" && $3 "," $4 == name && $10 > 0 {
				print $6, '"$value"' }' "$FOLDER/live.csv" >"$file"
		echo "'$file' with linespoints title '${name/,/, }'"
	done < <(awk -F, -v data="$data" '
		$1 == data && $2 == "growth" && !seen[$3, $4]++ { print $3 "," $4 }' \
		"$FOLDER/live.csv") | paste -sd,
}

# shellcheck disable=SC2016
tail -n +2 "$FOLDER/live.csv" | cut -d, -f1 | sort -u | while read -r data; do
	gnuplot <<END
set terminal svg size 860,760 background rgb 'white' font 'sans-serif,12'
set output '$FOLDER/$data-live.svg'
set multiplot layout 2,1 title '$data: an index made on an empty table, as rows come'
set grid lc rgb '#dddddd'
set key outside right top
set xlabel 'rows'
set ylabel 'recall\@10 before VACUUM'
set yrange [0.9:1]
plot $(ratios "$data" '$7')
set autoscale y
set yrange [0.8:]
set ylabel 'codes, over those of a fresh index'
plot $(ratios "$data" '$10/$13')
END
done
