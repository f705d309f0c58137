# The figures for Prometheus: what is measured and shown, and by whose code.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('monitoring');
$node->init;
$node->start;
$node->safe_psql('postgres', q{
	CREATE EXTENSION vecdb;
	CREATE TABLE shown (embedding vector(3));
	INSERT INTO shown SELECT ARRAY[sin(i), cos(i), 1]::vector FROM generate_series(1, 2000) AS i;
	CREATE INDEX shown_i ON shown USING ivfflat (embedding);
	CREATE TABLE hidden AS TABLE shown;
	CREATE INDEX hidden_i ON hidden USING hnsw (embedding vector_cosine_ops);
	CREATE ROLE vecdb_monitor LOGIN;
	GRANT pg_monitor TO vecdb_monitor;
	GRANT SELECT ON shown TO vecdb_monitor;
	CREATE SCHEMA vecdb_monitor AUTHORIZATION vecdb_monitor;
	CREATE ROLE other;
	GRANT CREATE ON SCHEMA public TO other;
	SET ROLE other;
	CREATE FUNCTION public.format(text, text) RETURNS text
	  LANGUAGE plpgsql AS $$BEGIN RAISE 'caught'; END$$;
	CREATE FUNCTION public.quote_ident(name) RETURNS text
	  LANGUAGE plpgsql AS $$BEGIN RAISE 'caught'; END$$;
	CREATE FUNCTION public.pg_relation_size(oid) RETURNS bigint
	  LANGUAGE plpgsql AS $$BEGIN RAISE 'caught'; END$$;
	CREATE FUNCTION public.pg_table_size(oid) RETURNS bigint
	  LANGUAGE plpgsql AS $$BEGIN RAISE 'caught'; END$$});

sub as_monitor
{
	my (@options) = @_;

	return [ 'psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-U', 'vecdb_monitor',
		'-d', $node->connstr('postgres'), @options ];
}

# As "vecdb-host monitor" runs it; it may be run again.
$node->command_ok(
	as_monitor('-1', '-f', 'deploy/monitoring/figures.sql'), "set up, time $_")
  foreach 1, 2;
$node->command_ok(
	as_monitor('-c', 'SELECT vecdb_monitor.measure(indexrelid, 20)
		FROM vecdb_monitor.measurable'),
	'no function of public is called');
is( $node->safe_psql('postgres', 'SELECT index, rows, recall > 0.8
	FROM vecdb_monitor.index_metrics ORDER BY index'),
	"hidden_i|2000|\nshown_i|2000|t",
	'recall is measured where the table may be read');
$node->safe_psql('postgres', 'DROP INDEX hidden_i');
$node->command_ok(
	as_monitor('-c', 'SELECT vecdb_monitor.forget_dropped()'), 'a dropped index');
is( $node->safe_psql('postgres', 'SELECT count(*) FROM vecdb_monitor.index_figures'),
	'1', 'is forgotten');

# The view's columns are the exporter's metrics, which operators are told of and see.
my $exported = slurp_file('deploy/monitoring/queries.yaml');
my @metrics = $exported =~ /^    - (\w+):\n +usage: "(?:GAUGE|COUNTER)"/mg;
is( join(' ', sort $exported =~ /^    - (\w+):/mg),
	$node->safe_psql('postgres', q{
		SELECT string_agg(attname, ' ' ORDER BY attname COLLATE "C") FROM pg_attribute
		WHERE attrelid = 'vecdb_monitor.index_metrics'::regclass AND attnum > 0}),
	'the exporter names each column');
my %metric = map { $_ => 1 } @metrics;
my ($told) = slurp_file('docs/operations.md') =~ /\| metric, (.*?)\n\n/s;
foreach my $place ([ 'the dashboard', slurp_file('deploy/monitoring/grafana.json') =~ /vecdb_index_(\w+)/g ],
	[ 'the page', map { /`(\w+)`/g } $told =~ /^\| ([^|]+) \|/mg ])
{
	my ($name, @used) = @$place;

	cmp_ok(scalar @used, '>', 9, "$name has metrics");
	is(join(' ', grep { !$metric{$_} } @used), '', 'that are there');
}

$node->stop;
done_testing();
