# VACUUM makes another tree beside inserts that are faster than it: it comes to an
# end, and nobody who inserts waits long.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use VecdbIndex;

my $node = new_node('load', settings => "synchronize_seqscans = off\n"
	  . "max_parallel_maintenance_workers = 0\n");

sub sql { return $node->safe_psql('postgres', $_[0]); }

# A function in the index's expression makes VACUUM slow where rows came late.  They
# call for no further tree, which would have to see all of them.
sql("CREATE FUNCTION delay(vector, late bool) RETURNS vector LANGUAGE plpgsql
	IMMUTABLE AS \$\$ BEGIN
		IF late AND current_setting('application_name') = 'vacuum' THEN
			PERFORM pg_sleep(0.003);
		END IF;
		RETURN \$1; END \$\$;
	CREATE TABLE fed (id bigserial, v vector(12), late bool);
	CREATE INDEX fed_v_idx ON fed USING ivfflat ((delay(v, late)::vector(12)))
	WITH (lists = 10, autotrain_growth = 100);
	INSERT INTO fed (v, late) SELECT hard(i, 12), false FROM generate_series(1, 600) i;");
my $load = start_bench($node, 1, 240,
	"INSERT INTO fed (v, late) SELECT array_fill(random()::real, ARRAY[12])::vector, true
	FROM generate_series(1, 10);\n\\sleep 18 ms\n");
ok(wait_until(60, sub { sql('SELECT max(id) > 600 FROM fed') eq 't' }),
	'inserts are under way');
$node->psql('postgres', "SET application_name = 'vacuum';
	SET statement_timeout = '180s'; VACUUM fed", stderr => \my $said);
is($said, '', 'VACUUM comes to an end beside them');
is(sql("SELECT lists FROM vecdb_index_stats('fed_v_idx')"), '10', 'with another tree');
is(sql("SELECT trees FROM vecdb_index_training('fed_v_idx')"), '2', 'and one only');
is(sql("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'INSERT INTO fed%'"),
	'1', 'and they go on');
$load->{handle}->signal('TERM');
finish_bench($load);
sound_ok($node, 'fed_v_idx', 'sound');
is(sql("SET enable_seqscan = off; SET enable_sort = off; SELECT count(*) = (SELECT count(*) FROM fed),
	count(DISTINCT id) = count(*) FROM (SELECT id FROM fed
	ORDER BY delay(v, late)::vector(12) <-> (SELECT noise(1, 12))) s"), 't|t',
	'each row is there, once');

$node->stop;
done_testing();
