# vecdb load: every format, every way a file can be wrong, what happens to the
# table, connections, interruption.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use IO::Handle;
use IPC::Run;
use POSIX qw(mkfifo);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use VecdbCli;

my $none = qr/\A\z/;

# ---- what is refused before anybody connects ----

use_nobody();
like_output('help', [ vecdb([ 'load', '--help' ]) ],
	0, qr/^Usage:\n  vecdb load .*--format.*--dbname/ms, $none);
like_output('version', [ vecdb(['--version']) ],
	0, qr/\Avecdb \d+\.\d+\.\d+\n\z/, $none);
like_output('no command', [ vecdb([]) ],
	1, $none, qr/\Avecdb: no command given\nvecdb: HINT: /);
like_output('unknown command', [ vecdb(['frob']) ],
	1, $none, qr/\Avecdb: unknown command "frob"\n/);

my @usage = (
	[ 'no file', [], qr/no file given/ ],
	[ 'two files', [ 'a', 'b' ], qr/expected one file, found 2 arguments/ ],
	[ 'unknown option', ['--frob'], qr/unrecognized option '--frob'/ ],
	[ 'bad --dims', [ '--dims=0', 'x' ], qr/from 1 to 16000, found "0"/ ],
	[ 'bad --max-word', [ '--max-word=1k', 'x' ], qr/found "1k"/ ],
	[   'append and drop', [ '--append', '--drop', 'x' ],
		qr/only one of --append, --truncate and --drop/ ],
	[ 'missing file', ['/no/such'], qr{/no/such: could not open: No such} ],
	[ 'folder', ['/'], qr{/: is a directory} ],
);
foreach my $case (@usage)
{
	my ($name, $arguments, $message) = @$case;
	like_output($name, [ vecdb([ 'load', @$arguments ]) ],
		1, $none, qr/\Avecdb: .*$message/);
}

