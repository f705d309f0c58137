# shellcheck shell=bash
#
# "./dev matrix": the tests on other releases of Debian, each of which carries
# one PostgreSQL.  A release is a folder made by debootstrap and kept in the
# cache; "./dev test" runs in it and installs there what it needs.  Debian never
# released 14 and 16.

cmd_matrix()
{
	local version versions failed=() results=()

	is_root || die "the matrix needs root, for debootstrap and chroot"
	need_packages debootstrap debian-archive-keyring
	for version in "$@"; do
		[ -n "$(release_of "$version")" ] ||
			die "no release of Debian has PostgreSQL $version"
	done
	read -ra versions <<<"${*:-13 15 17 18}"
	make_work
	for version in "${versions[@]}"; do
		say "== PostgreSQL $version, Debian $(release_of "$version")"
		if test_release "$version"; then
			results+=("PostgreSQL $version: $(tail -n 1 "$WORK/log/$version")")
		else
			results+=("PostgreSQL $version: FAILED")
			failed+=("$version")
		fi
	done
	printf '%s\n' "${results[@]}"
	[ ${#failed[@]} -eq 0 ]
}

release_of()
{
	case $1 in
		13) echo bullseye ;;
		15) echo bookworm ;;
		17) echo trixie ;;
		18) echo sid ;;
	esac
}

# Every test but those under sanitizers, which say nothing of PostgreSQL.  The
# Perl modules that the TAP tests use came with 15.
steps_for()
{
	echo layers unit regress isolation
	[ "$1" -lt 15 ] || echo tap
}

test_release()
{
	local root tree inside words=() status=0

	root=$VECDB_CACHE/matrix/$(release_of "$1")
	make_release "$(release_of "$1")" "$root" || return 1
	tree=$(mktemp -d "$root/root/vecdb.XXXXXX") && copy_tree "$tree" || return 1
	inside=/root/${tree##*/}
	if give_words "$tree"; then
		words=("GLOVE_FILE=$inside/words.txt")
	fi
	# shellcheck disable=SC2046
	in_release "$root" env "${words[@]}" "$inside/dev" test $(steps_for "$1") \
		</dev/null 2>&1 | tee "$WORK/log/$1" || status=1
	rm -rf "$tree"
	return "$status"
}

# The sources without what was built or fetched.
copy_tree()
{
	tar -C "$ROOT" --exclude=./.git --exclude=./build \
		--exclude=node_modules -cf - . | tar -C "$1" -xf -
}

# The folder is moved to its name when it is whole.  No service starts in it,
# and a mirror that stands still, past the dates of its lists, will do.
make_release()
{
	mkdir -p "$VECDB_CACHE/matrix"
	(
		flock 9
		[ ! -d "$2" ] || exit 0
		rm -rf "$2.new"
		say "Making $2"
		debootstrap --variant=minbase --include=ca-certificates "$1" \
			"$2.new" "$(debian_mirror)" >"$WORK/log/debootstrap" 2>&1 || {
			tail -n 20 "$WORK/log/debootstrap"
			exit 1
		}
		printf '#!/bin/sh\nexit 101\n' >"$2.new/usr/sbin/policy-rc.d"
		chmod 755 "$2.new/usr/sbin/policy-rc.d"
		echo 'Acquire::Check-Valid-Until "false";' \
			>"$2.new/etc/apt/apt.conf.d/90vecdb"
		mv "$2.new" "$2"
	) 9>"$2.lock"
}

# The mirror that this machine's own packages come from.
debian_mirror()
{
	# shellcheck disable=SC2016
	apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' |
		sed -n '/\/debian\/*$/{p;q}'
}

# In a mount and process namespace of its own: what is mounted and started
# there is gone with it.
in_release()
{
	local root=$1

	shift
	# shellcheck disable=SC2016
	unshare --mount --pid --fork --kill-child sh -c '
		mount -t proc proc "$1/proc" &&
		mount -t tmpfs tmpfs "$1/dev/shm" &&
		mount -t tmpfs tmpfs "$1/run" &&
		mkdir -p "$1/run/lock" &&
		root=$1 && shift &&
		exec chroot "$root" env -i HOME=/root TERM="${TERM:-dumb}" \
			PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"' sh "$root" "$@"
}
