# docs/reference.md, with docs/hnsw.md, names what the extension has, and says of
# settings and options what the server says.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('reference');
$node->init;
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION vecdb;
	CREATE TABLE items (v vector(3)); CREATE INDEX items_v ON items USING ivfflat (v);
	CREATE INDEX items_h ON items USING hnsw (v vector_l2_ops)');
my $page = slurp_file('docs/reference.md');
my $hnsw = slurp_file('docs/hnsw.md');

sub rows
{
	my ($sql) = @_;

	return split /\n/, $node->safe_psql('postgres', "LOAD 'vecdb'; $sql");
}

# What no other object needs is there for people.
my $member = q{FROM pg_depend AS d WHERE d.deptype = 'e' AND d.objid = o.oid
	AND d.classid = o.tableoid};
my %kinds = (
	functions => qq{SELECT DISTINCT proname FROM pg_proc AS o WHERE EXISTS (SELECT $member)
		AND proname !~ '(_support|_l2_squared_distance|_spherical_distance)\$'
		AND NOT EXISTS (SELECT FROM pg_depend
		  WHERE refclassid = 'pg_proc'::regclass AND refobjid = o.oid)},
	operators => qq{SELECT DISTINCT oprname FROM pg_operator AS o
		WHERE EXISTS (SELECT $member)},
	'operator classes of types' => qq{SELECT DISTINCT opcname FROM pg_opclass AS o
		WHERE EXISTS (SELECT $member)
		AND (opcmethod IN (SELECT oid FROM pg_am WHERE amname IN ('btree', 'hash'))
		  OR EXISTS (SELECT FROM pg_amproc WHERE amprocfamily = opcfamily))},
	settings => q{SELECT name FROM pg_settings WHERE name ~ '^(ivfflat|hnsw|vecdb)[.]'});
foreach my $kind (sort keys %kinds)
{
	my @names = rows($kinds{$kind});

	cmp_ok(scalar @names, '>', 5, "there are $kind");
	is(join(' ', grep { ($page . $hnsw) !~ /`[^`]*(?<!\w)\Q$_\E(?!\w)/ } @names),
		'', "all $kind are named");
}

# A table's rows below a heading: name, default.
sub table
{
	my ($text, $heading) = @_;
	my ($section) = $text =~ /^## \Q$heading\E\n(.*?)(?=^## |\z)/ms;

	return map { [ split / *\| */, $_ ] } $section =~ /^\| (`.*) \|$/mg;
}

my %default = map { split /\|/, $_, 2 }
  rows(q{SELECT name, boot_val FROM pg_settings WHERE name ~ '^(ivfflat|hnsw|vecdb)[.]'});
foreach my $row (table($page, 'Settings'), table($hnsw, 'Settings'))
{
	my ($name, $told) = map { tr/`//dr } @$row;

	$told = '' if $told eq 'empty';
	is($told, $default{$name}, "the default of $name");
}
my %value = (autotrain => 'off', spill => 0, bits => 2);
foreach my $case ([ $page, 'Options of an index', 'items_v' ],
	[ $hnsw, 'Options', 'items_h' ])
{
	my ($text, $heading, $index) = @$case;

	foreach my $name (map { $_->[0] =~ /`(\w+)`/g } table($text, $heading))
	{
		is($node->psql('postgres',
				"ALTER INDEX $index SET ($name = " . ($value{$name} // 20) . ')'),
			0, "option $name of $index");
	}
}

$node->stop;
done_testing();
