#!/bin/bash
#
# failures.sh: that "./dev test" names what failed, right before its totals, as TAP.
# Its functions get the reports of steps that were never run.
ROOT=$(cd "$(dirname "$0")/.." && pwd) || exit 1
for part in 10-common 40-test 41-tap 80-deploy; do
	# shellcheck source=/dev/null
	. "$ROOT/dev.d/$part.sh"
done
set +e
WORK=$(mktemp -d) || exit 1
trap 'rm -rf "$WORK"' EXIT
mkdir "$WORK/log" "$WORK/count"
# shellcheck source=test/tap.sh
. "$ROOT/test/tap.sh"

# shows NAME EXPECTED COMMAND...: it prints exactly this.
shows()
{
	is "$("${@:3}" 2>&1 </dev/null)" "$2" "$1"
}

# program NAME LINE...: of a program in TAP.
program()
{
	local path=$WORK/$1

	shift
	printf '%s\n' '#!/bin/sh' "$@" >"$path"
	chmod 755 "$path"
}

# names PROGRAM: what run-tap.pl says last of it, and its counts.
names()
{
	"$ROOT/test/run-tap.pl" --jobs 2 "$WORK/counts" "$WORK/fine.t" "$WORK/$1" |
		grep '^not ok: '
	cat "$WORK/counts"
}

program fine.t 'echo 1..1; echo ok 1 - as it should be'
program wrong.t 'echo 1..3; echo ok 1 - one; echo not ok 2 - two; echo not ok 3 - three' \
	'exit 2'
program short.t 'echo 1..2; echo ok 1 - one'
program status.t 'echo 1..1; echo ok 1 - one; exit 3'
# shellcheck disable=SC2016
program killed.t 'echo 1..1; echo ok 1 - one; kill -9 $$'
program mute.t 'exit 1'
program later.t 'echo 1..1; echo "not ok 1 - one # TODO some day"'

shows 'tests that fail are named' 'not ok: wrong.t: 2 - two
not ok: wrong.t: 3 - three
2 2' names wrong.t
shows 'so is a program that ends too soon' \
	'not ok: short.t: Bad plan.  You planned 2 tests but ran 1.
2 1' names short.t
shows 'or with a status' 'not ok: status.t: ended with status 3
2 1' names status.t
shows 'or by a signal' 'not ok: killed.t: ended by signal 9
2 1' names killed.t
shows 'or without a word' 'not ok: mute.t: No plan found in TAP output
1 1' names mute.t
shows 'one that may fail is not' '2 0' names later.t

# regress STATUS LINE...: of a run of pg_regress, and its counts.
regress()
{
	local status=$1

	shift
	printf '%s\n' "$@" >"$WORK/report"
	count_regress regress "$WORK/report" "$status"
	cat "$WORK/count/regress"
}

shows 'scripts are named as 15 prints them' 'not ok: two
not ok: four
2 2' regress 1 'test one                          ... ok           25 ms' \
	'test two                          ... FAILED       31 ms' \
	'     three                        ... ok           25 ms' \
	'     four                         ... FAILED (test process exited with exit code 2)  9 ms'
shows 'and as 16 does' 'not ok: two
not ok: four
2 2' regress 1 'ok 1         - one                        25 ms' \
	'not ok 2     - two                        31 ms' \
	'ok 3         + three                      25 ms' \
	'not ok 4     + four                        9 ms'
shows 'a run without scripts tells how it ended' \
	'not ok: ended with status 2: make: *** No rule
0 1' regress 2 'make: *** No rule'

# rehearsal STATUS LINE...: of one, and its counts.
rehearsal()
{
	local status=$1

	shift
	printf '%s\n' "$@" >"$WORK/report"
	count_last_line rehearse "$WORK/report" "$status"
	cat "$WORK/count/rehearse"
}

shows 'checks of a rehearsal are named' 'not ok: two
1 1' rehearsal 1 'ok - one' 'FAILED - two' '    not ok' '1 passed, 1 failed'
shows 'one that ended before its totals has failed' '0 1' \
	rehearsal 1 'ok - one' 'rehearse: error: the rehearsal stopped'

# A crash of the server is one failure more.
mkdir -p "$WORK/regress/data"
echo 'LOG:  server process (PID 1) was terminated by signal 11' \
	>"$WORK/regress/data/server.log"
count regress 3 0
shows 'so does a server that crashed' \
	'not ok: server: LOG:  server process (PID 1) was terminated by signal 11' \
	eval 'server_survived regress | tail -n 1'

mkdir -p "$WORK/folder/test/tap" "$WORK/folder/tmp_check/log"
touch "$WORK/folder/test/tap"/{renew,renew_load,kill}.t
for log in regress_log_renew renew_a_b.log renew_load_a.log regress_log_kill; do
	seq 100 >"$WORK/folder/tmp_check/log/$log"
done
echo 'not ok: renew.t: 1 - one' >"$WORK/report"
shows 'of servers, those of the failed program are shown, their ends alone' \
	'30 ==> regress_log_renew ==> renew_a_b.log' \
	eval 'tap_logs "$WORK/folder" "$WORK/report" >"$WORK/ends"
		echo "$(grep -c "^[0-9]" "$WORK/ends")" $(sed -n "s,^==> .*/,==> ,p" "$WORK/ends")'

# step NAME COUNTS LINE...: one that has run, with its log.
step()
{
	local name=$1 counts=$2

	shift 2
	echo "$counts" >"$WORK/count/$name"
	printf '%s\n' "$@" >"$WORK/log/$name"
}

rm "$WORK"/count/*
step unit '7 0' 'not ok: nothing: a word of a step that passed'
shows 'who passed is not named' '7 passed, 0 failed' summary unit
step build '0 1' 'In file included from a.c:1' 'a.h:2:1: error: unknown type' 'a.h:3:1: error: x' \
	'make: *** [a.o] Error 1'
step style '0 1' 'no wheels' 'dev: apt-get update failed' ''
step tap '5 2' 'not ok 1 - one' 'not ok: a.t: 1 - one' 'not ok: b.t: 2 - two' 'last'
shows 'the totals come last, after steps with their tests' \
	'build: a.h:2:1: error: unknown type
style: dev: apt-get update failed
tap: a.t: 1 - one
tap: b.t: 2 - two
12 passed, 4 failed' summary build style unit tap
# Killed, or without a place to write to.
rm "$WORK/count/unit" "$WORK/log/unit"
true >"$WORK/count/style"
shows 'a step without counts has failed' '0 passed, 2 failed' \
	eval 'summary unit style | tail -n 1'
shows 'and is named' 'unit: no word of it, and' \
	eval 'summary unit | sed -n "1s/ and .*/ and/p"'
step tap '0 30' "$(seq 30 | sed 's/^/not ok: /')"
shows 'many are no more than a screen' "$(step_failed tap) 22 and 12 more" \
	eval 'summary build style tap >"$WORK/all"; echo 30 "$(wc -l <"$WORK/all")" "$(sed -n 21p "$WORK/all")"'
finish
