#!/bin/bash
#
# migrate.sh: the ways of docs/migrate.md from pgvector and back, as TAP.
#
#   migrate.sh MAJOR
#
# Root runs it where the server of this major and Debian's package of pgvector for
# it are installed: "./dev matrix migrate" has such a folder.  A copy of the server
# has vecdb by the name vector in pgvector's place; both run side by side.
set -eu
export LC_ALL=C.UTF-8

major=$1
# shellcheck source=test/release/lib.sh
. "$(dirname "$0")/lib.sh"

theirs=$(bin "$major")
ours=$work/server$theirs
export PGHOST=$work/home

# on NAME COMMAND...: with the server of this name.
on()
{
	local port=5432

	[ "$1" = old ] || port=5433
	PGPORT=$port "${@:2}"
}

copy_server()
{
	local folder

	for folder in "/usr/lib/postgresql/$major" "/usr/share/postgresql/$major"; do
		mkdir -p "$work/server${folder%/*}"
		cp -R "$folder" "$work/server$folder"
	done
	rm -f "${ours%/bin}"/lib/vector.so \
		"$work/server/usr/share/postgresql/$major"/extension/vector{.control,--*}
	build "$theirs/pg_config" "DESTDIR=$work/server"
}

# A database as programs of pgvector make it.
fill()
{
	sql postgres 'CREATE DATABASE shop' >/dev/null
	sql shop 'CREATE SCHEMA extensions' 'CREATE EXTENSION vector SCHEMA extensions' \
		'ALTER DATABASE shop SET search_path = public, extensions'
	sql shop 'ALTER DATABASE shop SET ivfflat.probes = 20' "
		CREATE FUNCTION row_of(i int) RETURNS vector LANGUAGE sql IMMUTABLE AS \$\$
			SELECT array_agg(sin(i * j) + cos(i * 0.37 * j))::extensions.vector
			FROM generate_series(1, 16) AS j \$\$;
		CREATE TABLE items (id bigserial PRIMARY KEY, embedding vector(16) DEFAULT row_of(1),
			half halfvec(16) GENERATED ALWAYS AS (embedding::halfvec(16)) STORED);
		INSERT INTO items (embedding) SELECT CASE WHEN i % 50 > 0 THEN row_of(i) END
		FROM generate_series(1, 3000) AS i;
		INSERT INTO items (embedding) VALUES (array_fill(0, ARRAY[16])::vector);
		CREATE INDEX items_cosine ON items USING ivfflat (embedding vector_cosine_ops) WITH (lists = 20);
		CREATE INDEX items_hnsw ON items USING hnsw (embedding vector_l2_ops) WITH (m = 8, ef_construction = 32);
		CREATE INDEX items_half ON items USING hnsw (half halfvec_ip_ops);
		CREATE TABLE notes (at int PRIMARY KEY, s sparsevec(900), b bit(24), many vector(2)[]);
		INSERT INTO notes SELECT i, format('{%s:1,%s:-2.5}/900', i, i + 400)::sparsevec, i::bit(24),
			ARRAY[ARRAY[i, 1]::vector, NULL] FROM generate_series(1, 400) AS i;
		CREATE INDEX notes_s ON notes USING hnsw (s sparsevec_l2_ops);
		CREATE INDEX notes_b ON notes USING hnsw (b bit_hamming_ops);
		CREATE VIEW near AS SELECT id FROM items ORDER BY embedding <=> row_of(3) LIMIT 5;
		CREATE TABLE means AS SELECT avg(embedding) AS mean, sum(half) FROM items;"
}

# rows DATABASE: what after.sql says of them.
rows()
{
	as_postgres psql -X -v ON_ERROR_STOP=1 -d "$1" -f "$tree/deploy/migrate/after.sql" 2>&1 |
		sed '/^=== Indexes/,$d'
}

# How many indexes after.sql calls sound, and good at finding.
good_indexes()
{
	as_postgres psql -X -v ON_ERROR_STOP=1 -d "$1" -f "$tree/deploy/migrate/after.sql" 2>&1 |
		sed -n '/^=== Indexes/,$p' | grep -cE '^ public.*\| 0 findings \| +(0\.9|1\.0)'
}

count_indexes()
{
	sql "$1" "SELECT count(*) FROM pg_index AS i JOIN pg_class AS c ON c.oid = indexrelid
		JOIN pg_am AS a ON a.oid = relam WHERE amname IN ('ivfflat', 'hnsw') AND indisvalid"
}

exact_answers()
{
	sql "$1" 'SET enable_indexscan = off' \
		'SELECT id FROM items ORDER BY embedding <-> row_of(77) LIMIT 10' \
		'SELECT id FROM items ORDER BY half <#> row_of(78)::halfvec(16), id LIMIT 10' \
		"SELECT at FROM notes ORDER BY s <-> '{7:1,411:2}/900', at LIMIT 3" \
		'SELECT at FROM notes ORDER BY b <~> 7::bit(24), at LIMIT 3' \
		'SELECT round((embedding <=> row_of(5))::numeric, 4) FROM items WHERE id = 9' \
		'TABLE near' 'SELECT mean::text FROM means' 'SHOW ivfflat.probes'
}

dump()
{
	as_postgres pg_dump -Fc -d "$1" -f "$work/home/$2.dump"
}

