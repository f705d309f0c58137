# VACUUM trains an index again: when it is due, in any order with inserts and
# scans, cut off at any point; what a scan began with it can end with, and what
# is inserted meanwhile is there.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use VecdbIndex;

my $node = new_node('renew',
	settings => "autovacuum_naptime = 1s\nsynchronize_seqscans = off\n"
	  . "max_parallel_maintenance_workers = 0\n");

sub sql { return $node->safe_psql('postgres', $_[0]); }

sub stats
{
	my ($index, $columns) = @_;

	return sql("SELECT $columns FROM vecdb_index_stats('$index')");
}

sub training
{
	my ($index, $columns) = @_;

	return sql("SELECT $columns FROM vecdb_index_training('$index')");
}

# Everything that holds of a sound index, whatever was done to it.
sub sound
{
	my ($table, $dim, $name) = @_;

	sound_ok($node, "${table}_v_idx", "$name: sound");
	return complete_ok($node, $table, '<->', "noise(3, $dim)",
		"$name: all rows");
}

# How often an index was trained anew, as the log says, and why.
sub trained
{
	my ($index, $reason) = @_;
	my $log = slurp_file($node->logfile);
	my @found = $log =~ /index "$index" was trained anew: $reason/g;

	return scalar @found;
}

sub add_rows
{
	my ($table, $dim, $from, $to) = @_;

	return "INSERT INTO $table SELECT i, hard(i, $dim) "
	  . "FROM generate_series($from, $to) AS i;";
}

# --- An index made on an empty table, which grows and shrinks ---------------

make_table($node, 'grown', 12, 0);
sql('CREATE INDEX grown_v_idx ON grown USING ivfflat (v)');
sql(add_rows('grown', 12, 1, 900));
sql('VACUUM grown');
is(stats('grown_v_idx', 'lists'), '1', 'few rows stay in one list');
sql(add_rows('grown', 12, 901, 4000));
is(training('grown_v_idx', 'trained_rows, added_rows > 3500, due'),
	'0|t|there are enough rows now', 'what comes is told beforehand');
sql('VACUUM grown');
cmp_ok(stats('grown_v_idx', 'lists'), '>', 50, 'thousands of rows get lists');
is(stats('grown_v_idx', 'trained_rows = rows - unplaced_rows'), 't', 'and the tree knows them');
is(trained('grown_v_idx', 'there are enough rows now'),
	1, 'the log has a line of it');
sound('grown', 12, 'first training');
sql('VACUUM grown');
is(trained('grown_v_idx', '.*'), 1, 'once is enough');

sql(add_rows('grown', 12, 4001, 4080));
sql('VACUUM grown');
is(trained('grown_v_idx', 'many rows were added'), 0, 'a fiftieth is not many');
sql(add_rows('grown', 12, 4081, 5000));
is(training('grown_v_idx', "coalesce(due, 'nothing'), due_by_hand"),
	'nothing|many rows were added', 'a quarter is, for a VACUUM by hand');
sql(add_rows('grown', 12, 5001, 7000));
is(training('grown_v_idx', 'due'), 'many rows were added',
	'three quarters are, for autovacuum');
sql('VACUUM grown');
is(trained('grown_v_idx', 'many rows were added'), 1, 'it is done');
is(training('grown_v_idx', 'inserted_rows, recoded_rows'), '7000|11000',
	'what that cost is counted');
sound('grown', 12, 'growth');

my $pages = stats('grown_v_idx', 'bytes / 8192');
sql('DELETE FROM grown WHERE id > 1200');
sql('VACUUM (PARALLEL 0) grown');
is(trained('grown_v_idx', 'many rows are gone'), 1, 'so are five sixths less');
sound('grown', 12, 'shrinkage');
cmp_ok(stats('grown_v_idx', 'bytes / 8192'),
	'<', $pages / 3, 'the file is smaller after one VACUUM');
is(stats('grown_v_idx', 'free_pages'), '0', 'and has no free page');

sql('ALTER INDEX grown_v_idx SET (lists = 5, bits = 4)');
sql('VACUUM grown');
is(stats('grown_v_idx', 'lists, bits'), '5|4', 'options that were changed');
sound('grown', 12, 'options');
sql('ALTER INDEX grown_v_idx SET (autotrain = off, lists = 7)');
sql('VACUUM grown');
is(stats('grown_v_idx', 'lists'), '5', 'not with autotrain = off');

