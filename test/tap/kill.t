# Signal 9 at any moment while VACUUM moves rows into another tree, for the
# primary, for the standby, for the primary with the standby's promotion: every
# row is found once, the index keeps its invariants, the next VACUUM goes on.
#
# KILL_ROUNDS in the environment says how often; KILL_SEED repeats a run's
# choices, if not its moments.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use File::Path qw(remove_tree);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use VecdbIndex;

my $rounds = $ENV{KILL_ROUNDS} || 9;
my $seed = $ENV{KILL_SEED} || time;
my $nodes = 1;
srand($seed);
note("KILL_SEED=$seed KILL_ROUNDS=$rounds");

my $primary = new_node('kill1',
	init => { allows_streaming => 1 },
	settings => "shared_buffers = 4MB\nmax_wal_size = 64MB\nwal_keep_size = 256MB\n"
	  . "hot_standby_feedback = on\nwal_receiver_status_interval = 1s\n"
	  . "wal_retrieve_retry_interval = 200ms\nmax_standby_streaming_delay = 5s\n"
	  . "min_parallel_table_scan_size = 64kB\n");
make_table($primary, 't', 12, 3000);
$primary->safe_psql('postgres',
	'CREATE INDEX t_v_idx ON t USING ivfflat (v, (id % 7))
	 WITH (lists = 20, spill = 0.5, autotrain_growth = 1.05)');
my $standby = new_standby($primary);

sub new_standby
{
	my ($of) = @_;
	my $name = 'kill' . ++$nodes;
	my $node = PostgreSQL::Test::Cluster->new($name);

	$of->backup($name);
	$node->init_from_backup($of, $name, has_streaming => 1);
	remove_tree($of->backup_dir . "/$name");
	$node->start;
	return $node;
}

my @changes = (
	"BEGIN;\nINSERT INTO t (v) SELECT hard((random() * 1e6)::bigint, 12)
	 FROM generate_series(1, 20);\nCOMMIT;\n",
	"BEGIN;\nINSERT INTO t (v) SELECT noise(1, 12) FROM generate_series(1, 5);\nROLLBACK;\n",
	"\\set r random(0, 99)\nDELETE FROM t WHERE id % 100 = :r AND id > 2000;\n"
	  . "UPDATE t SET v = noise(id + :r, 12) WHERE id % 300 = :r;\n");
my $search = "BEGIN ISOLATION LEVEL REPEATABLE READ;\n"
  . "SELECT assert_complete('t', '<->', noise(9, 12));\nCOMMIT;\n";

sub training
{
	my ($node, $column) = @_;

	return $node->safe_psql('postgres',
		"SELECT $column FROM vecdb_index_training('t_v_idx')");
}

# Everybody at work; then the end of one of the servers, or of both.  Returns
# whether a tree was under way at that moment, or pages of one were left.
sub kill_during_moves
{
	my (@victims) = @_;
	my @benches = (
		start_bench($primary, 2, 60, @changes),
		start_bench($primary, 1, 60, "VACUUM t;\n"),
		start_bench($standby, 1, 60, $search));

	select(undef, undef, undef, 0.2 + rand(1.5));
	my $moving = training($primary, 'litter') eq 't';
	crash_node($_) foreach @victims;
	# Those of a server that lives on, too.
	$_->{handle}->kill_kill foreach @benches;
	return $moving;
}

sub check
{
	my ($node, $when) = @_;

	complete_ok($node, 't', '<->', 'noise(77, 12)', "$when: all rows, once");
	sound_ok($node, 't_v_idx', "$when: sound");
	return;
}

my $moving = 0;
foreach my $round (1 .. $rounds)
{
	my $trees = training($primary, 'trees');

	if ($round % 3 == 1)
	{
		$moving += kill_during_moves($standby);
		$standby->start;
		$primary->wait_for_catchup($standby);
		check($standby, "round $round, the standby was killed");
	}
	elsif ($round % 3 == 2)
	{
		$moving += kill_during_moves($primary);
		$primary->start;
		check($primary, "round $round, the primary was killed");
	}
	else
	{
		# The standby may be killed before, and have to recover first.
		$moving += kill_during_moves($primary, $round % 2 ? () : ($standby));
		$standby->start if $round % 2 == 0;
		$standby->promote;
		my $gone = $primary;
		($primary, $standby) = ($standby, undef);
		remove_tree($gone->data_dir);
		check($primary, "round $round, the standby was promoted");
		$standby = new_standby($primary);
	}
	# It goes on where that was left, and the table stays small.
	$primary->safe_psql('postgres', 'VACUUM t');
	check($primary, "round $round, after VACUUM");
	$primary->safe_psql('postgres', 'DELETE FROM t WHERE id >
		(SELECT id FROM t ORDER BY id OFFSET 6000 LIMIT 1)');
	note("round $round: trees $trees to " . training($primary, 'trees'));
}
cmp_ok($moving, '>', 0, 'trees were under way when servers were killed');
note("$moving of $rounds rounds");
unlike(slurp_file($_->logfile), qr/PANIC:|TRAP:|terminated by signal 11/,
	'no process crashed by itself')
  foreach $primary, $standby;
$_->stop('immediate') foreach $standby, $primary;
done_testing();
