# shellcheck shell=bash
#
# Finding PostgreSQL, building, and the private installation.

PG_CONFIG=${PG_CONFIG:-}
PG_BIN=				# programs of the private installation
PG_VERSION=			# "15.2"
BUILD_KIND=			# "" or what BUILD_FLAGS make of it; a folder for each
BUILD_FLAGS=

# Can extensions be built for the server of this pg_config?  Debian's package of
# a server alone has the makefiles of PGXS, but not the headers.
can_build_for()
{
	[ -x "$1" ] && [ -f "$("$1" --pgxs)" ] &&
		[ -f "$("$1" --includedir-server)/postgres.h" ]
}

# The newest server under /usr/lib/postgresql that extensions can be built for.
newest_pg_config()
{
	local bin

	for bin in $(printf '%s\n' /usr/lib/postgresql/*/bin | sort -rV); do
		if [ -x "$bin/postgres" ] && can_build_for "$bin/pg_config"; then
			echo "$bin/pg_config"
			return
		fi
	done
}

# The newest server under /usr/lib/postgresql that lacks nothing but what a
# package of its development files brings.
newest_server_major()
{
	local bin major

	for bin in $(printf '%s\n' /usr/lib/postgresql/*/bin | sort -rV); do
		major=$(basename "$(dirname "$bin")")
		if [ -x "$bin/postgres" ] &&
			apt-cache show "postgresql-server-dev-$major" >/dev/null 2>&1; then
			echo "$major"
			return
		fi
	done
}

# The major version that this release of Debian calls "postgresql".
debian_pg_major()
{
	apt-cache depends postgresql 2>/dev/null |
		sed -n 's/.*Depends: postgresql-\([0-9][0-9]*\)$/\1/p' | head -1
}

find_postgres()
{
	need_no_blank "the folder of this tree" "$ROOT"
	need_packages gcc libc6-dev make perl libpq-dev
	[ -n "$PG_CONFIG" ] || PG_CONFIG=$(newest_pg_config)
	[ -n "$PG_CONFIG" ] || install_postgres
	[ -x "$(command -v "$PG_CONFIG")" ] || die "there is no $PG_CONFIG"
	PG_CONFIG=$(command -v "$PG_CONFIG")
	can_build_for "$PG_CONFIG" ||
		die "the server of $PG_CONFIG lacks its development files:" \
			"no postgres.h in $("$PG_CONFIG" --includedir-server)"
	PG_VERSION=$("$PG_CONFIG" --version | sed 's/[^0-9]*\([0-9.]*\).*/\1/')
}

install_postgres()
{
	local major

	is_root || die "no PostgreSQL with its development files was found"
	[ -n "$(debian_pg_major)" ] || apt_quietly update
	major=$(newest_server_major)
	[ -n "$major" ] || major=$(debian_pg_major)
	[ -n "$major" ] || die "this system has no package postgresql"
	need_packages "postgresql-$major" "postgresql-server-dev-$major"
	PG_CONFIG=/usr/lib/postgresql/$major/bin/pg_config
}

# Build the extension and the client in build/, then run a command while the
# build is still ours: another ./dev waits.  Objects stay for the next time; the
# paths are relative because the tree may move until then.
with_build()
{
	local folder

	folder=$ROOT/build/pg$(build_name)
	mkdir -p "$folder"
	(
		flock 9 &&
			run_make -C "$folder" -f ../../Makefile all &&
			make_cli all &&
			"$@" "$folder"
	) 9>"$ROOT/build/lock"
}

# Two servers of one version may be built in different ways.
build_name()
{
	local bin

	bin=$("$PG_CONFIG" --bindir)
	case $bin in
		/usr/lib/postgresql/*) echo "$PG_VERSION$BUILD_KIND" ;;
		*) echo "$PG_VERSION-$(cksum <<<"$bin" | cut -d' ' -f1)$BUILD_KIND" ;;
	esac
}

make_cli()
{
	[ ! -f "$ROOT/cli/Makefile" ] || run_make -C "$ROOT/cli" \
		BUILD="$ROOT/build/cli-pg$(build_name)" "$@"
}

run_make()
{
	make -s -j2 --no-print-directory PG_CONFIG="$PG_CONFIG" \
		COPT="-Werror $BUILD_FLAGS" "$@"
}

# A copy of the server's programs, libraries and data below $WORK/pg, under the
# paths that they were built with.  PostgreSQL finds its files relative to the
# program that was started, so the copy lives on its own.
copy_postgres()
{
	local option from

	for option in bindir pkglibdir sharedir; do
		from=$("$PG_CONFIG" --$option)
		mkdir -p "$WORK/pg$from"
		cp -R --preserve=mode,timestamps "$from/." "$WORK/pg$from/"
	done
	# In the copy, the name vector is ours.
	rm -f "$WORK/pg$("$PG_CONFIG" --pkglibdir)/vector.so" \
		"$WORK/pg$("$PG_CONFIG" --sharedir)"/extension/vector{.control,--*.sql}
	PG_BIN=$WORK/pg$("$PG_CONFIG" --bindir)
	export PATH="$PG_BIN:$PATH"
	if is_own_postgres; then
		LD_LIBRARY_PATH=$WORK/pg$("$PG_CONFIG" --libdir)
		export LD_LIBRARY_PATH
	fi
}

# One that keeps its libraries for itself, as "make install" does.  Its copy must
# find those that were copied, and not look where the others lie.
is_own_postgres()
{
	[ "$("$PG_CONFIG" --libdir)" = "$("$PG_CONFIG" --pkglibdir)" ]
}

install_build()
{
	run_make -C "$1" -f ../../Makefile install install-vector \
		DESTDIR="$WORK/pg" &&
		make_cli install DESTDIR="$WORK/pg"
}

# Build and put the result into a private installation; needs $WORK.
build_and_install()
{
	copy_postgres
	export VECDB=$PG_BIN/vecdb
	with_build install_build
}

# The same for who wants to see no more of it than why it failed.
build_quietly()
{
	build_and_install >"$WORK/log/build" 2>&1 || {
		tail -n 40 "$WORK/log/build" >&2
		die "the build failed"
	}
}

cmd_build()
{
	[ $# -eq 0 ] || die "usage: ./dev build"
	find_postgres
	with_build say "Built for PostgreSQL $PG_VERSION in"
}

cmd_clean()
{
	[ $# -eq 0 ] || die "usage: ./dev clean"
	rm -rf "$ROOT/build"
	make --no-print-directory -C "$ROOT/cli" clean
	rm -f "$ROOT"/vecdb--*.sql "$ROOT"/vector--*.sql "$ROOT"/vecdb.so
	find "$ROOT/src" '(' -name '*.o' -o -name '*.bc' -o -name '*.d' ')' \
		-type f -delete
	rm -rf "$ROOT"/results "$ROOT"/regression.* "$ROOT"/tmp_check
}
