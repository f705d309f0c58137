# shellcheck shell=bash
#
# The step "pgxn": META.json before PGXN's own validator, which a Rust compiler
# makes once, and what "make dist" packs.  What needs neither is test/meta.pl.

PGXN_TOOL=$VECDB_CACHE/tools-pgxn

step_pgxn()
{
	local zip=$WORK/dist number=0 failed=0

	if ! command -v cargo >/dev/null || ! command -v git >/dev/null ||
		[ ! -e "$ROOT/.git" ]; then
		echo "it takes cargo and a clone of git: nothing was run"
		count pgxn 0 0
		return
	fi
	fetch_once "$PGXN_TOOL" "$ROOT/test/pgxn.txt" cargo_install || return
	mkdir "$zip" && make -s -C "$zip" -f "$ROOT/Makefile" PG_CONFIG="$PG_CONFIG" dist &&
		python3 -m zipfile -e "$zip"/vecdb-*.zip "$zip" || return
	pgxn_case 'the validator takes META.json' "$PGXN_TOOL/bin/pgxn_meta" "$ROOT/META.json"
	pgxn_case 'and that of the package' "$PGXN_TOOL/bin/pgxn_meta" "$zip"/vecdb-*/META.json
	pgxn_case 'the package has what it names' perl "$ROOT/test/meta.pl" "$zip"/vecdb-*/
	# A validator that takes anything would pass for one that takes ours.
	sed 's/"postgresql"/"ours"/' "$ROOT/META.json" >"$zip/META.json"
	pgxn_case 'it refuses another licence' not "$PGXN_TOOL/bin/pgxn_meta" "$zip/META.json"
	count pgxn $((number - failed)) "$failed"
}

# pgxn_case NAME COMMAND...: counts in its caller's variables.
pgxn_case()
{
	local name=$1

	shift
	number=$((number + 1))
	if "$@"; then
		echo "ok $number - $name"
	else
		echo "not ok $number - $name"
		failed=$((failed + 1))
	fi
}

not()
{
	! "$@"
}

# cargo_install FOLDER LIST: programs of the lines "name version".
cargo_install()
{
	grep -v '^#' "$2" | while read -r name version; do
		cargo install --quiet --locked --root "$1" --version "$version" "$name" </dev/null ||
			return
	done
}
