#!/bin/sh
#
# dev.sh: what ./dev says at once, before it builds or fetches anything, as TAP.
root=$(cd "$(dirname "$0")/.." && pwd) || exit 1
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
count=0

# says NAME STATUS WORDS COMMAND...: it ends with that status, and says the words.
says()
{
	name=$1 status=$2 words=$3
	shift 3
	count=$((count + 1))
	found=0
	said=$("$@" 2>&1 </dev/null) || found=$?
	case $found:$said in
		"$status":*"$words"*) echo "ok $count - $name" ;;
		*)
			echo "not ok $count - $name"
			echo "$said" | sed "s/^/# $found: /;5q"
			;;
	esac
}

mkdir "$work/a blank"
cp -R "$root/dev" "$root/dev.d" "$work/a blank"

says 'an environment without HOME will do' 0 'usage: ./dev' \
	env -i "PATH=$PATH" "$root/dev" help
says 'an unknown command is answered by what there is' 2 'usage: ./dev' \
	"$root/dev" tset
says 'an unknown step is named' 1 'no step regres: there are layers' \
	"$root/dev" test regres
says 'a folder to stop that is not there is named' 1 'no folder /nowhere' \
	"$root/dev" stop /nowhere
says 'an option without its value, too' 1 '--output takes a folder' \
	"$root/dev" packages --output
says 'what clean does not know makes it remove nothing' 1 'usage: ./dev clean' \
	"$work/a blank/dev" clean matrix
says 'a tree in a folder with a blank is refused' 1 'must have no blank' \
	"$work/a blank/dev" build
says 'so is such a folder for temporary files' 1 'must have no blank' \
	env "TMPDIR=$work/a blank" "$root/dev" matrix aarch64
says 'nothing was built there' 1 '' test -e "$work/a blank/build"
echo "1..$count"
