# VACUUM without room for another tree of an index, of which it may know before, or
# by an error: it leaves the index as it is, and does the rest.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use VecdbIndex;

my $node = new_node('room', settings => "autovacuum_naptime = 1s\n");

sub sql { return $node->safe_psql('postgres', $_[0]); }

sub stats
{
	my ($index, $columns) = @_;

	return sql("SELECT $columns FROM vecdb_index_stats('$index')");
}

# What VACUUM of a table says where a session has these settings.
sub vacuum
{
	my ($table, $settings) = @_;
	my ($status, undef, $err) =
	  $node->psql('postgres', "$settings;\nVACUUM (FREEZE, PARALLEL 0) $table;");

	is($status, 0, "VACUUM $table with $settings gets to the end");
	return $err;
}

# Files that are too small for the rows; as large as VACUUM says, they do.
foreach my $case (
	[ 'plain', 'v', 'autotrain = on' ],
	[ 'columns', 'v, (id % 7), (id / 7)', 'spill = 0.5' ])
{
	my ($name, $columns, $options) = @$case;
	my $memory = "SET maintenance_work_mem = '1MB'";

	make_table($node, $name, 32, 0);
	sql("CREATE INDEX ${name}_v_idx ON $name USING ivfflat ($columns) WITH ($options)");
	sql("INSERT INTO $name SELECT i, noise(i, 32) FROM generate_series(1, 20000) i");
	my $err = vacuum($name, "$memory; SET temp_file_limit = '300kB'");
	like($err, qr/NOTICE:  index "${name}_v_idx" stays as it is\n.*temp_file_limit does not suffice/,
		"$name: too small files are said");
	is(stats("${name}_v_idx", 'lists'), '1', "$name: and change nothing");
	is(sql("SELECT age(relfrozenxid) < 5 FROM pg_class WHERE oid = '$name'::regclass"),
		't', "$name: but the table's rows are frozen");
	my ($kilobytes) = $err =~ /some (\d+) kB/;
	is(vacuum($name, "$memory; SET temp_file_limit = '${kilobytes}kB'"),
		'', "$name: no word of enough");
	cmp_ok(stats("${name}_v_idx", 'lists'), '>', 1, "$name: trained");
	sound_ok($node, "${name}_v_idx", "$name: sound");
}

# An error in the middle, when pages of the tree are there, as of a full disk: it
# ends the tree, and not VACUUM.
make_table($node, 'crammed', 200, 0);
sql("CREATE FUNCTION cram(vector) RETURNS vector LANGUAGE plpgsql IMMUTABLE AS \$\$ BEGIN
		IF current_setting('disk.state', true) = 'full' AND
			(SELECT litter FROM public.vecdb_index_training('public.crammed_v_idx')) THEN
			RAISE disk_full USING MESSAGE = 'there is no room', HINT = 'Make some.';
		END IF;
		RETURN \$1; END \$\$;
	CREATE INDEX crammed_v_idx ON crammed USING ivfflat ((cram(v)::vector(200)))");
sql('INSERT INTO crammed SELECT i, noise(i, 200) FROM generate_series(1, 3000) i');
like(vacuum('crammed', "SET disk.state = 'full'"),
	qr/WARNING:  index "crammed_v_idx" stays as it is\nDETAIL:  .*there is no room\nHINT:  Make some/,
	'disk full: a warning');
is(sql("SELECT reltuples, age(relfrozenxid) < 5 FROM pg_class WHERE oid = 'crammed'::regclass"),
	'3000|t', 'disk full: the table is counted and frozen');
is(stats('crammed_v_idx', 'lists'), '1', 'disk full: the old tree is in use');
is(sql("SELECT trees > 1, litter FROM vecdb_index_training('crammed_v_idx')"), 't|f',
	'disk full: what another one had taken is free');
sound_ok($node, 'crammed_v_idx', 'disk full: sound');
is(vacuum('crammed', 'RESET disk.state'), '', 'with room again: no word');
cmp_ok(stats('crammed_v_idx', 'lists'), '>', 1, 'with room again: trained');
sound_ok($node, 'crammed_v_idx', 'with room again: sound');
is(sql("SELECT litter FROM vecdb_index_training('crammed_v_idx')"), 'f',
	'and the space of both trees before is free');

# Too little memory for the lists that were asked for.
make_table($node, 'little', 200, 0);
sql('CREATE INDEX little_v_idx ON little USING ivfflat (v) WITH (lists = 3000)');
sql("INSERT INTO little SELECT i, noise(i % 50, 200) FROM generate_series(1, 1200) i");
like(vacuum('little', "SET maintenance_work_mem = '1MB'"),
	qr/NOTICE:  index "little_v_idx" stays as it is/,
	'too little memory is said');
is(stats('little_v_idx', 'lists'), '1', 'and changes nothing');
$node->append_conf('postgresql.conf',
	"autovacuum = on\nautovacuum_work_mem = 1MB\n");
$node->reload();
sql("INSERT INTO little SELECT i, noise(i % 50, 200) FROM generate_series(1201, 4000) i");
ok( $node->wait_for_log(
		qr/LOG:  index "little_v_idx" stays as it is\n.*autovacuum_work_mem does not suffice/),
	'autovacuum says it in the log, and what it has');

$node->stop;
done_testing();
