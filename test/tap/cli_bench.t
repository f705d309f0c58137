# vecdb bench: recall and times that hang together, at settings of all kinds,
# with several clients; what is refused; interruption and lost connections.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use IPC::Run;
use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use VecdbCli;

my $none = qr/\A\z/;

use_nobody();
like_output('help', [ vecdb([ 'bench', '--help' ]) ],
	0, qr/^Usage:\n  vecdb bench .*--probes.*--dbname/ms, $none);
my $three = fvecs([ 1, 2, 3 ], [ 4, 5, 6 ]);
my @usage = (
	[ 'two tables', [ 'a', 'b' ], qr/expected one table, found 2/ ],
	[ 'table twice', [ '-ta', 'b' ], qr/unexpected argument "b"/ ],
	[ '-k', ['-k0'], qr/-k expects an integer from 1 to 10000, found "0"/ ],
	[ 'clients', ['-c257'], qr/-c expects an integer from 1 to 256, found "257"/ ],
	[ 'metric', ['--metric=l3'], qr/--metric expects l2, ip or cosine, found "l3"/ ],
	[ 'probes', ['--probes=1,,2'], qr/--probes expects .* found ""/ ],
	[ 'recall', ['--target-recall=nan'], qr/--target-recall expects a number above 0 and up to 1, found "nan"/ ],
	[ 'settings', [ '--probes=' . join(',', 1 .. 33) ], qr/expected at most 32 settings/ ],
	[ 'setting', ['--set=x'], qr/--set expects NAME=VALUE, found "x"/ ],
	[ 'time', ['--seconds=0'], qr/--seconds expects a number above 0 .*found "0"/ ],
	[ 'time and number', [ '--seconds=1', '--searches=1' ], qr/--seconds or --searches, not both/ ],
	[ 'format', ['--format=npy'], qr/no meaning without --queries-from/ ],
	[ 'file', ['--queries-from=/nonexistent'], qr/could not open/ ],
	[ 'queries', [ '--queries-from=' . glove('a 1 2', 'b 1') ], qr/:2: expected a word and 2 numbers/ ],
);
like_output("bad $_->[0]", [ vecdb([ 'bench', @{ $_->[1] } ]) ],
	1, $none, qr/\Avecdb: .*$_->[2]/)
  foreach @usage;
like_output('no server', [ vecdb(['bench']) ],
	2, $none, qr/\Avecdb: connection to server .* failed/);

my $node = start_node('cli_bench', "log_statement = all\n");
$node->safe_psql('postgres', <<'END');
CREATE EXTENSION vecdb;
SELECT setseed(0.25);
CREATE TABLE word_embeddings (id bigserial PRIMARY KEY, embedding vector(6));
INSERT INTO word_embeddings (embedding)
	SELECT ARRAY[random(), random(), random(), random(), random(), random()]
	FROM generate_series(1, 3000);
CREATE INDEX by_l2 ON word_embeddings USING ivfflat (embedding vector_l2_ops)
	WITH (lists = 20);
CREATE TABLE equal (embedding vector(2));
INSERT INTO equal SELECT '[1,2]' FROM generate_series(1, 100);
CREATE TABLE odd (embedding vector(2));
INSERT INTO odd VALUES ('[0,0]'), ('[1,0]'), (NULL), ('[0,1]'), ('[1,1]');
CREATE TABLE zeros (embedding vector(2));
INSERT INTO zeros VALUES ('[0,0]'), ('[0,0]');
CREATE TABLE empty (embedding vector(2));
CREATE TABLE nulls (embedding vector(2));
INSERT INTO nulls VALUES (NULL);
CREATE TABLE plain (embedding real[]);
CREATE VIEW seen AS SELECT * FROM word_embeddings;
CREATE TABLE parted (id int, embedding vector(2)) PARTITION BY RANGE (id);
CREATE TABLE "Part a" PARTITION OF parted FOR VALUES FROM (0) TO (500);
CREATE TABLE part_b PARTITION OF parted FOR VALUES FROM (500) TO (1000);
INSERT INTO parted SELECT i, ARRAY[i % 7, i] FROM generate_series(0, 999) i;
CREATE INDEX ON parted USING ivfflat (embedding vector_l2_ops);
CREATE ROLE nobody LOGIN;
ANALYZE;
END
# Tables of this size are scanned unless the planner is told not to; a scan all
# the same, for want of an index, then looks so dear that it would be compiled.
$ENV{PGOPTIONS} = '-c enable_seqscan=off -c enable_sort=off -c jit=off';

