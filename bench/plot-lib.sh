# shellcheck shell=bash
#
# What the plots of a run have in common; FOLDER has its CSV files, WORK is a folder
# of files that go away when the script ends.

WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT

COLOURS=(d62728 ff7f0e 1f77b4 17becf 2ca02c 9467bd 8c564b e377c2 7f7f7f bcbd22)

# has_rows FILE: FOLDER/FILE.csv, beside its header.
has_rows()
{
	[ -f "$FOLDER/$1.csv" ] && [ "$(wc -l <"$FOLDER/$1.csv")" -gt 1 ]
}

# setting_medians FILE: what medians.sh makes of FOLDER/FILE.csv.
setting_medians()
{
	"$(dirname "$0")/medians.sh" "$FOLDER/$1.csv"
}

# plot_head FILE TITLE HEIGHT [dark]: gnuplot's settings for FOLDER/FILE.svg.
plot_head()
{
	local text='#1f2328' grid='#d1d9e0' background="background rgb 'white'"

	if [ "${4:-}" = dark ]; then
		text='#e6edf3' grid='#3d444d' background=
	fi
	cat <<END
set terminal svg size 860,$3 $background font 'sans-serif,14'
set output '$FOLDER/$1.svg'
set title '$2' textcolor rgb '$text'
set xlabel textcolor rgb '$text'
set ylabel textcolor rgb '$text'
set border linecolor rgb '$text'
set tics textcolor rgb '$text'
set grid xtics ytics lc rgb '$grid'
set key outside right top textcolor rgb '$text'
END
}

# curve FILE NUMBER TITLE: a part of gnuplot's "plot", of columns 1 and 2.
curve()
{
	local style='with linespoints linewidth 2 pointtype 7 pointsize 0.5'

	[ "$(wc -l <"$1")" -gt 1 ] ||
		style='with points pointtype 2 pointsize 1.2 linewidth 2'
	echo "'$1' using 1:2 $style linecolor rgb '#${COLOURS[$2 % 10]}' title \"$3\""
}

# curves: from lines "title,x,y" a curve for each title, in the order in which
# they first come, parted by commas; a title's own commas come as semicolons.
curves()
{
	local folder title number=0

	folder=$(mktemp -d "$WORK/curves.XXXXXX")
	cat >"$folder/rows"
	cut -d, -f1 "$folder/rows" | awk '!seen[$0]++' | while IFS= read -r title; do
		awk -F, -v title="$title" '$1 == title { print $2, $3 }' "$folder/rows" |
			sort -g >"$folder/$number"
		title=${title//_/ }
		curve "$folder/$number" "$number" "${title//;/,}"
		number=$((number + 1))
	done | paste -sd,
}

# bars FILE TITLE AXIS: from lines "group,bar,value" a group of bars for each, on a
# scale of logarithms.
bars()
{
	local table

	table=$(mktemp "$WORK/bars.XXXXXX")
	awk -F, '
		{
			if (!($2 in bar)) { bar[$2]; bars[++nbars] = $2 }
			if (!($1 in group)) { group[$1]; groups[++ngroups] = $1 }
			if (!(($1, $2) in value)) value[$1, $2] = $3
		}
		END {
			printf "group"
			for (b = 1; b <= nbars; b++) printf ",%s", bars[b]
			for (g = 1; g <= ngroups; g++) {
				printf "\n%s", groups[g]
				for (b = 1; b <= nbars; b++) {
					cell = groups[g] SUBSEP bars[b]
					printf ",%s", (cell in value ? value[cell] : "NaN")
				}
			}
			print ""
		}' | tr _ ' ' >"$table"
	{
		plot_head "$1" "$2" 480
		cat <<END
set datafile separator ','
set style data histogram
set style fill solid
set logscale y
set ylabel '$3'
set xtics rotate by -35
plot for [i=2:*] '$table' using i:xtic(1) title columnheader(i)
END
	} | gnuplot
}

# by_clock DATA FILE TEXT: the text, and which time it is: runs.tsv or command.txt
# says whether the run asked for the processor's.
by_clock()
{
	if { awk -F'\t' -v file="$2" -v data="$1" '$1 == file && $2 == data' \
		"$FOLDER/runs.tsv" 2>/dev/null || true
		cat "$FOLDER/command.txt" 2>/dev/null || true; } |
		grep -q -e --processor; then
		echo "$3 of processor time"
	else
		echo "$3"
	fi
}