# The first row is read before connecting: the status is 1, not 2.
my $floats = pack('f<*', 1 .. 6);
my @first = (
	[ 'empty', make_file(''), qr/: the file is empty/ ],
	[ 'word alone', glove('hello'), qr/:1: expected a word and its numbers, found "hello"/ ],
	[ 'invalid UTF-8', glove("a\xffb 1 2"), qr/:1: expected UTF-8, found byte 0xff at byte 2/ ],
	[ 'overlong UTF-8', glove("\xc0\xaf 1 2"), qr/:1: expected UTF-8, found byte 0xc0/ ],
	[ 'surrogate', glove("\xed\xa0\x80 1 2"), qr/:1: expected UTF-8, found byte 0xed/ ],
	[ 'zero byte', glove("a\0b 1 2"), qr/:1: expected text, found a zero byte at byte 2/ ],
	[ 'no word', glove(' 1 2'), qr/:1: expected a word, found a space/ ],
	[ 'long word', glove('w' x 2001 . ' 1'), qr/:1: .* at most 2000 bytes, found one of 2001/ ],
	[ 'NaN', glove('a 1 NaN'), qr/:1: number 2 of 2: expected a finite number, found "NaN"/ ],
	[ 'infinity', glove('a -inf 1'), qr/:1: number 1 of 2: expected a finite number, found "-inf"/ ],
	[ 'overflow', glove('a 1e39 1'), qr/:1: number 1 of 2: .* range of float4, found "1e39"/ ],
	[ 'too many dimensions', glove('a' . ' 1' x 16001), qr/:1: expected 1 to 16000 dimensions, found 16001/ ],
	[ 'header without rows', glove('0 3'), qr/:1: expected a header with at least one row/ ],
	[ 'header alone', glove('2 3'), qr/expected 2 rows as its header says, found 0/ ],
	[ 'gzip', make_file("\x1f\x8b\x08\0\0", '.gz'), qr/compressed with gzip; use gzip -dc/ ],
	[ 'Parquet', make_file("PAR1\x15\4\x15\x10", '.parquet'), qr/a file of Parquet; write its rows as JSON lines to vecdb load --format=jsonl -/ ],
	[ 'HDF5', make_file("\x89HDF\r\n\x1a\n", '.h5'), qr/a file of HDF5; write/ ],
	[ 'unknown bytes', make_file("ab\0\1\2\3", '.bin'), qr/cannot tell the format .* --format/ ],
	[ 'fvecs: cut header', make_file("\3\0", '.fvecs'), qr/record 1: expected 4 bytes .* found 2/ ],
	[ 'fvecs: dimensions', make_file("\0\0\0\x80$floats", '.fvecs'), qr/record 1: expected 1 to 16000 dimensions, found -2147483648/ ],
	[ 'fvecs: cut row', make_file(pack('l<', 3) . 'abcd', '.fvecs'), qr/record 1: expected 12 bytes of numbers, found 4/ ],
	[ 'fvecs: NaN', make_file(pack('l< L<', 1, 0x7fc00000), '.fvecs'), qr/record 1: component 1: .* found NaN/ ],
	[ 'npy: other data', make_file('x' x 80, '.npy'), qr/expected a \.npy file/ ],
	[ 'npy: integers', npy('<i4', '(2, 3)', $floats), qr/expected float32, .* found '<i4'/ ],
	[ 'npy: Fortran order', npy('<f4', '(2, 3)', $floats, 'True'), qr/Fortran order/ ],
	[ 'npy: one dimension', npy('<f4', '(6,)', $floats), qr/two dimensions, found the shape \(6,\)/ ],
	[ 'npy: three dimensions', npy('<f4', '(1, 2, 3)', $floats), qr/two dimensions, found the shape \(1, 2, 3\)/ ],
	[ 'npy: no rows', npy('<f4', '(0, 3)', ''), qr/expected at least one row/ ],
	[ 'npy: too wide', npy('<f4', '(1, 16001)', ''), qr/expected 1 to 16000 dimensions, found 16001/ ],
	[ 'npy: cut header', make_file("\x93NUMPY\1\0\xff\0{", '.npy'), qr/expected a header of 255 bytes/ ],
	[ 'npy: float64 beyond float4', npy('<f8', '(1, 1)', pack('d<', 1e300)), qr/record 1: component 1: .* found infinity/ ],
);
foreach my $case (@first)
{
	my ($name, $path, $message) = @$case;
	like_output("first row, $name", [ vecdb([ 'load', $path ]) ],
		1, $none, qr/\Avecdb: .*$message/);
}
like_output('--dims against the file',
	[ vecdb([ 'load', '--dims=3', glove('a 1 2') ]) ],
	1, $none, qr/:1: expected 3 dimensions as --dims says, found 2/);
like_output('unknown format',
	[ vecdb([ 'load', '--format=xml', glove('a 1 2') ]) ],
	1, $none, qr/unknown format "xml"; known are glove, fvecs, npy, csv, tsv, jsonl/);
like_output('--words with a file that has words',
	[ vecdb([ 'load', '--words=x', glove('a 1 2') ]) ],
	1, $none, qr/holds words of its own/);
like_output('no server', [ vecdb([ 'load', glove('a 1 2') ]) ],
	2, $none, qr/\Avecdb: connection to server .* failed/);

# ---- what is refused later, with nothing half loaded ----

my $node = start_node('cli_load');

like_output('no extension', [ vecdb([ 'load', glove('a 1 2') ]) ],
	3, $none, qr/has no type "vector"\nvecdb: HINT:  Run CREATE EXTENSION/);
$node->safe_psql('postgres', 'CREATE EXTENSION vecdb');

