# shellcheck shell=bash
#
# The part "upgrade" of the matrix: pg_upgrade of databases with indexes, from 15
# to 17 in trixie and to 18 in sid.
#
# A release of Debian that was upgraded has the old server beside the new one, and
# so have these folders: 15's packages come from bookworm, as they stayed there.
# Of the development files only the headers are taken, without the compilers that
# their packages want.

UPGRADE_FROM=15

test_upgrades()
{
	local to status=0 passed=0 failed=0 found

	need_releases
	for to in 17 18; do
		upgrade_to "$to" || status=1
		found=$(tail -n 1 "$WORK/upgrade-$to" 2>/dev/null) || found="0 1"
		passed=$((passed + ${found% *})) failed=$((failed + ${found#* }))
	done
	say "$passed passed, $failed failed"
	return "$status"
}

# The script's report, and its counts in $WORK/upgrade-TO.
upgrade_to()
{
	local to=$1 release root tree status=0

	release=$(release_of "$to")
	root=$VECDB_CACHE/upgrade/$release
	make_upgrade_folder "$to" "$root" || return
	tree=$(mktemp -d "$root/root/vecdb.XXXXXX") || return
	TRASH+=("$tree")
	copy_tree "$tree" && chmod 755 "$root/root" "$tree" || return
	in_release "$root" "/root/${tree##*/}/test/run-tap.pl" \
		--exec "bash /root/${tree##*/}/test/upgrade.sh $UPGRADE_FROM" \
		"/root/${tree##*/}/counts" "$to" || status=1
	cp "$tree/counts" "$WORK/upgrade-$to" || status=1
	rm -rf "$tree"
	return "$status"
}

# make_upgrade_folder TO FOLDER: under its name when it is whole.
make_upgrade_folder()
{
	local to=$1 root=$2

	(
		flock 8
		[ ! -d "$root" ] || exit 0
		rm -rf "$root.begun"
		make_release "$(release_of "$to")" "$root.begun" gcc libc6-dev make perl \
			"postgresql-$to" &&
			upgrade_sources "$(release_of "$UPGRADE_FROM")" "$(release_of "$to")" \
				>"$root.begun/etc/apt/sources.list.d/old.list" &&
			install_in "$(release_of "$to")" "$root.begun" "postgresql-$UPGRADE_FROM" \
				"postgresql-$to" &&
			unpack_headers "$root.begun" "$UPGRADE_FROM" "$to" &&
			mv "$root.begun" "$root"
	) 8>"$VECDB_CACHE/upgrade-$to.lock"
}

# The old release, and the security updates of both, where this machine has them.
# sid has none of its own, and a server whose minor release is younger than that of
# the new one cannot be upgraded by it (docs/operations.md).
upgrade_sources()
{
	local mirror release

	echo "deb $(debian_mirror) $1 main"
	mirror=$(debian_mirror security)
	[ -n "$mirror" ] && [ "$2" != sid ] || return 0
	for release in "$@"; do
		echo "deb $mirror $release-security main"
	done
}

unpack_headers()
{
	local root=$1

	shift
	# shellcheck disable=SC2016
	in_release "$root" sh -ec 'cd /tmp
		for major in "$@"; do
			apt-get -q -o APT::Sandbox::User=root download "postgresql-server-dev-$major"
			dpkg -x postgresql-server-dev-"$major"_*.deb /
		done' sh "$@" >"$WORK/log/headers" 2>&1 || {
		tail -n 20 "$WORK/log/headers" >&2
		return 1
	}
}
