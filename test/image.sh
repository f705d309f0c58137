#!/bin/sh
#
# image.sh: no object that a build left in the tree gets into the image, as TAP: its
# Dockerfile's copies, with such objects among them, after the command that cleans.
root=$(cd "$(dirname "$0")/.." && pwd) || exit 1
dockerfile=$root/deploy/package/Dockerfile
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

cd "$root" || exit 1
sed -n 's/^COPY \([^-].*\) [^ ]*$/\1/p' "$dockerfile" | xargs cp -R -t "$work"
cd "$work" || exit 1
find . -name '*.c' | sed 's/c$/o/' | xargs touch vecdb.so cli/vecdb
sed -n 's/^RUN \(make clean.*[^ ]\) *\\$/\1/p' "$dockerfile" | sh >/dev/null
left=$(find . -name '*.o' -o -name '*.so' -o -path ./cli/vecdb)
if [ -z "$left" ]; then
	echo 'ok 1 - the image is built of sources alone'
else
	echo 'not ok 1 - the image is built of sources alone'
	echo "$left" | sed 's/^/# /;5q'
fi
echo 1..1
