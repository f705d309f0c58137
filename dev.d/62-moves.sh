# shellcheck shell=bash
#
# Two parts of the matrix, in folders with what a machine has at such a moment:
#
#   upgrade  pg_upgrade of databases with indexes, from 15 to 17 in trixie and to
#            18 in sid.  A release of Debian that was upgraded has the old server
#            beside the new one: 15's packages come from bookworm, as they stayed.
#   migrate  the ways from pgvector and back, with Debian's package of it for 17.
#
# Of the development files only the headers are taken, without the compilers that
# their packages want.

UPGRADE_FROM=15
MIGRATE_AT=17

test_upgrades()
{
	local to status=0

	need_releases
	for to in 17 18; do
		make_upgrade_folder "$to" "$VECDB_CACHE/upgrade/$(release_of "$to")" &&
			run_in_release "$VECDB_CACHE/upgrade/$(release_of "$to")" \
				"upgrade.sh $UPGRADE_FROM" "$to" || status=1
	done
	release_counts upgrade.sh 17 18
	return "$status"
}

test_migration()
{
	local root=$VECDB_CACHE/upgrade/pgvector status=0

	need_releases
	make_pgvector_folder "$MIGRATE_AT" "$root" &&
		run_in_release "$root" migrate.sh "$MIGRATE_AT" || status=1
	release_counts migrate.sh "$MIGRATE_AT"
	return "$status"
}

# run_in_release FOLDER "SCRIPT [ARGUMENT]..." MAJOR: a script of test/release; its
# report, and its counts in $WORK/SCRIPT-MAJOR.
run_in_release()
{
	local root=$1 script=$2 major=$3 tree inside status=0

	tree=$(mktemp -d "$root/root/vecdb.XXXXXX") || return
	TRASH+=("$tree")
	inside=/root/${tree##*/}
	copy_tree "$tree" && chmod 755 "$root/root" "$tree" || return
	in_release "$root" "$inside/test/run-tap.pl" \
		--exec "bash $inside/test/release/$script" "$inside/counts" "$major" || status=1
	cp "$tree/counts" "$WORK/${script%% *}-$major" || status=1
	rm -rf "$tree"
	return "$status"
}

# release_counts SCRIPT MAJOR...: the sum, as the part's last line; one that left no
# counts is a failure.
release_counts()
{
	local script=$1 major

	shift
	for major in "$@"; do
		cat "$WORK/$script-$major" 2>/dev/null || echo 0 1
	done | awk '{ p += $1; f += $2 } END { print p " passed, " f " failed" }'
}

# make_upgrade_folder TO FOLDER
make_upgrade_folder()
{
	local to=$1

	make_whole "$2" upgrade_folder "$to" "$(release_of "$to")"
}

# make_pgvector_folder MAJOR FOLDER
make_pgvector_folder()
{
	make_whole "$2" pgvector_folder "$1" "$(release_of "$1")"
}

# make_whole FOLDER COMMAND...: the command, which is given a folder to make, too;
# it bears its name when it is whole.
make_whole()
{
	local root=$1

	shift
	mkdir -p "${root%/*}"
	(
		flock 8
		[ ! -d "$root" ] || exit 0
		rm -rf "$root.begun"
		"$@" "$root.begun" && mv "$root.begun" "$root"
	) 8>"$root.lock"
}

upgrade_folder()
{
	local to=$1 release=$2 root=$3

	make_release "$release" "$root" gcc libc6-dev make perl "postgresql-$to" &&
		upgrade_sources "$(release_of "$UPGRADE_FROM")" "$release" \
			>"$root/etc/apt/sources.list.d/old.list" &&
		install_in "$release" "$root" "postgresql-$UPGRADE_FROM" "postgresql-$to" &&
		unpack_in "$root" "postgresql-server-dev-$UPGRADE_FROM" \
			"postgresql-server-dev-$to"
}

pgvector_folder()
{
	local major=$1 release=$2 root=$3

	make_release "$release" "$root" gcc libc6-dev make perl "postgresql-$major" \
		"postgresql-$major-pgvector" &&
		unpack_in "$root" "postgresql-server-dev-$major"
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

