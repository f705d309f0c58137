#!/bin/bash
# plot.sh FOLDER [UNIT [PEER]...]
#   Plots for each data set of a run: recall against queries a second, or what
#   UNIT says, a curve for each peer, or those that are named.  FOLDER/DATA.svg is
#   for a light page, FOLDER/DATA-dark.svg for a dark one.  A setting that answered
#   fewer than 200 queries, over all rounds, has no point: its recall is chance.
set -euo pipefail

FOLDER=$1
UNIT=${2:-queries a second}
PEERS=" ${*:3} "
HERE=$(cd "$(dirname "$0")" && pwd)
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT

# Peers in the order in which they were measured.
peers_of()
{
	awk -F, -v data="$1" '$1 == data && !seen[$2]++ { print $2 }' \
		"$WORK/medians" | while read -r peer; do
		if [ -z "${PEERS// /}" ] || [[ $PEERS == *" $peer "* ]]; then
			echo "$peer"
		fi
	done
}

# What is varied along a curve.
title_of()
{
	case $1 in
		vecdb_target) echo 'vecdb, target recall' ;;
		vecdb_probes) echo 'vecdb, probes' ;;
		pgvector_ivfflat) echo 'pgvector ivfflat, probes' ;;
		pgvector_hnsw) echo 'pgvector hnsw, ef search' ;;
		*) echo "${1//_/ }" ;;
	esac
}

# plot DATA FILE TEXT GRID: the last two are colours.
plot()
{
	local data=$1 file=$2 text=$3 grid=$4 peer style curves=() key='outside right top'
	local colours=(d62728 ff7f0e 1f77b4 17becf 2ca02c 9467bd 8c564b e377c2 \
		7f7f7f bcbd22)

	while read -r peer; do
		awk -F, -v data="$data" -v peer="$peer" \
			'$1 == data && $2 == peer && $5 >= 200 { print $6, $7 }' "$WORK/medians" |
			sort -n >"$WORK/$peer"
		style='with linespoints linewidth 2 pointtype 7 pointsize 0.5'
		[ "$(wc -l <"$WORK/$peer")" -gt 1 ] ||
			style='with points pointtype 2 pointsize 1.2 linewidth 2'
		style+=" linecolor rgb '#${colours[${#curves[@]} % 10]}'"
		curves+=("'$WORK/$peer' using 1:2 $style title \"$(title_of "$peer")\"")
	done < <(peers_of "$data")
	[ ${#curves[@]} -gt 4 ] || key='bottom left Left reverse'
	gnuplot <<END
set terminal svg size 860,480 font 'sans-serif,14'
set output '$FOLDER/$file.svg'
set title '$data: one connection, the 10 nearest rows' textcolor rgb '$text'
set xlabel 'recall\@10' textcolor rgb '$text'
set ylabel '$UNIT' textcolor rgb '$text'
set border linecolor rgb '$text'
set tics textcolor rgb '$text'
set logscale y
set xrange [0.6:1.0]
set grid xtics ytics lc rgb '$grid'
set key $key textcolor rgb '$text'
plot $(IFS=,; echo "${curves[*]}")
END
}

"$HERE/medians.sh" "$FOLDER/search.csv" >"$WORK/medians"
cut -d, -f1 "$WORK/medians" | sort -u | while read -r data; do
	plot "$data" "$data" '#1f2328' '#d1d9e0'
	plot "$data" "$data-dark" '#e6edf3' '#3d444d'
done
