#!/bin/sh
#
# script.sh: print a script of the extension, from the slices beside this file.
#
#   script.sh NAME AFTER UPTO [all]
#
# NAME is vecdb or vector, the others are versions of vecdb: the script has the
# slices of all releases after the one, up to the other.  AFTER is 0 for one that
# installs.  With "all" the script has all slices besides, for an extension that
# pgvector made.  released.txt says which release brought a slice; what it does not
# have is new in this version.  Why slices are a text: src/install/install.c.
set -eu
export LC_ALL=C

cd "$(dirname "$0")"
name=$1
after=$2
upto=$3
all=${4:-}

version=$(sed -n "s/^default_version = '\(.*\)'/\1/p" ../vecdb.control)

# 1.2.3 becomes 10203.
number()
{
	echo "$1" | awk -F. '{ print $1 * 10000 + $2 * 100 + $3 }'
}

release_of()
{
	awk -v slice="$1" -v release="$version" '
		!/^#/ && $2 == slice { release = $1 }
		END { print release }' released.txt
}

# slices AFTER UPTO
slices()
{
	for slice in [0-9]*.sql; do
		release=$(number "$(release_of "$slice")")
		if [ "$release" -gt "$(number "$1")" ] &&
			[ "$release" -le "$(number "$2")" ]; then
			cat "$slice"
			# What is the same for both access methods is there once.
			if grep -q '^-- for hnsw too$' "$slice"; then
				sed 's/ivfflat/hnsw/g' "$slice"
			fi
		fi
	done
}

if [ "$after" = 0 ]; then
	command="CREATE EXTENSION $name"
else
	command="ALTER EXTENSION $name UPDATE"
fi
cat <<END
\\echo Use "$command" to load this file. \\quit

CREATE FUNCTION vecdb_install(objects text, release integer, all_objects text)
  RETURNS void AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE STRICT;

SELECT vecdb_install(\$vecdb_objects\$
$(slices "$after" "$upto")
\$vecdb_objects\$::text, $(number "$upto"), \$vecdb_objects\$
$([ -z "$all" ] || slices 0 "$upto")
\$vecdb_objects\$::text);
END
