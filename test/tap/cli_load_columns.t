# vecdb load of files with named columns: CSV, TSV, JSON lines, arrays with
# attributes beside them; and what vecdb search shows of such tables.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use VecdbCli;

my $none = qr/\A\z/;

sub csv { return make_file(join("\n", @_, ''), '.csv'); }
sub jsonl { return make_file(join("\n", @_, ''), '.jsonl'); }

# ---- what is refused before anybody connects ----

use_nobody();
my $wide = join(',', map { "c$_" } 1 .. 1601);
my @first = (
	[ 'empty', csv('', ''), qr/expected a header, found the end/ ],
	[ 'header alone', csv('id,v'), qr/expected at least one row, found none/ ],
	[ 'two alike', csv('a,a,v', '1,2,[1]'), qr/:1: two columns have the name "a"/ ],
	[ 'no name', csv(',v', '1,[1]'), qr/column 1 of the header has no name; --columns/ ],
	[ 'long name', csv('n' x 64 . ',v', '1,[1]'), qr/:1: expected names of at most 63 bytes/ ],
	[ 'wide', csv($wide, '1'), qr/:1: expected at most 1600 fields, found more/ ],
	[ 'too few', csv('id,v', '1,[1]', '2'), qr/:3: expected 2 fields as in the header, found 1/ ],
	[ 'too many', csv('id,v', '1,[1]', '', '2,[1],3'), qr/:4: expected 2 fields as in the header, found 3/ ],
	[ 'open quote', csv('id,v', '1,[1]', '2,"[1', '3,[4]'), qr/:3: expected a closing quote for the one of line 3/ ],
	[ 'open quote after line ends', csv('t,v', "\"a\nb\",\"[1"), qr/:2: expected a closing quote for the one of line 3/ ],
	[ 'quote inside', csv('t,v', '"a"b,[1]'), qr/:2: field 1: expected a delimiter .* found "b"/ ],
	[ 'invalid UTF-8', csv('t,v', "a\xffb,[1]"), qr/:2: expected UTF-8, found byte 0xff at byte 2 of field 1/ ],
	[ 'zero byte', csv('t,v', "a\0b,[1]"), qr/:2: expected text, found a zero byte in field 1/ ],
	[ 'no vectors', csv('a,b', '1,2'), qr/expected a column of vectors .* found none; --vector/ ],
	[ 'two vectors', csv('a,b', '[1],[2]'), qr/columns "a" and "b" both hold vectors; --vector/ ],
	[ 'jsonl: no object', jsonl('[1]'), qr/:1: expected an object at byte 1, found "\["/ ],
	[ 'jsonl: cut', jsonl('{"v": [1], "a": "x'), qr/:1: expected the end of a string, found the end of the line/ ],
	[ 'jsonl: twice', jsonl('{"a": 1, "a": 2, "v": [1]}'), qr/:1: key "a" is there twice/ ],
	[ 'jsonl: half a pair', jsonl('{"a": "\ud83d", "v": [1]}'), qr/:1: expected both halves of a surrogate pair/ ],
	[ 'jsonl: zero', jsonl('{"a": "\u0000", "v": [1]}'), qr/:1: .* found the zero byte \\u0000/ ],
	[ 'jsonl: comma', jsonl('{"v": [1],}'), qr/:1: expected a key after the comma/ ],
	[ 'jsonl: two', jsonl('{"v": [1]} {}'), qr/:1: expected the end of the line/ ],
	[ 'jsonl: deep', jsonl('{"v": [1], "a": ' . '[' x 200), qr/:1: expected at most 100 levels/ ],
	[ 'jsonl: zeros', jsonl('{"v": [01]}'), qr/:1: expected a number without zeros/ ],
);
like_output("first rows, $_->[0]", [ vecdb([ 'load', $_->[1] ]) ],
	1, $none, qr/\Avecdb: .*$_->[2]/)
  foreach @first;

my @vectors = (
	[ 'NaN', '[1,NaN]', qr/number 2 of the vector: expected a finite number, found "NaN"/ ],
	[ 'infinity', '{inf}', qr/number 1 of the vector: expected a finite number, found "inf"/ ],
	[ 'empty', '[]', qr/.*1 to 16000 dimensions, found an empty one/ ],
	[ 'hole', '[1,,2]', qr/number 2 of the vector: expected a number, found ""/ ],
	[ 'open', '[1,2', qr/expected "," or the "\]" that ends the vector after number 2/ ],
	[ 'mixed', '[1,2}', qr/expected "," or the "\]"/ ],
	[ 'more', '[1] 2', qr/expected "," or the "\]"/ ],
	[ 'text', 'one', qr/expected a vector such as \[1,2,3\], found "one"/ ],
	[ 'too many', '[' . join(',', (1) x 16001) . ']', qr/.*1 to 16000 dimensions, found more/ ],
);
like_output("vector, $_->[0]",
	[ vecdb([ 'load', '--vector=v', csv('id,v', "1,\"$_->[1]\"") ]) ],
	1, $none, qr/\Avecdb: .*:2: $_->[2]/)
  foreach @vectors;
