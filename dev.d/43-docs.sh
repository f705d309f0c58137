# shellcheck shell=bash
#
# The step "docs": the SQL of README.md and docs/, on a server; and what README.md
# promises of itself.

step_docs()
{
	local folder=$WORK/docs pages

	mkdir "$folder"
	mapfile -t pages < <(cd "$ROOT" && ls README.md docs/*.md)
	start_server "$folder" fsync=off "shared_buffers=$(shared_buffers 128)"
	(
		cd "$ROOT" && TMPDIR=$folder "$ROOT/test/run-tap.pl" \
			--exec "perl $ROOT/test/docs.pl" "$WORK/count/docs" "${pages[@]}"
	) || true
	docs_links
	server_survived docs
}

# Files that the pages name, and the length of the first one.
docs_links()
{
	local page link bad=0 passed failed

	for page in "$ROOT"/*.md "$ROOT"/docs/*.md "$ROOT"/docs/clients/*.md; do
		[ -f "$page" ] || continue
		while read -r link; do
			[ -e "$(dirname "$page")/$link" ] || {
				echo "not ok - $page names $link, which is not there"
				bad=$((bad + 1))
			}
		done < <(grep -oE '(\]\(|src="|srcset=")[^)"#]+' "$page" |
			sed -E 's/^(\]\(|src="|srcset=")//' | grep -v '^[a-z]*:' | sort -u)
	done
	if [ "$(wc -l <"$ROOT/README.md")" -gt 120 ]; then
		echo "not ok - README.md is longer than a screen of 120 lines"
		bad=$((bad + 1))
	fi
	read -r passed failed <"$WORK/count/docs"
	count docs $((passed + 1)) $((failed + bad))
}
