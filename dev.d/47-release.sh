# shellcheck shell=bash
#
# What releases installed, for the test of the upgrade from them: their install
# scripts are kept in test/data.

# last_release FOLDER: put those scripts there, and the extension of a test; print "VECDB_RELEASED=the newest
# one's version".  Fails where sql/ is no longer what the last tag has, and the
# version still is.
last_release()
{
	local script newest

	check_tag || return 1
	for script in "$ROOT"/test/data/vecdb--*.sql \
		"$ROOT"/test/data/vecdb_third*; do
		cp "$script" "$1" && chmod 644 "$1/${script##*/}" || return 1
	done
	newest=$(printf '%s\n' "$ROOT"/test/data/vecdb--*.sql | sort -V | tail -n 1)
	newest=${newest##*/vecdb--}
	echo "VECDB_RELEASED=${newest%.sql}"
}

# A tree whose last tag is of the version that it still has.
check_tag()
{
	local tag

	tag=$(git_here describe --tags --abbrev=0 2>/dev/null) || return 0
	[ "$(git_here show "$tag:vecdb.control" | control_version)" = \
		"$(control_version <"$ROOT/vecdb.control")" ] || return 0
	cat "$ROOT"/sql/[0-9]*.sql | cmp -s - <(released_slices "$tag") || {
		warn "sql/ is not that of the tag $tag, whose version this tree" \
			"still has: raise default_version, see CONTRIBUTING.md"
		return 1
	}
}

# The clone may be another user's, as in a container.
git_here()
{
	git -c "safe.directory=$ROOT" -C "$ROOT" "$@"
}

control_version()
{
	sed -n "s/^default_version = '\(.*\)'/\1/p"
}

# The slices in the order of their names, as sql/script.sh joins them.
released_slices()
{
	local slice

	git_here ls-tree --name-only "$1" sql/ | grep '^sql/[0-9].*\.sql$' |
		LC_ALL=C sort | while read -r slice; do
		git_here show "$1:$slice"
	done
}
