# The extension's scripts: who may install it, into which schema, what DROP
# leaves behind, and whether every upgrade path ends where a fresh install does.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('install');
$node->init;
$node->start;

# Everything that a script made, as text that does not depend on OIDs.
my $members = q{
	SELECT pg_describe_object(classid, objid, objsubid),
	  obj_description(objid, classid::regclass::name)
	FROM pg_depend
	WHERE refclassid = 'pg_extension'::regclass AND deptype = 'e'
	  AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'vecdb')
	ORDER BY 1};

# What functions do beyond their names: strictness, volatility, link symbol.
my $functions = q{
	SELECT oid::regprocedure, prosrc, provolatile, proisstrict, proparallel
	FROM pg_proc
	WHERE oid IN (SELECT objid FROM pg_depend
				  WHERE classid = 'pg_proc'::regclass AND deptype = 'e')
	ORDER BY oid::regprocedure::text};

sub fresh_database
{
	my ($name) = @_;

	$node->safe_psql('postgres', "CREATE DATABASE $name");
	return $name;
}

# Two databases of a new cluster that install at a time: both want to tell the
# server who may set what, in a table that they share.
my @installing = map {
	IPC::Run::start(
		[ 'psql', '-XAtq', '-d', $node->connstr($_),
		  '-c', 'BEGIN; CREATE EXTENSION vecdb; SELECT pg_sleep(1); COMMIT' ])
} map { fresh_database($_) } ('first', 'second');
ok($_->finish, 'one of two installs that meet succeeds') foreach @installing;

# trusted = true: the owner of a database needs no superuser.
$node->safe_psql('postgres', 'CREATE ROLE owner LOGIN');
$node->safe_psql('postgres', 'CREATE DATABASE owned OWNER owner');
is( $node->safe_psql(
		'owned',
		"SET ROLE owner; CREATE EXTENSION vecdb; SELECT '[1,2]'::vector"),
	'[1,2]',
	'the owner of a database may create the extension');

# In another session, which has not loaded the library; and again once it was
# dropped, since what the server was told is not the extension's alone.
my $settings = q{SET ROLE owner;
	ALTER DATABASE owned SET ivfflat.probes = 3;
	ALTER ROLE owner IN DATABASE owned SET vecdb.kernel = 'scalar';
	CREATE OR REPLACE FUNCTION f() RETURNS text LANGUAGE sql
	SET ivfflat.target_recall = 0.5 AS $$SELECT current_setting('ivfflat.probes')$$;};
SKIP:
{
	skip 'only superusers may, before PostgreSQL 15', 3
	  if $node->safe_psql('postgres', 'SHOW server_version_num') < 150000;
	is($node->psql('owned', $settings), 0, 'and may store settings for all');
	is($node->safe_psql('owned', q{SELECT '[1]'::vector, f()}),
		'[1]|3', 'which hold once the library is loaded');
	$node->safe_psql('owned', 'DROP EXTENSION vecdb');
	is($node->psql('owned', $settings), 0, 'and without the extension');
}

# A second CREATE EXTENSION meets nothing of the first.
my $db = fresh_database('twice');
my $before = $node->safe_psql($db,
	'SELECT count(*) FROM pg_proc UNION ALL SELECT count(*) FROM pg_type');
$node->safe_psql($db, 'CREATE EXTENSION vecdb');
my $fresh = $node->safe_psql($db, $members);
my $fresh_functions = $node->safe_psql($db, $functions);
isnt($fresh, '', 'the extension has members');
$node->safe_psql($db, 'DROP EXTENSION vecdb');
is( $node->safe_psql(
		$db,
		'SELECT count(*) FROM pg_proc UNION ALL SELECT count(*) FROM pg_type'),
	$before,
	'DROP EXTENSION leaves nothing behind');
$node->safe_psql($db, 'CREATE EXTENSION vecdb');
is($node->safe_psql($db, $members), $fresh, 'it can be created again');

