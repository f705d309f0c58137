# A table spread over three servers by postgres_fdw: its answers are those of a
# single table, each shard sorts and ends at LIMIT by its own index, settings
# get there, and a shard that is missing or dead is named.
use strict;
use warnings;
use Cwd qw(abs_path);
use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use VecdbIndex;

# Some builds of PostgreSQL come without contrib.
my $shared = `pg_config --sharedir`;
chomp $shared;
plan skip_all => 'this server has no postgres_fdw'
  unless -e "$shared/extension/postgres_fdw.control";

my ($helpers) = grep { -r "$_/shards.sql" }
  grep { defined } $ENV{VECDB_SHARDS}, "$FindBin::RealBin/../../deploy/shards";
die "deploy/shards is not beside these tests; VECDB_SHARDS names it\n"
  unless defined $helpers;

my $dim = 24;
my $rows = 6000;
my $columns = "id bigint NOT NULL, category int, v vector($dim)";
# No vector twice, so that there is one right answer; every 25th is NULL.
my $seen = "SELECT i, i % 4, CASE WHEN i % 25 <> 3 THEN noise(i, $dim) END
	FROM generate_series(1, $rows) AS i";

my $coordinator = new_node('coordinator');
my @shards = map { new_node("shard$_") } 1 .. 3;
my @places = map {
	"shard$_=host=" . $shards[ $_ - 1 ]->host . ' port=' . $shards[ $_ - 1 ]->port
	  . ' dbname=postgres'
} 1 .. 3;

sub make_shards
{
	return ([ "$helpers/make-shards", '-d', $coordinator->connstr('postgres'),
			'--column', 'v', @_ ]);
}

sub answer
{
	my ($sql) = @_;

	return $coordinator->safe_psql('postgres', $sql);
}

# The message and the rest that a failing statement sends.
sub complaint
{
	my ($sql) = @_;
	my ($out, $err) = ('', '');

	$coordinator->psql('postgres', "\\set VERBOSITY verbose\n$sql",
		stdout => \$out, stderr => \$err, on_error_stop => 1);
	return $err;
}

# nearest(...) with the vector of this row as the query.
sub nearest
{
	my ($query, $count, $operator, $condition) = @_;

	return "SELECT id FROM vecdb_shards.nearest(NULL::items, 'v',
		noise($query, $dim), '$operator', $count, '" . ($condition || 'true') . "')";
}

sub single
{
	my ($query, $count, $operator, $condition) = @_;

	return "SELECT id FROM single WHERE " . ($condition || 'true')
	  . " ORDER BY v $operator noise($query, $dim), id LIMIT $count";
}

# Bad calls ----------------------------------------------------------------

