# shellcheck shell=bash
#
# The step "docs": the SQL of README.md and docs/ and those of their commands that
# need a server only, on one; where the others run; and what README.md promises of
# itself.

step_docs()
{
	local folder=$WORK/docs pages passed failed more less

	mkdir "$folder"
	mapfile -t pages < <(cd "$ROOT" && ls README.md docs/*.md)
	start_server "$folder" fsync=off "shared_buffers=$(shared_buffers 128)"
	(
		cd "$ROOT" && TMPDIR=$folder "$ROOT/test/run-tap.pl" \
			--exec "perl $ROOT/test/docs.pl" "$WORK/count/docs" "${pages[@]}"
		TMPDIR=$folder "$ROOT/test/run-tap.pl" \
			--exec "perl $ROOT/test/docs_blocks.pl" "$folder/blocks" \
			"${pages[@]}" docs/clients/*.md
	) || true
	read -r passed failed <"$WORK/count/docs"
	read -r more less <"$folder/blocks"
	count docs $((passed + more)) $((failed + less))
	docs_links
	server_survived docs
}

# Files that the pages name, the tables of measurements, and the length of the first
# page.
docs_links()
{
	local page link bad=0 passed failed

	for page in "$ROOT"/*.md "$ROOT"/docs/*.md "$ROOT"/docs/clients/*.md; do
		[ -f "$page" ] || continue
		while read -r link; do
			[ -e "$(dirname "$page")/$link" ] || {
				echo "not ok: $page names $link, which is not there"
				bad=$((bad + 1))
			}
		done < <(grep -oE '(\]\(|src="|srcset=")[^)"#]+' "$page" |
			sed -E 's/^(\]\(|src="|srcset=")//' | grep -v '^[a-z]*:' | sort -u)
	done
	if [ "$(wc -l <"$ROOT/README.md")" -gt 120 ] ||
		! grep -q 'img src="docs/figures/' "$ROOT/README.md"; then
		echo "not ok: README.md is longer than a screen of 120 lines, or lacks its plot"
		bad=$((bad + 1))
	fi
	"$ROOT/bench/docs.sh" --check || {
		echo "not ok: docs/benchmarks.md is not what bench/docs.sh makes of docs/figures"
		bad=$((bad + 1))
	}
	read -r passed failed <"$WORK/count/docs"
	count docs $((passed + 1)) $((failed + bad))
}
