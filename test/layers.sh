#!/bin/sh
#
# layers.sh: what the compiler cannot see of the design's layers, as TAP.
#
#   test/layers.sh [FOLDER OF THE SOURCES]
#
# Dependencies point down only: inspect -> ivf -> {types, math} -> {kernel,
# shortcut}; within ivf, callbacks -> {build, scan} -> space -> disk; and
# {cli, bench} -> cli/common.  Each rule is a pattern that must not be found in
# some files.
#
# Files are named one a line, and no name has a space.
# shellcheck disable=SC2046
cd "${1:-$(dirname "$0")/..}" || exit 1

count=0
failed=0

# rule NAME PATTERN FILE...: no file has a line that matches.
rule()
{
	name=$1
	pattern=$2
	shift 2
	count=$((count + 1))
	if found=$(grep -nE -e "$pattern" -- "$@" /dev/null 2>/dev/null); then
		failed=$((failed + 1))
		echo "not ok $count - $name"
		echo "$found" | sed 's/^/# /'
	else
		echo "ok $count - $name"
	fi
}

# every PATTERN...: the sources that exist among these.
every()
{
	for file in "$@"; do
		[ -f "$file" ] && echo "$file"
	done
}

# client_headers: the names that bench/ has no header of its own for, a|b|c.
client_headers()
{
	for file in cli/*.h; do
		[ -f "bench/${file#cli/}" ] || basename "$file" .h
	done | paste -sd'|' -
}

include='^[[:space:]]*#[[:space:]]*include[[:space:]]*'

rule 'kernel is plain C and includes only itself' \
	"$include\"((math|shortcut|types|ivf|inspect)/|compat\.h)" \
	$(every src/kernel/*.[ch])
rule 'no header of PostgreSQL under kernel and math' \
	"${include}[\"<]((postgres|c|fmgr|pg_config|miscadmin)\.h|(access|catalog|commands|executor|libpq|nodes|optimizer|port|storage|utils)/)" \
	$(every src/kernel/*.[ch] src/math/*.[ch])
rule 'math rests on kernel alone' \
	"$include\"((shortcut|types|ivf|inspect)/|compat\.h)" $(every src/math/*.[ch])
rule 'shortcuts rest on the server alone' \
	"$include\"(kernel|math|types|ivf|inspect)/" $(every src/shortcut/*.[ch])
rule 'the installer rests on the server alone' \
	"$include\"(kernel|math|types|ivf|inspect|shortcut)/" $(every src/install/*.[ch])
rule 'types rest on kernel and math alone' \
	"$include\"(ivf|inspect)/" $(every src/types/*.[ch])
rule 'ivf does not know inspect' \
	"$include\"inspect/" $(every src/ivf/*.[ch] src/ivf/*/*.[ch])
rule 'ivf/disk knows no other room of ivf' \
	"$include\"ivf/([a-z_]+\.h|(space|build|scan)/)" $(every src/ivf/disk/*.[ch])
rule 'ivf/space rests on ivf/disk' \
	"$include\"ivf/([a-z_]+\.h|(build|scan)/)" $(every src/ivf/space/*.[ch])
rule 'ivf/build rests on ivf/space and ivf/disk' \
	"$include\"ivf/([a-z_]+\.h|scan/|renew/)" $(every src/ivf/build/*.[ch])
rule 'ivf/renew rests on ivf/build and what inserts rows' \
	"$include\"ivf/(scan/|[a-hj-z_][a-z_]*\.h)" $(every src/ivf/renew/*.[ch])
rule 'ivf/scan rests on ivf/space and ivf/disk' \
	"$include\"ivf/([a-z_]+\.h|build/)" $(every src/ivf/scan/*.[ch])
rule 'the height of the tree is tested in tree.c alone' \
	'height (==|>|!=|<) *[0-9]' \
	$(find src -name '*.[ch]' ! -path 'src/ivf/space/tree.*' \
		! -path src/ivf/disk/meta_fault.c ! -path src/inspect/check_meta.c | sort)
rule 'a metric is a row of numbers: nobody asks which one it is' \
	'[!=]=[[:space:]]*VDB_(L2|IP|COSINE)|case[[:space:]]+VDB_(L2|IP|COSINE)' \
	$(find src bench -name '*.[ch]' | sort)
rule 'the server version is asked for in compat.h alone' \
	'PG_VERSION_NUM' \
	$(find src cli -name '*.[ch]' ! -path src/compat.h | sort)
rule 'the client shares no header with the server or the benchmark' \
	"${include}[\"<]([.][.]/|(kernel|math|types|ivf|inspect|src|bench)/|compat\.h|postgres\.h)" \
	$(every cli/*.[ch] cli/common/*.[ch])
rule 'cli/common is plain C and includes only itself' \
	"$include(\"[^/\"]*\"|[\"<]libpq)" $(every cli/common/*.[ch])
rule 'cli/common neither talks nor ends the program' \
	'(^|[^_[:alnum:]])((exit|abort|f?printf|f?puts|perror)[(]|std(err|out))' \
	$(every cli/common/*.[ch])
rule 'of the client the benchmark knows cli/common alone' \
	"$include\"(cli/|[.][.]/|($(client_headers))\.h)" $(every bench/*.[ch] bench/*.cpp)
rule 'nothing is compiled for the machine at hand' \
	'-march=|-mtune=|-mavx|-msse' \
	$(every Makefile cli/Makefile test/unit/Makefile)

echo "1..$count"
[ "$failed" -eq 0 ]