my $words = make_file("x\ny\n");
my @later = (
	[ 'too few numbers', [ glove('a 1 2 3', 'b 1 2') ], qr/:2: expected a word and 3 numbers, found 2 numbers after "b"/ ],
	[ 'too many numbers', [ glove('a 1 2 3', 'b 1 2 3 4') ], qr/:2: expected a word and 3 numbers, found 4 numbers/ ],
	[ 'not a number', [ glove('a 1 2 3', 'b 1 0x2 3') ], qr/:2: number 2 of 3: expected a number, found "0x2"/ ],
	[ 'empty line', [ glove('a 1 2', '', 'c 1 2') ], qr/:2: .* found an empty line/ ],
	[ 'second header', [ glove('4 2', 'a 1 2', '4 2', 'b 1 2') ], qr/:3: .* found a header/ ],
	[ 'fewer rows than announced', [ glove('3 2', 'a 1 2', 'b 1 2') ], qr/expected 3 rows as its header says, found 2/ ],
	[ 'more rows than announced', [ glove('1 2', 'a 1 2', 'b 1 2') ], qr/expected 1 rows as its header says, found 2/ ],
	[ 'fvecs: other dimensions', [ fvecs([ 1, 2 ], [3]) ], qr/record 2: expected 2 dimensions .* found 1/ ],
	[ 'npy: fewer rows', [ npy('<f4', '(3, 3)', $floats) ], qr/expected 3 rows .* found 2/ ],
	[ 'npy: more rows', [ npy('<f4', '(1, 3)', $floats) ], qr/record 2: expected the end of the file after 1 rows/ ],
	[ 'npy: cut row', [ npy('<f4', '(2, 3)', substr($floats, 0, 20)) ], qr/record 2: expected 12 bytes of numbers, found 8/ ],
	[ 'too few words', [ "--words=$words", fvecs([1], [2], [3]) ], qr/expected a word for every row .* found only 2/ ],
	[ 'too many words', [ "--words=$words", fvecs([1]) ], qr/:2: expected one word for each of the 1 rows/ ],
	[ 'empty word', [ '--words=' . make_file("x\n\n"), fvecs([1], [2]) ], qr/:2: expected a word, found none/ ],
);
foreach my $case (@later)
{
	my ($name, $arguments, $message) = @$case;
	like_output("later row, $name",
		[ vecdb([ 'load', '--table=half', @$arguments ]) ],
		1, $none, qr/\Avecdb: .*$message.*\nvecdb: nothing was loaded\n\z/);
}
is($node->safe_psql('postgres', "SELECT to_regclass('half')"),
	'', 'no table came into being');

# ---- what is loaded ----

# Load with these arguments and return the rows in order.
sub loaded
{
	my ($name, @arguments) = @_;
	my @got = vecdb([ 'load', '--drop', '--table=t', @arguments ]);

	like_output($name, \@got, 0, qr/\Aloaded \S+ rows? of \d+ dim/, $none);
	return $node->safe_psql('postgres',
		"SELECT string_agg(coalesce(to_jsonb(t)->>'word', '')"
		  . " || ' ' || embedding::text, ';' ORDER BY id) FROM t");
}

is(loaded('text', glove('the 0.5 -1e-3', 'of 2 .25')),
	'the [0.5,-0.001];of [2,0.25]', 'rows of text');
is( loaded('words with spaces', glove('the 1 2', '. . . 3 4', 'at x@y.z 5 6')),
	'the [1,2];. . . [3,4];at x@y.z [5,6]', 'rows of words with spaces');
is(loaded('line ends', make_file("\xef\xbb\xbfa 1 2\r\nb\t3\t4 \nc 5 6")),
	'a [1,2];b [3,4];c [5,6]', 'byte order mark, CR, tabs, no last line end');
is(loaded('header', glove('2 2', 'a 1 2', 'b 3 4')),
	'a [1,2];b [3,4]', 'the header is no row');
is(loaded('numbers as words', glove('2024 1 2', '7 3 4')),
	'2024 [1,2];7 [3,4]', 'words that look like numbers');
is(loaded('one dimension', '--dims=1', glove('5 3', '6 4')),
	'5 [3];6 [4]', '--dims=1 means that there is no header');
is(loaded('fvecs', fvecs([ 1, -2.5 ], [ 3, 4 ])),
	' [1,-2.5]; [3,4]', 'rows of fvecs');
is(loaded('fvecs with words', "--words=$words", fvecs([ 1, 2 ], [ 3, 4 ])),
	'x [1,2];y [3,4]', 'rows of fvecs with words');