# What fits better than the server's own in public, where others may create it.
my $caught = q{LANGUAGE plpgsql AS $$BEGIN RAISE 'caught'; END$$};
answer("CREATE FUNCTION public.cardinality(name[]) RETURNS integer $caught;
	CREATE FUNCTION public.format(text, name, text) RETURNS text $caught;
	CREATE FUNCTION public.quote_ident(name) RETURNS text $caught;
	CREATE FUNCTION public.joined(name, name) RETURNS text $caught;
	CREATE OPERATOR public.|| (FUNCTION = public.joined, LEFTARG = name, RIGHTARG = name)");
answer("CREATE TABLE single ($columns); INSERT INTO single $seen");
answer("CREATE TABLE plain (id bigint, v vector(3))");
command_fails_like(make_shards('plain', @places), qr/"public.plain" is not partitioned/,
	'a table that is not partitioned is refused');
command_fails_like(make_shards('items', 'shard1'), qr/not NAME=/,
	'a shard without a connection is refused');
answer("CREATE TABLE items ($columns) PARTITION BY HASH (id)");
command_fails_like(
	make_shards('items', @places[ 0, 1 ], 'shard3=host=/nowhere dbname=postgres'),
	qr/shard "shard3" cannot be reached.*No such file or directory/s,
	'a shard that cannot be reached is named, with the reason');
is(answer("SELECT count(*) FROM pg_foreign_server"), '0', 'no server is left');
is( join(',', map { $_->safe_psql('postgres', "SELECT to_regclass('items')") }
		  @shards),
	',,', 'and no table on a shard');

# Making -------------------------------------------------------------------

command_ok(make_shards('--no-index', '--set', 'ivfflat.probes=32768', 'items', @places),
	'the shards are made');
answer("INSERT INTO items $seen");
is(answer("SELECT count(*), sum(hashint8extended(id, 1)::numeric) FROM items"),
	answer("SELECT count(*), sum(hashint8extended(id, 1)::numeric) FROM single"),
	'the rows are all there');
my @counts = map { $_->safe_psql('postgres', 'SELECT count(*) FROM items') } @shards;
ok(!(grep { $_ < $rows / 5 } @counts), "spread over the shards: @counts");
like(answer("SELECT DISTINCT problem FROM vecdb_shards.status('items')"),
	qr/^it has no index$/, 'status tells that indexes are missing');

# Without an index the shards search exactly: the answers are the same rows.
foreach my $operator ('<->', '<=>', '<#>', '<+>')
{
	is(answer(nearest(1, 20, $operator)), answer(single(1, 20, $operator)),
		"$operator: exact answers are a single table's");
}
is(answer(nearest(2, 7, '<->', 'category = 3 AND v IS NOT NULL')),
	answer(single(2, 7, '<->', 'category = 3 AND v IS NOT NULL')),
	'with a condition, too');
is(answer('SELECT count(*) FROM (' . nearest(3, $rows + 10, '<->') . ') s'),
	$rows, 'a limit past the end gives every row');

# Indexes ------------------------------------------------------------------

answer("SELECT vecdb_shards.create_index('items', 'v', 'vector_l2_ops', 'lists = 20')");
answer("SELECT vecdb_shards.set_on_servers('items', 'ivfflat.probes=32768',
	'enable_seqscan=off')");
answer("CREATE INDEX single_v_idx ON single USING ivfflat (v) WITH (lists = 60); ANALYZE");
foreach my $number (1 .. 3)
{
	sound_ok($shards[ $number - 1 ], 'items_v_idx', "shard$number has an index");
}
is(answer("SELECT count(*) FROM vecdb_shards.status('items')
		WHERE alive AND problem IS NULL AND indexes = 1 AND estimated_rows > 1500 AND bytes > 0"),
	'3', 'status finds nothing wrong');

# With every list probed, as with the single table's index.
sub found
{
	my ($sql, %true) = @_;

	return scalar grep { $true{$_} } split /\n/, answer($sql);
}

my ($sharded, $alone) = (0, 0);
foreach my $query (101 .. 120)
{
	my %true = map { $_ => 1 } split /\n/,
	  answer('SET enable_indexscan = off;' . single($query, 10, '<->'));

	$sharded += found(nearest($query, 10, '<->'), %true);
	$alone += found("SET enable_seqscan = off; SET ivfflat.probes = 32768;
		SELECT id FROM single ORDER BY v <-> noise($query, $dim) LIMIT 10", %true);
}
note("of 200 nearest rows: shards $sharded, a single table's index $alone");
cmp_ok($sharded, '>=', 196, 'through the indexes the shards find the nearest rows');
cmp_ok($sharded, '>=', $alone - 2, 'no worse than a single table');
foreach my $number (1 .. 3)
{
	ok(wait_until(10, sub {
			$shards[ $number - 1 ]->safe_psql('postgres',
				"SELECT idx_scan >= 20 FROM pg_stat_user_indexes
				WHERE indexrelname = 'items_v_idx'") eq 't' }),
		"shard$number searched its index");
}

# Plans --------------------------------------------------------------------

my $vector = answer("SELECT quote_literal(noise(1, $dim)::text)") . '::vector';

sub explain_here
{
	my ($sql, $settings) = @_;

	return answer(($settings || '') . "EXPLAIN (VERBOSE, COSTS OFF) $sql");
}

sub statement
{
	my ($count) = @_;
	my $sql = answer("SELECT vecdb_shards.nearest_query('items', 'v', '<->', $count)");

	return $sql =~ s/\$1/$vector/gr;
}

my $plan = explain_here(statement(5));
my @sent = $plan =~ /Remote SQL: (.*)/g;

note($plan);
is(scalar @sent, 3, 'a search asks each shard once');
is( scalar(grep { /ORDER BY \(?v OPERATOR\(public\.<->\) .* LIMIT 5\b/ } @sent),
	3, 'each shard is sent the order and the limit');
unlike($plan, qr/Sort Key.*\n.*Foreign Scan/, 'no shard is sorted here');
like($plan, qr/Async Foreign Scan/, 'the shards work at the same time')
  if $coordinator->pg_version >= 15;
unlike(explain_here("SELECT id FROM items ORDER BY v <-> $vector LIMIT 5"),
	qr/Remote SQL:.*LIMIT/,
	'which a search through the partitioned table itself would not do');

# What a shard makes of what it is sent.
my $shard_plan = $shards[0]->safe_psql('postgres',
	"SET enable_seqscan = off; EXPLAIN $sent[0]");
like($shard_plan, qr/Limit.*Index Scan using items_v_idx/s,
	'a shard answers by its index, and ends at the limit');

# Settings -----------------------------------------------------------------

foreach my $shard (@shards)
{
	$shard->safe_psql('postgres',
		"CREATE VIEW probes AS SELECT current_setting('ivfflat.probes') AS probes");
}
answer("CREATE FOREIGN TABLE probes (probes text) SERVER shard2");
is(answer('SET ivfflat.probes = 3; SELECT probes FROM probes'),
	'32768', "a SET here does not travel, the server's setting does");
answer("SELECT vecdb_shards.set_on_servers('items', 'ivfflat.probes=7',
	'ivfflat.target_recall=0.9')");
is(answer('SELECT probes FROM probes'), '7', 'a setting can be changed');
like(complaint("SELECT vecdb_shards.set_on_servers('items', 'probes 7')"),
	qr/22023.*not of the form name=value/s, 'a malformed one is refused');
answer("SELECT vecdb_shards.set_on_servers('items', 'ivfflat.probes=32768')");

# A role that is no superuser ------------------------------------------------

$_->safe_psql('postgres', 'CREATE ROLE reader LOGIN; GRANT SELECT ON items TO reader')
  foreach @shards;
answer('CREATE ROLE reader LOGIN');
like(complaint('SET ROLE reader;' . nearest(1, 5, '<->')),
	qr/42501.*permission denied for schema vecdb_shards/s,
	'a role without the right does not search');
answer("SELECT vecdb_shards.grant_search('items', 'reader',
	'user=reader password_required=false')");
is(answer('SET ROLE reader;' . nearest(1, 5, '<->')),
	answer(nearest(1, 5, '<->')), 'one that was given it does');
like(complaint('SET ROLE reader; DELETE FROM items'),
	qr/42501.*permission denied/s, 'and no more than that');

# The extension in a schema of its own, on servers that do not have it yet ----

foreach my $node ($coordinator, @shards)
{
	$node->safe_psql('postgres', 'CREATE DATABASE other');
}
$coordinator->safe_psql('other', 'CREATE SCHEMA extensions;
	CREATE EXTENSION vecdb SCHEMA extensions; CREATE SCHEMA app;
	CREATE TABLE app.things (id bigint, v extensions.vector(2)) PARTITION BY HASH (id);
	ALTER DATABASE other SET search_path = app, public, extensions');
command_ok(
	[ "$helpers/make-shards", '-d', $coordinator->connstr('other'),
		'--column', 'v', '--opclass', 'vector_cosine_ops', '--with', 'bits = 4',
		'app.things', map { s/dbname=postgres/dbname=other/r } @places ],
	'shards in a schema of their own');
is( $coordinator->safe_psql('other',
		"INSERT INTO things SELECT i, ARRAY[i, 1]::vector FROM generate_series(1, 50) AS i;
		SELECT string_agg(id::text, ',') FROM vecdb_shards.nearest(
			NULL::app.things, 'v', '[10,1]', '<=>', 3, 'id > 5')"),
	'10,11,9', 'are searched');
like($shards[1]->safe_psql('other', "SELECT indexdef FROM pg_indexes
		WHERE schemaname = 'app'"),
	qr/ivfflat \(v extensions.vector_cosine_ops\) WITH \(bits='4'\)/,
	'and have the index that was asked for');

# Errors -------------------------------------------------------------------

like(complaint("SELECT vecdb_shards.nearest_query('items', 'v', '<', 5)"),
	qr/22023.*operator "<" is none/s, 'an operator that is none is refused');
like(complaint("SELECT vecdb_shards.nearest_query('items', 'v', '<->', 0)"),
	qr/22023.*number of rows is 0/s, 'a limit of none is refused');
like(complaint("SELECT vecdb_shards.nearest_query('single', 'v')"),
	qr/42809.*"public.single" is not partitioned/s, 'a plain table is refused');
like(complaint("SELECT vecdb_shards.attach('items', ARRAY['shard1'])"),
	qr/55000.*has partitions already/s, 'shards are attached once');
like(complaint("SELECT vecdb_shards.create_index('items', 'v', 'vector_cosine_ops', 'lists = 0')"),
	qr/shard "shard1".*value 0 out of bounds.*shard "shard3"/s,
	'an index that a shard refuses is an error that names the shard');
like(complaint(nearest(1, 5, '<->') =~ s/noise\(1, $dim\)/'[1,2]'/r),
	qr/different vector dimensions/, "a shard's own error comes through");

# One partition is taken away: an answer without its rows is no answer.
answer('ALTER TABLE items DETACH PARTITION items_shard2');
like(complaint(nearest(1, 5, '<->')),
	qr/55000.*a shard of table "public.items" is missing.*hold 67 %/s,
	'a missing shard is an error');
answer('ALTER TABLE items ATTACH PARTITION items_shard2
	FOR VALUES WITH (MODULUS 3, REMAINDER 1)');
my $before = answer(nearest(1, 10, '<->'));

# One table is taken away under its partition.
$shards[0]->safe_psql('postgres', 'ALTER TABLE items RENAME TO hidden');
like(complaint(nearest(1, 5, '<->')), qr/relation "public.items" does not exist/,
	'a shard without its table is an error');
$shards[0]->safe_psql('postgres', 'ALTER TABLE hidden RENAME TO items');

# One server dies while a session has a connection to it.
my $session = $coordinator->background_psql('postgres', on_error_stop => 0);
is($session->query(nearest(1, 10, '<->')), $before, 'a session searches');
$shards[2]->stop('immediate');
$session->query(nearest(1, 10, '<->'));
like($session->{stderr}, qr/could not connect to server "shard3"|server closed/,
	'a shard that died is an error in a session that used it');
like(complaint(nearest(1, 10, '<->')),
	qr/08001.*could not connect to server "shard3"/s,
	'and in a new one, by its name');
like(answer("SELECT server, alive, problem FROM vecdb_shards.status('items')
		WHERE NOT alive"),
	qr/^shard3\|f\|shard "shard3" cannot be reached.*(No such file|refused)/,
	'status tells which, and why');
like(complaint("SELECT vecdb_shards.create_index('items', 'v')"),
	qr/08001.*shard "shard3" cannot be reached/s,
	'an index is built on all shards or on none');
is($shards[0]->safe_psql('postgres', "SELECT count(*) FROM pg_indexes
		WHERE tablename = 'items'"), '1', 'none was');
$shards[2]->start;
is(answer(nearest(1, 10, '<->')), $before, 'the shard comes back');
$session->{stderr} = '';
is($session->query(nearest(1, 10, '<->')), $before,
	'in the session that met its death, too');
$session->quit;

# Rows change through the partitioned table.
answer("DELETE FROM items WHERE id % 2 = 0;
	UPDATE items SET v = noise(1, $dim) WHERE id = 4321");
is(join(',', sort split /\n/, answer(nearest(1, 2, '<->'))), '1,4321',
	'a changed row is found');
is(answer('SELECT count(*) FROM (' . nearest(1, $rows, '<->') . ') s'),
	$rows / 2, 'deleted ones are not');

$_->stop foreach $coordinator, @shards;
done_testing();
