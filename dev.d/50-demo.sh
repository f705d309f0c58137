# shellcheck shell=bash
#
# "./dev demo": the tutorial, with every command and statement shown before it
# runs.

cmd_demo()
{
	local keep='' words='' rows=''

	if [ "${1:-}" = search ]; then
		shift
		cmd_demo_search "$@"
		return
	fi
	while [ $# -gt 0 ]; do
		case $1 in
			--keep) keep=1 ;;
			--rows)
				[[ ${2:-} =~ ^[0-9]{5,8}$ ]] && [ "$2" -ge 20000 ] ||
					die "--rows takes a number from 20000"
				rows=$((10#$2))
				shift
				;;
			-*) die "usage: ./dev demo [--keep] [--rows N] [GLOVE]," \
				"or ./dev demo search --help" ;;
			*) words=$(realpath -e "$1") || die "there is no file $1" ;;
		esac
		shift
	done
	find_postgres
	make_work
	get_words
	cut_words
	say "Building for PostgreSQL $PG_VERSION"
	build_quietly
	demo_server
	demo_load
	demo_exact
	demo_index
	demo_indexed
	demo_measure
	demo_end "$keep"
}

# Sets $words, of cmd_demo.
get_words()
{
	[ -z "$words" ] || return 0
	words=$(fetch_words) ||
		die "no word vectors; give a file: ./dev demo glove.6B.100d.txt"
}

# The first so many, which are frequent words in a file of GloVe.
cut_words()
{
	[ -n "$rows" ] || return 0
	head -n "$rows" "$words" >"$WORK/words.txt"
	chmod 644 "$WORK/words.txt"
	words=$WORK/words.txt
}

demo_server()
{
	title "A server of our own"
	start_server "$WORK" "shared_buffers=$(shared_buffers 512)" \
		maintenance_work_mem=256MB max_wal_size=4GB \
		max_parallel_maintenance_workers=2
	say "It listens on $PGHOST and nowhere else."
	psql -qXc 'CREATE DATABASE words'
	export PGDATABASE=words
	show_sql 'CREATE EXTENSION vecdb;'
}

demo_load()
{
	local step=$((${rows:-340000} / 200))

	title "Load the words"
	show_command vecdb load "$words"
	show_sql 'CREATE INDEX ON word_embeddings (word);
\d word_embeddings'
	say "200 words, spread over the whole table, move to a table of their own: the"
	say "queries of the measurement below, which the index will not have seen."
	say ""
	show_sql "CREATE TABLE held_out (LIKE word_embeddings);
WITH moved AS (
  DELETE FROM word_embeddings
  WHERE id % $step = $((step / 2)) AND id < $step * 200
  RETURNING *
)
INSERT INTO held_out SELECT * FROM moved;
VACUUM ANALYZE word_embeddings;
SELECT count(*) AS words, (SELECT count(*) FROM held_out) AS held_out
FROM word_embeddings;"
}

demo_exact()
{
	title "The ten nearest words to \"pumpkin\", exactly"
	say "Without an index on the vectors every row is compared."
	say ""
	demo_search
}

demo_index()
{
	title "Build the index"
	show_command vecdb index --metric cosine
	show_sql "SELECT i.indexrelid::regclass AS index,
  pg_size_pretty(pg_relation_size(i.indexrelid)) AS index_size,
  pg_size_pretty(pg_table_size(i.indrelid)) AS table_size
FROM pg_index AS i
JOIN pg_class AS c ON c.oid = i.indexrelid
JOIN pg_am AS a ON a.oid = c.relam
WHERE i.indrelid = 'word_embeddings'::regclass AND a.amname = 'ivfflat';"
}

demo_indexed()
{
	title "The same search through the index"
	demo_search
	say "The same from the shell:"
	say ""
	show_command vecdb search pumpkin
}

demo_search()
{
	local query="SELECT word, embedding <=>
  (SELECT embedding FROM word_embeddings WHERE word = 'pumpkin') AS distance
FROM word_embeddings
ORDER BY embedding <=>
  (SELECT embedding FROM word_embeddings WHERE word = 'pumpkin')
LIMIT 10;"

	show_sql "$query"
	show_sql "EXPLAIN (ANALYZE, BUFFERS)
$query"
}

# How long a query takes and what it finds, by a program of its own.
demo_measure()
{
	title "Time and recall over 200 held-out words"
	say "Each word is searched without the index and with it, by one process; the"
	say "times are the server's, medians of the 200."
	say ""
	psql -qX -v ON_ERROR_STOP=1 -f "$ROOT/bench/recall.sql"
}

demo_end()
{
	title "Go on"
	say "  $PG_BIN/psql -h $PGHOST -U postgres words"
	if [ -n "$1" ]; then
		echo "$PG_BIN" >"$WORK/kept"
		say "The server stays.  To end it: ./dev stop $WORK"
		WORK=
	elif [ -t 0 ] && [ -t 1 ]; then
		say "Enter ends the server and removes $WORK."
		read -r || true
	fi
}

title()
{
	printf '\n== %s\n\n' "$*"
}

show_sql()
{
	printf '%s\n' "$1" | sed 's/^/    /'
	say ""
	psql -qX -v ON_ERROR_STOP=1 -P pager=off <<<"$1"
}

show_command()
{
	say "    $*"
	say ""
	"$@"
	say ""
}
