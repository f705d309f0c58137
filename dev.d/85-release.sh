# shellcheck shell=bash
#
# "./dev release": what a release does to the tree, which nobody should do by hand.
#
# The tree bears the version that will be released next.  A release gives its
# changes a day and a tag; then the tree goes on as the version after it, and keeps
# what the release installed, so that the upgrade from it is tested from now on.

release_usage()
{
	cat <<END
usage: ./dev release [--untested] NEXT

Commits "Release V", where V is the version that vecdb.control has, tags it vV,
and commits "Begin NEXT".  Nothing is pushed.  Before the tag all tests run, and
after it those of the upgrade from V to NEXT, but for --untested.
CONTRIBUTING.md has what to do before and after.
END
}

cmd_release()
{
	local tested=1 next=

	while [ $# -gt 0 ]; do
		case $1 in
			--help) release_usage; return ;;
			--untested) tested= ;;
			*) next=$1 ;;
		esac
		shift
	done
	release_check "$next"
	release_this "$tested"
	release_begin "$next" "$tested"
	say "Released $RELEASE, begun $next.  To publish: git push --follow-tags"
}

# Sets RELEASE, the version that the tree has.
release_check()
{
	RELEASE=$(control_version <"$ROOT/vecdb.control")
	[[ $1 =~ ^[0-9]+\.[0-9]+\.[0-9]+$ ]] ||
		die "NEXT is a version such as 1.2.3, not \"$1\": ./dev release --help"
	[ "$1" != "$RELEASE" ] && [ "$(printf '%s\n' "$RELEASE" "$1" |
		sort -V | tail -n 1)" = "$1" ] ||
		die "$1 does not come after $RELEASE, which is to be released"
	[ -z "$(git_here status --porcelain)" ] ||
		die "there are changes that are not committed"
	! git_here rev-parse -q --verify "refs/tags/v$RELEASE" >/dev/null ||
		die "v$RELEASE is tagged already"
	unreleased | grep -q . ||
		die "CHANGELOG.md says of no change under \"Unreleased\""
}

unreleased()
{
	sed -n '/^## \[Unreleased\]/,/^## \[[0-9]/p' "$ROOT/CHANGELOG.md" | grep '^- '
}

release_this()
{
	local day

	day=$(date -u +%F)
	[ -z "$1" ] || "$ROOT/dev" test || die "not all tests pass: nothing was done"
	sed -i "s/^## \[Unreleased\]\$/## [Unreleased]\n\n## [$RELEASE] - $day/" \
		"$ROOT/CHANGELOG.md"
	# Of the entry that the version before has begun.
	sed -i "0,/^ -- /s/^\( -- .*>\)  .*/\1  $(date -uR)/" \
		"$ROOT/deploy/package/debian/changelog"
	git_here commit -qam "Release $RELEASE" &&
		git_here tag -a "v$RELEASE" -m "vecdb $RELEASE" ||
		die "the release could not be committed"
}

# release_begin NEXT TESTED: the slices are named before the version changes, as
# sql/script.sh counts what is not named as the version's own.
release_begin()
{
	"$ROOT/sql/script.sh" vecdb 0 "$RELEASE" >"$ROOT/test/data/vecdb--$RELEASE.sql"
	release_slices >>"$ROOT/sql/released.txt"
	release_number "$1"
	release_debian "$1"
	git_here add test/data && git_here commit -qam "Begin $1" ||
		die "the new version could not be committed"
	[ -z "$2" ] || TAP_TESTS='test/tap/install.t test/tap/names.t' \
		"$ROOT/dev" test layers tap ||
		die "the upgrade to $1 does not work: see above"
}

release_slices()
{
	local slice

	for slice in "$ROOT"/sql/[0-9]*.sql; do
		slice=${slice##*/}
		grep -q " $slice\$" "$ROOT/sql/released.txt" || echo "$RELEASE $slice"
	done
}

# 1.2.3 is 0.8.10203 under the name of pgvector.
release_number()
{
	local vector

	vector=0.8.$(awk -F. '{ print $1 * 10000 + $2 * 100 + $3 }' <<<"$1")
	sed -i "s/^default_version = .*/default_version = '$1'/" "$ROOT/vecdb.control"
	sed -i "s/^default_version = .*/default_version = '$vector'/" \
		"$ROOT/vector.control"
	sed -i "s/\"version\": \"$RELEASE\"/\"version\": \"$1\"/" "$ROOT/META.json"
}

release_debian()
{
	local changelog=$ROOT/deploy/package/debian/changelog

	{
		printf 'vecdb (%s-1) unstable; urgency=medium\n\n' "$1"
		printf '  * See CHANGELOG.md.\n\n'
		sed -n "/^ -- /{s/>  .*/>  $(date -uR)/p;q}" "$changelog"
		echo
		cat "$changelog"
	} >"$changelog.new"
	mv "$changelog.new" "$changelog"
}
