# shellcheck shell=bash
#
# "./dev packages": Debian's packages for each PostgreSQL, each built in the
# release that carries it, and tried where nothing but them was installed.

packages_usage()
{
	cat <<END
usage: ./dev packages [OPTION] [MAJOR]...

  --output FOLDER  where they go; default: build/deb

Packages of postgresql-MAJOR-vecdb for 13, 15, 17 and 18 unless named.  Debian
never had 14 and 16: where another repository brought postgresql-server-dev-16,
"make deb" builds for it.
END
}

cmd_packages()
{
	local majors=() output=$ROOT/build/deb major failed=()

	while [ $# -gt 0 ]; do
		case $1 in
			--help) packages_usage; return ;;
			--output)
				[ -n "${2:-}" ] || die "--output takes a folder"
				output=$(realpath -m -- "$2")
				shift
				;;
			13 | 15 | 17 | 18) majors+=("$1") ;;
			*) die "no release of Debian has PostgreSQL $1: ./dev packages --help" ;;
		esac
		shift
	done
	[ ${#majors[@]} -gt 0 ] || majors=(13 15 17 18)
	need_releases
	make_work
	mkdir -p "$output"
	for major in "${majors[@]}"; do
		packages_of "$major" "$output" || failed+=("$major")
	done
	[ ${#failed[@]} -eq 0 ] || die "failed: ${failed[*]}"
	say "Packages: $output"
}

# One line, and what was said where it failed.
packages_of()
{
	local log=$WORK/log/packages-$1 began=$SECONDS

	if (build_packages "$1" && try_packages "$1" && cp "$WORK/deb-$1"/*.deb "$2") \
		>"$log" 2>&1; then
		say "PostgreSQL $1: $(cd "$WORK/deb-$1" && ls -- *.deb | paste -sd ' ')" \
			"in $((SECONDS - began)) s"
	else
		tail -n "${DEV_LOG_LINES:-100}" "$log" | sed 's/^/    /'
		say "PostgreSQL $1: FAILED"
		return 1
	fi
}

# packages_root RELEASE NAME PACKAGE...: a folder that goes with this command, of
# one that is kept, as its path in $root.
packages_root()
{
	local release=$1 kept=$VECDB_CACHE/packaging/$1-$2

	shift 2
	make_release "$release" "$kept" "$@" || return
	root=$(mktemp -d "$VECDB_CACHE/packaging/run.XXXXXX") || return
	# A trap of the subshell that builds and tries.
	# shellcheck disable=SC2064
	trap "rm -rf '$root'" EXIT
	rmdir "$root" && copy_release "$kept" "$root"
}

build_packages()
(
	release=$(release_of "$1")
	packages_root "$release" "build" build-essential debhelper fakeroot libpq-dev \
		"postgresql-server-dev-$1" || exit
	mkdir "$root/root/vecdb" "$WORK/deb-$1" && copy_tree "$root/root/vecdb" || exit
	in_release "$root" /root/vecdb/deploy/package/build-deb --major "$1" \
		--output /root/deb </dev/null &&
		cp "$root"/root/deb/*.deb "$WORK/deb-$1"
)

# A server of Debian's own, the packages, both names of the extension, and a
# search through an index.
try_packages()
(
	release=$(release_of "$1")
	packages_root "$release" "server" "postgresql-$1" || exit
	mkdir "$root/root/deb" && cp "$WORK/deb-$1"/*.deb "$root/root/deb" || exit
	give_packages "$release" "$root"
	# shellcheck disable=SC2016
	in_release "$root" env DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 sh -ec '
		apt-get -q update
		apt-get -q install -y --no-install-recommends \
			/root/deb/postgresql-$1-vecdb_*.deb /root/deb/postgresql-$1-vecdb-vector_*.deb
		pg_lsclusters -h | grep -q . || pg_createcluster "$1" main
		pg_ctlcluster "$1" main start
		runuser -u postgres -- psql -X -v ON_ERROR_STOP=1 <<-END
			CREATE EXTENSION vector;
			CREATE EXTENSION vecdb;
			CREATE TABLE t AS SELECT i, ARRAY[i, 1, i % 7]::vector(3) AS v
			FROM generate_series(1, 2000) AS i;
			CREATE INDEX ON t USING ivfflat (v);
			SET enable_seqscan = off;
			SELECT 1 / count(*) FROM (SELECT i FROM t ORDER BY v <-> '"'[7,1,0]'"' LIMIT 1) AS s
			WHERE i = 7;
		END
		vecdb --version
		pg_ctlcluster "$1" main stop' sh "$1" </dev/null
)
