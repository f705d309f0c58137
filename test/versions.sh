#!/bin/sh
#
# versions.sh: all places that name the version name the same one, as TAP.
cd "$(dirname "$0")/.." || exit 1

version=$(sed -n "s/^default_version = '\(.*\)'/\1/p" vecdb.control)
vector=0.8.$(echo "$version" | awk -F. '{ print $1 * 10000 + $2 * 100 + $3 }')
count=0

# same NAME FOUND WANTED
same()
{
	count=$((count + 1))
	if [ "$2" = "$3" ]; then
		echo "ok $count - $1"
	else
		echo "not ok $count - $1"
		echo "# found $2, not $3"
	fi
}

same 'vector.control has the version that follows' \
	"$(sed -n "s/^default_version = '\(.*\)'/\1/p" vector.control)" "$vector"
same 'META.json has the version, of the distribution and of the extension' \
	"$(sed -n 's/.*"version": "\(.*\)".*/\1/p' META.json | head -n 2 | sort -u)" \
	"$version"
same "the newest entry of Debian's changelog is of the version" \
	"$(sed -n '1s/^vecdb (\(.*\)-[0-9]*) .*/\1/p' deploy/package/debian/changelog)" \
	"$version"
same 'no slice is said to be of this version or a later one' \
	"$(sed -n 's/^\([0-9.]*\) .*/\1/p' sql/released.txt | sort -uV |
		awk -v v="$version" '
			function n(s,  p) { split(s, p, "."); return p[1] * 10000 + p[2] * 100 + p[3] }
			n($0) >= n(v)')" ''
same 'the changelog has a place for what comes' \
	"$(grep -c '^## \[Unreleased\]$' CHANGELOG.md)" 1
echo "1..$count"
