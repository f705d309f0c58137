# shellcheck shell=bash
#
# The step "suites": pgvector's own tests, out of Debian's source package of it,
# against vecdb by the name vector, in some minutes.  Nothing of them is kept in this tree; what
# they find different on purpose, and why, is in test/suites.txt.

SUITES_RELEASE=trixie
SUITES_LIST=$ROOT/test/suites.txt

step_suites()
{
	local source=$VECDB_CACHE/suites/$SUITES_RELEASE folder=$WORK/suites

	mkdir -p "${source%/*}" "$folder"
	(
		flock 9
		[ -d "$source" ] || fetch_source "$SUITES_RELEASE" pgvector "$source"
	) 9>"$source.lock" || return
	cp -R "$source/test" "$folder"
	chmod 755 "$folder"
	if is_root; then
		chown -R postgres: "$folder"
	fi
	suite_sql "$folder/test" >"$folder/found"
	suite_tap "$folder/test" >>"$folder/found"
	judge_suites "$folder/found"
}

# suite_sql FOLDER: the lines "sql NAME LINES", of output that differ.
suite_sql()
{
	local names=() name

	mapfile -t names < <(basename -as .sql "$1"/sql/*.sql)
	start_server "$WORK/suites" fsync=off >&2
	(cd "$1" && "$(regress_folder)/pg_regress" --inputdir=. \
		--bindir="$PG_BIN" --host="$PGHOST" --load-extension=vector \
		"${names[@]}") >&2 || true
	stop_server "$WORK/suites"
	for name in "${names[@]}"; do
		echo "sql $name $(diff "$1/expected/$name.out" "$1/results/$name.out" |
			tee /dev/fd/2 | grep -c '^[<>]')"
	done
}

# suite_tap FOLDER: the lines "tap NAME CASES", that failed; one that died is one.
suite_tap()
{
	local pgxs report test name failed

	pgxs=$WORK/pg$(dirname "$("$PG_CONFIG" --pgxs)")/../..
	for test in "$1"/t/*.pl; do
		name=$(basename "$test" .pl) report=$1/$name.report
		as_server_user env -C "$1" PATH="$PATH" TESTDIR="$1" \
			TESTDATADIR="$1/tmp_check" TESTLOGDIR="$1/tmp_check/log" \
			PG_REGRESS="$pgxs/src/test/regress/pg_regress" \
			PERL5LIB="$pgxs/src/test/perl" perl "$test" >"$report" 2>&1 || true
		failed=$(grep -c '^not ok' "$report" || true)
		grep -q '^1\.\.[0-9]' "$report" || failed=$((failed + 1))
		[ "$failed" -eq 0 ] || { echo "==> $name" && grep -v '^ok' "$report"; } >&2
		echo "tap $name $failed"
	done
}

# judge_suites FOUND: against the list, where what is not named has none.  Lines
# of output are so many; of cases with random data there may be fewer.
judge_suites()
{
	local kind name found wanted passed=0 failed=0

	while read -r kind name found; do
		wanted=$(awk -v kind="$kind" -v name="$name" \
			'$1 == kind && $2 == name { print $3 }' "$SUITES_LIST")
		if [ "$found" -eq "${wanted:-0}" ] ||
			{ [ "$kind" = tap ] && [ "$found" -lt "${wanted:-0}" ]; }; then
			passed=$((passed + 1))
		else
			failed=$((failed + 1))
			echo "not ok: $kind $name: $found, and not ${wanted:-0}"
		fi
	done <"$1"
	count suites "$passed" "$failed"
}
