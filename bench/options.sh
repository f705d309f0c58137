# shellcheck shell=bash
# shellcheck disable=SC2034
#
# What is asked for: the options of "./dev bench" that say what is measured.

OUT=
ROUNDS=3
SECONDS_EACH=5
WARM=1000
REBUILD=
PARTS=search,connections,insert
PEERS=			# empty: all
TARGET=0.95
CLOCK=			# what "client" is told of the clock
INTO_DOCS=

bench_options()
{
	SETS='' METRIC=l2 OUT=$ROOT/build/bench/results
	while [ $# -gt 0 ]; do
		case $1 in
			--quick) quick_options; shift; continue ;;
			--rebuild) REBUILD=1; shift; continue ;;
			--processor) CLOCK=--processor; shift; continue ;;
			--docs) INTO_DOCS=1; shift; continue ;;
			--all) COSTS_MOST=2000000000; shift; continue ;;
		esac
		[ $# -ge 2 ] || die "$1 is no option or lacks its value: ./dev bench --help"
		case $1 in
			--data) SETS=$2 ;;
			--metric) METRIC=$2 ;;
			--parts) PARTS=$2 ;;
			--only) PEERS=$2 ;;
			--rounds) ROUNDS=$2 ;;
			--seconds) SECONDS_EACH=$2 ;;
			--queries) SHAPES_QUERIES=${2%,*} SHAPES_PEER_QUERIES=${2#*,} ;;
			--shapes) SHAPES=$2 ;;
			--sizes) COSTS_ROWS=${2//,/ } ;;
			--out) OUT=$2 ;;
			--pgvector) PGVECTOR=$2 ;;
			*) die "there is no option $1: ./dev bench --help" ;;
		esac
		shift 2
	done
	check_options
	[ -z "$CLOCK" ] || export BENCH_CLOCK=processor
}

# Everything once, to see that it works; the figures mean little.
quick_options()
{
	SETS=gloveq,s768q ROUNDS=2 SECONDS_EACH=0.3
	TARGETS='0.9 0.95 0.99' PROBES='2 10 30 60 120' EF='20 60 120 240'
	PEERS=vecdb,exact,ivfflat,hnsw,hnswlib,library
	GROWTH_DATA=s768q GROWTH_ROWS='2000 20000'
	MANY_DATA=s768q MANY_ROWS='2000 20000'
	COSTS_DIMS='50 768' COSTS_ROWS='1000 10000'
	SHAPES_QUERIES=10 SHAPES_PEER_QUERIES=5
	LIVE_QUERIES=20 LIVE_LAST_QUERIES=50 LIVE_PEER_ROWS=1000
}

check_options()
{
	local item

	SETS=${SETS:-glove}
	[[ $ROUNDS =~ ^[1-9][0-9]*$ ]] || die "--rounds takes a number, not $ROUNDS"
	[[ $SECONDS_EACH =~ ^[0-9.]+$ ]] ||
		die "--seconds takes a number, not $SECONDS_EACH"
	[[ $COSTS_ROWS =~ ^([1-9][0-9]* ?)+$ ]] ||
		die "--sizes takes numbers of rows, parted by commas"
	[[ $SHAPES_QUERIES,$SHAPES_PEER_QUERIES =~ ^[1-9][0-9]*,[1-9][0-9]*$ ]] ||
		die "--queries takes a number, or two parted by a comma"
	[[ $METRIC =~ ^(l2|cosine|ip)$ ]] || die "there is no metric $METRIC"
	for item in ${PARTS//,/ }; do
		[[ " $(bench_parts) " == *" $item "* ]] || die "there is no part $item"
	done
	# What has no peers needs no server of theirs.
	[ "$PARTS" != costs ] || BENCH_LOCAL=1
	for item in ${PEERS//,/ }; do
		[[ " vecdb exact ivfflat hnsw hnswlib faiss library " == *" $item "* ]] ||
			die "there is no peer $item"
	done
}

# Those of the arguments that --only lets through.
chosen()
{
	local peer

	for peer in "$@"; do
		if [ -z "$PEERS" ] || [[ ",$PEERS," == *",$peer,"* ]]; then
			echo "$peer"
		fi
	done
}

wants()
{
	[[ ",$PARTS," == *",$1,"* ]]
}
