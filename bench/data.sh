# shellcheck shell=bash
#
# The data sets, each a folder of the cache: base.fvecs (row i has the id i),
# queries.fvecs (held out) and truth.ivecs (the exact 100 nearest rows of each
# query); where the metric is cosine also the first two normalized, for peers
# that know only L2.  Those of texts have more files: docs/benchmarks.md.  A
# folder gets its name when it is whole.

DATA=			# short name, fit for a database's
DATA_DIR=
DATA_METRIC=		# l2, cosine, ip
DATA_DIMS=
DATA_ROWS=

# use_data NAME METRIC: set the above; METRIC counts for a file only.
use_data()
{
	DATA_METRIC=l2
	case $1 in
		glove | gloveq | wn | deb | wn_foreign | deb_foreign)
			DATA=$1 DATA_METRIC=cosine
			;;
		s768 | s768q | s768m | s1536 | m96) DATA=$1 ;;
		*)
			[ -f "$1" ] || die "there is no data set and no file \"$1\""
			DATA=$(file_name "$1" "$2") DATA_METRIC=$2
			;;
	esac
	DATA_DIR=$VECDB_CACHE/bench/data/$DATA
	if [ ! -d "$DATA_DIR" ]; then
		say "Preparing the data set $DATA"
		rm -rf "$DATA_DIR.new"
		mkdir -p "$DATA_DIR.new"
		make_data "$1" "$DATA_DIR.new"
		mv "$DATA_DIR.new" "$DATA_DIR"
	fi
	DATA_DIMS=$(od -An -td4 -N4 "$DATA_DIR/base.fvecs" | tr -d ' ')
	DATA_ROWS=$(($(stat -Lc %s "$DATA_DIR/base.fvecs") / (4 * DATA_DIMS + 4)))
}

# A name that another file, or the same one changed, does not get.
file_name()
{
	local path

	path=$(realpath "$1")
	printf '%s_%s\n' "$(basename "$1" | tr '[:upper:]' '[:lower:]' |
		tr -cd '[:lower:][:digit:]' |
		cut -c1-20)" "$(stat -c "%n %s %Y $2" "$path" | cksum | cut -d' ' -f1)"
}

# make_data NAME FOLDER
make_data()
{
	local words

	case $1 in
		glove)
			words=$(fetch_words) || die "no word vectors: set GLOVE_FILE"
			split_data "$words" "$2"
			;;
		gloveq)
			words=$(fetch_words) || die "no word vectors: set GLOVE_FILE"
			head -n 20500 "$words" >"$2/words.txt"
			split_data "$2/words.txt" "$2" --queries=500
			rm "$2/words.txt"
			;;
		wn | deb)
			text_bench_set "$1" "$2" || die "there are no vectors of $1"
			make_truth "$2" foreign-truth.ivecs foreign
			;;
		*_foreign) foreign_data "${1%_foreign}" "$2"; return ;;
		s768) generate_data "$2" --rows=200000 --dims=768 ;;
		s768q) generate_data "$2" --rows=20000 --dims=768 --queries=500 ;;
		s768m) generate_data "$2" --rows=1000000 --dims=768 ;;
		m96)
			generate_data "$2" --rows=10000000 --dims=96 --clusters=20000 \
				--local=32
			;;
		s1536) generate_data "$2" --rows=100000 --dims=1536 ;;
		*) split_data "$1" "$2" ;;
	esac
	make_truth "$2" truth.ivecs queries
	if [ "$DATA_METRIC" = cosine ]; then
		bench_program normalize "$2/base.fvecs" "$2/base-unit.fvecs"
		bench_program normalize "$2/queries.fvecs" "$2/queries-unit.fvecs"
	fi
}

# foreign_data NAME FOLDER: its rows, asked by its foreign queries.
foreign_data()
{
	local file

	(use_data "$1" cosine) || die "there is no data set $1"
	for file in base base-unit; do
		ln -s "../$1/$file.fvecs" "$2/$file.fvecs"
	done
	ln -s "../$1/foreign.fvecs" "$2/queries.fvecs"
	ln -s "../$1/foreign-truth.ivecs" "$2/truth.ivecs"
	bench_program normalize "$2/queries.fvecs" "$2/queries-unit.fvecs"
}

split_data()
{
	local input=$1 folder=$2

	shift 2
	bench_program split "$@" "$input" "$folder/base.fvecs" \
		"$folder/queries.fvecs"
}

generate_data()
{
	local folder=$1

	shift
	bench_program generate "$@" "$folder/base.fvecs" "$folder/queries.fvecs"
}

# make_truth FOLDER FILE QUERIES [OPTION]...
make_truth()
{
	local folder=$1 file=$2 queries=$3

	shift 3
	bench_program truth --metric="$DATA_METRIC" "$@" "$folder/base.fvecs" \
		"$folder/$queries.fvecs" "$folder/$file"
}

bench_program()
{
	local program=$1

	shift
	"$BENCH_BIN/$program" "$@" || die "bench/$program failed"
}

# base or queries, normalized where a peer that knows only L2 needs it.
unit_file()
{
	if [ "$DATA_METRIC" = cosine ]; then
		echo "$DATA_DIR/$1-unit.fvecs"
	else
		echo "$DATA_DIR/$1.fvecs"
	fi
}

data_operator()
{
	case $DATA_METRIC in
		l2) echo '<->' ;;
		cosine) echo '<=>' ;;
		ip) echo '<#>' ;;
	esac
}

# pgvector's rule of thumb, which serves it best on these sets too.
data_lists()
{
	awk -v n="$DATA_ROWS" 'BEGIN { print int(sqrt(n) + 0.5) }'
}
