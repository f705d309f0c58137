# A streaming replica: every record that the index writes is replayed to the
# same bytes (wal_consistency_checking compares them), the replica answers as
# the primary does, while vacuum runs there too, and it can take over.
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
	settings => "wal_consistency_checking = 'generic'\n"
	  . "checkpoint_timeout = 30s\nhot_standby_feedback = on\n"
	  . "wal_receiver_status_interval = 1s\nmax_standby_streaming_delay = 30s\n");
is($primary->safe_psql('postgres', 'SHOW wal_level'),
	'replica', 'wal_level is replica');
$primary->backup('backup');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($primary, 'backup', has_streaming => 1);
$standby->start;

# One session on the replica through everything: what it caches must follow.
my $session = $standby->background_psql('postgres', on_error_stop => 1);
$session->query_safe(
	"SET enable_seqscan = off; SET enable_sort = off;
	 SET ivfflat.probes = 32768");

my %operators = (small => '<->', unit => '<=>', wide => '<#>', late => '<->');
my %dims = (small => 12, unit => 40, wide => 1600, late => 12);

# Ids in order of a few queries, or of everything.
sub answers
{
	my ($table, $limit) = @_;
	my $dim = $dims{$table};

	return join("\n", map {
		"SELECT string_agg(coalesce(id::text, '?'), ',')
		 FROM (SELECT id FROM $table
			   ORDER BY v $operators{$table} noise($_, $dim) LIMIT $limit) s;"
	} 1001 .. 1004);
}

sub same_answers
{
	my ($when, @tables) = @_;

	$primary->wait_for_catchup($standby);
	foreach my $table (@tables)
	{
		my $there = $primary->safe_psql('postgres',
			"SET enable_seqscan = off; SET enable_sort = off;
			 SET ivfflat.probes = 32768;" . answers($table, 30));
		my $here = $session->query_safe(answers($table, 30));

		is($here, $there, "$when: $table answers as on the primary");
		complete_ok($standby, $table, $operators{$table},
			"noise(5, $dims{$table})", "$when: $table has its rows");
		sound_ok($standby, "${table}_v_idx", "$when: the index of $table is sound");
	}
	return;
}

sub insert_rows
{
	my ($table, $from, $to) = @_;

	return "INSERT INTO $table SELECT i, hard(i, $dims{$table})
			FROM generate_series($from, $to) AS i;";
}

make_table($primary, 'small', 12, 3000);
make_table($primary, 'unit', 40, 1500);
make_table($primary, 'wide', 1600, 60);
make_table($primary, 'late', 12, 0);
$primary->safe_psql(
	'postgres',
	'CREATE INDEX small_v_idx ON small USING ivfflat (v, (id % 7), (id / 100))
	 WITH (lists = 20, spill = 0.5, autotrain_growth = 1.1);
	 CREATE INDEX unit_v_idx ON unit USING ivfflat (v vector_cosine_ops);
	 CREATE INDEX wide_v_idx ON wide USING ivfflat (v vector_ip_ops) WITH (lists = 2);
	 CREATE INDEX late_v_idx ON late USING ivfflat (v)');
my @all = qw(small unit wide late);
same_answers('after a build', @all);
uses_index($standby, 'small', 'small_v_idx', '<->', 'noise(1, 12)');

$primary->safe_psql('postgres',
	insert_rows('small', 3001, 4000)
	  . insert_rows('unit', 1501, 1700)
	  . insert_rows('wide', 61, 80)
	  . insert_rows('late', 1, 400));
same_answers('after inserts', @all);

# Whole lists' tails go, so that pages are cut off; then slots are used again.
$primary->safe_psql('postgres',
	'DELETE FROM small WHERE id % 3 = 0 OR id > 3500;
	 DELETE FROM unit WHERE id > 300;
	 DELETE FROM wide WHERE id % 2 = 0;
	 UPDATE late SET v = noise(id + 9000, 12) WHERE id % 2 = 0');
$primary->safe_psql('postgres', "VACUUM (INDEX_CLEANUP ON) $_") foreach @all;
same_answers('after deletes and vacuum', @all);
$primary->safe_psql('postgres',
	insert_rows('small', 4001, 5000)
	  . insert_rows('unit', 1701, 2500)
	  . insert_rows('wide', 81, 120)
	  . insert_rows('late', 401, 800));
same_answers('after slots were used again', @all);

$primary->safe_psql('postgres',
	'REINDEX INDEX small_v_idx; REINDEX TABLE late');
$primary->safe_psql('postgres', 'REINDEX INDEX CONCURRENTLY unit_v_idx');
$primary->safe_psql('postgres',
	'BEGIN; TRUNCATE wide; '
	  . insert_rows('wide', 200, 240) . 'COMMIT');
same_answers('after REINDEX', @all);

# The replica reads while the primary changes everything and vacuums.
$primary->safe_psql('postgres', "SELECT setval('${_}_id_seq', 10000)")
  foreach @all;
my $readers = start_bench($standby, 2, 5,
	map {
		"BEGIN ISOLATION LEVEL REPEATABLE READ;\n"
		  . "SELECT assert_complete('$_', '$operators{$_}', noise(9, $dims{$_}));\n"
		  . "SELECT assert_nearest('$_', '$operators{$_}', noise(9, $dims{$_}), 10);\n"
		  . "COMMIT;\n"
	} @all);
my $writers = start_bench($primary, 2, 5,
	(map {
		"\\set r random(0, 9)\nDELETE FROM $_ WHERE id % 10 = :r;\n"
		  . "INSERT INTO $_ (v) SELECT hard((random() * 1e6)::bigint, $dims{$_})\n"
		  . "FROM generate_series(1, " . int(2000 / $dims{$_}) . ");\n"
	} qw(small unit late)),
	(map { "VACUUM (INDEX_CLEANUP ON) $_;\n" } @all));
finish_bench($writers, 'changes on the primary');
finish_bench($readers, 'queries on the replica meanwhile');
same_answers('after both', @all);

# Without feedback the primary frees a tree that the replica still reads: what it
# began with ends in an error that says so, never in rows that are missing.  (A
# lock on the index keeps the primary from doing so under a lock against all,
# which the replica would follow, and cancel whoever reads the index.)
make_table($primary, 'kept', 12, 2000);
$primary->safe_psql('postgres',
	'CREATE INDEX kept_v_idx ON kept USING ivfflat (v)
	 WITH (lists = 20)');
foreach my $feedback ('on', 'off')
{
	my $name = "feedback $feedback";

	# Pages that VACUUM finds full of new rows would be a conflict of their own.
	$primary->safe_psql('postgres',
		'ALTER INDEX kept_v_idx SET (autotrain = off)');
	$primary->safe_psql('postgres',
		'INSERT INTO kept (v) SELECT noise(i, 12) FROM generate_series(1, 9000) i');
	$primary->safe_psql('postgres', 'VACUUM kept');
	$standby->append_conf('postgresql.conf', "hot_standby_feedback = $feedback");
	$standby->reload;
	sleep 2;
	$primary->wait_for_catchup($standby);
	my $reader = $standby->background_psql('postgres', on_error_stop => 0);
	$reader->query('SET enable_seqscan = off; SET enable_sort = off;');
	$reader->query('BEGIN; DECLARE c CURSOR FOR SELECT id FROM kept
		ORDER BY v <-> (SELECT noise(1, 12));');
	my $rows = $reader->query('FETCH 50 FROM c');
	my $all = $primary->safe_psql('postgres', 'SELECT count(*) FROM kept');
	my $locker = $primary->background_psql('postgres', on_error_stop => 1);

	$locker->query_safe('BEGIN; EXPLAIN SELECT id FROM kept ORDER BY id');
	sleep 2;
	# Twice: a new tree, then the end of the old one.
	$primary->safe_psql('postgres', 'ALTER INDEX kept_v_idx SET (autotrain = on)');
	foreach (1 .. 2)
	{
		$primary->safe_psql('postgres', 'VACUUM kept');
		$primary->safe_psql('postgres', 'SELECT txid_current()');
	}
	$locker->quit;
	$primary->wait_for_catchup($standby);
	$rows .= "\n" . $reader->query('FETCH ALL FROM c');
	if ($feedback eq 'on')
	{
		is(scalar(grep { /^\d+$/ } split /\n/, $rows),
			$all, "$name: all rows of the snapshot");
	}
	else
	{
		like($reader->{stderr},
			qr/canceling statement due to conflict with recovery/,
			"$name: the statement is told to try again");
	}
	$reader->quit;
	complete_ok($standby, 'kept', '<->', 'noise(2, 12)',
		"$name: the next statement has all rows");
}
sound_ok($standby, 'kept_v_idx', 'kept: sound on the replica');

# A table of the replica's own cannot be; a promoted one can.
$session->quit;
$standby->promote;
$primary->stop('immediate');
$standby->safe_psql('postgres',
	insert_rows('small', 100001, 100300)
	  . 'DELETE FROM unit WHERE id % 2 = 0');
$standby->safe_psql('postgres', 'VACUUM (INDEX_CLEANUP ON) unit');
$standby->safe_psql('postgres', insert_rows('unit', 100001, 100100));
foreach my $table (@all)
{
	complete_ok($standby, $table, $operators{$table},
		"noise(5, $dims{$table})", "promoted: $table has its rows");
	sound_ok($standby, "${table}_v_idx", "promoted: the index of $table is sound");
}
ok(!$standby->log_contains('PANIC|FATAL.*inconsistent|terminated by signal'),
	'the replica met no inconsistent page');
$standby->stop;
done_testing();
