# Searches that fetch hundreds of rows in the order of their pages, and some that
# fetch few, where pages come from disk and rows come and go meanwhile.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use VecdbIndex;

my $node = new_node('bulk',
	settings => "shared_buffers = 1MB\njit = off\nautovacuum = off\n");
my %dims = (short => 24, long => 700);

my %rows = (short => 15000, long => 1000);

$node->safe_psql('postgres',
	"CREATE TABLE $_ (id bigserial PRIMARY KEY, v vector($dims{$_}));
	 ALTER TABLE $_ ALTER v SET STORAGE EXTERNAL;
	 INSERT INTO $_ (v) SELECT noise(i, $dims{$_})
	 FROM generate_series(1, $rows{$_}) AS i;
	 CREATE INDEX ${_}_v_idx ON $_ USING ivfflat (v) WITH (lists = 12)")
  foreach sort keys %dims;
uses_index($node, $_, "${_}_v_idx", '<->', "noise(1, $dims{$_})")
  foreach sort keys %dims;
ok($node->safe_psql('postgres',
		"SELECT pg_relation_size('short') > 2e6 AND
			pg_relation_size(reltoastrelid) > 2e6
		 FROM pg_class WHERE relname = 'long'") eq 't',
	'both tables are larger than shared buffers');

# Ids in the order in which they come, with some shortcuts off.
sub answers
{
	my ($table, $limit, $off) = @_;

	return $node->safe_psql('postgres',
		"SET vecdb.disable_shortcuts = '$off'; SET ivfflat.target_recall = 1;
		 SET enable_seqscan = off; SET enable_sort = off;"
		  . join("\n", map {
			"SELECT string_agg(id::text, ',') FROM (SELECT id FROM $table
			 ORDER BY v <-> noise($_, $dims{$table}) LIMIT $limit) AS s;"
		} 20001 .. 20003));
}

sub same_answers
{
	my ($when) = @_;

	foreach my $table (sort keys %dims)
	{
		foreach my $limit (10, 400)
		{
			my $ahead = answers($table, $limit, '');
			my $what = "$when: $limit of $table";

			is($ahead, answers($table, $limit, 'fetch'), "$what, as row by row");
			is($ahead, answers($table, $limit, 'guess, ahead'),
				"$what, the same without looking ahead");
		}
	}
	return;
}

same_answers('after a build');

# A snapshot that is older sees what others delete, change and vacuum.
my @readers = map {
	"BEGIN ISOLATION LEVEL REPEATABLE READ;\n"
	  . "SELECT assert_complete('$_', '<->', noise(9, $dims{$_}));\n"
	  . "SELECT assert_nearest('$_', '<->', noise(8, $dims{$_}), 300);\n"
	  . "COMMIT;\n"
} sort keys %dims;
my @writers = (
	(map {
		"\\set r random(0, 49)\nBEGIN;\nDELETE FROM $_ WHERE id % 50 = :r;\n"
		  . "INSERT INTO $_ (v) SELECT noise((random() * 1e6)::bigint, $dims{$_})\n"
		  . "FROM generate_series(1, 20);\nCOMMIT;\n"
	} sort keys %dims),
	(map { "VACUUM (INDEX_CLEANUP ON) $_;\n" } sort keys %dims));
my $reading = start_bench($node, 2, 5, @readers);
my $writing = start_bench($node, 2, 5, @writers);
finish_bench($writing, 'changes');
finish_bench($reading, 'searches meanwhile');
same_answers('after changes');
sound_ok($node, "${_}_v_idx", "the index of $_ is sound")
  foreach sort keys %dims;

done_testing();
