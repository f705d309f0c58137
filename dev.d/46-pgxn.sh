# shellcheck shell=bash
#
# The step "pgxn": META.json before PGXN's own validator, which a Rust compiler
# makes once, and what "make dist" packs.  What needs neither is test/meta.pl.

PGXN_TOOL=$VECDB_CACHE/tools-pgxn

step_pgxn()
{
	local zip=$WORK/dist

	if ! command -v cargo >/dev/null || ! command -v git >/dev/null ||
		[ ! -e "$ROOT/.git" ]; then
		echo "it takes cargo and a clone of git: nothing was run"
		count pgxn 0 0
		return
	fi
	fetch_once "$PGXN_TOOL" "$ROOT/test/pgxn.txt" cargo_install || return
	mkdir "$zip" && make -s -C "$zip" -f "$ROOT/Makefile" PG_CONFIG="$PG_CONFIG" dist &&
		python3 -m zipfile -e "$zip"/vecdb-*.zip "$zip" || return
	# A validator that takes anything would pass for one that takes ours.
	sed 's/"postgresql"/"ours"/' "$ROOT/META.json" >"$zip/META.json"
	"$PGXN_TOOL/bin/pgxn_meta" "$ROOT/META.json" &&
		"$PGXN_TOOL/bin/pgxn_meta" "$zip"/vecdb-*/META.json &&
		perl "$ROOT/test/meta.pl" "$zip"/vecdb-*/ &&
		! "$PGXN_TOOL/bin/pgxn_meta" "$zip/META.json" &&
		count pgxn 4 0
}

# cargo_install FOLDER LIST: programs of the lines "name version".
cargo_install()
{
	grep -v '^#' "$2" | while read -r name version; do
		cargo install --quiet --locked --root "$1" --version "$version" "$name" </dev/null ||
			return
	done
}
