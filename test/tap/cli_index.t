# vecdb index: the statement it makes, what it refuses, progress from the
# server's view, and what Ctrl-C leaves behind.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use VecdbCli;

my $none = qr/\A\z/;

use_nobody();
like_output('help', [ vecdb([ 'index', '--help' ]) ],
	0, qr/^Usage:\n  vecdb index .*--lists.*--dbname/ms, $none);
my @usage = (
	[ 'argument', ['x'], qr/unexpected argument "x"/ ],
	[ 'metric', ['--metric=l3'], qr/--metric expects l2, ip or cosine, found "l3"/ ],
	[ 'lists', ['--lists=0'], qr/--lists expects an integer from 1 to \d+, found "0"/ ],
	[ 'workers', ['--workers=-1'], qr/--workers expects .* found "-1"/ ],
);
like_output("bad $_->[0]", [ vecdb([ 'index', @{ $_->[1] } ]) ],
	1, $none, qr/\Avecdb: $_->[2].*\nvecdb: HINT:  Try/)
  foreach @usage;
like_output('no server', [ vecdb(['index']) ],
	2, $none, qr/\Avecdb: connection to server .* failed/);

# A prepared transaction can hold a lock without a session.
my $node = start_node('cli_index', <<'END');
max_prepared_transactions = 1
log_statement = all
END
$node->safe_psql('postgres', <<'END');
CREATE EXTENSION vecdb;
CREATE SCHEMA "S.1";
CREATE TABLE word_embeddings (id bigserial PRIMARY KEY, word text,
	embedding vector(3));
INSERT INTO word_embeddings (word, embedding)
	SELECT i, ARRAY[i, i % 7, i % 11] FROM generate_series(1, 2000) i;
CREATE TABLE "S.1"."T" (word text, "V" vector(3));
CREATE TABLE free (embedding vector);
END

# Definitions of the indexes on a table other than the primary key's.
sub definitions
{
	my ($table) = @_;

	return $node->safe_psql('postgres',
		"SELECT pg_get_indexdef(indexrelid) FROM pg_index"
		  . " WHERE indrelid = '$table'::regclass AND NOT indisprimary"
		  . ' ORDER BY indexrelid');
}

like_output('defaults', [ vecdb(['index']) ],
	0,
	qr/\Abuilt index word_embeddings_embedding_idx on word_embeddings \(cosine, \d+ kB\) in [\d.]+ s\n\z/,
	$none);
is( definitions('word_embeddings'),
	'CREATE INDEX word_embeddings_embedding_idx ON public.word_embeddings'
	  . ' USING ivfflat (embedding vector_cosine_ops)',
	'an index for cosine distance');
$node->safe_psql('postgres', 'DROP INDEX word_embeddings_embedding_idx');

