# shellcheck shell=bash
#
# Tables of an index that lives, which live.sh measures: for report.sh, whose rows()
# they read.

# An index that lives, by live.sh.
table_live()
{
	echo "## An index that lives"
	echo
	table_life
	table_live_inserts
}

# Of an order of the rows, the least and greatest of all steps, and the last.  What a
# growth finds before its first VACUUM is in a single list, which is read whole: it
# is no greatest.
table_life()
{
	echo "| data | part | order | VACUUM | recall | time ÷ a fresh index's | codes ÷, at the end | rows coded anew, each |"
	echo "|---|---|---|---|---:|---:|---:|---:|"
	rows live | awk -F, '
		{
			key = $1 " | " $2 " | " $3 " | " $4
			if (!(key in least)) { keys[++n] = key; least[key] = 1 }
			for (i = 7; i <= 8; i++) {
				if ($i < least[key]) least[key] = $i
				if ($i > most[key] && !($2 == "growth" && $5 == 1 && i == 7))
					most[key] = $i
			}
			if ($12 > 0 && $9 / $12 > time[key]) time[key] = $9 / $12
			if ($13 > 0) codes[key] = $10 / $13
			recoded[key] = $15 / $16
		}
		END {
			for (i = 1; i <= n; i++)
				printf "| %s | %.3f to %.3f | ≤ %.2f | %.3f | %.2f |\n", keys[i],
					least[keys[i]], most[keys[i]], time[keys[i]],
					codes[keys[i]], recoded[keys[i]]
		}'
	echo
}

# Inserts beside the peers': medians of the rounds.
table_live_inserts()
{
	echo "| data | peer | inserts | connections | rows/s | p50 ms | p99.9 ms | most ms | processor µs a row |"
	echo "|---|---|---|---:|---:|---:|---:|---:|---:|"
	rows live-inserts | awk -F, '
		{
			key = $1 " | " $2 " | " $3 " | " $4
			if (!(key in count)) keys[++n] = key
			row[key, ++count[key]] = $0
		}
		function median(key, field,   i, j, f, value, values) {
			for (i = 1; i <= count[key]; i++) {
				split(row[key, i], f, ",")
				value = f[field]
				for (j = i; j > 1 && values[j - 1] > value; j--)
					values[j] = values[j - 1]
				values[j] = value
			}
			return values[int((count[key] + 1) / 2)]
		}
		END {
			for (i = 1; i <= n; i++)
				printf "| %s | %.0f | %s | %s | %s | %s |\n", keys[i],
					median(keys[i], 7), median(keys[i], 8), median(keys[i], 9),
					median(keys[i], 10), median(keys[i], 11)
		}'
	echo
}
