# shellcheck shell=bash
#
# "./dev fresh": the README's quick start on machines where little is installed.
#
# Each run gets a copy of a folder with a release of Debian and some packages in
# it, and of this tree, and goes with both.

fresh_usage()
{
	cat <<END
usage: ./dev fresh [OPTION]... [RELEASE]...

  --state STATE  one or more of: $(fresh_states); default: all
                   bare     what debootstrap brings, nothing of PostgreSQL
                   server   postgresql and libpq-dev: a server and makefiles of
                            PGXS, but not the headers that they compile with
                   headers  postgresql-server-dev: these headers, pg_config, the
                            client, but not the server
  --quick        a demo of 20,000 words, in place of the whole demo and all tests

The releases are bookworm and trixie unless named.
END
}

fresh_states()
{
	echo bare server headers
}

cmd_fresh()
{
	local states=() releases=() release state run=fresh_whole status=0

	while [ $# -gt 0 ]; do
		case $1 in
			--help) fresh_usage; return ;;
			--quick) run=fresh_quick ;;
			--state)
				[[ " $(fresh_states) " == *" ${2:-} "* ]] ||
					die "there is no state ${2:-}: there are $(fresh_states)"
				states+=("$2")
				shift
				;;
			-*) die "there is no option $1; see ./dev fresh --help" ;;
			*)
				[ -n "$(version_of "$1")" ] || die "there is no release $1"
				releases+=("$1")
				;;
		esac
		shift
	done
	[ ${#states[@]} -gt 0 ] || read -ra states <<<"$(fresh_states)"
	[ ${#releases[@]} -gt 0 ] || releases=(bookworm trixie)
	need_releases
	make_work
	for release in "${releases[@]}"; do
		for state in "${states[@]}"; do
			fresh_report "$release" "$state" "$run" || status=1
		done
	done
	return "$status"
}

# One line, and what the commands said where one failed.
fresh_report()
{
	local log=$WORK/log/fresh-$1-$2 began=$SECONDS status=0

	in_fresh "$1" "$2" "$3" >"$log" 2>&1 || status=1
	[ "$status" -eq 0 ] || tail -n "${DEV_LOG_LINES:-300}" "$log" | sed 's/^/    /'
	printf '%-9s %-8s %-6s %5d s: %s\n' "$1" "$2" \
		"$([ "$status" -eq 0 ] && echo ok || echo FAILED)" \
		$((SECONDS - began)) \
		"$(sed -n 's/^fresh: //p' "$log" | paste -sd ';' | sed 's/;/; /g')"
	return "$status"
}

# in_fresh RELEASE STATE FUNCTION: call it with the folder's name and the place
# of the tree in it.
in_fresh()
{
	local root tree status=0

	fresh_make "$1" "$2" || return 1
	root=$(mktemp -d "$VECDB_CACHE/fresh/run.XXXXXX") || return 1
	TRASH+=("$root")
	rmdir "$root" && copy_release "$(fresh_folder "$1" "$2")" "$root" || return 1
	tree=/root/vecdb
	mkdir "$root$tree" && copy_tree "$root$tree" || return 1
	give_packages "$1" "$root"
	"$3" "$2" "$root" "$tree" || status=1
	take_packages "$1" "$root"
	rm -rf "$root"
	return "$status"
}

fresh_folder()
{
	echo "$VECDB_CACHE/fresh/$1-$2"
}

# What a state starts from, kept in the cache.
fresh_make()
{
	local packages=()

	case $2 in
		bare) ;;
		server) packages=(postgresql libpq-dev) ;;
		headers) packages=("postgresql-server-dev-$(version_of "$1")") ;;
	esac
	make_release "$1" "$(fresh_folder "$1" "$2")" "${packages[@]}"
}

# Both commands of the README.  A bare machine fetches the words itself; the
# others get them.
fresh_whole()
{
	local words=() status=0

	if [ "$1" != bare ] && give_words "$2$3"; then
		words=("GLOVE_FILE=$3/words.txt")
	fi
	fresh_run demo "$2" "${words[@]}" "$3/dev" demo || status=1
	fresh_run test "$2" "${words[@]}" "$3/dev" test || status=1
	return "$status"
}

fresh_quick()
{
	give_words "$2$3" || return
	fresh_run demo "$2" "GLOVE_FILE=$3/words.txt" "$3/dev" demo --rows 20000
}

# fresh_run NAME FOLDER COMMAND...: in the folder, with a line that the report
# picks up.  The name tells the tests within that they need not begin anew.
fresh_run()
{
	local name=$1 root=$2 began=$SECONDS status=0 last

	shift 2
	in_release "$root" env VECDB_FRESH="$name" "$@" </dev/null 2>&1 |
		tee "$WORK/log/fresh-$name" || status=1
	last=$(tail -n 1 "$WORK/log/fresh-$name")
	[ "$name" = test ] && [ "$status" -eq 0 ] || last=
	say "fresh: $name $([ "$status" -eq 0 ] && echo ok || echo FAILED)" \
		"${last:+($last) }in $((SECONDS - began)) s"
	return "$status"
}

# The step of "./dev test": a server without headers is what a developer's
# machine is most likely to have, and where PGXS looks whole but is not.
step_fresh()
{
	local release reason

	reason=$(no_releases_because)
	release=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
	if [ -n "${VECDB_FRESH:-}" ]; then
		reason="this is such a folder already"
	elif [ -z "$reason" ] && [ -z "$(version_of "$release")" ]; then
		reason="this is no release of Debian that ./dev fresh knows"
	fi
	if [ -n "$reason" ]; then
		echo "$reason: nothing was run"
		count fresh 0 0
		return
	fi
	need_packages debootstrap debian-archive-keyring
	fresh_report "$release" server fresh_quick && count fresh 1 0
}
