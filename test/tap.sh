# shellcheck shell=bash
#
# tap.sh: cases of a script that prints TAP.

number=0
failed=0

# ok NAME COMMAND...: that the command succeeds.
ok()
{
	local name=$1

	shift
	number=$((number + 1))
	if "$@"; then
		echo "ok $number - $name"
	else
		failed=$((failed + 1))
		echo "not ok $number - $name"
	fi
}

# is GOT EXPECTED NAME
is()
{
	ok "$3" [ "$1" = "$2" ]
	[ "$1" = "$2" ] ||
		printf 'got:\n%s\nexpected:\n%s\n' "$1" "$2" | sed 's/^/# /'
}

not()
{
	! "$@"
}

finish()
{
	echo "1..$number"
	[ "$failed" -eq 0 ]
}
