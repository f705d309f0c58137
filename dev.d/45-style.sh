# shellcheck shell=bash
#
# The step "style": the house's form of C and what shellcheck says of scripts.

# Tools of one version for everybody, by the list test/tools.txt.
TOOLS=$VECDB_CACHE/tools

step_style()
{
	local clang_format=$TOOLS/clang_format/data/bin/clang-format

	need_packages shellcheck
	fetch_tools || return
	CLANG_FORMAT=$clang_format "$ROOT/test/run-tap.pl" --exec sh \
		"$WORK/count/style" "$ROOT/test/style.sh"
}

# The list lies beside what it brought: a changed list brings it anew.
fetch_tools()
(
	mkdir -p "$VECDB_CACHE"
	exec 9>"$TOOLS.lock"
	flock 9
	! cmp -s "$ROOT/test/tools.txt" "$TOOLS/tools.txt" || exit 0
	rm -rf "$TOOLS.new"
	pip_install "$TOOLS.new" "$ROOT/test/tools.txt" &&
		cp "$ROOT/test/tools.txt" "$TOOLS.new" &&
		rm -rf "$TOOLS" &&
		mv "$TOOLS.new" "$TOOLS"
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
