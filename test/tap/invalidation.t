# Sessions that write rows whose vectors lie out of line, while others do what
# throws away the server's cached state of the index: ANALYZE, VACUUM, indexes on
# other columns, grants.  To read such a vector opens its TOAST table, where a
# session hears of it; nothing that it keeps of the index may be gone then.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use VecdbIndex;

my $node = new_node('invalidation', settings => "max_connections = 40\n");
my %dims = (wide => 1536, widest => 8000);
my %rows = (wide => 300, widest => 40);

# An update of n is not HOT: the indexes get the same vector again.
foreach my $table (sort keys %dims)
{
	$node->safe_psql(
		'postgres', qq{
	CREATE TABLE $table (id bigserial PRIMARY KEY, n int NOT NULL DEFAULT 0,
						 v vector($dims{$table}));
	ALTER TABLE $table ALTER v SET STORAGE external;
	CREATE INDEX ON $table (n);
	INSERT INTO $table (v) SELECT noise(i, $dims{$table})
	FROM generate_series(1, $rows{$table}) AS i;
	CREATE INDEX ${table}_v ON $table USING ivfflat (v) WITH (lists = 4);
	CREATE ROLE reader_of_$table});
	is( $node->safe_psql(
			'postgres', "SELECT count(DISTINCT pg_column_size(v)) = 1 AND
				min(pg_column_size(v)) = $dims{$table} * 4 + 4 AND
				pg_relation_size(reltoastrelid) > 1000000
			FROM $table, pg_class WHERE oid = '$table'::regclass
			GROUP BY reltoastrelid"),
		't', "vectors of $table lie out of line");
}

sub writers
{
	my ($table) = @_;
	my $half = $rows{$table} / 2;

	return (
		"\\set i random(1, $rows{$table})\n"
		  . "UPDATE $table SET n = n + 1 WHERE id = :i;\n",
		"\\set i random(1, $rows{$table})\n"
		  . "BEGIN;\n"
		  . "INSERT INTO $table (v) SELECT v FROM $table\n"
		  . "WHERE id BETWEEN :i AND :i + 5;\n"
		  . "ROLLBACK;\n",
		"\\set i random(1, $rows{$table})\n"
		  . "SELECT count(*) FROM (SELECT id FROM $table ORDER BY v <->\n"
		  . "(SELECT v FROM $table WHERE id = :i) LIMIT 20) AS s;\n");
}

# One session each, since VACUUM and ANALYZE of a table exclude each other.
sub disturbers
{
	my ($table) = @_;

	return (
		[ "VACUUM $table;\n", "ANALYZE $table;\n" ],
		[
			# A run that is over may end between the two.
			"DROP INDEX IF EXISTS other_of_$table;\n"
			  . "CREATE INDEX CONCURRENTLY other_of_$table ON $table (id, n);\n"
			  . "GRANT SELECT ON $table TO reader_of_$table;\n"
			  . "REVOKE SELECT ON $table FROM reader_of_$table;\n"
		]);
}

foreach my $table (sort keys %dims)
{
	my $writing = start_bench($node, 3, 6, writers($table));
	my @disturbing =
	  map { start_bench($node, 1, 6, @$_) } disturbers($table);

	finish_bench($writing, "rows of $table are written and read");
	finish_bench($_, "$table is disturbed") foreach @disturbing;
	sound_ok($node, "${table}_v", "the index of $table is sound");
	complete_ok($node, $table, '<->', "noise(5, $dims{$table})",
		"the index of $table has all rows");
}

# One statement for many rows, as when a column is filled.
my $analyzing = start_bench($node, 1, 5, "ANALYZE wide;\n",
	"GRANT SELECT ON wide TO reader_of_wide;\n");
$node->safe_psql('postgres', 'UPDATE wide SET n = n + 1') for 1 .. 4;
$node->safe_psql('postgres',
	'INSERT INTO wide (v) SELECT v FROM wide WHERE id <= 100');
finish_bench($analyzing, 'one statement for all rows meanwhile');
sound_ok($node, 'wide_v', 'the index is sound after it');

unlike(slurp_file($node->logfile), qr/PANIC:|TRAP:|terminated by signal/,
	'the server never failed');
$node->stop;
done_testing();
