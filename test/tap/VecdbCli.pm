# VecdbCli.pm
#   Runs the client program and makes files for it: what the tests of its
#   subcommands share.
package VecdbCli;

use strict;
use warnings;
use Exporter 'import';
use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

our @EXPORT = qw(vecdb vecdb_start start_node use_node use_nobody
  make_file glove fvecs npy like_output);

my $program = $ENV{VECDB} || 'vecdb';
my $folder = PostgreSQL::Test::Utils::tempdir();
my $files = 0;

# Messages and sorting must not depend on who runs the tests.
$ENV{LC_ALL} = 'C';

# The tests' own name for their connections would hide the program's.
delete $ENV{PGAPPNAME};

# Run to the end: (exit status, standard output, standard error).
sub vecdb
{
	my ($arguments, %options) = @_;
	my $stdin = defined $options{stdin} ? $options{stdin} : '';
	my ($out, $err) = ('', '');
	my @command = ($program, @$arguments);

	note("vecdb @$arguments");
	IPC::Run::run(\@command, '<', \$stdin, '>', \$out, '2>', \$err);
	my $status = $? & 127 ? "signal " . ($? & 127) : $? >> 8;
	return ($status, $out, $err);
}

# Start and return the IPC::Run handle; buffers are references to strings.
sub vecdb_start
{
	my ($arguments, $out, $err) = @_;

	note("vecdb @$arguments, in the background");
	return IPC::Run::start([ $program, @$arguments ], '<', \undef, '>', $out,
		'2>', $err);
}

# A test of all that a run shows: like_output(name, [status, out, err], ...).
sub like_output
{
	my ($name, $got, $status, $out, $err) = @_;

	subtest $name => sub {
		plan tests => 3;
		is($got->[0], $status, 'exit status');
		like($got->[1], $out, 'standard output');
		like($got->[2], $err, 'standard error');
	};
	return;
}

sub start_node
{
	my ($name, $settings) = @_;
	my $node = PostgreSQL::Test::Cluster->new($name);

	$node->init;
	$node->append_conf('postgresql.conf', $settings) if $settings;
	$node->start;
	use_node($node);
	return $node;
}

# Point libpq's environment at a server, or at none at all.
sub use_node
{
	my ($node) = @_;

	@ENV{qw(PGHOST PGPORT PGDATABASE)} =
	  ($node->host, $node->port, 'postgres');
	return;
}

sub use_nobody
{
	@ENV{qw(PGHOST PGPORT PGDATABASE)} = ('/nonexistent', 1, 'postgres');
	return;
}

# A new file with these bytes; its path.
sub make_file
{
	my ($content, $suffix) = @_;
	my $path = sprintf('%s/file%d%s', $folder, ++$files, $suffix || '.txt');

	open(my $file, '>:raw', $path) or die "$path: $!";
	print $file $content;
	close($file) or die "$path: $!";
	return $path;
}

sub glove
{
	return make_file(join('', map { "$_\n" } @_));
}

# fvecs([1, 2], [3, 4])
sub fvecs
{
	return make_file(
		join('', map { pack('l<', scalar @$_) . pack('f<*', @$_) } @_),
		'.fvecs');
}

# npy(descr, shape, bytes)
sub npy
{
	my ($descr, $shape, $bytes, $order) = @_;
	my $header = sprintf("{'descr': '%s', 'fortran_order': %s, 'shape': %s, }",
		$descr, $order || 'False', $shape);

	$header .= ' ' x (63 - (length($header) + 10) % 64) . "\n";
	return make_file(
		"\x93NUMPY\x01\x00" . pack('S<', length $header) . $header . $bytes,
		'.npy');
}

1;