like_output('--vector', [ vecdb([ 'load', '--vector=w', csv('v', '[1]') ]) ],
	1, $none, qr/expected a column "w", found none/);
like_output('--columns', [ vecdb([ 'load', '--columns=w', csv('v', '[1]') ]) ],
	1, $none, qr/--columns names "w", which is no column/);
like_output('--columns, type', [ vecdb([ 'load', '--columns=a:int;', csv('a,v', '1,[1]') ]) ],
	1, $none, qr/expected a type after "a:", found "int;"/);
like_output('--attributes', [ vecdb([ 'load', '--attributes=x', csv('v', '[1]') ]) ],
	1, $none, qr/holds columns of its own; --attributes does not apply/);

# ---- what is refused later ----

my $node = start_node('cli_load_columns');
$node->safe_psql('postgres', 'CREATE EXTENSION vecdb');

my $array = npy('<f4', '(2, 2)', pack('f<*', 1 .. 4));
my @many = map { "$_,\"[$_,1]\"" } 1 .. 10001;
my @later = (
	[ 'other dimensions', [ csv('id,v', '1,[1]', '2,"[1,2]"') ], qr/:3: expected 1 dimensions as before, found 2/ ],
	[ 'another type', [ csv('id,v', @many, 'x,"[1,2]"') ], qr/:10003: column "id": expected int8 as in the first rows, found "x"; --columns/ ],
	[ 'a bad line', [ csv('id,v', @many, '5') ], qr/:10003: expected 2 fields/ ],
	[ 'a new key', [ jsonl((map { "{\"v\": [$_]}" } 1 .. 10001), '{"a": 1, "v": [1]}') ],
		qr/:10002: key "a" is in none of the first rows/ ],
	[ 'too few attributes', [ '--attributes=' . csv('a', '1'), $array ],
		qr/csv: expected a row for every row of \S+npy, found only 1/ ],
	[ 'too many attributes', [ '--attributes=' . csv('a', '1', '2', '3'), $array ],
		qr/csv:4: expected one row for each of the 2 rows of \S+npy, found more/ ],
);
like_output("later row, $_->[0]",
	[ vecdb([ 'load', '-q', '--table=half', @{ $_->[1] } ]) ],
	1, $none, qr/\Avecdb: .*$_->[2].*\nvecdb: nothing was loaded\n\z/)
  foreach @later;

# Errors of the server name the row; the line is where it begins.
like_output('an error of the server',
	[   vecdb([ 'load', '-q', '--table=half', '--columns=*,u:uuid',
				csv('t,u,v', "\"a\nb\",,[1]", "\"c\nd\",x,[2]", 'e,,[3]') ]) ],
	3, $none,
	qr/invalid input syntax for type uuid: "x" \(SQLSTATE 22P02\)\nvecdb: CONTEXT:  COPY half, line 2, .*\nvecdb: HINT:  That row begins at \S+:4\.\nvecdb: nothing was loaded\n\z/);
like_output('an id twice', [ vecdb([ 'load', '-q', '--table=half', csv('id,v', '1,[1]', '1,[2]') ]) ],
	3, $none, qr/duplicate key .*begins at \S+:3\./s);
like_output('no such type', [ vecdb([ 'load', '-q', '--table=half', '--columns=a:intt', csv('a,v', '1,[1]') ]) ],
	3, $none, qr/type "intt" does not exist/);
is($node->safe_psql('postgres', "SELECT to_regclass('half')"),
	'', 'no table came into being');

# ---- what is loaded ----

# Load into t anew; its columns with their types, and its rows as JSON.
sub loaded
{
	my ($name, $arguments, %options) = @_;
	my @got = vecdb([ 'load', '-q', '--drop', '--table=t', @$arguments ], %options);

	like_output($name, \@got, 0, $none, $none);
	my $columns = $node->safe_psql('postgres',
		"SELECT string_agg(attname || ' ' || format_type(atttypid, atttypmod), ', ' ORDER BY attnum)"
		  . " FROM pg_attribute WHERE attrelid = 't'::regclass AND attnum > 0");
	my $rows = $node->safe_psql('postgres', "SELECT string_agg(r::text, ';' ORDER BY id) FROM t AS r");
	return "$columns: $rows";
}

