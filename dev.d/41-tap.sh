# shellcheck shell=bash
#
# The steps "tap" and "tap_plain" of "./dev test": programs in Perl with servers
# of their own.

# Tests that start, kill and replicate servers themselves.  TAP_TESTS in the
# environment names those to run, in place of all; TEST_PERL is where the server's
# Perl modules are, if not beside it.
step_tap()
{
	local tests=()

	read -ra tests <<<"${TAP_TESTS:-}"
	[ ${#tests[@]} -gt 0 ] ||
		mapfile -t tests < <(cd "$ROOT" && compgen -G 'test/tap/*.t' | sort)
	[ ${#tests[@]} -gt 0 ] || return 1
	run_tap tap '' "${tests[@]}"
}

# Those that read and write pages and rows in every way, without the shortcuts of
# src/shortcut.
step_tap_plain()
{
	local name tests=()

	for name in concurrency crash_recovery invalidation standby toast; do
		tests+=("test/tap/$name.t")
	done
	run_tap tap_plain "vecdb.disable_shortcuts = 'all'" "${tests[@]}"
}

# run_tap STEP SETTINGS TEST...: by the user who may run servers; who may not be
# able to read this tree, so that the tests get a copy.
run_tap()
{
	local step=$1 settings=$2 pgxs released folder=$WORK/$1

	shift 2
	released=$(last_release "$WORK/pg$("$PG_CONFIG" --sharedir)/extension") ||
		return 1
	pgxs=$WORK/pg$(dirname "$("$PG_CONFIG" --pgxs)")/../..
	mkdir "$folder"
	cp -R "$ROOT/test" "$ROOT/sql" "$ROOT/bench" "$ROOT/docs" "$folder"
	mkdir "$folder/deploy"
	cp -R "$ROOT/deploy/shards" "$ROOT/deploy/migrate" "$ROOT/deploy/monitoring" "$folder/deploy"
	if is_root; then
		chown -R postgres: "$folder"
	fi
	# After chown: the words may be a link to the cache's own file.
	give_words "$folder" || warn "the tests run without the demo's words"
	as_server_user env -C "$folder" \
		PATH="$PATH" VECDB="$VECDB" GLOVE_FILE="$folder/words.txt" \
		TESTDIR="$folder" TESTDATADIR="$folder/tmp_check" \
		TESTLOGDIR="$folder/tmp_check/log" \
		PG_REGRESS="$pgxs/src/test/regress/pg_regress" \
		PERL5LIB="${TEST_PERL:-$pgxs/src/test/perl}:$folder/test/tap" \
		VECDB_TEST_SETTINGS="$settings" "$released" \
		./test/run-tap.pl --exec perl "$folder/count" "$@" |
		tee "$WORK/log/$step-report" || true
	cp "$folder/count" "$WORK/count/$step" 2>/dev/null || return 1
	[ "$(step_failed "$step")" -eq 0 ] ||
		tap_logs "$folder" "$WORK/log/$step-report"
}

# The demo's words as FOLDER/words.txt, where those can read them who cannot read
# the cache.  Without them the tests that need them say so.
give_words()
{
	local words

	words=$(fetch_words) || return 1
	ln "$words" "$1/words.txt" 2>/dev/null || cp "$words" "$1/words.txt"
}

# tap_logs FOLDER REPORT: the ends of what the servers of those programs said that
# the report names.
tap_logs()
{
	local log program

	find "$1/tmp_check/log" -type f -size +0 | sort | while read -r log; do
		program=$(program_of "$log" "$1/test/tap")
		grep -q "^not ok: $program\.t: " "$2" || continue
		printf '==> %s\n' "$log"
		tail -n 15 "$log"
	done
}

# program_of LOG FOLDER: the program of the longest name that its name begins with;
# nothing, if there is none.
program_of()
{
	local name

	name=$(basename "$1" .log)
	name=${name#regress_log_}
	until [ -e "$2/$name.t" ]; do
		[[ $name == *_* ]] || return 0
		name=${name%_*}
	done
	echo "$name"
}
