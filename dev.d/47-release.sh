# shellcheck shell=bash
#
# What the last release installed, for the test of the upgrade from it.

# last_release FOLDER: put that release's install script there, under its name;
# print "VECDB_RELEASED=its version", or "VECDB_NO_RELEASE=why there is none".
last_release()
{
	local tag version script

	tag=$(git_here describe --tags --abbrev=0 2>/dev/null) || {
		echo "VECDB_NO_RELEASE=no git tag is known to upgrade from"
		return
	}
	version=$(git_here show "$tag:vecdb.control" | control_version)
	script=$WORK/released.sql
	released_script "$tag" >"$script"
	if [ "$version" != "$(control_version <"$ROOT/vecdb.control")" ]; then
		cp "$script" "$1/vecdb--$version.sql"
		chmod 644 "$1/vecdb--$version.sql"
		echo "VECDB_RELEASED=$version"
	elif cat "$ROOT"/sql/[0-9]*.sql | cmp -s - "$script"; then
		echo "VECDB_NO_RELEASE=this is version $version still, as tagged"
	else
		warn "sql/ is not that of the tag $tag, whose version $version this" \
			"tree still has: raise default_version, add an upgrade script"
		return 1
	fi
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

# The slices in the order of their names, as the Makefile joins them.
released_script()
{
	local slice

	git_here ls-tree --name-only "$1" sql/ | grep '^sql/[0-9].*\.sql$' |
		LC_ALL=C sort | while read -r slice; do
		git_here show "$1:$slice"
	done
}
