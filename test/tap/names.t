# The two names of the extension, vecdb and vector: whichever is created first owns
# the objects, the other is its alias.  Both orders, in every way that a database
# comes to have them; and what pgvector made, dumped or in place.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use VecdbIndex;

my $node = PostgreSQL::Test::Cluster->new('names');
my $databases = 0;
my $folder = PostgreSQL::Test::Utils::tempdir();
my %other = (vecdb => 'vector', vector => 'vecdb');

# An index's page is made to look like pgvector's.
$node->init(without_checksums());
$node->append_conf('postgresql.conf', 'autovacuum = off');
$node->start;

sub database
{
	my ($sql) = @_;
	my $name = 'db' . ++$databases;

	$node->safe_psql('postgres', "CREATE DATABASE $name");
	$node->safe_psql($name, $sql) if $sql;
	return $name;
}

sub query
{
	my ($db, $sql) = @_;

	return $node->safe_psql($db, $sql);
}

# The error of a statement that is to fail.
sub refused
{
	my ($db, $sql, $pattern, $name) = @_;
	my ($out, $err) = ('', '');
	my $status = $node->psql($db, $sql, stdout => \$out, stderr => \$err,
		on_error_stop => 1);

	isnt($status, 0, "$name: fails");
	like($err, $pattern, $name);
	return;
}

# A dump of one database in another, as one transaction.
sub restored
{
	my ($from, @options) = @_;
	my $db = database();
	my $file = "$folder/$from.sql";

	$node->command_ok([ 'pg_dump', '-f', $file, @options, $from ],
		"$from can be dumped");
	$node->command_ok(
		[ 'psql', '-Xq1', '-v', 'ON_ERROR_STOP=1', '-d', $db, '-f', $file ],
		"and restored");
	return $db;
}

my $owner_of = q{SELECT e.extname FROM pg_extension e JOIN pg_depend d
	ON d.refobjid = e.oid AND d.deptype = 'e'
	AND d.classid = 'pg_type'::regclass JOIN pg_type t ON t.oid = d.objid
	WHERE t.typname = 'vector'};
my $members = q{SELECT pg_describe_object(classid, objid, objsubid) ||
	coalesce(': ' || obj_description(objid, classid::regclass::name), '')
	FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid
	WHERE refclassid = 'pg_extension'::regclass AND deptype = 'e'
	AND extname = '%s' ORDER BY 1};
my $extensions = q{SELECT extname, nspname FROM pg_extension e
	JOIN pg_namespace n ON n.oid = extnamespace
	WHERE extname IN ('vecdb', 'vector') ORDER BY 1};
my $nearest = q{SET enable_seqscan = off;
	SELECT id FROM items ORDER BY v <-> '[3,1]' LIMIT 1};
my $rows = q{CREATE TABLE items (id int, v vector(2));
	INSERT INTO items SELECT i, ARRAY[i, 1]::vector FROM generate_series(1, 9) i;
	CREATE INDEX items_v ON items USING ivfflat (v);};

# Each name alone has the same objects.
my %objects = map {
	my $db = database("CREATE EXTENSION $_");
	$_ => query($db, sprintf($members, $_))
} keys %other;
is($objects{vector}, $objects{vecdb}, 'both names make the same objects');

