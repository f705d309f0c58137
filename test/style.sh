#!/bin/sh
#
# style.sh: the form of C files, the faults of shell scripts and, where HADOLINT
# names that program, of Dockerfiles, as TAP.
#
#   CLANG_FORMAT=... [HADOLINT=...] test/style.sh [FOLDER OF THE SOURCES]
#
# What it notes below warnings differs between versions of shellcheck.
cd "${1:-$(dirname "$0")/..}" || exit 1

count=0
failed=0

# check NAME COMMAND FILE...: the command finds nothing to say of these files.
check()
{
	name=$1
	shift
	count=$((count + 1))
	if said=$("$@" 2>&1); then
		echo "ok $count - $name"
	else
		failed=$((failed + 1))
		echo "not ok $count - $name"
		echo "$said" | sed 's/^/# /'
	fi
}

# Our own files: neither fetched nor built.
own()
{
	find . '(' -path ./build -o -path ./.git -o -name node_modules ')' -prune \
		-o -type f "$@" -print | sort
}

# Those that a shell runs: by their first line, or parts of such by their name.
scripts()
{
	own -name '*.sh'
	own ! -name '*.*' -exec sh -c 'head -n 1 "$1" |
		grep -qE "^#!/(usr/)?bin/(env )?(ba)?sh( |$)"' sh '{}' ';'
}

# The parts of "./dev" are read into one shell, where the last definition counts.
no_function_twice()
{
	twice=$(sed -n 's/^\([a-z_0-9]*\)()$/\1/p' dev dev.d/*.sh bench/*.sh |
		sort | uniq -d)
	[ -z "$twice" ] || {
		echo "defined more than once: $twice"
		return 1
	}
}

# One path a line, and no path has a space.
# shellcheck disable=SC2046
{
	check "C files are as $("$CLANG_FORMAT" --version) writes them" \
		"$CLANG_FORMAT" --dry-run -Werror $(own -name '*.[ch]')
	check 'scripts give shellcheck no reason to warn' \
		shellcheck --external-sources --severity=warning $(scripts)
	check "no function of ./dev is defined twice" no_function_twice
	[ -z "${HADOLINT:-}" ] || check 'hadolint finds nothing in Dockerfiles' \
		"$HADOLINT" $(own -name 'Dockerfile*')
}

echo "1..$count"
[ "$failed" -eq 0 ]
