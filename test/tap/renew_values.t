# VACUUM makes another tree of rows whose values out of line go meanwhile: of
# rows that are taken back, and of rows that it saw when it began.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use VecdbIndex;

my $node = new_node('values', settings => "synchronize_seqscans = off\n");

sub sql { return $node->safe_psql('postgres', $_[0]); }

# What takes the values of a table's rows that nobody sees away.
sub clean_values
{
	my ($table) = @_;

	return 'VACUUM ' . sql("SELECT reltoastrelid::regclass FROM pg_class WHERE relname = '$table'");
}

sub start_vacuum
{
	my ($table, $options, $settings) = @_;
	my $session = $node->background_psql('postgres', on_error_stop => 0);

	$session->query_safe("SET application_name = 'vacuum'; $settings");
	$session->query_until(qr/begun/, "\\echo begun\nVACUUM $options $table;\n");
	return $session;
}

sub end_vacuum
{
	my ($session, $table, $name) = @_;

	$session->query('SELECT 1');
	is($session->{stderr}, '', "$name: VACUUM meets no error");
	$session->quit;
	is(sql("SELECT lists FROM vecdb_index_stats('${table}_v_idx')"),
		'4', "$name: there is another tree");
	sound_ok($node, "${table}_v_idx", "$name: sound");
	return;
}

# --- Rows of a transaction that aborts ---------------------------------------

# A function in the index's expression has VACUUM wait between its look at a row
# and the row's value.
sql("CREATE FUNCTION wait_here(vector, here bool) RETURNS vector LANGUAGE plpgsql
	IMMUTABLE AS \$\$ BEGIN
		IF here AND current_setting('application_name') = 'vacuum' THEN
			PERFORM pg_advisory_lock(1);
			PERFORM pg_advisory_unlock(1);
		END IF;
		RETURN \$1; END \$\$;
	CREATE TABLE aborted (id int, here bool, v vector(600));
	ALTER TABLE aborted ALTER v SET STORAGE EXTERNAL;
	CREATE INDEX aborted_v_idx ON aborted USING ivfflat
		((wait_here(v, here)::vector(600))) WITH (lists = 4);
	INSERT INTO aborted SELECT i, false, noise(i, 600) FROM generate_series(1, 400) i");
my $holder = $node->background_psql('postgres', on_error_stop => 1);
$holder->query_safe('SELECT pg_advisory_lock(1)');
my $writer = $node->background_psql('postgres', on_error_stop => 1);
$writer->query_safe('BEGIN; INSERT INTO aborted SELECT i, i = 1000, noise(i, 600)
	FROM generate_series(1000, 1003) i');
my $vacuum = start_vacuum('aborted', '(PARALLEL 0)', '');
ok( wait_until(60, sub { sql("SELECT count(*) FROM pg_locks
	WHERE locktype = 'advisory' AND NOT granted") eq '1' }),
	'VACUUM has a row in work whose transaction is open');
$writer->query_safe('ROLLBACK');
sql(clean_values('aborted'));
$holder->query_safe('SELECT pg_advisory_unlock(1)');
end_vacuum($vacuum, 'aborted', 'a transaction that aborts');
$_->quit foreach $holder, $writer;

# --- Rows that VACUUM's first snapshot sees ----------------------------------

# Others do not mind that snapshot; a session whose transactions keep theirs has
# no newer one by itself.  Beside workers, which clean up both indexes of a table,
# no error can be caught.  VACUUM sleeps after some pages that it changes: those
# of rows behind the others leave time to change these.
foreach my $case (
	[ 'repeatable read', '(PARALLEL 0)' ],
	[ 'serializable', '(PARALLEL 0)' ],
	[ 'read committed', '(PARALLEL 2)' ])
{
	my ($isolation, $options) = @$case;

	sql("DROP TABLE IF EXISTS changed;
		CREATE TABLE changed (id int PRIMARY KEY, filler char(1000), v vector(600));
		ALTER TABLE changed ALTER v SET STORAGE EXTERNAL, ALTER filler SET STORAGE PLAIN;
		CREATE INDEX changed_v_idx ON changed USING ivfflat (v) WITH (lists = 4);
		INSERT INTO changed SELECT i, '', noise(i, 600) FROM generate_series(1, 400) i;
		INSERT INTO changed SELECT i, '', NULL FROM generate_series(401, 4400) i;
		CHECKPOINT");
	my $clean = clean_values('changed');
	$vacuum = start_vacuum('changed', $options,
		"SET min_parallel_index_scan_size = 0; SET default_transaction_isolation = '$isolation';
		SET vacuum_cost_delay = 100; SET vacuum_cost_limit = 20;
		SET vacuum_cost_page_hit = 0; SET vacuum_cost_page_miss = 0;
		SET vacuum_cost_page_dirty = 1");
	ok( wait_until(60, sub { sql('SELECT count(*) FROM pg_stat_progress_vacuum
		WHERE heap_blks_scanned > 0') eq '1' }),
		"$isolation: VACUUM looks at the table");
	is(sql("SET enable_seqscan = off;
		UPDATE changed SET v = noise(id + 1000, 600) WHERE id <= 400;
		$clean;
		SELECT phase FROM pg_stat_progress_vacuum"), 'scanning heap',
		"$isolation: it still does when the rows are others");
	end_vacuum($vacuum, 'changed', $isolation);
}

$node->stop;
done_testing();
