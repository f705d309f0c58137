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
tree=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d /tmp/upgrade.XXXXXX)
chmod 755 "$work"
number=0
failed=0
trap 'stop_all; rm -rf "$work"' EXIT

# ok NAME COMMAND...: that the command succeeds.
ok()
{
	local name=$1

	shift
	number=$((number + 1))
	if "$@"; then
		echo "ok $number - $name"
	else
		failed=$((failed + 1))
		echo "not ok $number - $name"
	fi
}

# is GOT EXPECTED NAME
is()
{
	ok "$3" [ "$1" = "$2" ]
	[ "$1" = "$2" ] ||
		printf 'got:\n%s\nexpected:\n%s\n' "$1" "$2" | sed 's/^/# /'
}

not()
{
	! "$@"
}

# What a command prints goes to a file, from where a failure shows it.
quietly()
{
	as_postgres "$@" >"$work/home/log" 2>&1
}

as_postgres()
{
	runuser -u postgres -- env -C "$work/home" HOME="$work/home" "$@"
}

bin()
{
	echo "/usr/lib/postgresql/$1/bin"
}

start()
{
	as_postgres "$(bin "$1")/pg_ctl" -D "$work/$1" -l "$work/home/$1.log" -w \
		-o "-k $work/home -c listen_addresses=''" start >/dev/null
}

stop()
{
	as_postgres "$(bin "$1")/pg_ctl" -D "$work/$1" -w -m fast stop >/dev/null 2>&1
}

stop_all()
{
	stop "$from" || true
	stop "$to" || true
}

# sql DATABASE STATEMENT...: what they print.
sql()
{
	local database=$1 statement words=()

	shift
	for statement in "$@"; do
		words+=(-c "$statement")
	done
	as_postgres psql -XAtq -h "$work/home" -v ON_ERROR_STOP=1 -d "$database" \
		"${words[@]}" 2>&1
}

build()
{
	local major=$1

	mkdir "$work/build-$major"
	make -s -j2 -C "$work/build-$major" -f "$tree/Makefile" with_llvm=no \
		PG_CONFIG="$(bin "$major")/pg_config" all install install-vector \
		>"$work/build-$major/log" 2>&1 || {
		tail -n 20 "$work/build-$major/log" | sed 's/^/# /'
		return 1
	}
}

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

findings()
{
	local database

	for database in shop old_name; do
		sql "$database" "SELECT c.relname, f.* FROM pg_class AS c
			JOIN pg_am AS a ON a.oid = c.relam AND amname IN ('ivfflat', 'hnsw'),
			vecdb_check_index(c.oid, true) AS f"
	done
}

for major in "$from" "$to"; do
	ok "the extension is built for $major" build "$major"
done
mkdir "$work/home"
chown -R postgres: "$work/home"
install -d -o postgres -m 700 "$work/$from" "$work/$to"
PATH=$(bin "$to"):$PATH
export PATH

echo "# $("$(bin "$from")/postgres" --version), $("$(bin "$to")/postgres" --version)"
as_postgres "$(bin "$from")/initdb" -A trust --no-sync -E UTF8 -D "$work/$from" >/dev/null
start "$from"
fill
before=$(answers)
is "$(findings)" '' 'nothing is wrong before'
stop "$from"

# From 18 on a new cluster has checksums, which the old one has not.
plain=()
[ "$to" -lt 18 ] || plain=(--no-data-checksums)
as_postgres "$(bin "$to")/initdb" -A trust --no-sync -E UTF8 "${plain[@]}" -D "$work/$to" >/dev/null
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

start "$to"
is "$(sql shop 'SHOW server_version_num' | cut -c 1-2)" "$to" "the server is of $to"
is "$(findings)" '' 'nothing is wrong with the indexes and their rows'
is "$(answers)" "$before" 'each search answers as before, by the same settings'
as_postgres "$(bin "$to")/vacuumdb" -q -h "$work/home" --all --analyze-in-stages
is "$(answers)" "$before" 'and so it does after ANALYZE'
is "$(unused)" '' 'by the indexes'
sql shop "INSERT INTO items SELECT i, i % 5, row_of(i) FROM generate_series(4001, 8000) AS i;
	DELETE FROM items WHERE id % 7 = 0;
	INSERT INTO later SELECT i, ARRAY[i, 1, 2]::vector FROM generate_series(1, 300) AS i;" \
	'VACUUM (INDEX_CLEANUP ON) items'
is "$(findings)" '' 'nor after writes and a vacuum'
is "$(sql shop "SELECT trees > 1 FROM vecdb_index_training('items_l2')")" t \
	'which has trained them again'
is "$(sql shop "SELECT recall > 0.9 FROM vecdb_recall('items_hnsw')")" t 'they find their rows'
is "$(sql shop 'REINDEX INDEX items_l2')$(findings)" '' 'an index can be built anew'
stop "$to"
echo "1..$number"
[ "$failed" -eq 0 ]