# relocatable = true, and every name in the scripts stands without a schema.
$db = fresh_database('schemas');
$node->safe_psql($db,
	'CREATE SCHEMA a; CREATE SCHEMA b; CREATE EXTENSION vecdb SCHEMA a');
is( $node->safe_psql($db, q{SELECT '[3,4]'::a.vector OPERATOR(a.<->) '[0,0]'}),
	'5', 'WITH SCHEMA puts it there');
$node->safe_psql($db, 'ALTER EXTENSION vecdb SET SCHEMA b');
is( $node->safe_psql($db, q{SELECT '[3,4]'::b.vector OPERATOR(b.<->) '[0,0]'}),
	'5', 'SET SCHEMA moves it');

# The script runs as a superuser, in a schema where whoever owns the database may
# have put functions and operators that fit better than the server's own.
my $newest = $node->safe_psql('postgres',
	"SELECT default_version FROM pg_available_extensions WHERE name = 'vecdb'");
my $trap = q{RETURNS text LANGUAGE plpgsql AS $$BEGIN RAISE 'caught'; END$$;};
my @called = slurp_file(extension_folder() . "/vecdb--$newest.sql") =~
  /\b([a-z_0-9]+)\(/g;
my $names = join ', ', map { "'$_'" } @called;
my $traps = join ' ', 'SET ROLE owner; CREATE SCHEMA traps;',
  map({ "CREATE FUNCTION traps.$_ $trap" } split /\n/,
	$node->safe_psql('postgres', qq{
		WITH RECURSIVE lists (types, length) AS (
		  SELECT type, 1 FROM unnest(ARRAY['text', 'name', 'oid']) AS type UNION ALL
		  SELECT types || ', ' || type, length + 1
		  FROM lists, unnest(ARRAY['text', 'name', 'oid']) AS type WHERE length < 4)
		SELECT DISTINCT format('%I(%s)', proname, types)
		FROM lists, pg_proc WHERE proname IN ($names)})),
  map { my ($left, $right) = split / /;
	"CREATE FUNCTION traps.joined($left, $right) $trap
	 CREATE OPERATOR traps.|| (FUNCTION = traps.joined, LEFTARG = $left, RIGHTARG = $right);" }
  ('name name', 'name text', 'text name');
$node->safe_psql('postgres', 'CREATE DATABASE trapped OWNER owner');
$node->safe_psql('trapped', $traps);
my (undef, undef, $caught) = $node->psql('trapped',
	'SET ROLE owner; CREATE EXTENSION vecdb SCHEMA traps');
is($caught, '', 'the script calls no function of the schema that it fills');

# Upgrades: from every older version whose install script is there, if whoever
# runs this test has put it there.
my @older = split /\n/,
  $node->safe_psql('postgres',
	"SELECT version FROM pg_available_extension_versions
	 WHERE name = 'vecdb' AND version <> '$newest' ORDER BY 1");
SKIP:
{
	my $released = $ENV{VECDB_RELEASED}
	  // skip($ENV{VECDB_NO_RELEASE} // 'no release was named', 1);
	ok(scalar(grep { $_ eq $released } @older),
		"the install script of the release $released is there");
}
foreach my $version (@older)
{
	$db = fresh_database('from_' . ($version =~ tr/./_/r));
	$node->safe_psql($db,
		"CREATE EXTENSION vecdb VERSION '$version';
		 ALTER EXTENSION vecdb UPDATE");
	is($node->safe_psql($db, $members),
		$fresh, "an upgrade from $version makes the same objects");
	is($node->safe_psql($db, $functions),
		$fresh_functions, "an upgrade from $version makes the same functions");
}

# The guard against psql -f.
my ($status, $out, $err) = $node->psql('postgres',
	'\i ' . extension_folder() . "/vecdb--$newest.sql");
like($out . $err, qr/CREATE EXTENSION vecdb/,
	'the script says how it is to be run');

sub extension_folder
{
	my ($folder) = run_command([ 'pg_config', '--sharedir' ]);
	return "$folder/extension";
}

$node->stop;
done_testing();