# The decoded output of a run with --json, which must succeed.
sub figures
{
	my ($name, @arguments) = @_;
	my ($status, $out, $err) =
	  vecdb([ 'bench', '--json', '--quiet', @arguments ]);

	is($status, 0, "$name: success") or diag($err);
	return $status == 0 ? JSON::PP->new->utf8->decode($out) : {};
}

# The only row of a run.
sub figure
{
	my $figures = figures(@_);

	is(scalar @{ $figures->{results} }, 1, 'one row');
	return $figures->{results}[0];
}

# ---- settings: each a row, in the order given ----

my $sweep = figures('sweep', '--probes=1,5,20', '--target-recall=.5,1',
	'--exact', '--searches=31', '--rounds=4', '--queries=200', '-c3');
my @rows = @{ $sweep->{results} };

is( join(' ', map { $_->{setting} . ($_->{value} // '') } @rows),
	'probes1 probes5 probes20 target_recall0.5 target_recall1 exact',
	'a row for each setting');
is_deeply([ map { $_->{searches} } @rows ], [ (31) x 6 ],
	'as many searches as asked for');
is(scalar(grep {
			   0 < $_->{p50_ms}
			&& $_->{p50_ms} <= $_->{p95_ms}
			&& $_->{p95_ms} <= $_->{p99_ms}
			&& $_->{p99_ms} <= $_->{max_ms} } @rows),
	6, 'percentiles rise');
# Never more than three at a time, and never longer than the longest.
is(scalar(grep {
			$_->{per_second} > 0 && $_->{per_second} < 3.1e3 / $_->{p50_ms} * 2
	} @rows),
	6, 'the rate fits to the times');
note(join(' ', 'recall', map { $_->{recall} } @rows));
cmp_ok($rows[0]{recall}, '>', 0.05, 'one list finds some');
cmp_ok($rows[0]{recall}, '<', 0.9, 'but not all');
cmp_ok($rows[1]{recall}, '>', $rows[0]{recall}, 'five lists find more');
cmp_ok($rows[2]{recall}, '>=', 0.999, 'all lists find all');
cmp_ok($rows[4]{recall}, '>=', $rows[3]{recall}, 'a higher target, too');
is($rows[5]{recall}, 1, 'exact answers are exact');
is_deeply([ map { $_->{lists_read} } @rows[ 0 .. 2 ] ], [ 1, 5, 20 ],
	'lists read are the probes');
is_deeply([ map { $_->{index} } @rows ], [ ('by_l2') x 5, undef ],
	'which index served');
is( join(' ', @{ $sweep->{indexes}[0] }{qw(name method lists)}),
	'by_l2 ivfflat 20', 'the index is described');
is( $sweep->{indexes}[0]{bytes},
	$node->safe_psql('postgres', "SELECT pg_relation_size('by_l2')"),
	'with its size');
is_deeply(
	{ map { $_ => $sweep->{$_} } grep { !/^(results|indexes)$/ } keys %$sweep },
	{   table => 'word_embeddings', column => 'embedding', metric => 'l2',
		where => undef, queries_from => undef, k => 10, queries => 200,
		recall_queries => 100, clients => 3, rounds => 4,
		complete => JSON::PP::true, set => {}
	},
	'and so are the circumstances');

like_output('a table',
	[ vecdb([ 'bench', 'word_embeddings', '--seconds=0.2', '--rounds=2', '-k5' ]) ],
	0, qr/\A
	setting\ \ value\ \ recall\ \ lists_read\ \ searches\ \ per_second\ \ \ *p50_ms\ .*\ \ index\n
	[-\ ]+\n
	default\ \ \ \ \ \ \ \ \ [01]\.\d{4}\ [\d\ .]+\ \ by_l2\n
	\n5\ nearest\ by\ l2\ distance,\ 1\ client,\ 1,000\ queries\ from\ the\ table,\ recall\ of\ 100\ of\ them\n
	index\ by_l2:\ ivfflat,\ 20\ lists,\ \d+\ kB\n\z/x,
	$none);

# ---- what counts as right ----

my $file = glove(
	map { "w $_" } split /\n/,
	$node->safe_psql(
		'postgres', "SELECT trim(replace(embedding::text, ',', ' '), '[]')
		FROM word_embeddings ORDER BY id LIMIT 300"));
my @one = ('-k1', '--probes=1', '--searches=1', '--recall-queries=300');
my $own = figure('rows of the table', @one, '--queries=300');
my $given = figure('the same as a file', @one, "--queries-from=$file");

cmp_ok($own->{recall}, '<', 0.95, 'a row of the table does not find itself');
cmp_ok($given->{recall}, '>', 0.99, 'a row of a file does');
is( figures('part of a file', '--searches=1', "--queries-from=$file",
		'--queries=7')->{recall_queries},
	7, '--queries limits those of a file');
is(figure('ties', '--table=equal', '--searches=5')->{recall},
	1, 'rows at equal distances stand for each other');
is(figures('odd rows', 'odd', '-k9', '--searches=5')->{recall_queries},
	3, 'a query without distances does not count');
is(figure('no distances', 'zeros', '--searches=5')->{recall},
	undef, 'no recall where there are none');
is(figure('no recall', '--recall-queries=0', '--searches=5')->{recall},
	undef, 'nor where none was asked for');

my $filtered = figures('filter', '--where=id % 10 = 3 -- of ten',
	'--probes=20', '--searches=5');
cmp_ok($filtered->{results}[0]{recall}, '>=', 0.999, 'a filter, exactly too');
is($filtered->{where}, 'id % 10 = 3 -- of ten', 'the filter is told');
my $set = figures('--set', '--set=ivfflat.probes=20',
	'--set=application_name=x y', '--searches=5');
cmp_ok($set->{results}[0]{recall}, '>=', 0.999, '--set is in force');
is_deeply($set->{set},
	{ 'ivfflat.probes' => '20', 'application_name' => 'x y' }, 'and told');

my $parted = figures('partitions', 'parted', '--searches=5',
	'--target-recall=1');
is(scalar @{ $parted->{indexes} }, 2, 'the indexes of both partitions');
cmp_ok($parted->{results}[0]{recall}, '>=', 0.999, 'and their rows');
like($parted->{results}[0]{index}, qr/\A"?[Pp]art.* and 1 more\z/, 'serve');

is( figure('index of a condition', '--set=enable_sort=on', '--where=id = 5',
		'--searches=3')->{index},
	undef, 'an index that does not give the order does not serve');
like_output('no index for the metric',
	[ vecdb([ 'bench', '--metric=cosine', '--searches=3', '-q' ]) ],
	0, qr/^default +1\.0000 /m,
	qr/\Avecdb: warning: no index serves the searches of setting default: they scan the table\nvecdb: HINT:  Either there is no index on column "embedding" for cosine distance/);

# ---- what is refused ----

my @refused = (
	[ 'no such table', 1, ['nowhere'], qr/table nowhere does not exist/ ],
	[ 'no such column', 1, ['--column=v'], qr/has no column "v"/ ],
	[ 'no vectors', 1, ['plain'], qr/is of type _float4, expected vector/ ],
	[ 'a view', 1, ['seen'], qr/seen is a view, expected a table/ ],
	[ 'no rows', 1, ['empty'], qr/table empty has no vectors in column "embedding"/ ],
	[ 'NULLs', 1, ['nulls'], qr/table nulls has no vectors in column "embedding"/ ],
	[ 'other dimensions', 1, ["--queries-from=$three"], qr/has 6 dimensions, but the vector has 3/ ],
	[ 'condition', 3, ['--where=nothing = 1'], qr/column "nothing" does not exist \(SQLSTATE 42703\)/ ],
	[ 'parameter', 3, ['--set=nothing=1'], qr/unrecognized configuration parameter "nothing"/ ],
	[ 'value', 3, ['--set=ivfflat.max_probes=0'], qr/outside the valid range/ ],
	[ 'permission', 3, [ '-Unobody', '-dpostgres' ], qr/permission denied for table word_embeddings \(SQLSTATE 42501\)/ ],
	[ 'too many clients', 2, ['-c200'], qr/too many clients|remaining connection slots/ ],
	[ 'time limit', 3, [ '--set=statement_timeout=1', '--exact', '--recall-queries=0', '--where=pg_sleep(0.1) IS NOT NULL' ], qr/statement timeout/ ],
	[ 'extension', 1, [ '-dtemplate1', 'pg_class', '--column=relname' ], qr/is of type name, expected vector/ ],
);
foreach my $case (@refused)
{
	my ($name, $status, $arguments, $message) = @$case;
	like_output($name, [ vecdb([ 'bench', '-q', @$arguments ]) ],
		$status, $none, qr/\Avecdb: .*$message/);
}

# ---- running: connections, interruption, a connection that is lost ----

my $sessions = "FROM pg_stat_activity WHERE application_name = 'vecdb'";

# Begin a run that does not end by itself.
sub begin_run
{
	my ($out, $err, @arguments) = @_;

	return vecdb_start(
		[ 'bench', '--warm=0', '--searches=1000000000', @arguments ],
		$out, $err);
}

my ($out, $err) = ('', '');
my $run = begin_run(\$out, \$err, '-c3', '--probes=1,2');
IPC::Run::pump($run) until $err =~ /^vecdb: measuring  .*\n/m;
like($err, qr/^vecdb: measuring  +\d+%  probes 1, round 1 of 3/m,
	'progress is shown');
is($node->safe_psql('postgres', "SELECT count(*) $sessions"),
	4, 'a connection for each client and one more');
$run->signal('INT');
IPC::Run::finish($run);
is($run->result(0), 130, 'SIGINT ends it with 130');
like($err, qr/^vecdb: interrupted\n\z/m, 'and says so');
like($out, qr/^probes       1  \d\.\d{4} [\d .]+  by_l2\nprobes       2  \d\.\d{4} +\d\.\d +0 +by_l2\n/m,
	'what was measured is shown');
ok( $node->poll_query_until('postgres', "SELECT count(*) = 0 $sessions"),
	'no session is left');

($out, $err) = ('', '');
$run = begin_run(\$out, \$err, '-c2', '-q', '--recall-queries=0',
	'--where=pg_sleep(1000) IS NOT NULL');
ok( $node->poll_query_until(
		'postgres', "SELECT count(*) = 2 $sessions AND wait_event = 'PgSleep'"),
	'searches that do not end');
$run->signal('TERM');
IPC::Run::finish($run);
is($run->result(0), 130, 'are cancelled by SIGTERM');
like("$out$err", qr/^vecdb: interrupted\n\z/m, 'before any was measured');
ok( $node->poll_query_until('postgres', "SELECT count(*) = 0 $sessions"),
	'no session is left');

($out, $err) = ('', '');
$run = begin_run(\$out, \$err, '-c2', '--json');
IPC::Run::pump($run) until $err =~ /^vecdb: measuring  .*\n/m;
$node->safe_psql('postgres',
	"SELECT pg_terminate_backend(max(pid)) $sessions AND query ~ 'LIMIT 10\$'");
IPC::Run::finish($run);
is($run->result(0), 2, 'a lost connection');
like($err, qr/^vecdb: .*(terminating connection|closed the connection)/m,
	'is reported');
is(JSON::PP->new->utf8->decode($out)->{complete},
	JSON::PP::false, 'with what was measured');

$node->stop;
done_testing();
