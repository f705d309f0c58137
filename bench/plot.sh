#!/bin/bash
# plot.sh FOLDER [DATA FILE PEER...]
#   Plots for each data set of a run: recall against queries a second, a curve for
#   each peer, as FOLDER/DATA.svg.  Or one of some peers, FOLDER/FILE.svg for a light
#   page and FOLDER/FILE-dark.svg for a dark one.  A setting that answered fewer than
#   200 queries, over all rounds, has no point: its recall is chance.
set -euo pipefail

FOLDER=$1
# shellcheck source=bench/plot-lib.sh
. "$(dirname "$0")/plot-lib.sh"

# search_rows DATA PEERS: peers in the order in which they were measured, and what is
# varied along their curves.
search_rows()
{
	awk -F, -v data="$1" -v peers=" $2 " '
		BEGIN {
			title["vecdb_target"] = "vecdb, target recall"
			title["vecdb_probes"] = "vecdb; probes"
			title["pgvector_ivfflat"] = "pgvector ivfflat; probes"
			title["pgvector_hnsw"] = "pgvector hnsw; ef search"
		}
		$1 == data && $5 >= 200 && (peers ~ /^ *$/ || index(peers, " " $2 " ")) {
			name = $2 in title ? title[$2] : $2
			gsub(/,/, ";", name)
			print name "," $6 "," $7
		}' "$WORK/medians"
}

# plot DATA FILE PEERS [dark]
plot()
{
	local data=$1 file=$2 peers=$3 key='outside right top'

	[ -z "$peers" ] || key='inside bottom left Left reverse'
	{
		plot_head "$file" "$data: one connection, the 10 nearest rows" 480 "${4:-}"
		cat <<END
set xlabel 'recall\@10'
set ylabel '$(by_clock "$data" search 'queries a second')'
set logscale y
set xrange [0.6:1.0]
set key $key
plot $(search_rows "$data" "$peers" | curves)
END
	} | gnuplot
}

setting_medians search >"$WORK/medians"
if [ $# -gt 1 ]; then
	plot "$2" "$3" "${*:4}"
	plot "$2" "$3-dark" "${*:4}" dark
	exit
fi
cut -d, -f1 "$WORK/medians" | sort -u | while read -r data; do
	plot "$data" "$data" ''
done