# Publish all of a database from a server, and take it in another.
replicate()
{
	local from=$1 database=$2 to=$3 into=$4 port=5432

	[ "$from" = old ] || port=5433
	on "$from" dump "$database" pre
	on "$from" sql "$database" 'CREATE PUBLICATION move FOR ALL TABLES'
	on "$to" as_postgres createdb "$into"
	on "$to" as_postgres pg_restore --section=pre-data --no-publications \
		-d "$into" "$work/home/pre.dump"
	on "$to" sql "$into" "CREATE SUBSCRIPTION move CONNECTION 'host=$work/home port=$port dbname=$database'
		PUBLICATION move WITH (binary = true)" >/dev/null
	on "$from" sql "$database" 'INSERT INTO items (embedding) SELECT row_of(i) FROM generate_series(4001, 4100) AS i' \
		'DELETE FROM items WHERE id % 100 = 3'
	wait_for_rows "$from" "$database" "$to" "$into"
	on "$to" as_postgres pg_restore --section=post-data --no-publications \
		-d "$into" "$work/home/pre.dump"
	on "$from" sql "$database" 'UPDATE items SET embedding = row_of(5000) WHERE id = 17'
	wait_for_rows "$from" "$database" "$to" "$into"
	on "$to" sql "$into" 'DROP SUBSCRIPTION move' >/dev/null
	on "$from" sql "$database" 'DROP PUBLICATION move'
}

# Half a minute at most.
wait_for_rows()
{
	local i

	for ((i = 0; i < 60; i++)); do
		[ "$(on "$1" rows "$2")" != "$(on "$3" rows "$4")" ] || return 0
		sleep 0.5
	done
}

ok 'vecdb is built, and put beside pgvector' copy_server
PATH=$theirs:$PATH
export PATH
settings='-c wal_level=logical -c fsync=off -c autovacuum=off'
make_cluster "$theirs" old
make_cluster "$ours" new
PGPORT=5432 start "$theirs" old "$settings -c port=5432"
PGPORT=5433 start "$ours" new "$settings -c port=5433"
on old fill
echo "# pgvector $(on old sql shop "SELECT extversion FROM pg_extension WHERE extname = 'vector'")," \
	"vecdb as $(on new sql postgres "SELECT default_version FROM pg_available_extensions WHERE name = 'vector'")"
is "$(on old sql shop "SELECT probin FROM pg_proc WHERE proname = 'vector_in'")" "\$libdir/vector" \
	'the old database is of pgvector'
ok 'the check before finds its way' on old quietly psql -X -v ON_ERROR_STOP=1 -d shop \
	-f "$tree/deploy/migrate/check.sql"
ok 'and names an index' grep -q items_hnsw "$work/home/log"
before=$(on old rows shop)
exact=$(on old exact_answers shop)

# Dump and restore, there and back.
on old dump shop old
on new as_postgres createdb shop
ok 'a dump of pgvector is restored' on new quietly pg_restore -1 --no-owner -d shop "$work/home/old.dump"
is "$(on new sql shop "SELECT probin FROM pg_proc WHERE proname = 'vector_in'")" "\$libdir/vecdb" \
	'into vecdb'
on new sql postgres 'ALTER DATABASE shop SET search_path = public, extensions' \
	'ALTER DATABASE shop SET ivfflat.probes = 20'
is "$(on new rows shop)" "$before" 'each table has the same rows'
is "$(on new count_indexes shop)" "$(on old count_indexes shop)" 'and as many indexes'
is "$(on new exact_answers shop)" "$exact" 'exact searches answer the same'
is "$(on new good_indexes shop)" 5 'the indexes are sound and find them'
on new dump shop new
on old as_postgres createdb back
ok 'a dump of vecdb is restored' on old quietly pg_restore -1 --no-owner -d back "$work/home/new.dump"
is "$(on old rows back)" "$before" 'into pgvector, with the same rows'
on old sql postgres 'ALTER DATABASE back SET search_path = public, extensions' \
	'ALTER DATABASE back SET ivfflat.probes = 20'
is "$(on old exact_answers back)" "$exact" 'and answers'
is "$(on old count_indexes back)" "$(on old count_indexes shop)" 'and indexes'

# Logical replication, there and back.
replicate old shop new moved
is "$(on new rows moved)" "$(on old rows shop)" 'replication brings the rows that came meanwhile, too'
on new sql postgres 'ALTER DATABASE moved SET search_path = public, extensions'
is "$(on new good_indexes moved)" 5 'the indexes of the new database find them'
replicate new shop old returned
is "$(on old rows returned)" "$(on new rows shop)" 'and back, from vecdb to pgvector'

# In place.
before=$(on old rows shop)
exact=$(on old exact_answers shop)
stop "$theirs" old
PGPORT=5432 start "$ours" old "$settings -c port=5432"
is "$(on old rows shop)" "$before" 'in place, the rows are read'
ok 'a search by an index of pgvector is refused' not on old quietly psql -X -v ON_ERROR_STOP=1 -d shop \
	-c 'SET enable_seqscan = off' -c 'SELECT id FROM items ORDER BY embedding <-> row_of(7) LIMIT 3'
ok 'with its reason' grep -q 'was built by pgvector, whose format vecdb does not read' "$work/home/log"
is "$(on old sql shop 'ALTER EXTENSION vector UPDATE')" '' 'the extension is updated'
is "$(on old sql shop 'REINDEX INDEX items_cosine' 'REINDEX INDEX items_hnsw' 'REINDEX INDEX items_half' \
	'REINDEX INDEX notes_s' 'REINDEX INDEX notes_b')" '' 'the indexes are built anew'
is "$(on old rows shop)" "$before" 'the rows are the same'
is "$(on old exact_answers shop)" "$exact" 'exact answers are the same'
is "$(on old good_indexes shop)" 5 'the indexes are sound and find them'
finish
