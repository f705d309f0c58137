# The extension from a folder of its own, as images for CloudNativePG have it:
# lib and share beside each other, before the server's own.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my ($major) = `pg_config --version` =~ /(\d+)/;
plan skip_all => 'from PostgreSQL 18 on' if $major < 18;

my ($library, $shared) = map { chomp; $_ } `pg_config --pkglibdir`, `pg_config --sharedir`;
my $folder = PostgreSQL::Test::Utils::tempdir();
mkdir "$folder/lib";
mkdir "$folder/share";
mkdir "$folder/share/extension";
foreach my $file ("$library/vecdb.so", glob("$shared/extension/vecdb*"), glob("$shared/extension/vector*"))
{
	my $to = $file =~ /\.so$/ ? 'lib' : 'share/extension';

	is(system('cp', $file, "$folder/$to/"), 0, "$file is copied");
}

my $node = PostgreSQL::Test::Cluster->new('path');
$node->init;
$node->append_conf('postgresql.conf',
	"extension_control_path = '$folder/share:\$system'\ndynamic_library_path = '$folder/lib:\$libdir'\n");
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION vector; CREATE EXTENSION vecdb');
is( $node->safe_psql('postgres', q{SELECT '[3,4]'::vector <-> '[0,0]'}),
	'5', 'both names can be created, and a distance is one');
like( $node->safe_psql('postgres',
		q{SELECT vecdb_kernel(); SELECT pg_read_file('/proc/self/maps')}),
	qr{\Q$folder\E/lib/vecdb\.so}, 'by the library of that folder');
done_testing();
