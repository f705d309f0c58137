# shellcheck shell=bash
#
# Folders with a release of Debian in each, to run commands of this tree in.
#
# What debootstrap brings is kept in the cache as it is, one folder a release;
# others are copies of it.  Packages that were fetched once are kept too.

# Why no such folder can be made or entered here; nothing where they can.
no_releases_because()
{
	local probe

	if ! is_root; then
		echo "debootstrap and chroot need root"
	elif ! unshare --mount --pid --fork true 2>/dev/null; then
		echo "this machine does not let root make namespaces"
	else
		probe=$(mktemp -u)
		mknod "$probe" c 1 3 2>/dev/null ||
			echo "this machine does not let root make devices"
		rm -f "$probe"
	fi
}

need_releases()
{
	local reason

	reason=$(no_releases_because)
	[ -z "$reason" ] || die "$reason"
	need_packages debootstrap debian-archive-keyring
}

# Each release carries one PostgreSQL; Debian never released 14 and 16.
release_of()
{
	case $1 in
		13) echo bullseye ;;
		15) echo bookworm ;;
		17) echo trixie ;;
		18) echo sid ;;
	esac
}

# The PostgreSQL of a release.
version_of()
{
	local version

	for version in 13 15 17 18; do
		[ "$(release_of "$version")" != "$1" ] || echo "$version"
	done
}

# make_base RELEASE[-ARCHITECTURE]: what debootstrap brings, under the path that
# is printed.
# The folder is moved to its name when it is whole.  No service starts in it,
# and a mirror that stands still, past the dates of its lists, will do.
make_base()
{
	local base=$VECDB_CACHE/base/$1 arch

	arch=${1#"${1%%-*}"}
	arch=${arch#-}
	mkdir -p "$VECDB_CACHE/base"
	(
		flock 9
		[ ! -d "$base" ] || exit 0
		rm -rf "$base.new"
		say "Making $base" >&2
		debootstrap ${arch:+"--arch=$arch"} --variant=minbase \
			--include=ca-certificates "${1%%-*}" \
			"$base.new" "$(debian_mirror)" >"$WORK/log/debootstrap" 2>&1 || {
			tail -n 20 "$WORK/log/debootstrap" >&2
			exit 1
		}
		printf '#!/bin/sh\nexit 101\n' >"$base.new/usr/sbin/policy-rc.d"
		chmod 755 "$base.new/usr/sbin/policy-rc.d"
		echo 'Acquire::Check-Valid-Until "false";' \
			>"$base.new/etc/apt/apt.conf.d/90vecdb"
		trust_like_here "$base.new"
		mv "$base.new" "$base"
	) 9>"$base.lock" && echo "$base"
}

# Authorities that this machine's owner added, such as that of a proxy, sign
# what npm and pip see in there too.
trust_like_here()
{
	mkdir -p "$1/usr/local/share/ca-certificates"
	find /usr/local/share/ca-certificates -name "*.crt" \
		-exec cp -t "$1/usr/local/share/ca-certificates" '{}' +
	chroot "$1" update-ca-certificates >/dev/null 2>&1
}

# make_release RELEASE FOLDER [PACKAGE]...: a folder that stays, with these
# packages in it.
make_release()
{
	local release=$1 folder=$2 base

	shift 2
	base=$(make_base "$release") || return
	mkdir -p "$(dirname "$folder")"
	(
		flock 9
		[ ! -d "$folder" ] || exit 0
		rm -rf "$folder.new"
		copy_release "$base" "$folder.new" &&
			{ [ $# -eq 0 ] || install_in "$release" "$folder.new" "$@"; } &&
			mv "$folder.new" "$folder"
	) 9>"$folder.lock"
}

copy_release()
{
	cp -a --reflink=auto "$1" "$2"
}

install_in()
{
	local release=$1 folder=$2

	shift 2
	give_packages "$release" "$folder"
	in_release "$folder" env DEBIAN_FRONTEND=noninteractive LC_ALL=C sh -ec '
		apt-get -q update
		apt-get -q install -y --no-install-recommends "$@"' sh "$@" \
		</dev/null >"$WORK/log/packages" 2>&1 || {
		tail -n 20 "$WORK/log/packages" >&2
		return 1
	}
	take_packages "$release" "$folder"
}

# unpack_in FOLDER PACKAGE...: their files alone, without what they depend on.
unpack_in()
{
	local root=$1

	shift
	# shellcheck disable=SC2016
	in_release "$root" sh -ec 'cd "$(mktemp -d)"
		apt-get -q update
		apt-get -q -o APT::Sandbox::User=root download "$@"
		for package in *.deb; do
			dpkg -x "$package" /
		done
		rm *.deb' sh "$@" >"$WORK/log/unpacked" 2>&1 || {
		tail -n 20 "$WORK/log/unpacked" >&2
		return 1
	}
}

# Packages go in and out as links: apt's own lock keeps two that fetch apart
# only within one folder.
give_packages()
{
	mkdir -p "$VECDB_CACHE/packages/$1"
	find "$VECDB_CACHE/packages/$1" -name '*.deb' \
		-exec cp -ln -t "$2/var/cache/apt/archives" '{}' +
}

take_packages()
{
	find "$2/var/cache/apt/archives" -maxdepth 1 -name '*.deb' \
		-exec cp -ln -t "$VECDB_CACHE/packages/$1" '{}' + \
		-exec rm -f '{}' +
}

# The sources without what was built or fetched.
copy_tree()
{
	tar -C "$ROOT" --exclude=./.git --exclude=./build \
		--exclude=node_modules -cf - . | tar -C "$1" -xf -
}

# debian_mirror [security]: the mirror that this machine's own packages come from,
# or that of the security updates, which another part asks for.
# shellcheck disable=SC2120
debian_mirror()
{
	# shellcheck disable=SC2016
	apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' |
		sed -n "/\/debian${1:+-$1}\/*\$/{p;q}"
}

# fetch_source RELEASE PACKAGE FOLDER: Debian's source package as its authors made
# it, by lists of packages that apt's own do not see.
fetch_source()
(
	need_packages debian-archive-keyring
	rm -rf "$3.fetch"
	mkdir -p "$3.fetch/lists/partial" && cd "$3.fetch" || exit
	echo "deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]" \
		"$(debian_mirror) $1 main" >sources.list
	options=(-o "Dir::Etc::sourcelist=$PWD/sources.list"
		-o Dir::Etc::sourceparts=- -o "Dir::State::lists=$PWD/lists"
		-o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache=
		-o APT::Sandbox::User=root -o Acquire::Check-Valid-Until=false)
	apt_quietly "${options[@]}" update
	apt_quietly "${options[@]}" source --download-only "$2"
	mkdir source && tar -xf "$2"_*.orig.tar.* -C source --strip-components=1 &&
		mv source "$3" && rm -rf "$3.fetch"
)

# In a mount and process namespace of its own: what is mounted and started
# there is gone with it.  Its root is a mount, without which nothing within
# could make such namespaces again.
in_release()
{
	local root=$1

	shift
	# shellcheck disable=SC2016
	unshare --mount --pid --fork --kill-child sh -c '
		mount --bind "$1" "$1" &&
		mount -t proc proc "$1/proc" &&
		mount -t devpts -o newinstance,ptmxmode=666 devpts "$1/dev/pts" &&
		mount -t tmpfs tmpfs "$1/dev/shm" &&
		mount -t tmpfs tmpfs "$1/run" &&
		mkdir -p "$1/run/lock" &&
		root=$1 && shift &&
		exec chroot "$root" env -i HOME=/root TERM="${TERM:-dumb}" \
			PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"' sh "$root" "$@"
}
