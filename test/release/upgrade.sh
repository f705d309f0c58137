#!/bin/bash
#
# upgrade.sh: pg_upgrade of databases with vecdb from one major to another, as TAP.
#
#   upgrade.sh FROM TO
#
# Root runs it where both servers lie under /usr/lib/postgresql and may be changed:
# "./dev matrix upgrade" has such folders.  The extension is built for both and put
# into both, as docs/operations.md says.
set -eu
export LC_ALL=C.UTF-8

from=$1
to=$2
# shellcheck source=test/release/lib.sh
. "$(dirname "$0")/lib.sh"

# A database of each name of the extension, with what an index can have.
fill()
{
	sql postgres "CREATE ROLE shopkeeper LOGIN" "CREATE DATABASE shop OWNER shopkeeper" \
		"CREATE DATABASE old_name"
	sql shop 'SET ROLE shopkeeper' 'CREATE SCHEMA extensions' \
		'CREATE EXTENSION vecdb SCHEMA extensions' \
		'ALTER DATABASE shop SET search_path = public, extensions' \
		'ALTER DATABASE shop SET ivfflat.target_recall = 0.97'
	sql shop 'SET ROLE shopkeeper' "
		CREATE FUNCTION row_of(i int) RETURNS vector LANGUAGE sql IMMUTABLE AS \$\$
			SELECT array_agg(sin(i * j) + cos(i * 0.37 * j))::extensions.vector
			FROM generate_series(1, 24) AS j \$\$;
		CREATE TABLE items (id int PRIMARY KEY, tenant int, dropped text, embedding vector(24));
		ALTER TABLE items DROP COLUMN dropped;
		INSERT INTO items SELECT i, i % 5, CASE WHEN i % 50 > 0 THEN row_of(i) END
		FROM generate_series(1, 4000) AS i;
		CREATE INDEX items_l2 ON items USING ivfflat (embedding vector_l2_ops, tenant)
			WITH (lists = 30, bits = 4);
		CREATE INDEX items_hnsw ON items USING hnsw (embedding vector_cosine_ops);
		CREATE INDEX items_half ON items
			USING ivfflat ((embedding::halfvec(24)) halfvec_ip_ops) WHERE tenant < 4;
		CREATE TABLE sparse (id int, s sparsevec(1000), b bit(24));
		INSERT INTO sparse SELECT i, format('{%s:1,%s:2}/1000', i % 900 + 1, i % 90 + 905)::sparsevec,
			i::bit(24) FROM generate_series(1, 500) AS i;
		CREATE INDEX sparse_s ON sparse USING ivfflat (s sparsevec_l2_ops);
		CREATE INDEX sparse_b ON sparse USING ivfflat (b bit_hamming_ops);
		CREATE TABLE long_rows (id int, embedding vector(2500));
		ALTER TABLE long_rows ALTER embedding SET STORAGE EXTERNAL;
		INSERT INTO long_rows SELECT i, array_fill(i::real, ARRAY[2500])::vector
		FROM generate_series(1, 50) AS i;
		CREATE INDEX long_rows_i ON long_rows USING ivfflat (embedding);
		CREATE TABLE later (id int, embedding vector(3));
		CREATE INDEX later_i ON later USING ivfflat (embedding);"
	sql shop 'VACUUM ANALYZE'
	sql old_name 'CREATE EXTENSION vector' \
		"CREATE TABLE t AS SELECT i AS id, ARRAY[i, 1, 2]::vector(3) AS v FROM generate_series(1, 300) AS i" \
		'CREATE INDEX t_v ON t USING ivfflat (v vector_l2_ops)'
}

