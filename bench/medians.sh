#!/bin/sh
# medians.sh FILE.csv
#   Over the rounds of each setting: the median of each time (of two in the
#   middle the lower, the nearest rank as everywhere here), the recall of all
#   queries together.  Peers and their settings keep the order in which they
#   were first measured.
#   Prints data,peer,setting,connections,queries,recall,qps,p50,p95,p99,mean.
set -eu
exec awk -F, '
function median(list,   n, i, j, t, v) {
	n = split(list, v, " ")
	for (i = 2; i <= n; i++) {
		t = v[i] + 0
		for (j = i - 1; j > 0 && v[j] + 0 > t; j--)
			v[j + 1] = v[j]
		v[j + 1] = t
	}
	return v[int((n + 1) / 2)] + 0
}
function print_row(key,   i) {
	printf "%s,%d,%.5f", key, queries[key], recall[key] / queries[key]
	for (i = 8; i <= 12; i++)
		printf ",%.4f", median(values[key, i])
	printf "\n"
}
FNR == 1 { next }
{
	key = $1 "," $2 "," $3 "," $5
	peer = $1 "," $2
	if (!(peer in settings))
		peers[++npeers] = peer
	if (!(key in queries))
		order[peer, ++settings[peer]] = key
	queries[key] += $6
	recall[key] += $7 * $6
	for (i = 8; i <= 12; i++)
		values[key, i] = values[key, i] " " $i
}
END {
	for (p = 1; p <= npeers; p++)
		for (k = 1; k <= settings[peers[p]]; k++)
			print_row(order[peers[p], k])
}' "$1"
