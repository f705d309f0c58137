#!/bin/bash
# shapes-plot.sh FOLDER
#   Plots of the parts k, filter and radius, as FOLDER/DATA-PART.svg: over the
#   number of rows, recall and time of each way to search.
set -euo pipefail

FOLDER=$1
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT

# plot DATA PART COLUMN LABEL AXIS: a curve for each peer and setting.
curves()
{
	local data=$1 part=$2 column=$3 name

	while IFS= read -r name; do
		awk -F, -v data="$data" -v part="$part" -v name="$name" \
			-v column="$column" '
			$1 == data && $2 == part && $3 " " $4 " " $6 == name {
				print $7, $column }' "$FOLDER/shapes.csv" | sort -n \
			>"$WORK/$part-$column-${name//[ %.]/_}"
		echo "'$WORK/$part-$column-${name//[ %.]/_}' with linespoints title '$name'"
	done < <(awk -F, -v data="$data" -v part="$part" '
		$1 == data && $2 == part && !seen[$3, $4, $6]++ {
			print $3 " " $4 " " $6 }' "$FOLDER/shapes.csv") | paste -sd,
}

by_rows()
{
	local data=$1 part=$2 title=$3

	gnuplot <<END
set terminal svg size 860,760 background rgb 'white' font 'sans-serif,12'
set output '$FOLDER/$data-$part.svg'
set multiplot layout 2,1 title '$data: $title'
set logscale x
set grid lc rgb '#dddddd'
set key outside right top
set xlabel 'rows'
set ylabel 'recall'
set yrange [0:1.02]
plot $(curves "$data" "$part" 10)
set autoscale y
set logscale y
set ylabel 'ms'
plot $(curves "$data" "$part" 11)
END
}

# Filters have no order of their own: a group of bars for each.
by_filter()
{
	local data=$1

	awk -F, -v data="$data" '
		$1 == data && $2 == "filter" {
			way = $3 " " $4
			if (!(way in seen)) { seen[way]; ways[++nways] = way }
			if (!($6 in shape)) { shape[$6]; shapes[++nshapes] = $6 }
			if (!((way, $6) in ms)) ms[way, $6] = $11
		}
		END {
			printf "filter"
			for (w = 1; w <= nways; w++) printf ",%s", ways[w]
			for (s = 1; s <= nshapes; s++) {
				printf "\n%s", shapes[s]
				for (w = 1; w <= nways; w++) printf ",%s", ms[ways[w], shapes[s]]
			}
			print ""
		}' "$FOLDER/shapes.csv" >"$WORK/filter"
	gnuplot <<END
set terminal svg size 860,560 background rgb 'white' font 'sans-serif,12'
set output '$FOLDER/$data-filter.svg'
set title '$data: the 10 nearest rows that pass a filter'
set datafile separator ','
set style data histogram
set style fill solid
set logscale y
set ylabel 'ms'
set key outside right top
plot for [i=2:*] '$WORK/filter' using i:xtic(1) title columnheader(i)
END
}

tail -n +2 "$FOLDER/shapes.csv" | cut -d, -f1,2 | sort -u |
	while IFS=, read -r data part; do
		case $part in
			k) by_rows "$data" k 'the nearest rows' ;;
			radius) by_rows "$data" radius 'rows within a radius, and as many nearest' ;;
			filter) by_filter "$data" ;;
		esac
	done
