# shellcheck shell=bash
#
# "./dev assert": the tests on a PostgreSQL that doubts itself.
#
# PostgreSQL 15 is compiled from Debian's source package with its assertions,
# and once more with its notes to valgrind; both are kept in the cache.

assert_parts()
{
	echo plain discard valgrind
}

cmd_assert()
{
	local parts

	need_words part "$(assert_parts)" "$@"
	read -ra parts <<<"${*:-$(assert_parts)}"
	run_parts assert_part assert_title "${parts[@]}"
}

assert_title()
{
	echo "assert $1"
}

assert_part()
{
	"assert_$1"
}

# Everything, with memory that is cleared when it is freed.
assert_plain()
{
	assert_server cassert '-O2' || return
	assert_test cassert regress isolation tap
}

# What is kept of the catalogs is thrown away whenever it could be: see
# test/discard.sh.  TAP tests would take hours.
assert_discard()
{
	assert_server cassert '-O2' || return
	EXTRA_REGRESS_OPTS=--launcher=$ROOT/test/discard.sh \
		assert_test cassert regress
}

# Reads of memory that nobody wrote or that is freed, in palloc's chunks too.
assert_valgrind()
{
	need_packages valgrind libc6-dbg
	assert_server valgrind '-Og -DUSE_VALGRIND' || return
	VECDB_VALGRIND=$VECDB_CACHE/assert/source/src/tools/valgrind.supp \
		assert_test valgrind regress
}

# assert_test KIND STEP...
assert_test()
{
	local prefix=$VECDB_CACHE/assert/$1/postgresql

	shift
	PG_CONFIG=$prefix/bin/pg_config "$ROOT/dev" test "$@"
}

# assert_server KIND CFLAGS: unless it is there, which its last file tells.  The
# name "postgresql" in the path keeps all libraries in one folder.
assert_server()
{
	local folder=$VECDB_CACHE/assert/$1

	mkdir -p "$VECDB_CACHE/assert"
	(
		flock 9
		[ ! -f "$folder/complete" ] || exit 0
		need_packages gcc libc6-dev make perl bzip2 libssl-dev libipc-run-perl
		assert_source || exit
		say "Compiling PostgreSQL into $folder"
		rm -rf "$folder"
		mkdir -p "$folder/build"
		cd "$folder/build" || exit
		../../source/configure -q --prefix="$folder/postgresql" \
			--enable-cassert --enable-debug --enable-tap-tests \
			--with-ssl=openssl --without-readline --without-zlib CFLAGS="$2" >../log 2>&1 &&
			make -s -j2 world-bin >>../log 2>&1 &&
			make -s install-world-bin >>../log 2>&1 || {
			tail -n 30 ../log
			exit 1
		}
		cd .. && rm -rf build && touch complete
	) 9>"$folder.lock"
}

assert_source()
{
	local source=$VECDB_CACHE/assert/source

	[ -d "$source" ] || {
		say "Fetching the source package postgresql-15"
		fetch_source bookworm postgresql-15 "$source"
	}
}
