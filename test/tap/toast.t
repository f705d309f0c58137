# Vectors out of line, which a scan looks for where their numbers say that they
# lie before it asks the TOAST table's index: they must be the rows' own, in
# tables that grew, whose space was used again, or that others wrote to.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use VecdbIndex;

my $queries = 100;
my $node = new_node('toast', settings => "jit = off\n");

# Statements that keep what the nearest rows' distances were in a scan, and that
# compare it with the rows: another statement, since a scan's values are known
# to the distances of its own.
sub search
{
	my ($table, $dim) = @_;

	return "SET client_min_messages = warning;
		SET enable_seqscan = off; SET enable_sort = off;
		DROP TABLE IF EXISTS got;
		CREATE TEMP TABLE got AS
		SELECT q, a.v, id, d FROM
			(SELECT q, noise(1000000 + q, $dim) AS v
			 FROM generate_series(1, $queries) AS q OFFSET 0) AS a, LATERAL
			(SELECT id, v <-> a.v AS d FROM $table ORDER BY v <-> a.v LIMIT 10) AS b;
		RESET enable_seqscan; RESET enable_sort;";
}

sub verdict
{
	my ($table) = @_;

	return "SELECT count(*), count(*) FILTER (WHERE d IS DISTINCT FROM t.v <-> got.v)
		FROM got LEFT JOIN $table AS t USING (id);";
}

sub own_ok
{
	my ($table, $dim, $name) = @_;

	is($node->safe_psql('postgres', search($table, $dim) . verdict($table)),
		10 * $queries . '|0', "$table: each row's own vector $name");
	return;
}

# Pages of the index that finds a table's values, and of values, that sessions
# have read so far.
sub pages_read
{
	my ($table) = @_;

	$node->poll_query_until('postgres',
		"SELECT count(*) = 1 FROM pg_stat_activity
		 WHERE backend_type = 'client backend'");
	return split /\|/, $node->safe_psql(
		'postgres',
		"SELECT tidx_blks_hit + tidx_blks_read, toast_blks_hit + toast_blks_read
		 FROM pg_statio_all_tables WHERE relid = '$table'::regclass");
}

# A table whose rows have a note out of line, too, if there is one.
sub make_long
{
	my ($table, $dim, $rows, $note) = @_;

	$node->safe_psql('postgres',
		"CREATE TABLE $table (id bigserial PRIMARY KEY, v vector($dim), note text);
		 ALTER TABLE $table ALTER v SET STORAGE EXTERNAL,
			ALTER note SET STORAGE EXTERNAL;"
		  . add_rows($table, $dim, $rows, $note)
		  . "CREATE INDEX ${table}_v_idx ON $table USING ivfflat (v) WITH (lists = 10)");
	uses_index($node, $table, "${table}_v_idx", '<->', "noise(1, $dim)");
	return;
}

sub add_rows
{
	my ($table, $dim, $rows, $note) = @_;

	$note = 'NULL' unless defined $note;
	return "INSERT INTO $table (v, note) SELECT noise(i, $dim), $note
		FROM generate_series(1, $rows) AS i;";
}

# Grown in one go: some rows' places tell those of all others.
foreach my $shape ([ 'two_chunks', 600, 3000 ], [ 'three_chunks', 1024, 1500 ],
	[ 'many_pages', 5000, 300 ])
{
	my ($table, $dim, $rows) = @$shape;

	make_long($table, $dim, $rows);
	my @before = pages_read($table);
	$node->safe_psql('postgres', search($table, $dim));
	my @pages = pages_read($table);
	my ($index, $values) = map { $pages[$_] - $before[$_] } 0, 1;
	note("$table: $values pages of values, $index of their index");
	my $guessed =
	  $node->safe_psql('postgres', 'SELECT vecdb_kernel(); SHOW vecdb.disable_shortcuts') !~ /all/;
	cmp_ok($index, $guessed ? '<' : '>', $values / 4,
		$guessed
		? "$table: few values were looked up"
		: "$table: all values were looked up");
	own_ok($table, $dim, 'after it grew');
}

# Rows that come, go and come back, under scans that see what was before.
my $old = $node->background_psql('postgres', on_error_stop => 1);
$old->query_safe('BEGIN ISOLATION LEVEL REPEATABLE READ');
my $seen = $old->query_safe('SELECT count(*) FROM two_chunks');
$node->safe_psql('postgres',
	'DELETE FROM two_chunks WHERE id % 3 = 0;
	 UPDATE two_chunks SET v = noise(id + 5000, 600) WHERE id % 3 = 1');
own_ok('two_chunks', 600, 'after changes');
my $rows = $old->query_safe(search('two_chunks', 600) . verdict('two_chunks'));
is($rows, 10 * $queries . '|0', 'an old snapshot sees the rows of old');
is($old->query_safe('SELECT count(*) FROM two_chunks'), $seen, 'all of them');
$old->quit;
$node->safe_psql('postgres', 'VACUUM two_chunks');
own_ok('two_chunks', 600, 'after vacuum');
$node->safe_psql('postgres',
	add_rows('two_chunks', 600, 2500) . 'VACUUM two_chunks');
own_ok('two_chunks', 600, 'where space was used again');
$node->safe_psql('postgres', 'DELETE FROM two_chunks WHERE id > 100');
$node->safe_psql('postgres', 'VACUUM two_chunks');
own_ok('two_chunks', 600, 'after the table was cut');

# What a transaction wrote itself, and what it took back.
my $own = join(
	"\n", 'BEGIN;', add_rows('three_chunks', 1024, 200), 'SAVEPOINT a;',
	'UPDATE three_chunks SET v = noise(id + 7000, 1024) WHERE id % 2 = 0;',
	search('three_chunks', 1024), verdict('three_chunks'),
	'ROLLBACK TO a;',
	search('three_chunks', 1024), verdict('three_chunks'),
	'ROLLBACK;',
	search('three_chunks', 1024), verdict('three_chunks'));
is( $node->safe_psql('postgres', $own),
	join("\n", (10 * $queries . '|0') x 3),
	'what a transaction wrote and took back');
$node->safe_psql('postgres', add_rows('three_chunks', 1024, 200));
own_ok('three_chunks', 1024, 'behind rows that were taken back');

# Other values in between, of any length: no place follows from another.
make_long('mixed', 600, 1500, q{repeat('x', 100 + (hashint8(i) & 16383))});
own_ok('mixed', 600, 'between notes of any length');
make_long('alike', 600, 1500, q{repeat('x', 3000)});
own_ok('alike', 600, 'between notes of one length');
$node->safe_psql('postgres', 'VACUUM FULL mixed; VACUUM FULL alike');
own_ok($_, 600, 'after the table was written anew') foreach 'mixed', 'alike';

$node->stop;
done_testing();
