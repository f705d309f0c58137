# All that pgvector has is here, by name, arguments, result, volatility,
# strictness, parallel safety and cost.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('catalog');

$node->init;
$node->start;

# The lines of a file that are no comments.
sub lines
{
	return grep { !/^#/ } split /\n/, slurp_file("test/data/$_[0]");
}

my @missing = lines('pgvector-0.8-missing.txt');
my %theirs;
foreach my $line (lines('pgvector-0.8-catalog.txt'))
{
	$theirs{$line} = 1 if !grep { $line =~ /$_/ } @missing;
}
note(keys(%theirs) . ' objects are compared');
cmp_ok(scalar(keys %theirs), '>', 60, 'the list is there');

foreach my $name ('vector', 'vecdb')
{
	$node->safe_psql('postgres', "CREATE DATABASE with_$name");
	$node->safe_psql("with_$name", "CREATE EXTENSION $name");
	my ($out) = run_command(
		[ 'psql', '-XAtq', '-d', $node->connstr("with_$name"),
		  '-f', 'test/catalog.sql' ]);
	my %ours = map { $_ => 1 } split /\n/, $out;
	my @lacking = grep { !$ours{$_} } sort keys %theirs;

	# What is there in another form, by the part before the colon.
	foreach my $line (@lacking)
	{
		my ($object) = $line =~ /^(.*?)( returns |:)/;
		my ($other) = grep { index($_, "$object ") == 0
			  || index($_, "$object:") == 0 } sort keys %ours;
		diag("misses: $line") if !defined $other;
		diag("differs: $line\n     here: $other") if defined $other;
	}
	is(scalar(@lacking), 0, "$name has all that pgvector has");
}

# What only the scripts need goes with them.
is( $node->safe_psql(
		'with_vector', q{SELECT string_agg(p.proname, ' ') FROM pg_proc p
		JOIN pg_depend d ON d.objid = p.oid AND d.deptype = 'e'
		JOIN pg_extension e ON e.oid = d.refobjid AND extname = 'vector'
		WHERE d.classid = 'pg_proc'::regclass AND proname ~ 'install'}),
	'',
	'nothing of the install is left');

$node->stop;
done_testing();
