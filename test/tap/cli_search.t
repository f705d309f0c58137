# vecdb search: by word and by vector, exactly and through the index, as a
# table and as JSON.
use strict;
use warnings;
use Encode;
use FindBin;
use lib $FindBin::RealBin;
use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use VecdbCli;

my $none = qr/\A\z/;

use_nobody();
like_output('help', [ vecdb([ 'search', '--help' ]) ],
	0, qr/^Usage:\n  vecdb search .*--exact.*--dbname/ms, $none);
my @usage = (
	[ 'two words', [ 'a', 'b' ], qr/expected one word, found 2/ ],
	[ 'word twice', [ '--word=a', 'b' ], qr/unexpected argument "b"/ ],
	[ 'word and vector', [ '--vector=[1]', 'b' ], qr/a word or a vector, not both/ ],
	[ '-k', [ '-k0', 'a' ], qr/-k expects an integer from 1 to 1000000, found "0"/ ],
	[ '--probes', [ '--probes=-1', 'a' ], qr/--probes expects .* found "-1"/ ],
	[ '--exact and --probes', [ '--exact', '--probes=1', 'a' ], qr/no meaning with --exact/ ],
	[ 'UTF-8', ["\xff"], qr/expected a word in UTF-8/ ],
	[ 'number', ['--vector=[1,x]'], qr/vector: number 2: expected a number, found "x"/ ],
	[ 'NaN', ['--vector=[nan]'], qr/vector: number 1: expected a finite number/ ],
	[ 'bracket', ['--vector=[1,2'], qr/vector: expected "\]"/ ],
	[ 'no numbers', ['--vector=[]'], qr/vector: expected 1 to 16000 numbers, found 0/ ],
	[ 'nothing to read', [], qr/standard input: expected a vector, found nothing/ ],
);
like_output("bad $_->[0]", [ vecdb([ 'search', @{ $_->[1] } ]) ],
	1, $none, qr/\Avecdb: .*$_->[2]/)
  foreach @usage;
like_output('no server', [ vecdb([ 'search', 'a' ]) ],
	2, $none, qr/\Avecdb: connection to server .* failed/);

my $node = start_node('cli_search', "log_statement = all\n");
$node->safe_psql('postgres', <<'END');
CREATE EXTENSION vecdb;
CREATE TABLE word_embeddings (id bigserial PRIMARY KEY, word text,
	embedding vector(2));
