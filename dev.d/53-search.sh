# shellcheck shell=bash
#
# "./dev demo search": semantic search over the descriptions of Debian's
# packages, in a terminal or, with --web, on a page of this machine.

search_usage()
{
	cat <<-END
	usage: ./dev demo search [OPTION]... [QUESTION]...

	  QUESTION     in plain words; without one, some of ours
	  --web        then serve a page on the loopback interface
	  --port N     the page's port; default: 8080, 0 takes a free one
	  --rows N     so many packages, from 1000, in place of all
	  --keep       the server stays
	END
}

cmd_demo_search()
{
	local keep='' web='' port=8080 rows='' questions=() texts

	while [ $# -gt 0 ]; do
		case $1 in
			--help) search_usage; return ;;
			--keep) keep=1 ;;
			--web) web=1 ;;
			--port)
				[[ ${2:-} =~ ^[0-9]{1,5}$ ]] && [ "$2" -le 65535 ] ||
					die "--port takes a number up to 65535"
				port=$((10#$2)) web=1
				shift
				;;
			--rows)
				[[ ${2:-} =~ ^[0-9]{4,8}$ ]] && [ "$2" -ge 1000 ] ||
					die "--rows takes a number from 1000"
				rows=$((10#$2))
				shift
				;;
			-*) search_usage >&2; exit 2 ;;
			*[![:space:]]*) questions+=("$1") ;;
			*) die "a question is empty: some words for what you look for" ;;
		esac
		shift
	done
	[ -z "$web" ] || search_port_free
	find_postgres
	make_work
	search_texts
	say "Building for PostgreSQL $PG_VERSION"
	build_quietly
	search_server
	search_load
	search_index
	search_ask "${questions[@]}"
	search_end
}

# Told now, not after the tour.
search_port_free()
{
	! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null ||
		die "port $port is in use: --port N takes another, 0 a free one"
}

# Sets $texts, of cmd_demo_search: the folder with texts and vectors.
search_texts()
{
	local name=deb${rows:+-$rows}

	title "Texts, and a vector for the meaning of each"
	say "Fetched and computed once, kept in $TEXTS."
	text_vectors deb "$rows" || die "there are no vectors of the texts"
	texts=$TEXTS/$name
}

search_server()
{
	title "A server of our own"
	start_server "$WORK" "shared_buffers=$(shared_buffers 512)" \
		maintenance_work_mem=256MB max_wal_size=4GB \
		max_parallel_maintenance_workers=2
	say "It listens on $PGHOST and nowhere else."
	search_database
}

search_database()
{
	psql -qXc 'CREATE DATABASE packages'
	export PGDATABASE=packages
	show_sql 'CREATE EXTENSION vecdb;'
}

search_load()
{
	title "A table of packages"
	show_sql "$(cat "$ROOT/demo/table.sql")"
	texts_python store.py "$texts"
}

search_index()
{
	title "An index for meanings, one for words, one for the filter"
	show_sql "$(cat "$ROOT/demo/indexes.sql")"
}

search_ask()
{
	title "Questions in plain words"
	say "\$1 is the question's vector, by the same model."
	say ""
	texts_python tour.py ask "$TEXTS/model" "$@"
	title "Time and recall"
	say "Descriptions without the package's name, as people would ask for it; times"
	say "are the client's."
	say ""
	texts_python tour.py measure "$TEXTS/model"
}

# The page, or a prompt, then the end.
search_end()
{
	title "Go on"
	say "  $PG_BIN/psql -h $PGHOST -U postgres packages"
	if [ -n "$web" ]; then
		search_web
	elif [ -t 0 ] && [ -t 1 ]; then
		say ""
		texts_python tour.py talk "$TEXTS/model" || true
	fi
	if [ -n "$keep" ]; then
		echo "$PG_BIN" >"$WORK/kept"
		say "The server stays.  To end it: ./dev stop $WORK"
		WORK=
	fi
}

# Ends by Ctrl-C, or with us.
search_web()
{
	local page

	texts_exec web.py "$TEXTS/model" "$port" &
	page=$!
	if [ -n "$keep" ]; then
		trap 'kill "$page" 2>/dev/null' INT
	else
		trap 'kill "$page" 2>/dev/null; exit 130' INT
	fi
	trap 'kill "$page" 2>/dev/null; exit 143' TERM HUP
	wait "$page" || [ $? -ge 128 ] || die "the page was not served: see above"
}

# The step "demo_search": the demo's programs and its page over HTTP, on invented
# packages, so that it does not matter what apt knows of.
step_demo_search()
{
	search_stage demo_search || return 0
	"$ROOT/test/run-tap.pl" --exec "$(python_with_pip)" \
		"$WORK/count/demo_search" "$ROOT/test/search/test_search.py" || true
	server_survived demo_search
}

# search_stage STEP: a server with the table, by the demo's own functions; false,
# and why, where this machine's Python has no wheels.
search_stage()
{
	local folder=$WORK/$1 texts=$WORK/$1/texts

	has_wheels || {
		echo "there are no wheels for $(basename "$(texts_packages)")"
		count "$1" 0 0
		return 1
	}
	need_texts
	mkdir "$folder"
	start_server "$folder" fsync=off "shared_buffers=$(shared_buffers 128)"
	"$(python_with_pip)" "$ROOT/test/search/invent.py" "$folder/packages" &&
		texts_python embed.py "$TEXTS/model" deb "$folder/packages" "$texts" &&
		search_database && search_load && search_index &&
		search_ask "play chess against the computer" >"$folder/toured" ||
		die "the demo's programs failed"
	export DEMO=$ROOT/demo MODEL=$TEXTS/model DEMO_TEXTS=$texts \
		DEMO_TOURED=$folder/toured PYTHONPATH PYTHONDONTWRITEBYTECODE=1
	PYTHONPATH=$(texts_packages)
}

# The page in a headless Chromium, which only those who ask for it install.
step_browser()
{
	search_stage browser || return 0
	need_packages chromium
	fetch_once "$(texts_packages)-browser" "$ROOT/test/search/browser.txt" pip_install ||
		return
	PYTHONPATH=$PYTHONPATH:$(texts_packages)-browser CHROMIUM=$(command -v chromium) \
		"$ROOT/test/run-tap.pl" --exec "$(python_with_pip)" \
		"$WORK/count/browser" "$ROOT/test/search/test_browser.py" || true
	server_survived browser
}
