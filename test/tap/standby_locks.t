# A standby is locked out of an index for the moment in which VACUUM on the
# primary has it for itself, not until that VACUUM ends: the table's other index
# may be in training for long, and whoever plans a query of the table opens both.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use VecdbIndex;

my $primary = new_node('primary',
	init => { allows_streaming => 1 },
	settings => "max_parallel_maintenance_workers = 0\n");
$primary->backup('backup');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($primary, 'backup', has_streaming => 1);
$standby->start;

sub sql { return $primary->safe_psql('postgres', $_[0]); }

sub training
{
	my ($index, $column) = @_;

	return sql("SELECT $column FROM vecdb_index_training('$index')");
}

# VACUUM trains the indexes in the order of their numbers; of the second one each
# row waits as long as somebody has the lock.
make_table($primary, 't', 12, 0);
sql("CREATE FUNCTION wait_here(vector) RETURNS vector LANGUAGE plpgsql
	IMMUTABLE AS \$\$ BEGIN
		PERFORM pg_advisory_xact_lock_shared(1); RETURN \$1; END \$\$;
	CREATE INDEX t_v_idx ON t USING ivfflat (v);
	CREATE INDEX t_late_idx ON t USING ivfflat ((wait_here(v)::vector(12)))");

# What VACUUM has for itself: pages of the tree before, then the file's end.
foreach my $case (
	[ 'grown', 'INSERT INTO t SELECT i, hard(i, 12) FROM generate_series(1, 4000) i' ],
	[ 'shrunk', 'DELETE FROM t WHERE id > 1200' ])
{
	my ($name, $change) = @$case;

	sql($change);
	my $trees = training('t_v_idx', 'trees');
	my $holder = $primary->background_psql('postgres', on_error_stop => 1);
	$holder->query_safe('SELECT pg_advisory_lock(1)');
	my $vacuum = $primary->background_psql('postgres', on_error_stop => 0);
	$vacuum->query_until(qr/begun/, "\\echo begun\nVACUUM t;\n");
	ok( wait_until(60, sub { sql("SELECT count(*) FROM pg_locks
		WHERE locktype = 'advisory' AND NOT granted") eq '1' }),
		"$name: the second index is in training");
	cmp_ok(training('t_v_idx', 'trees'), '>', $trees,
		"$name: the first one has another tree");
	is(training('t_v_idx', 'litter'), 'f', "$name: and none before it");
	is(sql('SELECT phase FROM pg_stat_progress_vacuum'), 'cleaning up indexes',
		"$name: VACUUM tells how far it is");

	my ($out, $err) = ('', '');
	$primary->wait_for_catchup($standby);
	is( $standby->psql('postgres',
			"SET statement_timeout = '10s'; SELECT count(*) > 0 FROM t",
			stdout => \$out, stderr => \$err),
		0, "$name: the standby reads the table");
	is("$out$err", 't', "$name: and finds its rows");
	is($standby->safe_psql('postgres', "SELECT count(*) FROM pg_locks
		WHERE mode = 'AccessExclusiveLock'"),
		'0', "$name: nothing is locked there against all");

	$holder->quit;
	$vacuum->query('SELECT 1');
	is($vacuum->{stderr}, '', "$name: VACUUM gets to the end");
	$vacuum->quit;
	is(training('t_v_idx', 'litter'), 'f', "$name: no page is left over");
	$primary->wait_for_catchup($standby);
	foreach my $node ($primary, $standby)
	{
		my $where = "$name, " . $node->name;

		complete_ok($node, 't', '<->', 'noise(3, 12)', "$where: all rows");
		sound_ok($node, $_, "$where: $_ is sound")
		  foreach 't_v_idx', 't_late_idx';
	}
}
unlike(slurp_file($_->logfile), qr/PANIC:|TRAP:|terminated by signal/,
	'no process crashed') foreach $primary, $standby;
$standby->stop;
$primary->stop;
done_testing();