# Searches by each index.
answers()
{
	sql shop 'SET enable_seqscan = off' 'SET enable_sort = off' \
		'SELECT id FROM items ORDER BY embedding <-> row_of(77) LIMIT 10' \
		'SELECT id FROM items WHERE tenant = 3 ORDER BY embedding <-> row_of(78) LIMIT 10' \
		'SELECT id FROM items ORDER BY embedding <=> row_of(79) LIMIT 10' \
		'SELECT id FROM items WHERE tenant < 4 ORDER BY embedding::halfvec(24) <#> row_of(80)::halfvec(24) LIMIT 10' \
		"SELECT id FROM sparse ORDER BY s <-> '{7:1,911:2}/1000' LIMIT 3" \
		'SELECT id FROM sparse ORDER BY b <~> 7::bit(24), id LIMIT 3' \
		"SELECT id FROM long_rows ORDER BY embedding <-> array_fill(7.2::real, ARRAY[2500])::vector LIMIT 3" \
		"SELECT recall > 0.9 FROM vecdb_recall('items_l2')" 'SHOW ivfflat.target_recall'
	sql old_name 'SET enable_seqscan = off' "SELECT id FROM t ORDER BY v <-> '[7,1,2]' LIMIT 3"
}

unused()
{
	sql shop "SELECT indexrelname FROM pg_stat_user_indexes
		WHERE idx_scan = 0 AND indexrelname NOT IN ('items_pkey', 'later_i')"
}

all_findings()
{
	findings shop
	findings old_name
}

for major in "$from" "$to"; do
	ok "the extension is built for $major" build "$(bin "$major")/pg_config"
done
PATH=$(bin "$to"):$PATH
export PATH

echo "# $("$(bin "$from")/postgres" --version), $("$(bin "$to")/postgres" --version)"
make_cluster "$(bin "$from")" "$from"
start "$(bin "$from")" "$from"
fill
before=$(answers)
is "$(all_findings)" '' 'nothing is wrong before'
stop "$(bin "$from")" "$from"

# From 18 on a new cluster has checksums, which the old one has not.
plain=()
[ "$to" -lt 18 ] || plain=(--no-data-checksums)
make_cluster "$(bin "$to")" "$to" "${plain[@]}"
upgrade=("$(bin "$to")/pg_upgrade" -b "$(bin "$from")" -B "$(bin "$to")" -d "$work/$from" -D "$work/$to")
library=/usr/lib/postgresql/$to/lib/vecdb.so
mv "$library" "$work/vecdb.so"
ok 'without the library pg_upgrade --check refuses' not quietly "${upgrade[@]}" --check
ok 'and names it' grep -rqs 'vecdb' "$work/$to/pg_upgrade_output.d" "$work/home"
mv "$work/vecdb.so" "$library"
rm -rf "$work/$to/pg_upgrade_output.d" "$work"/home/loadable_libraries.txt

ok "pg_upgrade from $from to $to" quietly "${upgrade[@]}"
if [ "$failed" -gt 0 ]; then
	grep -rhE 'error:|ERROR:' "$work/$to/pg_upgrade_output.d" "$work/home" |
		sort | uniq -c | sed 's/^/# /' || true
	exit 1
fi

start "$(bin "$to")" "$to"
is "$(sql shop 'SHOW server_version_num' | cut -c 1-2)" "$to" "the server is of $to"
is "$(all_findings)" '' 'nothing is wrong with the indexes and their rows'
is "$(answers)" "$before" 'each search answers as before, by the same settings'
as_postgres "$(bin "$to")/vacuumdb" -q -h "$work/home" --all --analyze-in-stages
is "$(answers)" "$before" 'and so it does after ANALYZE'
is "$(unused)" '' 'by the indexes'
sql shop "INSERT INTO items SELECT i, i % 5, row_of(i) FROM generate_series(4001, 8000) AS i;
	DELETE FROM items WHERE id % 7 = 0;
	INSERT INTO later SELECT i, ARRAY[i, 1, 2]::vector FROM generate_series(1, 300) AS i;" \
	'VACUUM (INDEX_CLEANUP ON) items'
is "$(all_findings)" '' 'nor after writes and a vacuum'
is "$(sql shop "SELECT trees > 1 FROM vecdb_index_training('items_l2')")" t \
	'which has trained them again'
is "$(sql shop "SELECT recall > 0.9 FROM vecdb_recall('items_hnsw')")" t 'they find their rows'
is "$(sql shop 'REINDEX INDEX items_l2')$(all_findings)" '' 'an index can be built anew'
finish
