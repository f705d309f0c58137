#!/bin/bash
# docs.sh [FOLDER | --check]
#   Put a run into the documents.  Its rows go to docs/figures/*.csv, in place of
#   those that were there of the same data set (and part, of shapes.csv), with the
#   command and the machine in runs.tsv; from these files, not from the run alone,
#   come the plots of docs/figures and the tables of docs/benchmarks.md.  Without a
#   folder: plots and tables anew; --check only says whether the tables are those of
#   the files.
#
#   In the page a table is what lies between two lines:
#
#       <!-- bench TABLE SETS [ARGUMENT]... -->
#       <!-- end -->
#
#   TABLE is one of report.sh, SETS are names of data sets parted by commas, or "all".
#   A table of which there are no rows stays as it is.  "plot SETS [PART,...]" has the
#   plots of each set, or of the parts that have one for all.
set -euo pipefail

RUN=${1:-}
ROOT=$(cd "$(dirname "$0")/.." && pwd)
FIGURES=$ROOT/docs/figures
PAGE=$ROOT/docs/benchmarks.md
FILES='search server builds inserts connections waits cold growth live
live-inserts shapes costs'
TARGET=0.95
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT

# How many columns name what is replaced as a whole; none: the file.
key_columns()
{
	case $1 in
		shapes) echo 2 ;;
		costs) echo 0 ;;
		*) echo 1 ;;
	esac
}

# merge FILE: the rows of the run, and those that it has nothing new for.
merge()
{
	local new=$RUN/$1.csv old=$FIGURES/$1.csv

	[ -f "$old" ] || head -n 1 "$new" >"$old"
	awk -F, -v keys="$(key_columns "$1")" '
		function key(   i, name) {
			for (i = 1; i <= keys; i++) name = name "," $i
			return name
		}
		FNR == 1 { if (NR == 1) print; next }
		FILENAME == ARGV[1] { fresh[key()]; row[++n] = $0; next }
		!(key() in fresh) { print }
		END { for (i = 1; i <= n; i++) print row[i] }' "$new" "$old" >"$WORK/merged"
	mv "$WORK/merged" "$old"
}

# note_run FILE: where its rows come from: file (and part), data set, machine, command.
note_run()
{
	local file name machine command

	machine=$(cat "$RUN/machine.txt")
	command=$(cat "$RUN/command.txt")
	touch "$FIGURES/runs.tsv"
	tail -n +2 "$RUN/$1.csv" | awk -F, -v file="$1" '
		{
			print (file == "shapes" ? file "-" $2 : file),
				(file == "costs" ? file : $1)
		}' | sort -u | while read -r file name; do
		awk -F'\t' -v file="$file" -v name="$name" '$1 != file || $2 != name' \
			"$FIGURES/runs.tsv" >"$WORK/runs"
		printf '%s\t%s\t%s\t%s\n' "$file" "$name" "$machine" "$command" \
			>>"$WORK/runs"
		sort "$WORK/runs" >"$FIGURES/runs.tsv"
	done
}

take_run()
{
	local file

	mkdir -p "$FIGURES"
	for file in $FILES; do
		if [ -f "$RUN/$file.csv" ] && [ "$(wc -l <"$RUN/$file.csv")" -gt 1 ]; then
			merge "$file"
			note_run "$file"
		fi
	done
	[ ! -f "$RUN/costs.md" ] || cp "$RUN/costs.md" "$FIGURES/costs.md"
}

# one_table TABLE SETS ARGUMENT...: without its heading, and nothing where it has
# no rows.
one_table()
{
	local table=$1 sets=$2

	[ "$sets" != all ] || sets=
	"$ROOT/bench/report.sh" "$FIGURES" "$TARGET" "$sets" "$table" "${@:3}" |
		awk '
			/^## / || (!n && !NF) { next }
			/^\|/ { bars++ }
			{ line[++n] = $0 }
			END {
				while (n && line[n] == "") n--
				if (bars == 1 || bars == 2) exit
				for (i = 1; i <= n; i++) print line[i]
			}'
}

# one_plot SETS [PART,...]: those that there are.
one_plot()
{
	local sets=${1//,/ } part name file

	[ "$1" != all ] || sets=-
	for part in $(tr , ' ' <<<"${2:--}"); do
		for name in $sets; do
			case $name$part in
				-*) file=$part ;;
				*-) file=$name ;;
				*) file=$name-$part ;;
			esac
			[ ! -f "$FIGURES/$file.svg" ] ||
				echo "![$file](figures/$file.svg)"
		done
	done
}

fill_page()
{
	local line words

	while IFS= read -r line; do
		printf '%s\n' "$line"
		[[ $line =~ ^'<!-- bench '(.*)' -->'$ ]] || continue
		read -ra words <<<"${BASH_REMATCH[1]}"
		if [ "${words[0]}" = plot ]; then
			one_plot "${words[@]:1}" >"$WORK/table"
		else
			one_table "${words[@]}" >"$WORK/table" </dev/null
		fi
		: >"$WORK/before"
		while IFS= read -r line && [ "$line" != '<!-- end -->' ]; do
			printf '%s\n' "$line" >>"$WORK/before"
		done
		if [ -s "$WORK/table" ]; then
			{ echo && cat "$WORK/table" && echo; } >"$WORK/before"
		fi
		cat "$WORK/before"
		echo '<!-- end -->'
	done <"$PAGE" >"$WORK/page"
}

if [ "$RUN" = --check ]; then
	fill_page
	diff -u "$PAGE" "$WORK/page"
	exit
fi
[ -z "$RUN" ] || take_run
"$ROOT/bench/plots.sh" "$FIGURES"
# The plot of README.md.
"$ROOT/bench/plot.sh" "$FIGURES" glove readme \
	vecdb_target pgvector_hnsw pgvector_ivfflat
fill_page
cp "$WORK/page" "$PAGE"
