#!/bin/sh
#
# vector-files.sh: are the files of the name vector ours, or not there?
#
#   vector-files.sh CONTROL LIBRARY
#
# Says whose they are and how to go on, and fails, where they are pgvector's.
control=$1
library=$2

if [ -e "$control" ] && ! grep -q "libdir/vecdb'" "$control"; then
	found=$control
elif [ -e "$library" ] && [ "$(readlink "$library")" != "vecdb${library##*/vector}" ]
then
	found=$library
else
	exit 0
fi
cat >&2 <<END
vecdb: $found is pgvector's: nothing was done.
vecdb: hint: Both cannot have the name "vector" on one server.  To replace pgvector,
vecdb: hint: read docs/migrate.md, remove pgvector's files (its package, or "make
vecdb: hint: uninstall" in its tree), and do this again.  To keep it, do without
vecdb: hint: this: CREATE EXTENSION vecdb needs "make install" alone.
END
exit 1
