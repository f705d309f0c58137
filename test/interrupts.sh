#!/bin/bash
#
# interrupts.sh: that "./dev test" leaves nothing behind when it is interrupted, as
# TAP.  Its steps are stand-ins, which make a temporary folder and wait.
ROOT=$(cd "$(dirname "$0")/.." && pwd) || exit 1
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
chmod 755 "$folder"
# shellcheck source=test/tap.sh
. "$ROOT/test/tap.sh"

cat >"$folder/dev" <<'END'
for part in 10-common 30-server 40-test; do
	. "$ROOT/dev.d/$part.sh"
done
set -euo pipefail
nproc() { echo 2; }
find_postgres() { PG_VERSION=0; }
need_packages() { :; }
step_build() { count build 1 0; }
# One that cleans up only when it ends by itself, as dash does.
step_layers() { sh -c 'trap "rm -rf $(mktemp -d)" EXIT; echo $$ >"$0"; sleep 60; exit' "$FOLDER/begun"; }
step_unit() { mktemp -d >/dev/null; touch "$FOLDER/begun2"; sleep 60; }
cmd_test layers unit
END

# Within so many tenths of a second.
wait_for()
{
	for _ in $(seq "$1"); do
		[ ! -e "$2" ] || [ ! -e "$3" ] || return 0
		sleep 0.1
	done
	return 1
}

nothing_in()
{
	find "$1" -mindepth 1 | sed 's/^/# /'
	[ -z "$(ls -A "$1")" ]
}

ended()
{
	! kill -0 "$1" 2>/dev/null
}

# interrupt SIGNAL STATUS: by the one who started it, while both steps run.
interrupt()
{
	local pid status=0

	mkdir -m 1777 "$folder/tmp"
	# What begins in the background has INT ignored.
	ROOT=$ROOT FOLDER=$folder TMPDIR=$folder/tmp \
		perl -e '$SIG{INT} = "DEFAULT"; exec @ARGV' bash "$folder/dev" \
		>"$folder/said" 2>&1 &
	pid=$!
	ok "two steps run, $1" wait_for 300 "$folder/begun" "$folder/begun2"
	ok "their temporary files lie in the folder of ./dev, $1" \
		test "$(find "$folder/tmp" -mindepth 1 -maxdepth 1 | wc -l)" = 1
	kill "-$1" "$pid"
	wait "$pid" || status=$?
	ok "the status is that of $1" test "$status" = "$2"
	ok "nothing is left, $1" nothing_in "$folder/tmp"
	ok "no process either, $1" ended "$(cat "$folder/begun")"
	rm -rf "$folder"/{tmp,begun,begun2}
}

interrupt TERM 143
interrupt INT 130
finish
