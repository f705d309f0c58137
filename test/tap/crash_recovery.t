# Every process killed at once while rows are inserted, while they are deleted,
# inserted and vacuumed, and while an index is built: what was committed is in
# the index, the index keeps its invariants, and it goes on.  Most of the indexes
# are trained anew at nearly every VACUUM.
#
# Few buffers and many checkpoints bring pages to disk in any order; wide
# vectors make groups that lie on several pages.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use VecdbIndex;

my $node = new_node('crash',
	settings => "shared_buffers = 2MB\nfull_page_writes = on\n"
	  . "synchronize_seqscans = off\n");
my @tables = (
	# name, dimensions, rows at first, operator class, operator, options
	[ 'narrow', 8, 4000, 'vector_l2_ops', '<->', 'lists = 12, spill = 0.5, autotrain_growth = 1.05' ],
	[ 'normal', 100, 1500, 'vector_cosine_ops', '<=>', 'lists = 5, autotrain_growth = 1.05' ],
	[ 'wide', 2000, 100, 'vector_ip_ops', '<#>', 'lists = 2' ],
	[ 'grown', 8, 0, 'vector_l2_ops', '<->', 'lists = 10, spill = 1, autotrain_growth = 1.05' ],
	[ 'columns', 8, 3000, 'vector_l2_ops, (id % 7), (id / 32)', '<->',
		'lists = 8, spill = 0.3, autotrain_growth = 1.05' ]);

foreach my $table (@tables)
{
	my ($name, $dim, $rows, $class, undef, $options) = @$table;

	make_table($node, $name, $dim, $rows);
	$node->safe_psql('postgres',
		"CREATE INDEX ${name}_v_idx ON $name USING ivfflat (v $class)
		 WITH ($options)");
}
uses_index($node, 'narrow', 'narrow_v_idx', '<->', 'noise(1, 8)');

my @inserts = map { insert_script(@$_[ 0, 1 ]) } @tables;
my @changes = (
	@inserts,
	(map { "\\set r random(0, 9)\nDELETE FROM $_->[0] WHERE id % 10 = :r;\n" }
		  @tables),
	(map { "VACUUM (INDEX_CLEANUP ON) $_->[0];\n" } @tables));

# Some rows in a transaction, so that a crash also meets unfinished ones.
sub insert_script
{
	my ($name, $dim) = @_;
	my $rows = $dim > 1000 ? 2 : 20;

	return "BEGIN;\n"
	  . "INSERT INTO $name (v) SELECT hard(currval('${name}_id_seq'), $dim)\n"
	  . "FROM (SELECT nextval('${name}_id_seq') FROM generate_series(1, 1)) s;\n"
	  . "INSERT INTO $name (v) SELECT hard((random() * 1e6)::bigint, $dim)\n"
	  . "FROM generate_series(1, $rows);\n"
	  . "COMMIT;\n";
}

sub check_all
{
	my ($when) = @_;

	foreach my $table (@tables)
	{
		my ($name, $dim, undef, undef, $operator) = @$table;

		complete_ok($node, $name, $operator, "noise(77, $dim)",
			"$when: $name has its rows");
		sound_ok($node, "${name}_v_idx", "$when: the index of $name is sound");
	}
	foreach my $condition ('id % 7 = 3', 'id / 32 > 90')
	{
		cmp_ok($node->safe_psql('postgres',
				"SELECT assert_complete('columns', '<->', noise(1, 8), '$condition')"),
			'>', 0, "$when: columns has its rows where $condition");
	}
	return;
}

sub crash_during
{
	my ($when, $seconds, @scripts) = @_;
	my $bench = start_bench($node, 5, 60, @scripts, "CHECKPOINT;\n");

	sleep $seconds;
	crash_node($node);
	finish_bench($bench);
	my @errors = grep { /ERROR/ } split /\n/, $bench->{err};
	is("@errors", '', "$when: no error before the crash");
	$node->start;
	check_all("after a crash during $when");
	return;
}

crash_during('inserts', 2, @inserts);
crash_during('inserts and vacuum', 3, @changes);
crash_during('vacuum again', 2, @changes);

# What recovery left can be vacuumed and filled.
foreach my $table (@tables)
{
	my ($name, $dim) = @$table;

	$node->safe_psql('postgres', "VACUUM (INDEX_CLEANUP ON) $name");
	$node->safe_psql('postgres',
		"INSERT INTO $name (v) SELECT hard(i, $dim)
		 FROM generate_series(1, 50) AS i");
}
check_all('after vacuum and inserts');

# An unlogged index starts anew, from its init fork, and can be used.
make_table($node, 'unlogged', 8, 500, 'UNLOGGED');
$node->safe_psql('postgres',
	'CREATE INDEX unlogged_v_idx ON unlogged USING ivfflat (v) WITH (lists = 4);
	 INSERT INTO unlogged (v) SELECT hard(i, 8) FROM generate_series(1, 100) i');
is(complete_ok($node, 'unlogged', '<->', 'noise(1, 8)', 'unlogged: before'),
	600, 'unlogged: all rows before the crash');
crash_node($node);
$node->start;
is(complete_ok($node, 'unlogged', '<->', 'noise(1, 8)', 'unlogged: after'),
	0, 'unlogged: no row after the crash');
sound_ok($node, 'unlogged_v_idx', 'unlogged: sound after the crash');
$node->safe_psql('postgres',
	'INSERT INTO unlogged (v) SELECT hard(i, 8) FROM generate_series(1, 300) i');
is(complete_ok($node, 'unlogged', '<->', 'noise(1, 8)', 'unlogged: again'),
	300, 'unlogged: takes rows again');
sound_ok($node, 'unlogged_v_idx', 'unlogged: sound with new rows');

# A build that is cut off leaves nothing behind in the catalog.
make_table($node, 'built', 100, 20000);
foreach my $phase ('k-means', 'assign', 'load')
{
	# Never committed, even where the build ends before the crash comes.
	my $build = start_bench($node, 1, 60,
		"BEGIN;\nCREATE INDEX built_v_idx ON built USING ivfflat (v)\n"
		  . "WITH (lists = 400);\nROLLBACK;\n");

	ok( wait_until(
			30,
			sub {
				$node->safe_psql('postgres',
					'SELECT phase FROM pg_stat_progress_create_index') =~ /$phase/;
			}),
		"a build reached its phase $phase");
	crash_node($node);
	finish_bench($build);
	$node->start;
	is( $node->safe_psql('postgres',
			"SELECT count(*) FROM pg_class WHERE relname = 'built_v_idx'"),
		'0', "no index after a crash of a build in phase $phase");
}
$node->safe_psql('postgres',
	'CREATE INDEX built_v_idx ON built USING ivfflat (v) WITH (lists = 40)');
crash_node($node);
$node->start;
complete_ok($node, 'built', '<->', 'noise(5, 100)',
	'an index that was built is there after a crash');
sound_ok($node, 'built_v_idx', 'an index that was built is sound after a crash');

unlike(slurp_file($node->logfile), qr/PANIC:|TRAP:|terminated by signal 11/,
	'no process crashed by itself');
$node->stop;
done_testing();