is( loaded('types', [ csv('id,n,x,b,d,ts,zip,s,embedding',
			'1,5,1.5,true,2024-02-29,2024-01-01T10:00:00Z,007,a,"[1,2]"',
			'2,,-2e3,FALSE,,2024-01-01,12345,"","{3, 4}"') ]),
	'id bigint, n bigint, x double precision, b boolean, d date, '
	  . 'ts timestamp with time zone, zip text, s text, embedding vector(2): '
	  . $node->safe_psql('postgres', q{SELECT ROW(1,5,1.5,true,'2024-02-29'::date,'2024-01-01T10:00:00Z'::timestamptz,'007','a','[1,2]')})
	  . ';'
	  . $node->safe_psql('postgres', q{SELECT ROW(2,NULL,-2e3::float8,false,NULL,'2024-01-01'::timestamptz,'12345','','[3,4]')}),
	'columns of a CSV file');
is( loaded('large numbers', [ csv('id,x,y,v', '18446744073709551615,1e300,9007199254740993,[1]',
			'18446744073709551614,-100000000000000000000,0.5,[2]', '-0,1,1.,[3]') ]),
	'id numeric, x double precision, y numeric, embedding vector(1): '
	  . '(0,1,1,[3]);(18446744073709551614,-1e+20,0.5,[2]);(18446744073709551615,1e+300,9007199254740993,[1])',
	'no digit of a whole number is lost');
is( loaded('large numbers of JSON', [ jsonl('{"id": 18446744073709551615, "v": [1]}',
			'{"id": 18446744073709551614, "v": [2]}') ]),
	'id numeric, embedding vector(1): (18446744073709551614,[2]);(18446744073709551615,[1])',
	'nor of JSON lines');
is( loaded('form', [ make_file("\xef\xbb\xbft,vec\r\n\"a\r\n\"\"b\"\"\",\"[1,\n2]\"\r\n\r\n\\N,[3;]\r\n"
			=~ s/\[3;\]/"[3,4]"/r, '.csv') ]),
	"id bigint, t text, embedding vector(2): (1,\"a\r\n\"\"b\"\"\",\"[1,2]\");(2,\"\\\\N\",\"[3,4]\")",
	'mark, CR LF, quotes, empty lines, another name');
is( loaded('tsv', [ make_file("t\tv\nx\t[1,2]\n", '.tsv') ]),
	'id bigint, t text, embedding vector(2): (1,x,"[1,2]")', 'TSV');
is( loaded('no quotes', [ '--no-quotes', make_file("t\tv\n5\" x\t[1]\n\"y\t[2]\n", '.tsv') ]),
	'id bigint, t text, embedding vector(1): (1,"5"" x",[1]);(2,"""y",[2])', '--no-quotes');
is( loaded('standard input', [ '--format=csv', '-' ], stdin => "id,v\n7,[1]\n"),
	'id bigint, embedding vector(1): (7,[1])', 'standard input');