foreach my $kind ([ '<f4', 'f<' ], [ '>f4', 'f>' ], [ '<f8', 'd<' ],
	[ '>f8', 'd>' ])
{
	my ($descr, $letter) = @$kind;
	is( loaded("npy $descr", npy($descr, '(2, 2)', pack("$letter*", 1, -.5, 3, 4))),
		' [1,-0.5]; [3,4]', "rows of npy $descr");
}
is( loaded('npy <f2', npy('<f2', '(1, 4)', pack('S<*', 0x3c00, 0xb800, 0x7bff, 0x0001))),
	' [1,-0.5,65504,5.9604645e-08]', 'rows of npy <f2');

# By name, from a pipe.
like_output('standard input',
	[ vecdb([ 'load', '--drop', '-tt', '-' ], stdin => "a 1 2\n") ],
	0, qr/\Aloaded 1 rows of 2 dimensions into t/, $none);

# Every number as the server itself would read it.
srand(20);
my @texts = map {
	my $digits = join('', map { int(rand(10)) } 1 .. 1 + int(rand(12)));
	my $text = (rand() < .5 ? '-' : '') . $digits;
	substr($text, -int(rand(length $digits)) || length $text, 0) = '.';
	$text .= 'e' . (int(rand(60)) - 30) if rand() < .2;
	$text;
} 1 .. 2000;
like_output('many numbers',
	[ vecdb([ 'load', '--drop', '-tt', '-' ], stdin => "w @texts\n") ],
	0, qr/of 2000 dimensions/, $none);
is( $node->safe_psql('postgres',
		'SELECT string_agg(v::text, chr(10)) FROM (SELECT unnest('
		  . "embedding::real[]) v FROM t) s"),
	$node->safe_psql('postgres',
		'SELECT string_agg(v::real::text, chr(10)) FROM unnest(\'{'
		  . join(',', @texts) . '}\'::text[]) v'),
	'numbers are rounded as the server rounds them');

# ---- what happens to the table ----

my $two = glove('a 1 2', 'b 3 4');
my $count = 'SELECT count(*) FROM word_embeddings';
like_output('the usual table', [ vecdb([ 'load', $two ]) ],
	0, qr/into word_embeddings in/, $none);
is( $node->safe_psql('postgres',
		"SELECT string_agg(attname || ' ' || format_type(atttypid, atttypmod), ', ' ORDER BY attnum)"
		  . " FROM pg_attribute WHERE attrelid = 'word_embeddings'::regclass AND attnum > 0"),
	'id bigint, word text, embedding vector(2)',
	'its columns');
like_output('a table with rows', [ vecdb([ 'load', $two ]) ],
	1, $none, qr/table word_embeddings already holds rows\nvecdb: HINT: /);
is($node->safe_psql('postgres', $count), '2', 'is left alone');
like_output('--append', [ vecdb([ 'load', '--append', $two ]) ],
	0, qr/\Aloaded 2 rows/, $none);
is($node->safe_psql('postgres', $count), '4', 'adds');
like_output('--truncate', [ vecdb([ 'load', '--truncate', '-q', $two ]) ],
	0, $none, $none);
is($node->safe_psql('postgres', $count), '2', 'replaces');
like_output('--truncate with a bad file',
	[ vecdb([ 'load', '--truncate', glove('a 1 2', 'b x y') ]) ],
	1, $none, qr/nothing was loaded/);
is($node->safe_psql('postgres', $count), '2', 'keeps what was there');
like_output('other dimensions',
	[ vecdb([ 'load', '--append', glove('a 1 2 3') ]) ],
	1, $none, qr/has 2 dimensions, but .* has 3/);

$node->safe_psql('postgres', <<'END');
CREATE SCHEMA "My.Schema";
CREATE TABLE "My.Schema"."T""x" ("The Word" varchar(3), "V" vector);
CREATE TABLE halves (word text, embedding real[]);
CREATE TABLE numbered (word int, embedding vector);
END
my @odd = ('--table="My.Schema"."T""x"', '--column=V');
like_output('names that need quotes',
	[ vecdb([ 'load', @odd, '--word-column=The Word', $two ]) ],
	0, qr/\Aloaded 2 rows/, $none);
