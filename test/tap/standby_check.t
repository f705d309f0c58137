# An index is checked on a standby while changes are replayed: rows that come
# meanwhile are not missing, and findings that are changes are said to be such.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use VecdbIndex;

my $primary =
  new_node('primary', init => { allows_streaming => 1, without_checksums() });
$primary->backup('backup');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($primary, 'backup', has_streaming => 1);
$standby->start;

sub sql { return $primary->safe_psql('postgres', $_[0]); }

# Rows that come one by one, all the while.
make_table($primary, 'growing', 12, 5000);
sql("CREATE INDEX growing_v_idx ON growing USING ivfflat (v, (id % 7))
	WITH (lists = 20, spill = 0.5)");
$primary->wait_for_catchup($standby);
my $inserts = start_bench($primary, 1, 6,
	"INSERT INTO growing (v) SELECT noise((random() * 1e6)::bigint, 12)
	 FROM generate_series(1, 5);\n");
my ($checks, $missing) = (0, 0);
my $end = time + 5;
while (time < $end)
{
	$missing += $standby->safe_psql('postgres',
		"SET client_min_messages = error;
		 SELECT count(*) FROM vecdb_check_index('growing_v_idx', true)
		 WHERE invariant IN (11, 14, 17)");
	$checks++;
}
finish_bench($inserts, 'inserts on the primary');
cmp_ok($checks, '>', 3, 'the index was checked meanwhile');
is($missing, 0, 'no row was taken for missing');
$primary->wait_for_catchup($standby);
sound_ok($standby, 'growing_v_idx', 'and it is sound');

# Damage that is the standby's alone: a page of the table at the index's end.  The
# check waits at the table's first row.
make_table($primary, 'waiting', 12, 1000);
sql("CREATE FUNCTION wait_here(vector) RETURNS vector LANGUAGE plpgsql
	IMMUTABLE AS \$\$ BEGIN
		PERFORM pg_advisory_xact_lock_shared(1); RETURN \$1; END \$\$;
	CREATE INDEX waiting_v_idx ON waiting USING ivfflat ((wait_here(v)::vector(12)))");
my ($table, $index) = map { $standby->data_dir . '/' . sql("SELECT pg_relation_filepath('$_')") }
  'waiting', 'waiting_v_idx';
sql('CHECKPOINT');
$primary->wait_for_catchup($standby);
$standby->safe_psql('postgres', 'CHECKPOINT');
$standby->stop;
append_to_file($index, substr(slurp_file($table), 0, 8192));
$standby->start;

my $check = "SELECT invariant, count(*) FROM vecdb_check_index('waiting_v_idx', true) GROUP BY 1;";
my $holder = $standby->background_psql('postgres', on_error_stop => 1);
$holder->query_safe('SELECT pg_advisory_lock(1)');
my $checker = $standby->background_psql('postgres', on_error_stop => 0);
$checker->query_until(qr/begun/, "\\echo begun\n$check\n");
ok( wait_until(60, sub { $standby->safe_psql('postgres',
		"SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
		eq '1' }),
	'the check is at a row of the table');
sql('CREATE TABLE change (id int)');
$primary->wait_for_catchup($standby);
$holder->quit;
like($checker->query('SELECT 1'), qr/^2\|1$/m, 'a finding while changes are replayed');
like($checker->{stderr},
	qr/WARNING:  changes were replayed while index "waiting_v_idx" was checked/,
	'may be no damage');
$checker->quit;

$standby->safe_psql('postgres', 'SELECT pg_wal_replay_pause()');
wait_until(60, sub { $standby->safe_psql('postgres', 'SELECT pg_get_wal_replay_pause_state()')
	eq 'paused' });
my ($status, $out, $err) = $standby->psql('postgres', $check);
is("$status|$out|$err", '0|2|1|', 'one while none is replayed is damage');
$standby->safe_psql('postgres', 'SELECT pg_wal_replay_resume()');

$standby->stop;
$primary->stop;
done_testing();