foreach my $metric ('l2', 'ip', 'cosine')
{
	like_output("--metric=$metric",
		[   vecdb([ 'index', "--metric=$metric", "--name=by $metric",
					'--lists=12', '--workers=0',
					'--maintenance-work-mem=2MB' ]) ],
		0, qr/\Abuilt index "by $metric" on word_embeddings \($metric, /,
		$none);
}
is( definitions('word_embeddings'),
	join("\n", map {
		"CREATE INDEX \"by $_\" ON public.word_embeddings USING ivfflat (embedding"
		  . ($_ eq 'l2' ? '' : " vector_${_}_ops") . ") WITH (lists='12')"
	} 'l2', 'ip', 'cosine'),
	'the operator class of each, lists as asked');
my $log = slurp_file($node->logfile);
like($log, qr/\$1 = 'maintenance_work_mem', \$2 = '2MB'/, 'memory is set');
like($log, qr/\$1 = 'max_parallel_maintenance_workers', \$2 = '0'/,
	'workers are set');

like_output('names that need quotes',
	[ vecdb([ 'index', '-t"S.1".T', '--column=V', '-q', '--concurrently' ]) ],
	0, $none, $none);
is( definitions('"S.1"."T"'),
	'CREATE INDEX "T_V_idx" ON "S.1"."T" USING ivfflat ("V" vector_cosine_ops)',
	'reach the table, which may be empty');

$node->safe_psql('postgres', <<'END');
CREATE TABLE parted (id int, embedding vector(3)) PARTITION BY RANGE (id);
CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (0) TO (1000);
CREATE TABLE parted_2 PARTITION OF parted FOR VALUES FROM (1000) TO (9999);
INSERT INTO parted SELECT id, embedding FROM word_embeddings;
END
my @parted = vecdb([ 'index', '-tparted' ]);
my $bytes = $node->safe_psql('postgres', q{SELECT pg_size_pretty(sum(pg_relation_size(relid)))
	FROM pg_partition_tree('parted_embedding_idx')});
like_output('a partitioned table', \@parted, 0,
	qr/\Abuilt index parted_embedding_idx on parted \(cosine, \Q$bytes\E\) in /, $none);
isnt($bytes, '0 bytes', 'the size is that of all partitions');

# ---- what is refused ----

my @refused = (
	[ 'no such table', 1, ['-tnowhere'], qr/table nowhere does not exist/ ],
	[ 'no such column', 1, ['--column=v'], qr/table word_embeddings has no column "v"/ ],
	[ 'column of text', 1, ['--column=word'], qr/is of type text, expected vector/ ],
	[ 'name in use', 3, ['--name=by l2'], qr/relation "by l2" already exists \(SQLSTATE 42P07\)/ ],
	[ 'too many lists', 3, ['--lists=10000000'], qr/value 10000000 out of bounds for option "lists" \(SQLSTATE 22023\)\nvecdb: DETAIL: / ],
	[ 'too little memory', 3, ['--maintenance-work-mem=3kB'], qr/outside the valid range/ ],
	[ 'memory without a meaning', 3, ['--maintenance-work-mem=much'], qr/invalid value for parameter "maintenance_work_mem"/ ],
	[ 'no dimensions', 3, ['-tfree'], qr/dimensions.* \(SQLSTATE / ],
);
foreach my $case (@refused)
{
	my ($name, $status, $arguments, $message) = @$case;
	like_output($name, [ vecdb([ 'index', @$arguments ]) ],
		$status, $none, qr/\Avecdb: .*$message/);
}

# ---- progress and interruption: a writer that does not end ----

sub begin_write
{
	$node->safe_psql('postgres', <<'END');
BEGIN;
INSERT INTO word_embeddings (embedding) VALUES ('[1,2,3]');
PREPARE TRANSACTION 'writer';
END
	return;
}

my ($out, $err) = ('', '');
begin_write();
my $run = vecdb_start([ 'index', '--concurrently', '--name=seen' ],
	\$out, \$err);
IPC::Run::pump($run) until $err =~ /\n.*\n/;
like($err,
	qr/\A(vecdb: building index|vecdb: waiting for writers before build)  .*0 of 1 lockers, \d:\d\d\n/,
	'the phase is shown');
$node->safe_psql('postgres', "COMMIT PREPARED 'writer'");
IPC::Run::finish($run);
is($run->result(0), 0, 'it goes on when the writer ends');
like($out, qr/\Abuilt index seen /, 'and says so');

($out, $err) = ('', '');
begin_write();
$run = vecdb_start([ 'index', '--concurrently', '--name=broken' ],
	\$out, \$err);
IPC::Run::pump($run) until $err =~ /\n/;
$run->signal('INT');
IPC::Run::finish($run);
is($run->result(0), 130, 'SIGINT ends it with 130');
like($err,
	qr/canceling statement due to user request.*\nvecdb: HINT:  An invalid index is left behind; remove it with DROP INDEX broken;\n\z/,
	'and tells of the invalid index');
is( $node->safe_psql('postgres',
		"SELECT indisvalid FROM pg_index WHERE indexrelid = 'broken'::regclass"),
	'f', 'which is there');

# Waits for its lock, with nothing for the view to show.
($out, $err) = ('', '');
$run = vecdb_start([ 'index', '--name=never' ], \$out, \$err);
$node->poll_query_until('postgres',
	"SELECT count(*) = 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
	  . " AND application_name = 'vecdb'")
  or die 'vecdb does not wait';
$run->signal('TERM');
IPC::Run::finish($run);
is($run->result(0), 130, 'SIGTERM ends a wait for the lock with 130');
$node->safe_psql('postgres', "ROLLBACK PREPARED 'writer'");
is($node->safe_psql('postgres', "SELECT to_regclass('never')"),
	'', 'and leaves nothing');

# Without a second connection the index is built all the same.
$node->safe_psql('postgres', <<'END');
CREATE ROLE single LOGIN CONNECTION LIMIT 1;
CREATE SCHEMA single AUTHORIZATION single;
SET ROLE single;
CREATE TABLE single.t (embedding vector(2));
END
like_output('no second connection',
	[ vecdb([ 'index', '-Usingle', '-tsingle.t' ]) ],
	0, qr/\Abuilt index t_embedding_idx on single\.t /,
	qr/\Avecdb: warning: no second connection .*\n\z/);

$node->stop;
done_testing();
