# The move by logical replication, as docs/migrate.md says it, from a database
# whose extension is called vector to another server: rows that come meanwhile,
# a switch-over, and the check afterwards.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes 'time';

my ($old, $new) = map { PostgreSQL::Test::Cluster->new($_) } 'old', 'new';
$old->init(allows_streaming => 'logical');
$new->init;
$_->append_conf('postgresql.conf', 'autovacuum = off') foreach $old, $new;
$_->start foreach $old, $new;

# The old database, as a program has made it.
$old->safe_psql('postgres', q{CREATE DATABASE shop});
$old->safe_psql('shop', q{
	CREATE SCHEMA extensions;
	CREATE EXTENSION vector SCHEMA extensions VERSION '0.8.0';
	SET search_path = public, extensions;
	CREATE TABLE items (id bigserial PRIMARY KEY, name text, embedding vector(16));
	CREATE TABLE notes (at int, h halfvec(3), s sparsevec(9));
	ALTER TABLE notes REPLICA IDENTITY FULL;
	CREATE FUNCTION row_of(i int) RETURNS vector LANGUAGE sql AS $$
		SELECT array_agg(sin(i * j) + cos(i * 0.37 * j))::extensions.vector
		FROM generate_series(1, 16) AS j $$;
	INSERT INTO items (name, embedding)
	SELECT 'item ' || i, CASE WHEN i % 50 > 0 THEN row_of(i) END
	FROM generate_series(1, 3000) AS i;
	INSERT INTO notes SELECT i, ARRAY[i, 1, 2]::halfvec, format('{1:%s}/9', i)::sparsevec
	FROM generate_series(1, 100) AS i;
	CREATE INDEX items_embedding ON items
	  USING ivfflat (embedding vector_cosine_ops) WITH (lists = 20);
	CREATE INDEX items_hnsw ON items USING hnsw (embedding vector_l2_ops);
	CREATE INDEX notes_h ON notes USING ivfflat (h halfvec_l2_ops);
	CREATE PUBLICATION move FOR ALL TABLES});

my $folder = PostgreSQL::Test::Utils::tempdir();
my $dump = "$folder/old.dump";
$old->command_ok([ 'pg_dump', '-Fc', '--no-owner', '-d', 'shop', '-f', $dump ], 'a dump');
$new->safe_psql('postgres', 'CREATE DATABASE shop');
restore('pre-data');
$new->safe_psql('shop', sprintf q{CREATE SUBSCRIPTION move CONNECTION '%s dbname=shop'
	PUBLICATION move WITH (binary = true)}, $old->connstr);
# A program goes on writing.
write_rows('rows that come during the copy', 3001, 3100);
$new->wait_for_subscription_sync($old, 'move', 'shop');
restore('post-data');
write_rows('rows that come after the indexes', 3101, 3200);
$old->safe_psql('shop', 'DELETE FROM items WHERE id % 100 = 1;
	UPDATE notes SET at = at + 1000 WHERE at % 10 = 0');

# The switch-over: nobody writes, the rest comes, numbers go on, programs move.
my $began = time;
$old->safe_psql('postgres', 'ALTER DATABASE shop SET default_transaction_read_only = on');
$old->safe_psql('postgres', q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity
	WHERE datname = 'shop' AND backend_type = 'client backend'});
my ($status, undef, $error) = $old->psql('shop', 'DELETE FROM items');
like($error, qr/read-only transaction/, 'nobody writes to the old database');
$old->wait_for_catchup('move');
my $numbers = $old->safe_psql('shop', q{
	SELECT format('SELECT setval(%L, %s)', format('%I.%I', schemaname, sequencename), last_value)
	FROM pg_sequences WHERE last_value IS NOT NULL});
$new->safe_psql('shop', $numbers);
$new->safe_psql('shop', 'DROP SUBSCRIPTION move');
note(sprintf 'the switch-over took %.1f seconds', time - $began);

# By nothing that others put where names are looked up.
$new->safe_psql('shop', q{CREATE FUNCTION public.format(text, name) RETURNS text
	LANGUAGE plpgsql AS $$BEGIN RAISE 'caught'; END$$});
my ($before, $nothing) = after($old);
my ($after, $indexes) = after($new);
is($after, $before, 'each table has the same rows');
like($before, qr/^public\.items\.embedding\|3168\|3104\|-?\d+$/m, 'which are all');
like($indexes, qr/^ public\.$_ +\| 0 findings +\| +(0\.9\d\d|1\.000) /m, "$_ is sound and finds them")
  foreach 'items_embedding', 'items_hnsw', 'notes_h';
is( $new->safe_psql('shop', q{SET search_path = public, extensions;
		INSERT INTO items (name) VALUES ('new') RETURNING id}),
	'3201', 'the new database goes on counting');
is( $new->safe_psql('shop', q{SET search_path = public, extensions; SET enable_seqscan = off;
		SELECT id FROM items ORDER BY embedding <=> row_of(3152) LIMIT 1}),
	'3152', 'and searching');
done_testing();

sub restore
{
	my ($section) = @_;

	$new->command_ok([ 'pg_restore', '--no-owner', '--no-publications', '-d', 'shop',
		'--exit-on-error', "--section=$section", $dump ], "$section is restored");
	return;
}

sub write_rows
{
	my ($what, $first, $last) = @_;

	$old->safe_psql('shop', qq{SET search_path = public, extensions;
		INSERT INTO items (name, embedding)
		SELECT '$what', CASE WHEN i % 50 > 0 THEN row_of(i) END
		FROM generate_series($first, $last) AS i});
	return;
}

# What after.sql says of rows, and of indexes.
sub after
{
	my ($node) = @_;
	my ($out, $err) = run_command([ 'psql', '-X', '-v', 'ON_ERROR_STOP=1',
		'-d', $node->connstr('shop'), '-f', 'deploy/migrate/after.sql' ]);

	is($err, '', $node->name . ': the check afterwards finds its way');
	return split /^=== Indexes.*$/m, $out;
}
