# The client looks into the catalogs by the server's operators and functions alone:
# in public there are others that fit better, as who may create there can put them.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use Test::More;
use VecdbCli;

my $node = start_node('cli_path');
my $caught = q{LANGUAGE plpgsql AS $$BEGIN RAISE 'caught'; END$$};
my $words = glove(map { my $i = $_; join(' ', "word$i", map { sin($i * $_) } 1 .. 8) } 1 .. 2000);

$node->safe_psql('postgres', "CREATE EXTENSION vecdb; CREATE TABLE words
	(id bigserial PRIMARY KEY, word varchar(40), embedding vector(8));
	CREATE FUNCTION trap(oid, regclass) RETURNS boolean $caught;
	CREATE OPERATOR = (FUNCTION = trap, LEFTARG = oid, RIGHTARG = regclass);
	CREATE FUNCTION trap(name, name) RETURNS boolean $caught;
	CREATE OPERATOR ~ (FUNCTION = trap, LEFTARG = name, RIGHTARG = name);
	CREATE FUNCTION lower(varchar) RETURNS text $caught;
	CREATE FUNCTION length(varchar) RETURNS integer $caught;
	CREATE FUNCTION quote_ident(name) RETURNS text $caught");

my $quiet = qr/^$/;
like_output('load', [ vecdb([ 'load', '--table=words', $words ]) ],
	0, qr/^loaded 2,000 rows/, $quiet);
like_output('index', [ vecdb([ 'index', '--table=words' ]) ],
	0, qr/words_embedding_idx/, qr//);
like_output('search', [ vecdb([ 'search', '--table=words', 'word7' ]) ],
	0, qr/ word7 .*words_embedding_idx/s, $quiet);
like_output('a word that is not there',
	[ vecdb([ 'search', '--table=words', 'word7x' ]) ], 1, $quiet, qr/alike: word7/);
like_output('bench', [ vecdb([ 'bench', '--searches=20', '--quiet', 'words' ]) ],
	0, qr/index words_embedding_idx: ivfflat/, $quiet);
$node->safe_psql('postgres', 'ALTER TABLE words DROP word');
like_output('columns of a table without words',
	[ vecdb([ 'search', '--table=words', '--vector=1 2 3 4 5 6 7 8' ]) ],
	0, qr/^ *id +distance/, $quiet);

$node->stop;
done_testing();