# --- Other rows, no more of them than before ---------------------------------

# Rows in the cube from -1 to 1; then as many in another place.
make_table($node, 'drift', 12, 0);
sql('INSERT INTO drift SELECT i, noise(i, 12) FROM generate_series(1, 4000) i;
	CREATE INDEX drift_v_idx ON drift USING ivfflat (v)');
foreach my $case (
	[ 'like those of before', 'noise(i, 12)', '', '' ],
	[ 'far away', 'noise(i, 12) + array_fill(4::real, ARRAY[12])::vector',
		'new rows are far from its lists', 'new rows are far from its lists' ],
	[ 'all in one place', 'noise(1, 12)',
		'new rows went into few of its lists', 'new rows went into few of its lists' ])
{
	my ($name, $value, $due, $by_hand) = @$case;

	sql('REINDEX INDEX drift_v_idx');
	sql("DELETE FROM drift WHERE id IN (SELECT id FROM drift ORDER BY id LIMIT 800);
		INSERT INTO drift SELECT i, $value
		FROM generate_series((SELECT max(id) + 1 FROM drift),
			(SELECT max(id) + 800 FROM drift)) i");
	sql('ALTER INDEX drift_v_idx SET (autotrain = off)');
	sql('VACUUM drift');
	sql('ALTER INDEX drift_v_idx RESET (autotrain)');
	is(training('drift_v_idx', 'rows, added_rows, due'), "4000|800|$due",
		"$name: what autovacuum would do");
	note(training('drift_v_idx', 'fit, imbalance, due_by_hand'));
	next if $due eq '';
	is(training('drift_v_idx', 'due_by_hand'), $by_hand, "$name: by hand");
	sql('VACUUM drift');
	is(trained('drift_v_idx', $due), 1, "$name: it is done");
	is(training('drift_v_idx', 'added_rows, fit IS NULL, round(imbalance::numeric, 3)'), '0|t|1.000',
		"$name: and that is the new measure");
	sound('drift', 12, $name);
}

# By hand after every few rows: each VACUUM could make the index a little better,
# but rows are coded anew three and a half times each, not more.
make_table($node, 'often', 12, 0);
sql('CREATE INDEX often_v_idx ON often USING ivfflat (v)');
my $most = 0;
foreach my $batch (1 .. 16)
{
	sql(add_rows('often', 12, 400 * $batch - 399, 400 * $batch));
	sql('VACUUM often');
	my $cost = training('often_v_idx', 'recoded_rows::float8 / inserted_rows');
	$most = $cost if $cost > $most;
}
my $trees = trained('often_v_idx', '.*');
cmp_ok($trees, '>', 4, 'often enough');
cmp_ok($trees, '<', 13, 'but not each time');
cmp_ok($most, '<=', 3.51, 'within what rows may cost');
cmp_ok($most, '>', 2, 'which is made use of');
note("$trees trees, $most rows coded anew for each");

# --- By itself ---------------------------------------------------------------

make_table($node, 'auto', 12, 0);
sql('CREATE INDEX auto_v_idx ON auto USING ivfflat (v vector_l2_ops)');
sql(add_rows('auto', 12, 1, 3000));
$node->append_conf('postgresql.conf', "autovacuum = on\n");
$node->reload();
ok( wait_until(60,
		sub { trained('auto_v_idx', 'there are enough rows now') == 1 }),
	'autovacuum trains an index after inserts');
$node->append_conf('postgresql.conf', "autovacuum = off\n");
$node->reload();
sound('auto', 12, 'autovacuum');

# --- Beside others -----------------------------------------------------------

make_table($node, 'beside', 12, 3000);
sql('CREATE INDEX beside_v_idx ON beside USING ivfflat (v)
	 WITH (lists = 20, spill = 0.6, autotrain_growth = 1.05)');
my $index_only =
  'SET enable_seqscan = off; SET enable_sort = off; SET enable_bitmapscan = off;';
my $count = 'SELECT count(*), count(DISTINCT id) FROM
	(SELECT id FROM beside ORDER BY v <-> (SELECT noise(1, 12))) s;';

# A cursor goes on with the tree that it began with, over two more trees.
my $reader = $node->background_psql('postgres', on_error_stop => 1);
$reader->query_safe($index_only);
$reader->query_safe("BEGIN; DECLARE c CURSOR FOR
	SELECT id FROM beside ORDER BY v <-> (SELECT noise(1, 12));");
my %seen;
$seen{$_}++ foreach split /\n/, $reader->query_safe('FETCH 100 FROM c');
foreach my $round (1 .. 2)
{
	my $from = 3000 + 500 * $round;
	sql(add_rows('beside', 12, $from, $from + 499));
	is(training('beside_v_idx', 'added_rows'), sql("SELECT count(v) FROM beside WHERE id >= $from"),
		'rows in two lists are counted once');
	sql('VACUUM beside');
}
is(trained('beside_v_idx', 'many rows were added'), 2, 'two trees beside a cursor');
$seen{$_}++ foreach split /\n/, $reader->query_safe('FETCH ALL FROM c');
$reader->query_safe('COMMIT');
is(scalar(grep { $_ == 1 } values %seen), 3000, 'it returns each row once');
is(scalar(keys %seen), 3000, 'and no others');

# A transaction that holds its lock on the index is told of no invalidation.
$reader->query_safe("BEGIN; $count");
sql(add_rows('beside', 12, 5001, 6000));
sql('VACUUM beside');
sql(add_rows('beside', 12, 6001, 6100));
is($reader->query_safe($count), '5100|5100',
	'a new statement of an old transaction finds the new tree');

# A statement that inserts all the while: its rows are in whatever tree is used.
# They wait for an advisory lock, one in each thousand.
$reader->query_safe('COMMIT');
my $holder = $node->background_psql('postgres', on_error_stop => 1);
$holder->query_safe('SELECT pg_advisory_lock(1)');
my $writer = $node->background_psql('postgres', on_error_stop => 1);
$writer->query_until(qr/begun/, "\\echo begun
	INSERT INTO beside SELECT i, hard(i, 12) FROM generate_series(10001, 12000) i
	WHERE i % 1000 <> 0 OR pg_advisory_xact_lock_shared(1) IS NOT NULL;\n");
ok( wait_until(30, sub { sql("SELECT count(*) FROM pg_locks
	WHERE locktype = 'advisory' AND NOT granted") eq '1' }),
	'an insert is under way');
my $before = trained('beside_v_idx', '.*');
sql(add_rows('beside', 12, 20001, 22000));
sql('VACUUM beside');
cmp_ok(trained('beside_v_idx', '.*'), '>', $before, 'and a tree is made');
$holder->query_safe('SELECT pg_advisory_unlock(1)');
$writer->query_safe('SELECT 1');
is(sql("$index_only $count"), '9100|9100', 'no row of it is lost');
sound('beside', 12, 'after inserts over a switch');
$_->quit foreach $holder, $writer;

# A long transaction fills a table: nobody sees its rows yet, by which lists are
# made.
sql('CREATE TABLE filled (id int PRIMARY KEY, v vector(12));
	CREATE INDEX filled_v_idx ON filled USING ivfflat (v)');
my $filler = $node->background_psql('postgres', on_error_stop => 1);
$filler->query_safe('BEGIN; ' . add_rows('filled', 12, 1, 3000));
like(($node->psql('postgres', 'VACUUM filled'))[2],
	qr/"filled_v_idx" stays as it is/, 'no tree of rows that nobody sees');
is(training('filled_v_idx', 'litter'), 'f', 'and none is begun');
$filler->query_safe(add_rows('filled', 12, 3001, 3100) . 'COMMIT');
sound('filled', 12, 'filled by one transaction');
sql('CREATE INDEX filled_now_idx ON filled USING ivfflat (v)');
cmp_ok(stats('filled_now_idx', 'lists'), '>', 40, 'an index that is made then has lists');
sql('DROP INDEX filled_now_idx; VACUUM filled');
is(trained('filled_v_idx', 'there are enough rows now'), 1, 'a tree when they are seen');
cmp_ok(stats('filled_v_idx', 'lists'), '>', 40,
	'with lists for them, whatever the statistics say');

# The same of rows that only an older snapshot sees, beside few others.
$filler->query_safe('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1 FROM pg_class');
sql(add_rows('filled', 12, 3101, 6000) . 'DELETE FROM filled WHERE id > 400');
sql('VACUUM filled');
is(trained('filled_v_idx', '.*'), 1, 'no tree of rows that are gone for most');
$filler->query_safe('COMMIT');
sql('VACUUM filled');
is(trained('filled_v_idx', '.*'), 2, 'one when they are gone');
sound('filled', 12, 'emptied beside a snapshot');
$filler->quit;

# Rows that were deleted, whose values lie out of line: who sees them still finds
# them in their places.
sql("CREATE TABLE seen (id int PRIMARY KEY, v vector(600));
	ALTER TABLE seen ALTER v SET STORAGE EXTERNAL;
	INSERT INTO seen SELECT i, noise(i, 600) FROM generate_series(1, 200) i;
	CREATE INDEX seen_v_idx ON seen USING ivfflat (v vector_ip_ops) WITH (lists = 2)");
my $nearest = 'SELECT string_agg(id::text, \',\') FROM (SELECT id FROM seen
	ORDER BY v <#> (SELECT noise(7, 600)) LIMIT 12) AS s;';
my $old = $node->background_psql('postgres', on_error_stop => 1);
$old->query_safe('BEGIN ISOLATION LEVEL REPEATABLE READ;
	SET LOCAL enable_indexscan = off;');
my $by_hand = $old->query_safe($nearest);
sql('DELETE FROM seen WHERE id % 4 <> 0');
sql('INSERT INTO seen SELECT i, noise(i, 600) FROM generate_series(1001, 1300) i');
sql('VACUUM (PARALLEL 0) seen');
is(trained('seen_v_idx', 'many rows were added'), 1, 'a tree beside an old snapshot');
is( $old->query_safe("SET LOCAL enable_indexscan = on; SET LOCAL ivfflat.probes = 2;
	$index_only $nearest"), $by_hand, 'which finds what is deleted in its place');
$old->query_safe('COMMIT');
$old->quit;
sql('VACUUM seen');
sound_ok($node, 'seen_v_idx', 'without it: sound');

# Everybody at once; each VACUUM makes a tree.
sql('ALTER INDEX beside_v_idx SET (autotrain_growth = 1.05)');
my $bench = start_bench($node, 6, 12,
	"BEGIN ISOLATION LEVEL REPEATABLE READ;\n"
	  . "SELECT assert_complete('beside', '<->', noise(9, 12));\nCOMMIT;\n",
	"\\set a random(1, 1000000)\n"
	  . "INSERT INTO beside SELECT 100000 + i, hard(i, 12)
		 FROM generate_series(:a, :a + 30) i ON CONFLICT DO NOTHING;\n",
	"\\set a random(1, 20)\n"
	  . "DELETE FROM beside WHERE id % 40 = :a AND id > 10000;\n"
	  . "UPDATE beside SET v = hard(id + :a, 12) WHERE id % 500 = :a;\n",
	"VACUUM beside;\n");
finish_bench($bench, 'inserts, changes, scans and trees');
cmp_ok(trained('beside_v_idx', '.*'), '>', $before + 5, 'trees were made');
sql('VACUUM beside');
sound('beside', 12, 'after everybody');

# --- Cut off -----------------------------------------------------------------

# A user function in an index expression waits, so that the moment is chosen.
sql("CREATE TABLE slow (id int, v vector(12), late bool);
	CREATE FUNCTION wait_here(vector, late bool) RETURNS vector LANGUAGE plpgsql
	IMMUTABLE AS \$\$ BEGIN
		IF late THEN PERFORM pg_sleep(0.001); END IF; RETURN \$1; END \$\$;
	CREATE INDEX slow_v_idx ON slow USING ivfflat
	((wait_here(v, late)::vector(12))) WITH (autotrain_growth = 1.05)");
sql("INSERT INTO slow SELECT i, hard(i, 12), i > 1000
	FROM generate_series(1, 3000) i");

# Wait in one session, which misses no tree that takes a tenth of a second.
sql("CREATE FUNCTION sees_tree() RETURNS bool LANGUAGE plpgsql AS \$\$ BEGIN
		FOR i IN 1..60000 LOOP
			IF (SELECT litter FROM vecdb_index_training('slow_v_idx')) THEN RETURN true; END IF;
			PERFORM pg_sleep(0.001);
		END LOOP;
		RETURN false; END \$\$");
foreach my $way ('cancelled', 'killed')
{
	my $vacuum = start_bench($node, 1, 60, "VACUUM slow;\n");

	is(sql('SELECT sees_tree()'), 't', "$way: a tree is under way");
	if ($way eq 'killed')
	{
		$node->stop('immediate');
		$node->start;
	}
	else
	{
		sql("SELECT pg_cancel_backend(pid) FROM pg_stat_activity
			 WHERE query LIKE 'VACUUM slow%'");
	}
	finish_bench($vacuum);
	is(stats('slow_v_idx', 'lists'), '1', "$way: the old tree is in use");
	sound_ok($node, 'slow_v_idx', "$way: sound");
}
sql('VACUUM slow');
cmp_ok(stats('slow_v_idx', 'lists'), '>', 1, 'the next VACUUM gets to the end');
is(training('slow_v_idx', 'litter'), 'f', 'and leaves nothing behind');
sound_ok($node, 'slow_v_idx', 'after all');

# More pages are free at the end than the index had when VACUUM began.
sql("DELETE FROM slow; INSERT INTO slow SELECT i, hard(i, 12), i > 500
	FROM generate_series(1, 1500) i");
sql('VACUUM slow');
sql('DELETE FROM slow WHERE id % 5 > 0');
my $tall = start_bench($node, 1, 60, "VACUUM slow;\n");
is(sql('SELECT sees_tree()'), 't', 'a tree is under way again');
sql("INSERT INTO slow SELECT i % 500, hard(i, 12), false FROM generate_series(1, 20000) i");
sql("SELECT pg_sleep(0.1) FROM pg_stat_activity WHERE query LIKE 'VACUUM slow%'
	AND pid <> pg_backend_pid()");
$tall->{handle}->signal('INT');
finish_bench($tall);
sql('VACUUM slow');
sound_ok($node, 'slow_v_idx', 'with inserts of many times its size: sound');
unlike(slurp_file($node->logfile), qr/write past chunk end/,
	'no memory was written that is nobody\'s');

# --- Rows that make it hard --------------------------------------------------

foreach my $case (
	[ 'none', 'NULL::vector(12)' ],
	[ 'equal', 'noise(1, 12)' ],
	[ 'zero', 'array_fill(0::real, ARRAY[12])::vector(12)' ],
	[ 'norms', '(noise(i, 12) * array_fill((10 ^ (i % 30))::real, ARRAY[12])::vector)::vector(12)' ])
{
	my ($name, $value) = @$case;

	sql("CREATE TABLE rows_$name (id int, v vector(12));
		 CREATE INDEX rows_${name}_v_idx ON rows_$name USING ivfflat (v);
		 INSERT INTO rows_$name SELECT i, $value FROM generate_series(1, 2500) i");
	sql("VACUUM rows_$name");
	sound("rows_$name", 12, "rows: $name");
	$before = trained("rows_${name}_v_idx", '.*');
	sql("VACUUM rows_$name");
	is(trained("rows_${name}_v_idx", '.*'), $before, "$name: not for ever");
}

# Workers train beside VACUUM, also while others of it clean the other index up.
$node->append_conf('postgresql.conf', "log_min_messages = debug1\n");
$node->reload();
make_table($node, 'team', 12, 0);
sql('CREATE INDEX team_v_idx ON team USING ivfflat (v)');
my $with_workers = "SET max_parallel_maintenance_workers = 2;
	SET min_parallel_table_scan_size = 0; SET min_parallel_index_scan_size = 0;
	SET maintenance_work_mem = '128MB';\n";
foreach my $options ('(PARALLEL 0)', '(PARALLEL 2)')
{
	my $offset = -s $node->logfile;

	sql(add_rows('team', 12, $options =~ /0/ ? (1, 4000) : (4001, 12000)));
	$node->safe_psql('postgres', "$with_workers VACUUM $options team");
	like(slurp_file($node->logfile, $offset), qr/parallel worker/,
		"VACUUM $options: with workers");
	sound('team', 12, "VACUUM $options: trained by several");
}
is(trained('team_v_idx', '.*'), 2, 'twice');
$node->append_conf('postgresql.conf', "log_min_messages = warning\n");
$node->reload();

done_testing();
