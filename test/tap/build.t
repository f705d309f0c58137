# Builds: little memory, many lists, progress in every phase, cancellation in
# every phase and in a scan, workers that end, dead rows whose long values are
# gone, and dumps.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use List::Util qw(max min sum);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time);
use VecdbIndex;

my $node = new_node('build',
	settings => "shared_buffers = 64MB\nmaintenance_work_mem = 64MB\n");

make_table($node, 'rows', 48, 30000);
$node->safe_psql('postgres', 'VACUUM ANALYZE rows');

# ---- memory ----

$node->safe_psql('postgres',
	"SET maintenance_work_mem = '1MB';
	 CREATE INDEX rows_v_idx ON rows USING ivfflat (v) WITH (lists = 1000)");
complete_ok($node, 'rows', '<->', 'noise(1, 48)',
	'1,000 lists in one megabyte: all rows');
sound_ok($node, 'rows_v_idx', '1,000 lists in one megabyte: sound');
is( $node->safe_psql('postgres',
		"SELECT count(*) - (SELECT reltuples FROM pg_class
							WHERE oid = 'rows'::regclass) FROM rows"),
	'0', 'a build leaves the count of the table right');
$node->safe_psql('postgres', 'DROP INDEX rows_v_idx');

is( ($node->psql('postgres',
			"SET maintenance_work_mem = '1MB';
			 CREATE INDEX rows_v_idx ON rows USING ivfflat (v) WITH (lists = 20000)"
		))[2] =~ /memory required is \d+ MB, maintenance_work_mem is 1 MB/,
	1, 'lists that no memory holds are refused');

# As many as one process has memory for, where workers are to be had.
$node->safe_psql('postgres',
	'CREATE TABLE long (v vector(4000)) WITH (parallel_workers = 2);
	 INSERT INTO long SELECT noise(i, 4000) FROM generate_series(1, 30) i');
my $lists = 'CREATE INDEX long_v_idx ON long USING ivfflat (v) WITH (lists = 8192)';
my ($required) = ($node->psql('postgres',
		"SET max_parallel_maintenance_workers = 0;
		 SET maintenance_work_mem = '1MB';
		 $lists"))[2] =~ /memory required is (\d+) MB/;
is( $node->psql('postgres', "SET max_parallel_maintenance_workers = 2;
		SET maintenance_work_mem = '${required}MB';
		$lists"),
	'0', "lists that one process has memory for are made: $required MB");
$node->safe_psql('postgres', 'DROP TABLE long');

# What leader and workers have at most beyond what they begin with: memory of
# their own, and segments of shared memory.  In kilobytes, looked at again and
# again from outside.
sub peak_memory
{
	my ($sql) = @_;
	my $session = $node->background_psql('postgres', on_error_stop => 1);
	my $leader = $session->query_safe('SELECT pg_backend_pid()');
	my ($postmaster) = split /\n/, slurp_file($node->data_dir . '/postmaster.pid');
	my $own = sub {
		my ($status) = eval { slurp_file("/proc/$_[0]/status") };
		return $status && $status =~ /RssAnon:\s+(\d+)/ ? $1 : 0;
	};
	my $segments = sub {
		my %blocks;
		foreach my $pid (@_)
		{
			my $maps = eval { slurp_file("/proc/$pid/maps") } || '';
			$blocks{$1} = (stat $1)[12] || 0
			  while $maps =~ m{(/dev/shm/PostgreSQL\.\d+)}g;
		}
		my $sum = 0;
		$sum += $_ / 2 foreach values %blocks;
		return $sum;
	};
	my $before = $own->($leader);
	my $owned = sub { return sum(map { max($own->($_) - $before, 0) } @_); };
	my $shared = $segments->($leader);
	my ($peak, $workers) = (0, 0);

	my $looker = $node->background_psql('postgres', on_error_stop => 1);

	$session->query_until(qr/begun/, "\\echo begun\n$sql;\n");
	wait_until(
		60,
		sub {
			my @processes = ($leader);
			foreach my $pid (split ' ',
				slurp_file("/proc/$postmaster/task/$postmaster/children"))
			{
				my $name = eval { slurp_file("/proc/$pid/cmdline") } || '';
				push @processes, $pid if $name =~ /parallel worker/;
			}
			# What goes from the one to the other meanwhile counts once.
			my $first = $owned->(@processes);
			my $segments = $segments->(@processes) - $shared;
			my $sum = $segments + min($first, $owned->(@processes));
			$peak = $sum if $sum > $peak;
			$workers = $#processes if $#processes > $workers;
			return $looker->query_safe(
				"SELECT count(*) FROM pg_class WHERE relname = 'wide_v_idx'");
		});
	$looker->quit;
	$session->quit;
	return ($peak, $workers);
}

# A few megabytes are what any process takes for catalogs and sorts.
SKIP:
{
	skip 'memory is read from Linux\'s /proc', 8
	  unless -r "/proc/$$/status" && -r "/proc/$$/task/$$/children";
	$node->safe_psql('postgres',
		'CREATE TABLE wide (id bigserial, v vector(256));
		 INSERT INTO wide (v)
		 SELECT array_agg(random()::real)::vector
		 FROM generate_series(1, 30000) AS i, generate_series(1, 256)
		 GROUP BY i;
		 ANALYZE wide');
	foreach my $case ([ 0, 8, '' ], [ 2, 8, 'WITH (lists = 3000)' ],
		[ 2, 16, 'WITH (lists = 3000)' ], [ 2, 64, 'WITH (lists = 4000)' ])
	{
		my ($workers, $memory, $options) = @$case;
		my ($peak, $seen) = peak_memory(
			"SET client_min_messages = error;
			 SET max_parallel_maintenance_workers = $workers;
			 SET maintenance_work_mem = '${memory}MB';
			 ALTER TABLE wide SET (parallel_workers = $workers);
			 CREATE INDEX wide_v_idx ON wide USING ivfflat (v) $options");

		note(sprintf '%d MB, %d workers: %.1f MB at most', $memory, $seen,
			$peak / 1024);
		cmp_ok($peak, '<', ($memory + 2 * (1 + $workers)) * 1024,
			"$memory MB, $workers workers: within maintenance_work_mem");
		cmp_ok($peak, '>', $memory * 1024 / 4, 'and that was looked at');
		$node->safe_psql('postgres', 'DROP INDEX wide_v_idx');
	}
	$node->safe_psql('postgres', 'DROP TABLE wide');
}

# Serial and parallel builds: the same rows, whoever assigned them.
foreach my $workers (0, 2)
{
	my $said = ($node->psql('postgres',
		"SET max_parallel_maintenance_workers = $workers;
		 ALTER TABLE rows SET (parallel_workers = $workers);
		 SET client_min_messages = debug1;
		 CREATE INDEX rows_v_idx ON rows USING ivfflat (v vector_cosine_ops)
		 WITH (lists = 60)"))[2];
	my ($used) = $said =~ /using (\d+) parallel workers/;
	is($used // 0, $workers, "$workers workers: as the build says");
	complete_ok($node, 'rows', '<=>', 'noise(1, 48)',
		"$workers workers: all rows");
	sound_ok($node, 'rows_v_idx', "$workers workers: sound");
	$node->safe_psql('postgres', 'DROP INDEX rows_v_idx');
}

# ---- progress ----

my $create = 'CREATE INDEX rows_v_idx ON rows USING ivfflat (v) WITH (lists = 800)';
my @phases = ('performing k-means', 'assigning tuples', 'loading tuples');
my (%seen, %backward);
my $build = $node->background_psql('postgres', on_error_stop => 1);
my $watcher = $node->background_psql('postgres', on_error_stop => 1);

# Look until the build is over; a phase that falls between two looks is met by
# another build.
sub watch_build
{
	my %last;

	$build->query_until(qr/begun/, "\\echo begun\n$create;\n");
	return wait_until(
		60,
		sub {
			my $row = $watcher->query_safe(
				"SELECT substr(phase, 17), greatest(tuples_done, blocks_done),
						greatest(tuples_total, blocks_total)
				 FROM pg_stat_progress_create_index
				 WHERE phase LIKE 'building index: %'");
			return $watcher->query_safe(
				"SELECT count(*) FROM pg_class WHERE relname = 'rows_v_idx'")
			  unless $row;
			my ($phase, $done, $total) = split /\|/, $row;

			$backward{$phase} = "$done after $last{$phase}"
			  if $done < ($last{$phase} || 0);
			$last{$phase} = $done;
			$seen{$phase} = [ $done, $total ]
			  if $done > 0 || !$seen{$phase};
			return 0;
		});
}

$watcher->query_safe('SET client_min_messages = warning');
for (1 .. 10)
{
	ok(watch_build(), 'a build was watched to its end');
	last unless grep { !$seen{$_} || !$seen{$_}[0] } @phases;
	$watcher->query_safe('DROP INDEX rows_v_idx');
}
foreach my $phase (@phases)
{
	my ($done, $total) = @{ $seen{$phase} || [ 0, 0 ] };

	note("$phase: $done of $total");
	cmp_ok($done, '>', 0, "$phase: progress shows work done");
	cmp_ok($done, '<=', $total * 1.02, "$phase: and how much there is");
}
is(join(', ', %backward), '', 'no count goes backward');
$build->quit;
$node->safe_psql('postgres', 'DROP INDEX rows_v_idx');

# ---- cancellation ----

# The seconds from the cancellation of a session's statement to its end.
sub cancel
{
	my ($session, $pid, $out) = @_;
	my $began = time;

	$watcher->query_safe("SELECT pg_cancel_backend($pid)");
	$session->query_until(qr/ended/, "\\echo ended\n");
	return time - $began;
}

# Start builds until one is seen in a phase.
sub reach_phase
{
	my ($session, $phase) = @_;

	for (1 .. 10)
	{
		my $state = '';

		$session->query_until(qr/begun/, "\\echo begun\n$create;\n");
		wait_until(
			30,
			sub {
				$state = $watcher->query_safe(
					"SELECT CASE WHEN to_regclass('rows_v_idx') IS NOT NULL
							THEN 'over' ELSE max(phase) END
					 FROM pg_stat_progress_create_index");
				$state =~ /$phase|over/;
			});
		return 1 if $state =~ /$phase/;
		$session->query('DROP INDEX rows_v_idx');
	}
	return 0;
}

my $victim = $node->background_psql('postgres', on_error_stop => 0);
my $pid = $victim->query('SELECT pg_backend_pid()');
foreach my $workers (0, 2)
{
	$victim->query("SET max_parallel_maintenance_workers = $workers");
	foreach my $phase ('k-means', 'assign', 'load')
	{
		ok(reach_phase($victim, $phase),
			"$workers workers: the build reached $phase");
		my $seconds = cancel($victim, $pid);
		note(sprintf('%s: %.3f s', $phase, $seconds));
		cmp_ok($seconds, '<', 2, "$phase: cancelled without delay");
		$victim->query('SELECT 1');
		$victim->{stderr} = '';
		$watcher->query_safe('DROP INDEX IF EXISTS rows_v_idx');
	}
}

# A worker that ends in the middle takes the build with it, and no more.
foreach my $phase ('k-means', 'assign')
{
	my $error = '';

	for (1 .. 10)
	{
		next unless reach_phase($victim, $phase);
		$watcher->query_safe(
			"SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
			 WHERE leader_pid = $pid AND pid <> $pid");
		$victim->query_until(qr/ended/, "\\echo ended\n");
		$victim->query('SELECT 1');
		$error = $victim->{stderr};
		$victim->{stderr} = '';

		# The worker may have had nothing left to do.
		last if $error ne '';
		$watcher->query_safe('DROP INDEX IF EXISTS rows_v_idx');
	}
	like($error, qr/ERROR:  .*(terminating|lost connection)/,
		"$phase: the build failed with its worker");
	is($watcher->query_safe("SELECT to_regclass('rows_v_idx') IS NULL"),
		't', "$phase: and left no index");
}
$victim->query_safe($create);
$victim->query_safe(
	'SET enable_seqscan = off; SET enable_sort = off; SET ivfflat.probes = 1');
my $endless = 'SELECT count(pg_sleep(0.0005)) FROM
	(SELECT id FROM rows ORDER BY v <-> noise(1, 48)) AS s';
$victim->query_until(qr/begun/, "\\echo begun\n$endless;\n");
sleep 1;
cmp_ok(cancel($victim, $pid), '<', 1, 'a scan is cancelled without delay');
$victim->query('SELECT 1');
$victim->{stderr} = '';

# A timeout inside the scan's own loops, again and again, then a whole query.
$victim->query("SET statement_timeout = $_;
	SELECT count(*) FROM (SELECT id FROM rows ORDER BY v <-> noise($_, 48)) s;
	SET statement_timeout = 0") foreach 3 .. 14;
$victim->{stderr} = '';
is( $victim->query_safe(
		'SELECT count(*) FROM (SELECT id FROM rows ORDER BY v <-> noise(1, 48)) s'),
	30000, 'after cancelled scans, a scan works');
$victim->quit;
$watcher->quit;
ok(!$node->log_contains('WARNING:|PANIC:|terminated by signal'),
	'cancelled statements left nothing behind');

# ---- a scan's life in cursors and subtransactions ----

is( $node->safe_psql(
		'postgres', 'SET enable_seqscan = off; SET enable_sort = off;
	BEGIN;
	DECLARE c CURSOR FOR SELECT 1 FROM rows ORDER BY v <-> noise(1, 48) LIMIT 5000;
	SAVEPOINT s;
	FETCH 1 FROM c;
	ROLLBACK TO s;
	MOVE 998 FROM c;
	FETCH 1 FROM c;
	DECLARE h CURSOR WITH HOLD FOR SELECT 1 FROM rows ORDER BY v <-> noise(2, 48);
	COMMIT;
	MOVE 29999 FROM h;
	FETCH 2 FROM h;
	CLOSE h'),
	"1\n1\n1", 'cursors live through savepoints and their transaction');
like(
	$node->safe_psql(
		'postgres', 'SET enable_seqscan = off;
	EXPLAIN (ANALYZE, BUFFERS, TIMING OFF)
	SELECT id FROM rows ORDER BY v <-> noise(1, 48) LIMIT 10'),
	qr/Index Scan using rows_v_idx.*rows=10(\.00)? loops=1.*Buffers: shared/s,
	'EXPLAIN (ANALYZE, BUFFERS) shows the scan');

# ---- dead rows with long values ----

$node->safe_psql(
	'postgres', "CREATE TABLE long (id bigserial PRIMARY KEY, v vector(1536));
	ALTER TABLE long ALTER v SET STORAGE EXTERNAL;
	INSERT INTO long (v) SELECT hard(i, 1536) FROM generate_series(1, 300) AS i;
	CREATE INDEX long_v_idx ON long USING ivfflat (v) WITH (lists = 4)");
my $reader = $node->background_psql('postgres', on_error_stop => 1);
# A snapshot, but no lock on the table that REINDEX would wait for.
$reader->query_safe(
	'BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM pg_type');
$node->safe_psql('postgres',
	'DELETE FROM long WHERE id % 3 = 0; UPDATE long SET v = v WHERE id % 3 = 1');
$node->safe_psql('postgres', 'REINDEX INDEX long_v_idx');
is( $reader->query_safe(
		"SET enable_seqscan = off;
		 SELECT count(*) FROM (SELECT id FROM long ORDER BY v <-> noise(1, 1536)) s"),
	300, 'an older snapshot has its rows after REINDEX');
$reader->query_safe('COMMIT');
$reader->quit;
my $toast = $node->safe_psql('postgres',
	"SELECT reltoastrelid::regclass FROM pg_class WHERE relname = 'long'");
$node->safe_psql('postgres', "VACUUM $toast");
$node->safe_psql('postgres', 'REINDEX INDEX long_v_idx');
is(complete_ok($node, 'long', '<->', 'noise(1, 1536)', 'dead long rows: complete'),
	200, 'dead long rows: all others');
sound_ok($node, 'long_v_idx', 'dead long rows: sound');
$node->safe_psql('postgres', 'VACUUM long');
$node->safe_psql('postgres', 'REINDEX INDEX CONCURRENTLY long_v_idx');
sound_ok($node, 'long_v_idx', 'dead long rows: sound after vacuum');

# ---- dump and restore ----

$node->safe_psql(
	'postgres', 'CREATE TABLE parts (id bigint, v vector(5)) PARTITION BY HASH (id);
	CREATE TABLE parts_0 PARTITION OF parts FOR VALUES WITH (MODULUS 2, REMAINDER 0);
	CREATE TABLE parts_1 PARTITION OF parts FOR VALUES WITH (MODULUS 2, REMAINDER 1);
	INSERT INTO parts SELECT i, hard(i, 5) FROM generate_series(1, 500) AS i;
	CREATE INDEX parts_v_idx ON parts USING ivfflat (v vector_ip_ops) WITH (lists = 3);
	CREATE INDEX parts_sub_idx ON parts USING ivfflat
	  ((subvector(v, 1, 3)::vector(3))) WITH (bits = 4) WHERE id > 100');
my $dump = PostgreSQL::Test::Utils::tempdir() . '/dump';
my $definitions = "SELECT indexdef FROM pg_indexes
	WHERE schemaname = 'public' ORDER BY indexname";
$node->safe_psql('postgres', 'CREATE DATABASE copy');
$node->command_ok([ 'pg_dump', '-Fc', '-f', $dump, 'postgres' ], 'pg_dump');
$node->command_ok([ 'pg_restore', '-e', '-d', 'copy', $dump ], 'pg_restore');
is( $node->safe_psql('copy', $definitions),
	$node->safe_psql('postgres', $definitions),
	'the same indexes come out');
foreach my $query (
	"SELECT assert_complete('rows', '<->', noise(1, 48))",
	"SELECT assert_complete('long', '<->', noise(1, 1536))",
	"SELECT assert_complete('parts', '<#>', noise(1, 5))")
{
	is( $node->safe_psql('copy', "BEGIN ISOLATION LEVEL REPEATABLE READ; $query; COMMIT"),
		$node->safe_psql('postgres', "BEGIN ISOLATION LEVEL REPEATABLE READ; $query; COMMIT"),
		"restored: $query");
}

$node->stop;
done_testing();