is( loaded('columns', [ '--columns=id:int2,"p":numeric(6,2)' =~ s/"//gr, csv('id,p,x,v', '1,1.5,2,[1]') ]),
	'id smallint, p numeric(6,2), embedding vector(1): (1,1.50,[1])', '--columns chooses, with types');
is( loaded('others', [ '--columns=*,id:text', csv('id,x,v', '1,2,[1]') ]),
	'id text, x bigint, embedding vector(1): (1,2,[1])', '* is all others');
is( loaded('null vectors', [ csv('id,v', '1,', '2,[1]') ]),
	'id bigint, embedding vector(1): (1,);(2,[1])', 'a vector may be null');
is( loaded('one of two', [ '--vector=b', csv('a,b', '[1],[2]') ]),
	'id bigint, a text, embedding vector(1): (1,[1],[2])', '--vector');
is( loaded('usual', [ csv('a,embedding', '[1],[2]') ]),
	'id bigint, a text, embedding vector(1): (1,[1],[2])', 'the usual one of two');
is( loaded('jsonl', [ jsonl(
			'{"id": 1, "t": "a\u00e9\ud83d\ude00\n\"", "v": [1, 2.5e0], "m": {"k": [1, {}]}, "b": true}',
			'', ' {"v": "[3,4]", "id": 2, "m": null, "x": 1.5, "mixed": 1} ',
			'{"v": null, "id": 3, "mixed": "s"}') ]),
	'id bigint, t text, m jsonb, b boolean, x double precision, mixed jsonb, embedding vector(2): '
	  . "(1,\"a\xc3\xa9\xf0\x9f\x98\x80\n\"\"\",\"{\"\"k\"\": [1, {}]}\",t,,,\"[1,2.5]\");"
	  . '(2,,,,1.5,1,"[3,4]");(3,,,,,"""s""",)',
	'JSON lines');
is( loaded('jsonl by its first byte', [ '-' ], stdin => "{\"v\": [1]}\n"),
	'id bigint, embedding vector(1): (1,[1])', 'JSON lines are recognized');
is( loaded('bytes', [ npy('|u1', '(2, 2)', "\1\2\x00\xff") ]),
	'id bigint, embedding vector(2): (0,"[1,2]");(1,"[0,255]")', 'an array counts from 0');
is( loaded('attributes', [ '--attributes=' . csv('t', 'x', 'y'), $array ]),
	'id bigint, t text, embedding vector(2): (0,x,"[1,2]");(1,y,"[3,4]")', 'attributes beside an array');
is( loaded('attributes with ids', [ '--attributes=' . csv('id,t', '5,x', '3,y'), $array ]),
	'id bigint, t text, embedding vector(2): (3,y,"[3,4]");(5,x,"[1,2]")', 'their ids are the rows\'');
my @odd = map { sprintf '%.9g', unpack('f<', pack('f<', $_)) } 0.1, -1e-30, 3.4e38, 9, 10, 1e-45;
loaded('numbers', [ csv('v', '"[' . join(',', @odd) . ']"') ]);
is( $node->safe_psql('postgres', "SELECT embedding = '[" . join(',', @odd) . "]' FROM t"), 't',
	'numbers arrive as they were');

like_output('columns are shown', [ vecdb([ 'load', '--drop', '--table=t', csv('id,t,v', '1,x,[1]') ]) ],
	0, qr/\Aloaded 1 rows/,
	qr/\Avecdb: column "id" int8\nvecdb: column "t" text\nvecdb: column "embedding" vector\(1\), "v" in the file\n\z/);
like_output('a name in use', [ vecdb([ 'load', '-q', '--drop', '--table=t', '--vector=v', csv('embedding,v', '1,[1]') ]) ],
	1, $none, qr/column "embedding" of the file is not that of its vectors\nvecdb: HINT:  --column /);

# ---- into tables that are there ----

$node->safe_psql('postgres', <<'SQL');
CREATE TABLE there (price numeric(8,2), meta jsonb, title varchar(5), v halfvec(2));
CREATE TABLE sparse (t text, embedding sparsevec(3));
SQL
like_output('halfvec', [ vecdb([ 'load', '-q', '--table=there', '--column=v',
			jsonl('{"title": "a", "price": "1.5", "meta": "s", "v": [1, 2]}') ]) ],
	0, $none, $none);
is( $node->safe_psql('postgres', 'SELECT * FROM there'), '1.50|"s"|a|[1,2]', 'by the types of the table');
like_output('rows are there', [ vecdb([ 'load', '-q', '--table=there', '--column=v', csv('v', '"[1,2]"') ]) ],
	1, $none, qr/already holds rows\nvecdb: HINT:  Use --append/);
like_output('no such column', [ vecdb([ 'load', '-q', '--append', '--table=there', '--column=v', csv('a,v', '1,"[1,2]"') ]) ],
	1, $none, qr/table there has no column "a"\nvecdb: HINT:  The option --columns/);
like_output('too long', [ vecdb([ 'load', '-q', '--append', '--table=there', '--column=v', csv('title,v', '123456,"[1,2]"') ]) ],
	3, $none, qr/value too long .*begins at \S+:2\.\nvecdb: nothing was loaded/s);
is($node->safe_psql('postgres', 'SELECT count(*) FROM there'), '1', 'and nothing was added');
like_output('sparsevec', [ vecdb([ 'load', '-q', '--table=sparse', csv('t,v', 'x,"[0,2,-1]"') ]) ],
	0, $none, $none);
is( $node->safe_psql('postgres', 'SELECT * FROM sparse'), 'x|{2:2,3:-1}/3', 'a sparse one');

# ---- search ----

like_output('goods', [ vecdb([ 'load', '-q', '--table=goods',
			csv('title,price,v', 'cup,5,"[1,0]"', 'pot,20,"[1,0.1]"', 'pan,30,"[0,1]"') ]) ],
	0, $none, $none);
my @search = ('search', '--table=goods', '--vector=[1,0]', '--metric=l2');
like_output('search shows the columns', [ vecdb(\@search) ],
	0, qr/\Aid  title  price  distance\n--.*\n 1  cup        5 /, $none);
like_output('--where', [ vecdb([ @search, '--where', 'price > 10 -- dear', '--columns=title' ]) ],
	0, qr/\Atitle  distance\n.*\npot .*\npan .*\n\n2 rows/, $none);
like_output('--where that is wrong', [ vecdb([ @search, '--where', 'prize > 10' ]) ],
	3, $none, qr/\Avecdb: column "prize" does not exist \(SQLSTATE 42703\)/);
like_output('--where that leaves its place', [ vecdb([ @search, '--where', 'true); DROP TABLE goods' ]) ],
	3, $none, qr/SQLSTATE 42601/);
like_output('queries from a file', [ vecdb([ 'bench', '--searches=5', '--rounds=1', '--warm=0',
			'--queries-from=' . csv('q', '"[1,2]"'), '--metric=l2', 'goods' ]) ],
	0, qr/recall/, qr/./);

$node->stop;
done_testing();