# Versions, those that clients compare and those that they ask for.
my $version = query('postgres', "SELECT default_version
	FROM pg_available_extensions WHERE name = 'vector'");
my $vecdb_version = query('postgres', "SELECT default_version
	FROM pg_available_extensions WHERE name = 'vecdb'");
my ($major, $minor, $patch) = split /\./, $vecdb_version;
is($version, '0.8.' . ($major * 10000 + $minor * 100 + $patch),
	'the version of vector follows that of vecdb');
is( query(
		database('CREATE EXTENSION IF NOT EXISTS vector;
			CREATE EXTENSION IF NOT EXISTS vector'),
		"SELECT string_to_array(extversion, '.')::int[] >= '{0,8,0}'
			AND string_to_array(extversion, '.')::int[] < '{0,9,0}'
		 FROM pg_extension WHERE extname = 'vector'"),
	't',
	'vector is some 0.8');
foreach my $pinned (map { "0.8.$_" } 0 .. 6)
{
	my $db = database("CREATE EXTENSION vector VERSION '$pinned'");

	is(query($db, "SELECT extversion FROM pg_extension
		WHERE extname = 'vector'"), $pinned, "vector can be of version $pinned");
	next if $pinned ne '0.8.0';
	query($db, "$rows; ALTER EXTENSION vector UPDATE TO '0.8.1'");
	query($db, 'ALTER EXTENSION vector UPDATE');
	is(query($db, sprintf($members, 'vector')),
		$objects{vector}, 'an update of it has the same objects');
	is(query($db, "SELECT extversion FROM pg_extension
		WHERE extname = 'vector'"), $version, 'and the newest version');
	is(query($db, $nearest), '3', 'and its index answers');
}

foreach my $owner (sort keys %other)
{
	my $alias = $other{$owner};
	my $db = database("CREATE EXTENSION $owner; CREATE EXTENSION $alias; $rows");

	is(query($db, $owner_of), $owner, "$owner, created first, owns the type");
	is(query($db, sprintf($members, $owner)),
		$objects{vecdb}, 'and all objects');
	is(query($db, sprintf($members, $alias)),
		qq{function vecdb_owner(vector): the extension that "$alias" stands for}, "$alias has one that depends on it");
	is(query($db, "SELECT vecdb_owner(NULL)"), $owner, 'which names the owner');

	refused($db, "DROP EXTENSION $owner",
		qr/extension $alias depends on (type vector|extension $owner)/,
		"$owner is not dropped alone");
	refused($db, "ALTER EXTENSION $alias SET SCHEMA pg_temp",
		qr/does not support SET SCHEMA/, "$alias does not leave the type");
	query($db, "ALTER EXTENSION $alias UPDATE; ALTER EXTENSION $owner UPDATE");

	# Dump and restore.
	my $copy = restored($db);
	is(query($copy, $extensions), query($db, $extensions),
		'a restored dump has both');
	is(query($copy, $nearest), '3', 'and answers');
	is(query($copy, $owner_of), $owner, "with $owner as the owner");

	# In a schema of their own; the alias follows.
	query($copy, "DROP EXTENSION vecdb CASCADE; DROP EXTENSION IF EXISTS vector CASCADE;
		DROP TABLE items; CREATE SCHEMA a; CREATE SCHEMA b;
		CREATE EXTENSION $owner SCHEMA a; CREATE EXTENSION $alias SCHEMA b");
	is(query($copy, $extensions), "vecdb|a\nvector|a",
		"$alias goes where the type is");
	query($copy, "ALTER EXTENSION $owner SET SCHEMA b");
	is( query($copy, q{SELECT '[3,4]'::b.vector OPERATOR(b.<->) '[0,0]'}),
		'5', "$owner can be moved");
	query($copy, "SET search_path = b; $rows ALTER TABLE items SET SCHEMA public");
	my $moved = restored($copy);
	is(query($moved, $extensions), "vecdb|b\nvector|b",
		'a dump restores them there');
	is(query($moved, "SET search_path = public, b; $nearest"),
		'3', 'and answers');

	query($db, "DROP EXTENSION $alias");
	is(query($db, $nearest), '3', 'without the alias all stays');
	query($db, "CREATE EXTENSION $alias; DROP EXTENSION $owner CASCADE");
	is(query($db, $extensions), '', "DROP CASCADE of $owner takes $alias along");
}

# A name cannot stand for objects that the other does not have yet.
SKIP:
{
	my $old = $ENV{VECDB_RELEASED} // skip('no release was named', 5);
	my $db = database("CREATE EXTENSION vecdb VERSION '$old'");

	refused($db, 'CREATE EXTENSION vector',
		qr/ALTER EXTENSION vecdb UPDATE/, "beside vecdb $old");
	query($db, 'ALTER EXTENSION vecdb UPDATE; CREATE EXTENSION vector');
	is(query($db, sprintf($members, 'vecdb')),
		$objects{vecdb}, 'the update of an owner makes what a fresh one has');
	is(query($db, $owner_of), 'vecdb', 'vector is its alias then');
	is(query($db, "SELECT count(*) FROM pg_extension_update_paths('vecdb')
		WHERE source = '$old' AND target = '$vecdb_version'
		AND path IS NOT NULL"), '1', 'there is a path');
}

# The owner of a database needs no superuser for either.
query('postgres', 'CREATE ROLE owner LOGIN; CREATE DATABASE owned OWNER owner');
is( query(
		'owned', "SET ROLE owner; CREATE EXTENSION vector; CREATE EXTENSION vecdb;
		ALTER EXTENSION vector UPDATE; DROP EXTENSION vecdb;
		SELECT '[1,2]'::vector"),
	'[1,2]',
	'both are trusted');

# A database without plpgsql.
is( query(
		database('DROP EXTENSION plpgsql; CREATE EXTENSION vector;
			CREATE EXTENSION vecdb'),
		"SELECT '[1,2]'::vector"),
	'[1,2]',
	'both need no plpgsql');

# An extension that requires vector, which has it as an owner or an alias.
SKIP:
{
	skip('vecdb_third is not installed', 4)
	  if query('postgres', "SELECT count(*) FROM pg_available_extensions
		WHERE name = 'vecdb_third'") == 0;
	foreach my $first ('vecdb', 'vector')
	{
		my $db = database("CREATE SCHEMA s; CREATE EXTENSION $first SCHEMA s;
			CREATE EXTENSION IF NOT EXISTS vector; CREATE EXTENSION vecdb_third");

		is(query($db, "SELECT third('[3,4]'::s.vector)"),
			'5', "an extension that requires vector works beside $first");
		refused($db, 'DROP EXTENSION vector', qr/vecdb_third depends/,
			'and is in the way of DROP');
	}
}

# Where pgvector lies, "make install-vector" does nothing, and says how to go on.
my ($control, $so) = ("$folder/vector.control", "$folder/vector.so");
sub files_ok
{
	my ($name) = @_;

	command_ok([ 'sh', 'sql/vector-files.sh', $control, $so ], $name);
	return;
}
sub files_refused
{
	my ($file, $name) = @_;

	command_fails_like([ 'sh', 'sql/vector-files.sh', $control, $so ],
		qr/\Q$file\E is pgvector's.*hint/s, $name);
	return;
}
files_ok('nothing is in the way of the second name');
append_to_file($so, 'not ours');
files_refused($so, "pgvector's library");
unlink($so);
append_to_file($control, "module_pathname = '\$libdir/vector'\n");
files_refused($control, "pgvector's control file");
unlink($control);
symlink('vecdb.so', $so) or die $!;
append_to_file($control, "module_pathname = '\$libdir/vecdb'\n");
files_ok('our own files are not');

# The scripts' own function is no use to anybody else.
my $db = database('CREATE EXTENSION vecdb');
my $library = query($db, "SELECT probin FROM pg_proc WHERE proname = 'vector_in'");
is($library, '$libdir/vecdb', 'functions are of our library');
refused($db, "CREATE FUNCTION vecdb_install(text, integer, text) RETURNS void
	AS '$library' LANGUAGE C STRICT;
	SELECT vecdb_install('SELECT 1', 200, '')",
	qr/for the scripts of extensions/, 'vecdb_install outside of a script');

# What real pgvector dumped, in one transaction.
sub restore_pgvector
{
	my ($file) = @_;
	my $db = database();

	$node->command_ok(
		[ 'psql', '-Xq1', '-v', 'ON_ERROR_STOP=1', '-d', $db,
		  '-f', "test/data/$file" ],
		"$file is restored");
	return $db;
}

$db = restore_pgvector('pgvector-0.8.5.sql');
is(query($db, 'SELECT count(*), count(embedding) FROM public.items'),
	'62|61', 'all rows are there');
is( query(
		$db, "SET search_path = public, extensions; SET enable_seqscan = off;
		SELECT nearest('[1,2,0.1]'), (SELECT count(*) FROM near),
		(SELECT count(*) FROM means)"),
	'1|5|2',
	'functions, views and indexes answer');
is( query(
		$db, "SELECT count(*) FROM pg_class WHERE relkind = 'i'
		AND relam = (SELECT oid FROM pg_am WHERE amname = 'ivfflat')"),
	'3',
	'all indexes are there');
query($db, "ANALYZE; ALTER DATABASE $db SET ivfflat.probes = 7");
my ($report, $complaints) = run_command(
	[ 'psql', '-X', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr($db),
	  '-f', 'deploy/migrate/check.sql' ]);
is($complaints, '', 'the check before a move finds its way');
like($report, $_, "it says $_")
  foreach (qr/vector .* extensions .* vecdb .* nothing to do/,
	qr/public.items .* embedding .*vector\(3\) .* 62 /,
	qr/public.plain .* a .*vector\(2\)\[\] .* REPLICA IDENTITY/,
	qr/items_ip .* ivfflat .* vector_ip_ops .* lists=2/,
	qr/database $db .* ivfflat.probes=7/, qr/3 \| .* 3 \| /);

$db = database('CREATE EXTENSION vector');
SKIP:
{
	my $there = query($db, "SELECT count(*) FROM pg_type
		WHERE typname IN ('halfvec', 'sparsevec')") == 2
	  && query($db, "SELECT count(*) FROM pg_am WHERE amname = 'hnsw'") == 1
	  && query($db, "SELECT count(*) FROM pg_opclass
		WHERE opcname = 'bit_jaccard_ops'") > 0;

	skip 'other types and hnsw are not there yet', 3 if !$there;
	$db = restore_pgvector('pgvector-0.8.5-types.sql');
	is(query($db, 'SELECT count(*) FROM everything'), '40', 'all rows are there');
	is( query(
			$db, "SELECT count(*) FROM pg_class c JOIN pg_am a ON a.oid = relam
			WHERE relkind = 'i' AND amname IN ('ivfflat', 'hnsw')"),
		'9',
		'all indexes are there');
}

# In place: as pgvector leaves its functions and classes, in another library.
$db = database("CREATE EXTENSION vector VERSION '0.8.2'; $rows
	UPDATE pg_proc SET probin = '\$libdir/vector' WHERE probin = '$library';
	UPDATE pg_amproc SET amproc = 'vector_l2_squared_distance'::regproc
	WHERE amproc = 'ivfflat_vector_l2_support'::regproc;
	INSERT INTO pg_amproc SELECT 16000 + row_number() OVER (), amprocfamily, amproclefttype,
		amprocrighttype, 3, 'l2_distance(vector,vector)'::regprocedure
	FROM pg_amproc WHERE amproc = 'vector_l2_squared_distance'::regproc;
	ALTER EXTENSION vector DROP FUNCTION vecdb_kernel(); DROP FUNCTION vecdb_kernel()");
is(query($db, $nearest), '3', "a class of pgvector's form answers");
query($db, "INSERT INTO items VALUES (10, '[10,1]')");
refused($db, 'CREATE EXTENSION vecdb', qr/made by pgvector/,
	"vecdb beside pgvector's vector");
# What pgvector does not have, somebody else may.
query($db, 'ALTER TYPE vector_sphere RENAME TO hidden;
	CREATE TYPE vector_sphere AS (center bigint, radius double precision, undefined boolean)');
refused($db, 'ALTER EXTENSION vector UPDATE', qr/"vector_sphere" is not a member/,
	'an update that would take a type for its own');
query($db, 'DROP TYPE vector_sphere; ALTER TYPE hidden RENAME TO vector_sphere');
query($db, 'ALTER EXTENSION vector UPDATE; CREATE EXTENSION vecdb');
is(query($db, sprintf($members, 'vector')),
	$objects{vector}, 'an update makes it ours');
is(query($db, "SELECT count(*) FROM pg_proc WHERE probin = '\$libdir/vector'"),
	'0', 'with all functions');
is(query($db, $nearest), '3', 'and the index answers');

# An index in pgvector's format: the first word of its first page's contents.
my $file = $node->data_dir . '/'
  . query($db, "SELECT pg_relation_filepath('items_v')");
$node->stop;
open(my $index, '+<:raw', $file) or die "$file: $!";
seek($index, 24, 0);
print $index pack('L', 0x14FF1A7);
seek($index, 16, 0);
print $index pack('S', 8184);
close($index);
$node->start;
refused($db, $nearest, qr/was built by pgvector.*REINDEX/s,
	"an index of pgvector's");
refused($db, "INSERT INTO items VALUES (11, '[11,1]')",
	qr/was built by pgvector.*REINDEX/s, 'an insert into it');
query($db, 'REINDEX TABLE items');
is(query($db, $nearest), '3', 'REINDEX makes it ours');

$node->stop;
done_testing();
