# shellcheck shell=bash
#
# "./dev test": each step writes its report to a log, which is shown where
# something failed, and "passed failed" to a file of counts.  A line "not ok: ..."
# of the log names a test that failed.  Steps have nothing in common but the build,
# so that two of them run at a time.

# The longest ones soon, so that none is left alone at the end.
test_steps()
{
	echo layers style tap unit fresh sanitize regress rehearse plain isolation tap_plain docs cdk few_clients demo_search
}

# What is left to those who ask for it: it takes minutes and further packages.
more_test_steps()
{
	echo operations clients browser suites pgxn
}

# Tests run with our assertions, which any server can carry out, and on memory
# that is not zero by chance.  Demo and benchmark have a build without.
# shellcheck disable=SC2034
strict_build()
{
	BUILD_KIND=-asserts
	BUILD_FLAGS=-DUSE_ASSERT_CHECKING
	export MALLOC_PERTURB_=165
}

cmd_test()
{
	local step steps

	need_words step "$(test_steps) $(more_test_steps)" "$@"
	read -ra steps <<<"${*:-$(test_steps)}"
	find_postgres
	strict_build
	need_packages libipc-run-perl
	make_work
	mkdir "$WORK/count"
	# What programs that are killed leave goes as well.
	mkdir -m 1777 "$WORK/tmp"
	export TMPDIR=$WORK/tmp
	say "PostgreSQL $PG_VERSION, in $WORK"
	run_step build
	if [ "$(step_failed build)" -ne 0 ]; then
		summary build
		return
	fi
	run_steps "${steps[@]}"
	summary build "${steps[@]}"
}

# As many at a time as there are processors, two at most: a step takes one of
# them, or two for a while.  Each is a group of processes, which ends as a whole.
run_steps()
{
	local step most

	most=$(($(nproc) < 2 ? 1 : 2))
	# Of two servers under valgrind only one would find its reports.
	[ -z "${VECDB_VALGRIND:-}" ] || most=1
	set -m
	for step in "$@"; do
		while [ "$(jobs -rp | wc -l)" -ge "$most" ]; do
			wait -n || true
		done
		report_step "$step" </dev/null &
	done
	wait
	set +m
}

# Its lines in one piece, whichever other step ends meanwhile.
report_step()
{
	local report=$WORK/log/report-$1

	trap - EXIT
	run_step "$1" >"$report"
	flock "$WORK/log" cat "$report"
}

# summary STEP...: what failed of them, then the totals as the last line; the status
# tells whether all is well.
summary()
{
	local step passed failed

	name_failures "$@"
	read -r passed failed < <(for step in "$@"; do counts_of "$step"; done |
		awk '{ p += $1; f += $2 } END { print p, f }')
	say "$passed passed, $failed failed"
	[ "$failed" -eq 0 ]
}

