# shellcheck shell=bash
#
# Tables of searches of other shapes than ten rows, which shapes.sh measures: for
# report.sh, whose rows() they read.

# table_shapes [PART]: searches of other shapes than ten rows, by shapes.sh.
table_shapes()
{
	echo "## Other LIMITs, filters, radii"
	echo
	echo "| data | part | peer | setting | columns | shape | rows | recall | median ms | fetches | codes | plan |"
	echo "|---|---|---|---|---|---|---:|---:|---:|---:|---:|---|"
	rows shapes | awk -F, -v part="${1:-}" 'part == "" || $2 == part {
		printf "| %s | %s | %s | %s | %s | %s | %s | %s | %s | %s | %s | %s |\n",
			$1, $2, $3, $4, $5, $6, $7, $10, $11, $12, $13, $14
	}'
	echo
}

# Filters through columns of the index: the share of the rate without a filter,
# and how many times that of the fastest of each peer's settings that finds as
# much, or of the one that finds most.
table_filters()
{
	rows shapes | awk -F, '
		$2 != "filter" { next }
		$3 == "vecdb" && $4 ~ /^columns/ {
			target = substr($4, 9)
			if ($6 == "none") none[$1, target, $5] = $11
			else { row[++n] = $0; }
		}
		$3 != "vecdb" {
			if (!($3 in peer)) { peer[$3]; peers[++npeers] = $3 }
			other[++m] = $0
		}
		# Where no setting finds as much: the one that finds most, and its recall.
		function times(of, name,   i, f, least, most, took) {
			for (i = 1; i <= m; i++) {
				split(other[i], f, ",")
				if (f[1] != of[1] || f[3] != name || f[6] != of[6]) continue
				if (f[10] >= of[10] - 0.01 && (!least || f[11] + 0 < least))
					least = f[11]
				if (!took || f[10] + 0 > most || (f[10] + 0 == most && f[11] + 0 < took)) {
					most = f[10] + 0
					took = f[11] + 0
				}
			}
			if (least) return sprintf("%.1f", least / of[11])
			return took ? sprintf("%.0f at %.2f", took / of[11], most) : "–"
		}
		END {
			if (n == 0) exit
			printf "| data | filter | target | recall | ms | share of the rate without"
			for (p = 1; p <= npeers; p++) printf " | times %s", peers[p]
			printf " |\n|---|---|---:|---:|---:|---:"
			for (p = 1; p <= npeers; p++) printf "|---:"
			print "|"
			for (i = 1; i <= n; i++) {
				split(row[i], of, ",")
				target = substr(of[4], 9)
				printf "| %s | %s | %s | %s | %s | %.2f", of[1], of[6], target,
					of[10], of[11], none[of[1], target, of[5]] / of[11]
				for (p = 1; p <= npeers; p++) printf " | %s", times(of, peers[p])
				print " |"
			}
			print ""
		}'
}

# What the planner chose for a filter beside the fastest of the ways.
table_choices()
{
	rows shapes | awk -F, '
		$2 == "filter" && $3 == "vecdb" && $6 != "none" && $4 !~ /0.99$/ {
			cell = $1 "," $6
			if ($4 == "chosen") { chosen[cell] = $11; plan[cell] = $14 }
			else if (!(cell in least) || $11 + 0 < least[cell] + 0) {
				least[cell] = $11
				way[cell] = $4
			}
		}
		END {
			for (cell in chosen) n++
			if (n == 0) exit
			print "| data | filter | chosen | ms | fastest | ms | loss |"
			print "|---|---|---|---:|---|---:|---:|"
			for (cell in chosen) {
				split(cell, of, ",")
				printf "| %s | %s | %s | %s | %s | %s | %.2f |\n", of[1], of[2],
					plan[cell], chosen[cell], way[cell], least[cell],
					chosen[cell] / least[cell] | "sort"
			}
		}'
	echo
}

# LIMITs by the target: recall, and the median of ms.
table_limits()
{
	rows shapes | awk -F, -v OFS='\t' '
		$2 == "k" && $4 != "chosen" {
			print $1 " | " $3 ", " $4, $7, sprintf("%.3f, %.2f", $10, $11)
		}' | pivot 'data | way'
	echo
}

# Radii that hold so many rows, beside LIMITs of as many.
table_radii()
{
	rows shapes | awk -F, '
		$2 != "radius" { next }
		{
			cell = $1 " | " $7
			if (!(cell in seen)) { seen[cell]; cells[++ncells] = cell }
			recall[cell, $6] = $10
			ms[cell, $6] = $11
		}
		END {
			if (!ncells) exit
			print "| data | rows | recall within the radius | ms | recall under LIMIT | ms | radius ÷ LIMIT |"
			print "|---|---:|---:|---:|---:|---:|---:|"
			for (c = 1; c <= ncells; c++)
				printf "| %s | %.3f | %.2f | %.3f | %.2f | %.2f |\n", cells[c],
					recall[cells[c], "radius"], ms[cells[c], "radius"],
					recall[cells[c], "limit"], ms[cells[c], "limit"],
					ms[cells[c], "radius"] / ms[cells[c], "limit"]
		}'
	echo
}
