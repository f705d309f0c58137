# Sessions that insert, update, delete and vacuum while others read: every
# snapshot sees its rows through the index, each once; no invariant breaks; the
# index does not grow with churn.  Indexes built and rebuilt concurrently
# miss nothing that is written meanwhile.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use VecdbIndex;

my $node = new_node('concurrency',
	settings => "synchronize_seqscans = off\nmax_connections = 40\n"
	  . "autovacuum_naptime = 1s\nautovacuum_vacuum_cost_delay = 0\n"
	  . "deadlock_timeout = 200ms\n");

# Few lists, so that sessions meet in them.
my %dims = (near => 6, wide => 1100, unit => 32);
my %operators = (near => '<->', wide => '<#>', unit => '<=>');
my @tables = sort keys %dims;

make_table($node, 'near', 6, 2000);
make_table($node, 'wide', 1100, 60);
make_table($node, 'unit', 32, 800);
$node->safe_psql(
	'postgres',
	'CREATE INDEX near_v_idx ON near USING ivfflat (v, (id % 7), (id / 64))
	 WITH (lists = 4, spill = 0.5, autotrain_growth = 1.05);
	 CREATE INDEX wide_v_idx ON wide USING ivfflat (v vector_ip_ops)
	 WITH (lists = 2);
	 CREATE INDEX unit_v_idx ON unit USING ivfflat (v vector_cosine_ops)
	 WITH (lists = 3, spill = 1, autotrain_growth = 1.05)');
uses_index($node, $_, "${_}_v_idx", $operators{$_}, "noise(1, $dims{$_})")
  foreach @tables;

sub readers
{
	# To the zero vector, under cosine, and to NULL no row has a distance.
	return map {
		"BEGIN ISOLATION LEVEL REPEATABLE READ;\n"
		  . "SELECT assert_complete('$_', '$operators{$_}', noise(9, $dims{$_}));\n"
		  . "SELECT assert_complete('$_', '$operators{$_}', hard(7, $dims{$_}));\n"
		  . "SELECT assert_nearest('$_', '$operators{$_}', noise(8, $dims{$_}), 10);\n"
		  . "SELECT assert_complete('$_', '$operators{$_}', NULL);\n"
		  . "COMMIT;\n"
	} @_;
}

# Ids grow, and old rows go: the columns of a list are now wider, now narrower.
my @filtering = map {
	"\\set n random(0, 100)\nBEGIN ISOLATION LEVEL REPEATABLE READ;\n"
	  . "SELECT assert_complete('near', '<->', noise(:n, 6), '$_');\nCOMMIT;\n"
} ('id % 7 = 3', 'id / 64 = :n', 'id / 64 > :n AND id % 7 IN (1, 2)');

# A row is deleted, changed and made in one transaction, some of them given up.
sub writers
{
	return map {
		my $table = $_;
		map {
			my $end = $_;
			"\\set a random(1, 3000)\n\\set b random(1, 3000)\n"
			  . "\\set r random(1, 1000000)\n"
			  . "DELETE FROM $table WHERE id = :a;\n"
			  . "BEGIN;\n"
			  . "INSERT INTO $table (v) SELECT hard(:r + i, $dims{$table})\n"
			  . "FROM generate_series(1, 3) AS i;\n"
			  . "UPDATE $table SET v = hard(:r + id, $dims{$table}) WHERE id = :b;\n"
			  . "$end;\n"
		} ('COMMIT', 'COMMIT', 'ROLLBACK')
	} @_;
}

sub check_all
{
	my ($when, @names) = @_;

	foreach my $table (@names)
	{
		complete_ok($node, $table, $operators{$table},
			"noise(5, $dims{$table})", "$when: $table has its rows");
		sound_ok($node, "${table}_v_idx",
			"$when: the index of $table is sound");
	}
	return;
}

# Everybody at once; the second time, autovacuum in place of VACUUM.
my $keep = "DELETE FROM %s WHERE id <= (SELECT max(id) - %d FROM %s);\n";
foreach my $round ('VACUUM', 'autovacuum')
{
	my @rest = $round eq 'VACUUM'
	  ? map { "VACUUM (INDEX_CLEANUP ON) $_;\n" } @tables
	  : ();

	if ($round eq 'autovacuum')
	{
		$node->safe_psql('postgres',
			"ALTER TABLE $_ SET (autovacuum_enabled = on,
			 autovacuum_vacuum_threshold = 10,
			 autovacuum_vacuum_scale_factor = 0)") foreach @tables;
		$node->append_conf('postgresql.conf', 'autovacuum = on');
		$node->reload;
	}
	my @benches = (
		start_bench($node, 3, 7, writers(@tables)),
		start_bench($node, 3, 7, readers(@tables), @filtering),
		start_bench($node, 1, 7,
			(map { sprintf($keep, $_, $_ eq 'wide' ? 80 : 2500, $_) } @tables),
			@rest));
	finish_bench($benches[0], "$round: writers met no error");
	finish_bench($benches[1], "$round: readers saw their snapshots' rows");
	finish_bench($benches[2], "$round: rows were taken away meanwhile");
	check_all("after $round", @tables);
}
cmp_ok(
	$node->safe_psql('postgres',
		'SELECT sum(autovacuum_count) FROM pg_stat_user_tables'),
	'>', 0, 'autovacuum came by');
$node->append_conf('postgresql.conf', 'autovacuum = off');
$node->reload;

# Concurrent builds while others write.
my $writing = start_bench($node, 2, 60, writers('near', 'unit'));
for my $n (1 .. 3)
{
	$node->safe_psql('postgres',
		"CREATE INDEX CONCURRENTLY near_${n}_idx ON near
		 USING ivfflat (v vector_l2_ops, (id % 7)) WITH (lists = 5)");
	$node->safe_psql('postgres',
		'REINDEX INDEX CONCURRENTLY unit_v_idx');
	is( $node->safe_psql('postgres',
			"SELECT indisvalid FROM pg_index
			 WHERE indexrelid = 'near_${n}_idx'::regclass"),
		't', "concurrent build $n is valid");
}
$writing->{handle}->signal('INT');
finish_bench($writing);
is(join('', $writing->{err} =~ /ERROR.*/g),
	'', 'writers met no error during concurrent builds');
$node->safe_psql('postgres', 'DROP INDEX near_v_idx');
for my $n (1 .. 3)
{
	sound_ok($node, "near_${n}_idx", "concurrent build $n is sound");
	complete_ok($node, 'near', '<->', 'noise(3, 6)',
		"concurrent build $n has the table's rows");
	$node->safe_psql('postgres', "DROP INDEX near_${n}_idx");
}
check_all('after REINDEX CONCURRENTLY', 'unit');

# Churn: half of the rows go and come, again and again.
make_table($node, 'churn', 64, 4000);
$node->safe_psql('postgres',
	'CREATE INDEX churn_v_idx ON churn USING ivfflat (v) WITH (lists = 4)');
my @sizes;
for my $n (1 .. 12)
{
	$node->safe_psql('postgres',
		"DELETE FROM churn WHERE id % 2 = $n % 2");
	$node->safe_psql('postgres', 'VACUUM (INDEX_CLEANUP ON) churn');
	$node->safe_psql('postgres',
		"INSERT INTO churn (v) SELECT hard($n * 10000 + i, 64)
		 FROM generate_series(1, 2000) AS i");
	push @sizes,
	  $node->safe_psql('postgres',
		"SELECT pg_relation_size('churn_v_idx') / 8192");
}
note("pages after each round of churn: @sizes");
cmp_ok($sizes[-1], '<=', $sizes[2] * 1.15, 'the index does not grow with churn');
sound_ok($node, 'churn_v_idx', 'the churned index is sound');
$node->safe_psql('postgres', 'DELETE FROM churn');
$node->safe_psql('postgres', 'VACUUM (INDEX_CLEANUP ON) churn');
sound_ok($node, 'churn_v_idx', 'the emptied index is sound');
is(complete_ok($node, 'churn', '<->', 'noise(1, 64)', 'emptied: no rows'),
	0, 'emptied: none at all');
$node->safe_psql('postgres',
	'INSERT INTO churn (v) SELECT hard(i, 64) FROM generate_series(1, 4000) AS i');
cmp_ok(
	$node->safe_psql('postgres',
		"SELECT pg_relation_size('churn_v_idx') / 8192"),
	'<=', $sizes[-1], 'freed pages are used again');
sound_ok($node, 'churn_v_idx', 'the refilled index is sound');

# Inserts wait while VACUUM brings the last of them into another tree: it sleeps
# for its costs before that and after, not there.
make_table($node, 'gate', 6, 20);
$node->safe_psql('postgres',
	'CREATE INDEX gate_v_idx ON gate USING ivfflat (v) WITH (lists = 2);
	 ALTER TABLE gate SET (autovacuum_enabled = off);
	 CREATE UNLOGGED TABLE asleep (closed bool)');
my $rare = start_bench($node, 1, 120,
	"INSERT INTO gate (v) VALUES (noise(1, 6));\nSELECT pg_sleep(0.2);\n");
my $watch = start_bench($node, 1, 120,
	"INSERT INTO asleep SELECT true FROM pg_locks JOIN pg_stat_activity USING (pid)
	 WHERE locktype = 'page' AND mode = 'ExclusiveLock' AND granted
	 AND wait_event = 'VacuumDelay';
	INSERT INTO asleep SELECT false FROM pg_stat_activity WHERE wait_event = 'VacuumDelay';\n");
for my $n (3 .. 6)
{
	$node->safe_psql('postgres', "ALTER INDEX gate_v_idx SET (lists = $n);
		SET vacuum_cost_delay = 20; SET vacuum_cost_limit = 1; VACUUM gate");
}
foreach my $bench ($rare, $watch)
{
	$bench->{handle}->signal('TERM');
	finish_bench($bench);
}
is( $node->safe_psql('postgres',
		"SELECT lists, bool_or(closed) FROM vecdb_index_stats('gate_v_idx'), asleep GROUP BY 1"),
	'6|f', 'VACUUM sleeps, but while nobody waits for it');

ok(!$node->log_contains('PANIC|TRAP|terminated by signal|deadlock detected'),
	'no process crashed, no deadlock');
$node->stop;
done_testing();