# name_failures STEP...: in so many lines at most, whatever happened.
name_failures()
{
	local most=20 step names

	mapfile -t names < <(for step in "$@"; do
		[ "$(step_failed "$step")" -eq 0 ] || failures_of "$step"
	done | cut -c -200)
	[ ${#names[@]} -gt 0 ] || return 0
	printf '%s\n' "${names[@]:0:most}"
	[ ${#names[@]} -le "$most" ] || say "and $((${#names[@]} - most)) more"
}

# A step that ended before it could name a test: by a compiler's first error, or by
# what it said last.  It may have been killed, or the disk be full.
failures_of()
{
	local log=$WORK/log/$1

	sed -n "s/^not ok: /$1: /p" "$log" 2>/dev/null | grep -a . ||
		printf '%s: %s\n' "$1" "$(grep -asm 1 ' error: ' "$log" ||
			grep -as '[^[:space:]]' "$log" | tail -n 1 | grep . ||
			echo "no word of it, and $(df -h --output=avail "$WORK" |
				tail -n 1 | xargs) free in $WORK")"
}

run_step()
{
	local began=$SECONDS passed failed

	in_shell_for "$1" "step_$1" >"$WORK/log/$1" 2>&1 || true
	read -r passed failed < <(counts_of "$1")
	printf '%-11s %5d passed %5d failed %4d s%s\n' \
		"$1" "$passed" "$failed" $((SECONDS - began)) "$(reason_for_none "$1")"
	if [ "$failed" -gt 0 ]; then
		show_log "$1"
	fi
}

# in_shell_for STEP COMMAND: all but the build, which sets variables of ours, in
# a shell of its own, so that one that dies is one that failed.
in_shell_for()
{
	if [ "$1" = build ]; then
		"$2"
	else
		(trap 'rm -rf "${TRASH[@]}"' EXIT && "$2")
	fi
}

# A step that ran nothing says why in its last line.
reason_for_none()
{
	[ "$(counts_of "$1")" != "0 0" ] ||
		printf '  %s' "$(tail -n 1 "$WORK/log/$1")"
}

# A compiler's first error matters most; of tests, which ones failed, and the
# end with the summary.
show_log()
{
	local lines=${DEV_LOG_LINES:-300}

	if [ "$1" = build ]; then
		head -n "$lines" "$WORK/log/$1"
	else
		{ grep -anE -A 6 'not ok|Failed test|Dubious|FAILED' "$WORK/log/$1" ||
			true; } | sed "${lines}q"
		tail -n "$lines" "$WORK/log/$1"
	fi | sed 's/^/    /'
}

count()
{
	echo "$2 $3" >"$WORK/count/$1"
}

# A step that left no counts has failed.
counts_of()
{
	grep -s . "$WORK/count/$1" || echo 0 1
}

step_failed()
{
	counts_of "$1" | cut -d' ' -f2
}

# Of the benchmark no step runs more than that it compiles.
step_build()
{
	build_and_install && (
		flock 9 && make -s -j2 -C "$ROOT/bench" \
			BUILD="$ROOT/build/bench-check" PG_CONFIG="$PG_CONFIG" COPT=-Werror \
			programs
	) 9>"$ROOT/build/lock" && count build 2 0
}

step_layers()
{
	"$ROOT/test/run-tap.pl" "$WORK/count/layers" \
		"$ROOT/test/layers.sh" "$ROOT/test/versions.sh" "$ROOT/test/meta.pl" \
		"$ROOT/test/dev.sh" "$ROOT/test/failures.sh" "$ROOT/test/interrupts.sh" \
		"$ROOT/test/image.sh"
}

step_unit()
{
	run_units unit ''
}

step_sanitize()
{
	# Not the default of all compilers.
	export ASAN_OPTIONS=detect_stack_use_after_return=1
	run_units sanitize 1
}

# The programs are copied before they run: another ./dev may build meanwhile.
run_units()
{
	local build=../../build/$1 folder=$WORK/$1

	mkdir -p "$ROOT/build" "$folder"
	(
		flock 9 && cd "$ROOT/test/unit" &&
			make -s -j2 BUILD="$build" SANITIZE="$2" COPT=-Werror programs &&
			make -s BUILD="$build" list | xargs cp -pt "$folder"
	) 9>"$ROOT/build/lock" &&
		"$ROOT/test/run-tap.pl" --jobs 2 "$WORK/count/$1" "$folder"/test_*
}

# The scripts of test/sql, by the same target that a user would run.
step_regress()
{
	installcheck regress ISOLATION=
	server_survived regress
}

# The same without the shortcuts of src/shortcut: answers do not depend on them.
step_plain()
{
	installcheck plain ISOLATION= vecdb.disable_shortcuts=all
	server_survived plain
}

# Debian's packages of 13 do not carry the program that runs specifications.
step_isolation()
{
	if [ ! -x "$(regress_folder)/../isolation/pg_isolation_regress" ]; then
		echo "there is no pg_isolation_regress: nothing was run"
		count isolation 0 0
		return
	fi
	installcheck isolation REGRESS=
	server_survived isolation
}

# installcheck STEP MAKE-VARIABLE SETTING...: on a server of its own.
installcheck()
{
	local step=$1 variable=$2 folder=$WORK/$1 status=0

	shift 2
	mkdir "$folder"
	chmod 711 "$folder"
	ln -s "$ROOT/expected" "$folder/expected"
	start_server "$folder" fsync=off "shared_buffers=$(shared_buffers 128)" \
		log_autovacuum_min_duration=-1 max_prepared_transactions=2 "$@"
	make --no-print-directory -C "$folder" -f "$ROOT/Makefile" installcheck \
		PG_CONFIG="$PG_CONFIG" bindir="$PG_BIN" TAP_TESTS= "$variable" \
		>"$folder/report" 2>&1 || status=$?
	stop_server "$folder"
	cat "$folder/report"
	find "$folder" -name regression.diffs -exec cat {} +
	count_regress "$step" "$folder/report" "$status"
}

# pg_regress says "test x ... ok" up to 15 and "ok 1 - x" from 16 on; + for - where
# several run at a time.  A run that fails without naming a test is one failure.
count_regress()
{
	local ok bad

	ok=$(grep -cE '^ok [0-9]|\.\.\. ok( |$)' "$2" || true)
	bad=$(grep -cE '^not ok [0-9]|\.\.\. (FAILED|failed)' "$2" || true)
	if [ $((ok + bad)) -eq 0 ] || { [ "$3" -ne 0 ] && [ "$bad" -eq 0 ]; }; then
		bad=$((bad + 1))
		say "not ok: ended with status $3: $(tail -n 1 "$2")"
	fi
	sed -nE 's/^not ok [0-9]+ +[-+] +([^ ]+).*/not ok: \1/p
		s/^(test)? +([^ ]+) +\.\.\. (FAILED|failed).*/not ok: \2/p' "$2"
	count "$1" "$ok" "$bad"
}

# Where PGXS keeps pg_regress.
regress_folder()
{
	echo "$(dirname "$("$PG_CONFIG" --pgxs)")/../test/regress"
}

# One test more: no process of the server crashed or failed an assertion.
server_survived()
{
	local data=$WORK/$1/data passed failed crashed='PANIC:|TRAP:|was terminated by signal'

	read -r passed failed <"$WORK/count/$1"
	if grep -E "$crashed" "$data/server.log"; then
		tail -n 50 "$data/server.log"
		say "not ok: server: $(grep -aEm 1 "$crashed" "$data/server.log")"
		count "$1" "$passed" $((failed + 1))
	elif valgrind_found "$data"; then
		say "not ok: server: valgrind has reports"
		count "$1" "$passed" $((failed + 1))
	else
		count "$1" $((passed + 1)) "$failed"
	fi
}

# Whole reports, which lie between marks, of the server's processes.
valgrind_found()
{
	local logs

	logs=$(compgen -G "$1/valgrind.*") || return 1
	# shellcheck disable=SC2086
	sed -n '/VALGRINDERROR-BEGIN/,/VALGRINDERROR-END/p' $logs | sed '300q' |
		grep .
}
