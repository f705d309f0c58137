#!/bin/bash
# shapes-plot.sh FOLDER
#   Plots of the parts k, filter and radius, as FOLDER/DATA-PART.svg: over the
#   number of rows, recall and time of each way to search.
set -euo pipefail

FOLDER=$1
# shellcheck source=bench/plot-lib.sh
. "$(dirname "$0")/plot-lib.sh"

# shape_rows DATA PART COLUMN: of each peer, setting and shape.
shape_rows()
{
	awk -F, -v data="$1" -v part="$2" -v column="$3" '
		$1 == data && $2 == part {
			print $3 " " $4 ($6 == "none" ? "" : " " $6) "," $7 "," $column
		}' "$FOLDER/shapes.csv"
}

by_rows()
{
	local data=$1 part=$2 title=$3

	{
		plot_head "$data-$part" '' 760
		cat <<END
set multiplot layout 2,1 title '$data: $title'
set logscale x
set xlabel 'rows'
set ylabel 'recall'
set yrange [*<0.8:1.01]
plot $(shape_rows "$data" "$part" 10 | curves)
set autoscale y
set logscale y
set ylabel 'ms of processor time'
plot $(shape_rows "$data" "$part" 11 | curves)
END
	} | gnuplot
}

# Filters have no order of their own: a group of bars for each.  Of a peer the
# fastest setting that finds as many rows as our columns do at 0.95, but for 0.01.
by_filter()
{
	awk -F, -v data="$1" '
		$1 != data || $2 != "filter" || $6 == "none" { next }
		$3 == "vecdb" && $4 !~ /0.99$/ { print $6 "," $3 " " $4 "," $11 }
		$3 == "vecdb" && $4 == "columns 0.95" {
			found[$6] = $10
			shapes[++nshapes] = $6
		}
		$3 != "vecdb" {
			row[++n] = $0
			peers[$3]
		}
		END {
			for (peer in peers) for (s = 1; s <= nshapes; s++) {
				least = "NaN"
				for (i = 1; i <= n; i++) {
					split(row[i], f, ",")
					right = f[3] == peer && f[6] == shapes[s] &&
						f[10] >= found[f[6]] - 0.01
					if (right && (least == "NaN" || f[11] + 0 < least + 0))
						least = f[11]
				}
				print shapes[s] ",pgvector " peer "," least
			}
		}' "$FOLDER/shapes.csv" |
		bars "$1-filter" "$1: the 10 nearest rows that pass a filter" \
			'ms of processor time'
}

tail -n +2 "$FOLDER/shapes.csv" | cut -d, -f1,2 | sort -u |
	while IFS=, read -r data part; do
		case $part in
			k) by_rows "$data" k 'the nearest rows' ;;
			radius) by_rows "$data" radius 'rows within a radius, and as many nearest' ;;
			filter) by_filter "$data" ;;
		esac
	done