is( $node->safe_psql('postgres', 'SELECT count("The Word") FROM "My.Schema"."T""x"'),
	'2', 'reach the table');
like_output('no such column', [ vecdb([ 'load', @odd, '--append', $two ]) ],
	1, $none, qr/has no column "word"\nvecdb: HINT:  The option --word-column/);
like_output('an error of the server',
	[   vecdb([ 'load', @odd, '--append', '--word-column=The Word',
				glove('a 1 2', 'long 3 4') ]) ],
	3, $none,
	qr/value too long .* \(SQLSTATE 22001\)\nvecdb: CONTEXT:  COPY T"x, line 2/);
like_output('no column of vectors', [ vecdb([ 'load', '-thalves', $two ]) ],
	1, $none, qr/is of type _float4, expected vector/);
like_output('no column of text', [ vecdb([ 'load', '-tnumbered', $two ]) ],
	1, $none, qr/is of type int4, expected text/);
like_output('bad name', [ vecdb([ 'load', '-ta..b', $two ]) ],
	1, $none, qr/\Avecdb: invalid name/);
like_output('no such schema', [ vecdb([ 'load', '-tnowhere.t', $two ]) ],
	3, $none, qr/schema "nowhere" does not exist \(SQLSTATE 3F000\)/);

# What the server's own casts make of the same numbers: ties to either side, a
# carry into the exponent, the least and the greatest, below the least, zeros.
$node->safe_psql('postgres', <<'END');
CREATE TABLE dense (word text, embedding vector(12));
CREATE TABLE half (word text, embedding halfvec(12));
CREATE TABLE sparse (word text, embedding sparsevec(12));
END
my @numbers = (
	'a 1 -1.00048828125 1.00146484375 1.9998 65504 65519.9 6.1e-5 -3e-8 2.98e-8 1e-9 0 -0',
	'b 0 0 0.333333333 0 0 0 0 0 0 0 0 -2.5', 'c' . ' 0' x 12);
like_output("into $_", [ vecdb([ 'load', "-t$_", glove(@numbers) ]) ],
	0, qr/\Aloaded 3 rows/, $none)
  foreach 'dense', 'half', 'sparse';
foreach ([ 'half', 'halfvec' ], [ 'sparse', 'sparsevec' ])
{
	my ($table, $type) = @$_;

	is( $node->safe_psql('postgres', "SELECT count(*) FROM dense JOIN $table AS t USING (word)
		WHERE ${type}_send(dense.embedding::$type) = ${type}_send(t.embedding)"),
		'3', "the same as a cast to $type");
}
# A domain is what it is over.
$node->safe_psql('postgres', 'CREATE DOMAIN own_vector AS vector(2); CREATE DOMAIN own_word AS text;
	CREATE TABLE own (word own_word, embedding own_vector)');
like_output('into a domain', [ vecdb([ 'load', '-town', $two ]) ], 0, qr/\Aloaded 2 rows/, $none);
like_output('an index on it', [ vecdb([ 'index', '-q', '-town' ]) ], 0, $none, $none);
like_output('a search in it', [ vecdb([ 'search', '-town', '--vector=1 2', '-k1' ]) ],
	0, qr/^word +distance\n/, $none);
like_output('its dimensions', [ vecdb([ 'search', '-town', '--vector=1 2 3' ]) ],
	1, $none, qr/has 2 dimensions, but the vector has 3/);
like_output('no half', [ vecdb([ 'load', '--truncate', '-thalf', glove('a 65520' . ' 0' x 11) ]) ],
	3, $none, qr/infinite value not allowed in halfvec .*COPY half, line 1/s);
like_output('other dimensions', [ vecdb([ 'load', '--truncate', '-tsparse', $two ]) ],
	1, $none, qr/has 12 dimensions, but .* has 2/);

$node->safe_psql('postgres', 'CREATE DATABASE elsewhere');
$node->safe_psql('elsewhere',
	'CREATE SCHEMA "Ext"; CREATE EXTENSION vecdb WITH SCHEMA "Ext"');
like_output('extension in another schema',
	[ vecdb([ 'load', '-d', 'elsewhere', $two ]) ],
	0, qr/\Aloaded 2 rows/, $none);

# ---- connections ----

my ($host, $port) = ($node->host, $node->port);
my $service = make_file("[here]\nhost=$host\nport=$port\ndbname=postgres\n",
	'.conf');
my @ways = (
	[ 'options', [ '-h', $host, '-p', $port, '-d', 'postgres', '-w' ] ],
	[ 'long options', [ "--host=$host", "--port=$port", '--dbname=postgres' ] ],
	[ 'conninfo', [ '-d', "host=$host port=$port dbname=postgres" ] ],
	[ 'URI', [ '-d', "postgresql:///postgres?host=$host&port=$port" ] ],
	[ 'service', [ '-d', 'service=here' ] ],
);
{
	local %ENV = %ENV;
	use_nobody();
	delete $ENV{PGDATABASE};
	$ENV{PGSERVICEFILE} = $service;
	delete @ENV{qw(PGHOST PGPORT)};
	like_output("by $_->[0]",
		[ vecdb([ 'load', '--append', @{ $_->[1] }, $two ]) ],
		0, qr/\Aloaded 2 rows/, $none)
	  foreach @ways;
	like_output('TLS demanded where there is none',
		[ vecdb([ 'load', '-d', "host=127.0.0.1 port=$port sslmode=require", $two ]) ],
		2, $none, qr/\Avecdb: connection to server/);
}
like_output('no such database', [ vecdb([ 'load', '-d', 'nowhere', $two ]) ],
	2, $none, qr/database "nowhere" does not exist/);
like_output('unknown connection option',
	[ vecdb([ 'load', '-d', 'frob=1', $two ]) ],
	2, $none, qr/invalid connection option "frob"/);

# ---- progress, interruption, loss of the server ----

# Write rows into the pipe that a load reads from.
sub feed
{
	my ($pipe, $rows) = @_;

	print $pipe "w$_ 1 2\n" for 1 .. $rows;
	$pipe->flush;
	return;
}

# Begin a load whose input does not end, and wait until it is in COPY.
sub begin_load
{
	my ($out, $err) = @_;
	my $path = make_file('');

	unlink($path);
	mkfifo($path, 0600) or die "mkfifo: $!";
	my $run = vecdb_start([ 'load', '--table=slow', $path ], $out, $err);
	open(my $pipe, '>', $path) or die "$path: $!";

	# More than any buffer between here and the server holds.
	feed($pipe, 300_000);
	$node->poll_query_until('postgres',
		"SELECT count(*) = 1 FROM pg_stat_activity WHERE query LIKE 'COPY %'"
		  . " AND application_name = 'vecdb'")
	  or die 'vecdb is not loading';
	return ($run, $pipe);
}

my ($out, $err) = ('', '');
my ($run, $pipe) = begin_load(\$out, \$err);
# The clock is looked at between rows; a plain line comes every two seconds.
sleep 2;
feed($pipe, 30_000);
IPC::Run::pump($run) until $err =~ /\n/;
like($err, qr/\Avecdb: loading  \d+,\d+ rows, [\d,]+ rows\/s\n/,
	'plain lines of progress without a terminal');
$run->signal('INT');
IPC::Run::finish($run);
is($run->result(0), 130, 'SIGINT ends it with 130');
like($err, qr/vecdb: interrupted; nothing was loaded\n\z/, 'and says so');
is($out, '', 'and claims nothing');
$node->poll_query_until('postgres',
	"SELECT count(*) = 0 FROM pg_stat_activity WHERE application_name = 'vecdb'");
is($node->safe_psql('postgres', "SELECT to_regclass('slow')"),
	'', 'nothing remains');

close($pipe);

($out, $err) = ('', '');
($run, $pipe) = begin_load(\$out, \$err);
$node->safe_psql('postgres',
	"SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
	  . " WHERE application_name = 'vecdb'");
close($pipe);
IPC::Run::finish($run);
is($run->result(0), 2, 'a lost connection ends it with 2');
like($err, qr/^vecdb: /m, 'and says so');

$node->stop;
done_testing();