INSERT INTO word_embeddings (word, embedding) VALUES
	('pumpkin', '[1,0]'), ('pumpkins', '[2,0.1]'), ('melon', '[0,1]'),
	('tab	"q"\', '[-1,0]'), ('été', '[1,1]'), ('none', NULL),
	('zero', '[0,0]');
CREATE SCHEMA "S.1";
CREATE TABLE "S.1"."T" ("V" vector(2));
INSERT INTO "S.1"."T" VALUES ('[3,4]');
CREATE TABLE empty (word text, embedding vector(2));
CREATE TABLE plain (embedding real[]);
END

# The decoded answer of a search with --json, with checks of its frame.
sub answer
{
	my ($arguments, %options) = @_;
	my ($status, $out, $err) = vecdb([ 'search', '--json', @$arguments ],
		%options);

	is("$status $err", '0 ', 'success') or return {};
	my $answer = JSON::PP->new->utf8->decode($out);
	cmp_ok($answer->{time_ms}, '>', 0, 'the time is measured');
	return $answer;
}

# word:distance of each row
sub rows
{
	my ($answer) = @_;

	return join(' ', map { sprintf('%s:%.4g', $_->{word}, $_->{distance}) }
		  @{ $answer->{rows} });
}

# ---- by word ----

like_output('a table', [ vecdb([ 'search', '-k', '3', 'pumpkin' ]) ],
	0, qr/\A
	id\ \ word\ \ \ \ \ \ \ \ distance\n
	--\ \ --------\ \ ----------\n
	\ 1\ \ pumpkin\ \ \ \ \ \ \ \ \ \ \ \ 0\n
	\ 2\ \ pumpkins\ \ 0\.001247\d\d\n
	\ 5\ \ \xc3\xa9t\xc3\xa9\ \ \ \ \ \ \ \ \ 0\.292893\n
	\n3\ rows\ in\ [\d.]+\ ms\ by\ cosine\ distance,\ by\ a\ scan\ of\ the\ table\n\z/x,
	$none);
like_output('characters a terminal would act on',
	[ vecdb([ 'search', '-k1', "tab\t\"q\"\\" ]) ],
	0, qr/^ 4  tab\\x09"q"\\  +0\n/m, $none);

my $by_word = answer([ '--word=pumpkin', '-k2' ]);
is(rows($by_word), 'pumpkin:0 pumpkins:0.001248', 'JSON has the same rows');
is_deeply(
	{ %$by_word, rows => undef, time_ms => undef },
	{   table => 'word_embeddings', word => 'pumpkin', metric => 'cosine',
		index => undef, rows => undef, time_ms => undef
	},
	'and its circumstances');
is($by_word->{rows}[0]{id}, 1, 'and the id');
is( answer([ '--word=' . "tab\t\"q\"\\", '-k1' ])->{rows}[0]{word},
	"tab\t\"q\"\\", 'JSON carries any word');
is(answer([ 'pumpkin', '-k7' ])->{rows}[6]{distance},
	undef, 'a distance that is no number is null');

like_output('a word that is not there', [ vecdb([ 'search', 'Pumpk' ]) ],
	1, $none,
	qr/\Avecdb: word "Pumpk" is not in table word_embeddings\nvecdb: HINT:  Words that begin alike: pumpkin, pumpkins\.\n\z/);
like_output('a word too long', [ vecdb([ 'search', 'melons' ]) ],
	1, $none, qr/Words that begin alike: melon\.\n\z/);
like_output('a word unlike any', [ vecdb([ 'search', 'xyz' ]) ],
	1, $none, qr/\Avecdb: word "xyz" is not in table word_embeddings\n\z/);
like_output('a word with a quote', [ vecdb([ 'search', "x'; DROP" ]) ],
	1, $none, qr/\Avecdb: word "x'; DROP" is not in table/);
like_output('a word without a vector', [ vecdb([ 'search', 'none' ]) ],
	1, $none, qr/word "none" has no vector/);

# ---- by vector ----

my $expected = 'melon:0 été:0.2929';
foreach my $vector ('[0,1]', ' [ 0.0 , 1e0 ] ', '0 1', "0,1")
{
	is(rows(answer([ "--vector=$vector", '-k2' ])),
		Encode::decode('UTF-8', $expected), "vector \"$vector\"");
}
is(rows(answer(['-k1'], stdin => "[0, 1]\n")), 'melon:0',
	'vector from standard input');
is(rows(answer([ '-k1', '--vector=-' ], stdin => "0\n1\n")), 'melon:0',
	'and by name');
like_output('other dimensions', [ vecdb([ 'search', '--vector=[1,2,3]' ]) ],
	1, $none, qr/has 2 dimensions, but the vector has 3/);

is( rows(answer([ '--vector=[1,0.5]', '--metric=l2', '-k2' ])),
	Encode::decode('UTF-8', 'pumpkin:0.5 été:0.5'), 'distance l2');
is( rows(answer([ '--vector=[1,0]', '--metric=ip', '-k1' ])),
	'pumpkins:-2', 'distance ip is the negative inner product');

# ---- tables and columns ----

my $odd = answer([ '-t"S.1".T', '--column=V', '--metric=l2', '--vector=[0,0]' ]);
is($odd->{rows}[0]{distance}, 5, 'names that need quotes');
is($odd->{rows}[0]{ctid}, '(0,1)', 'a table without id and words shows ctid');
is_deeply(
	[ sort keys %{ answer([ 'pumpkin', '--show=embedding,word' ])->{rows}[0] } ],
	[ 'distance', 'embedding', 'word' ], '--show');
is_deeply(answer([ '-tempty', '--vector=[1,2]' ])->{rows}, [], 'no rows');
like_output('a table without rows', [ vecdb([ 'search', '-tempty', '--vector=[1,2]' ]) ],
	0, qr/^0 rows in /m, $none);
like_output('no such table', [ vecdb([ 'search', '-tnowhere', 'a' ]) ],
	1, $none, qr/table nowhere does not exist/);
like_output('no such column', [ vecdb([ 'search', '--column=v', 'a' ]) ],
	1, $none, qr/has no column "v"/);
like_output('no such column to show', [ vecdb([ 'search', '--show=id,v', 'pumpkin' ]) ],
	1, $none, qr/has no column "v"/);
like_output('no column of words', [ vecdb([ 'search', '-t"S.1".T', '--column=V', 'a' ]) ],
	1, $none, qr/has no column "word"\nvecdb: HINT:  The option --word-column/);
like_output('no column of vectors', [ vecdb([ 'search', '-tplain', '--vector=[1]' ]) ],
	1, $none, qr/is of type _float4, expected vector/);

# ---- through the index ----

$node->safe_psql('postgres', <<'END');
INSERT INTO word_embeddings (word, embedding)
	SELECT 'w' || i, ARRAY[cos(i), 3 * sin(i)] FROM generate_series(1, 3000) i;
CREATE INDEX by_l2 ON word_embeddings USING ivfflat (embedding vector_l2_ops)
	WITH (lists = 20);
ANALYZE word_embeddings;
END
{
	local $ENV{PGOPTIONS} = '-c enable_seqscan=off -c enable_sort=off';
	my @query = ('--vector=[0.5,0.5]', '-k20');
	my $indexed = answer([ @query, '--probes=20' ]);
	my $exact = answer([ @query, '--exact' ]);

	is($indexed->{metric}, 'l2', 'the metric is that of the index');
	is($indexed->{index}, 'by_l2', 'the index is named');
	is($exact->{index}, undef, '--exact uses none');
	is(rows($indexed), rows($exact), 'all lists give the exact answer');
	like_output('the index in the table\'s footer',
		[ vecdb([ 'search', @query ]) ],
		0, qr/^20 rows in [\d.]+ ms by l2 distance, through index by_l2\n/m,
		$none);
}
like(slurp_file($node->logfile), qr/SET LOCAL ivfflat\.probes = 20\n/,
	'--probes is set');
# An extension in a schema that is not in the path.
$node->safe_psql('postgres', 'CREATE DATABASE elsewhere');
$node->safe_psql('elsewhere', <<'END');
CREATE SCHEMA "Ext";
CREATE EXTENSION vecdb WITH SCHEMA "Ext";
CREATE TABLE word_embeddings (word text, embedding "Ext".vector(2));
INSERT INTO word_embeddings VALUES ('a', '[1,2]');
END
is(rows(answer([ '-d', 'elsewhere', 'a' ])), 'a:0',
	'extension in another schema');

$node->stop;
done_testing();
