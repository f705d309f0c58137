# Logical replication: rows with vectors travel as text and as binary, are put
# into the subscriber's index, and are found by it when they change; a row
# without a key is found by its whole value, which compares vectors.  From
# PostgreSQL 16 on the first copy of a binary subscription is binary too.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use VecdbIndex;

my $publisher =
  new_node('publisher', init => { allows_streaming => 'logical' });
my $subscriber = new_node('subscriber');
my $url = $publisher->connstr . ' dbname=postgres';

make_table($publisher, 'keyed', 16, 1000);
make_table($subscriber, 'keyed', 16, 0);
foreach my $node ($publisher, $subscriber)
{
	$node->safe_psql('postgres',
		'CREATE TABLE whole (id bigint, v vector(3));
		 ALTER TABLE whole REPLICA IDENTITY FULL;
		 CREATE TABLE types (id bigint PRIMARY KEY, h halfvec(3), s sparsevec(9),
		   b bit(5), v vector(3)[])');
}
$subscriber->safe_psql('postgres',
	'CREATE INDEX keyed_v_idx ON keyed USING ivfflat (v vector_cosine_ops)
	 WITH (lists = 5);
	 CREATE INDEX whole_v_idx ON whole USING ivfflat (v)');
$publisher->safe_psql('postgres',
	'INSERT INTO whole SELECT i, hard(i, 3) FROM generate_series(1, 200) AS i;
	 INSERT INTO types SELECT i, hard(i, 3)::halfvec, ARRAY[0, 1.5, i % 2, 0, 0, 0, 0, 0, -3]::real[]::sparsevec,
	   i::int::bit(5), ARRAY[hard(i, 3), NULL] FROM generate_series(1, 90) AS i;
	 INSERT INTO types VALUES (91);
	 CREATE PUBLICATION keyed FOR TABLE keyed, types;
	 CREATE PUBLICATION whole FOR TABLE whole');
$subscriber->safe_psql('postgres',
	"CREATE SUBSCRIPTION keyed CONNECTION '$url' PUBLICATION keyed
	 WITH (binary = true)");
$subscriber->safe_psql('postgres',
	"CREATE SUBSCRIPTION whole CONNECTION '$url' PUBLICATION whole");
$subscriber->wait_for_subscription_sync($publisher, $_) foreach 'keyed', 'whole';

sub same
{
	my ($when) = @_;

	$publisher->wait_for_catchup($_) foreach 'keyed', 'whole';
	foreach my $table ([ 'keyed', '<=>', 16 ], [ 'whole', '<->', 3 ])
	{
		my ($name, $operator, $dim) = @$table;
		my $rows = "SELECT count(*), md5(string_agg(t::text, ';' ORDER BY id, v))
			FROM $name AS t";

		is( $subscriber->safe_psql('postgres', $rows),
			$publisher->safe_psql('postgres', $rows),
			"$when: $name has the same rows");
		complete_ok($subscriber, $name, $operator, "noise(7, $dim)",
			"$when: the index of $name has them too");
		sound_ok($subscriber, "${name}_v_idx",
			"$when: the index of $name is sound");
	}
	is( $subscriber->safe_psql('postgres', 'SELECT * FROM types ORDER BY id'),
		$publisher->safe_psql('postgres', 'SELECT * FROM types ORDER BY id'),
		"$when: types has the same rows");
	return;
}

same('after the first copy');
$publisher->safe_psql('postgres',
	'INSERT INTO keyed SELECT i, hard(i, 16) FROM generate_series(2001, 2500) AS i;
	 UPDATE keyed SET v = noise(id + 7, 16) WHERE id % 3 = 0;
	 DELETE FROM keyed WHERE id % 5 = 0;
	 UPDATE types SET h = h + h, s = array_fill(0::real, ARRAY[9])::sparsevec, v = v || hard(id, 3) WHERE id % 3 = 0;
	 UPDATE whole SET v = v + v WHERE id % 3 = 0;
	 DELETE FROM whole WHERE id % 5 = 0');
same('after changes');
$subscriber->safe_psql('postgres', "VACUUM (INDEX_CLEANUP ON) $_")
  foreach 'keyed', 'whole';
$publisher->safe_psql('postgres',
	'INSERT INTO keyed SELECT i, hard(i, 16) FROM generate_series(3001, 3500) AS i;
	 TRUNCATE whole;
	 INSERT INTO whole SELECT i, hard(i, 3) FROM generate_series(1, 50) AS i');
same('after vacuum and more');
ok(!$subscriber->log_contains('ERROR:|PANIC'), 'the subscriber met no error');

$subscriber->stop;
$publisher->stop;
done_testing();
