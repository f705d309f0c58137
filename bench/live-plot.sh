#!/bin/bash
# live-plot.sh FOLDER
#   Plots of the part live, as FOLDER/DATA-live.svg: over the rows of a growing
#   table, recall, and codes for each of a fresh index at the same recall.
set -euo pipefail

FOLDER=$1
# shellcheck source=bench/plot-lib.sh
. "$(dirname "$0")/plot-lib.sh"

# grown DATA EXPRESSION FIELD: of each order and way to vacuum, where the field is
# above zero; awk has the fields.
grown()
{
	awk -F, -v data="$1" -v field="$3" '
		$1 == data && $2 == "growth" && $field > 0 {
			print $3 "; " $4 "," $6 "," '"$2"' }' "$FOLDER/live.csv"
}

# shellcheck disable=SC2016
tail -n +2 "$FOLDER/live.csv" | cut -d, -f1 | sort -u | while read -r data; do
	{
		plot_head "$data-live" '' 760
		cat <<END
set multiplot layout 2,1 title '$data: an index made on an empty table, as rows come'
set xlabel 'rows'
set ylabel 'recall\@10 before VACUUM'
set yrange [0.9:1]
plot $(grown "$data" '$7' 10 | curves)
set yrange [0.8:*]
set ylabel 'codes, over those of a fresh index'
plot $(grown "$data" '$10/$13' 13 | curves)
END
	} | gnuplot
done
