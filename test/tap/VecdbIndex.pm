# VecdbIndex.pm
#   What the tests of the index share: servers, rows that are hard on an index,
#   and the questions that every state of one must answer.
#
#   The rows are functions of their id, so that a failure can be repeated.  Some
#   are NULL, some are zero vectors, many have the same vector.
package VecdbIndex;

use strict;
use warnings;
use Exporter 'import';
use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

our @EXPORT = qw(new_node without_checksums create_helpers make_table complete_ok sound_ok
  uses_index start_bench finish_bench crash_node words_matrix wait_until);

my $folder = PostgreSQL::Test::Utils::tempdir();
my $files = 0;

# A started server with the extension; hash: settings, init options.  The
# environment can add settings to those of every test.
sub new_node
{
	my ($name, %options) = @_;
	my $node = PostgreSQL::Test::Cluster->new($name);

	$node->init(%{ $options{init} || {} });
	$node->append_conf('postgresql.conf',
		"autovacuum = off\nmax_wal_size = 256MB\n"
		  . ($ENV{VECDB_TEST_SETTINGS} || '') . "\n"
		  . ($options{settings} || ''));
	$node->start;
	create_helpers($node);
	return $node;
}

# What initdb is told where a test damages pages: checksums, which 18 turns on, would
# find that first.
sub without_checksums
{
	my ($major) = `pg_config --version` =~ /(\d+)/;

	return $major >= 18 ? (extra => ['--no-data-checksums']) : ();
}

sub create_helpers
{
	my ($node) = @_;

	$node->safe_psql(
		'postgres', q{
	CREATE EXTENSION vecdb;

	-- Numbers from -1 to 1 that follow from the row alone.
	CREATE FUNCTION noise(seed bigint, dim int) RETURNS vector
	LANGUAGE sql IMMUTABLE AS $$
		SELECT array_agg((hashint8extended(seed * 65536 + i, 0) % 1000 / 1000.0)
						 ::real)::vector
		FROM generate_series(1, dim) AS i $$;

	-- The vector of a row: every 25th NULL, zero, one of five.
	CREATE FUNCTION hard(id bigint, dim int) RETURNS vector
	LANGUAGE sql IMMUTABLE AS $$
		SELECT CASE id % 25
			WHEN 3 THEN NULL
			WHEN 7 THEN array_fill(0::real, ARRAY[dim])::vector
			WHEN 11 THEN noise(id % 5, dim)
			ELSE noise(id, dim) END $$;

	-- All rows of a table, or those of a condition, through its index and by a
	-- sequential scan; in a transaction that keeps its snapshot, they must be
	-- the same, each once.  The subquery keeps the planner from knowing that
	-- the query is NULL.
	CREATE FUNCTION assert_complete(tbl regclass, op text, query vector,
									condition text DEFAULT 'true')
	RETURNS bigint LANGUAGE plpgsql AS $$
	DECLARE
		through record;
		plain record;
	BEGIN
		SET LOCAL enable_seqscan = off;
		SET LOCAL enable_sort = off;
		SET LOCAL enable_indexscan = on;
		EXECUTE format('SELECT count(*) AS n, count(DISTINCT id) AS ids,
						sum(hashint8extended(id, 1)::numeric) AS hash
						FROM (SELECT id FROM %s WHERE %s
							  ORDER BY v %s (SELECT $1)) AS s',
			tbl, condition, op) INTO through USING query;
		SET LOCAL enable_seqscan = on;
		SET LOCAL enable_sort = on;
		SET LOCAL enable_indexscan = off;
		SET LOCAL enable_indexonlyscan = off;
		EXECUTE format('SELECT count(*) AS n, count(DISTINCT id) AS ids,
						sum(hashint8extended(id, 1)::numeric) AS hash
						FROM %s WHERE %s', tbl, condition) INTO plain;
		IF through IS DISTINCT FROM plain THEN
			RAISE 'the index of % gave %, the table has % where %',
				tbl, through, plain, condition;
		END IF;
		RETURN plain.n;
	END $$;

	-- The nearest rows with all lists probed: each once, as many as there are.
	-- Their order follows bounds that hold with a probability, so that one in
	-- some hundred rows may come late; recall.t measures how many do.
	CREATE FUNCTION assert_nearest(tbl regclass, op text, query vector, k int)
	RETURNS bigint LANGUAGE plpgsql AS $$
	DECLARE
		got record;
		have bigint;
	BEGIN
		SET LOCAL enable_seqscan = off;
		SET LOCAL enable_sort = off;
		SET LOCAL enable_indexscan = on;
		SET LOCAL ivfflat.probes = 32768;
		EXECUTE format('SELECT count(*) AS n, count(DISTINCT id) AS ids,
						count(*) FILTER (WHERE d < before) AS late
						FROM (SELECT id, d, lag(d) OVER () AS before
							  FROM (SELECT id, v %2$s $1 AS d FROM %1$s
									ORDER BY v %2$s $1 LIMIT $2) AS a) AS b',
			tbl, op) INTO got USING query, k;
		SET LOCAL enable_seqscan = on;
		SET LOCAL enable_indexscan = off;
		SET LOCAL enable_indexonlyscan = off;
		EXECUTE format('SELECT count(*) FROM (SELECT 1 FROM %s LIMIT %s) AS s',
			tbl, k) INTO have;
		IF got.n <> have OR got.ids <> have OR got.late > 3 THEN
			RAISE 'the index of % gave %, expected %', tbl, got, have;
		END IF;
		RETURN have;
	END $$;
	});
	return;
}

# make_table(node, name, dim, rows): (id, v) with hard rows, no vector index.  Long
# vectors lie out of line, uncompressed.
sub make_table
{
	my ($node, $name, $dim, $rows, $kind) = @_;

	$kind ||= '';
	$node->safe_psql('postgres',
		"CREATE $kind TABLE $name (id bigserial PRIMARY KEY, v vector($dim));
		 ALTER TABLE $name ALTER v SET STORAGE EXTERNAL;
		 INSERT INTO $name SELECT i, hard(i, $dim)
		 FROM generate_series(1, $rows) AS i;
		 SELECT setval('${name}_id_seq', $rows + 1)");
	return;
}

# Does the index answer with exactly the table's rows?
sub complete_ok
{
	my ($node, $table, $operator, $query, $name) = @_;
	my ($out, $err) = ('', '');
	my $status = $node->psql(
		'postgres', "BEGIN ISOLATION LEVEL REPEATABLE READ;
		 SELECT assert_complete('$table', '$operator', $query);
		 SELECT assert_nearest('$table', '$operator', $query, 20);
		 COMMIT", stdout => \$out, stderr => \$err,
		on_error_stop => 1);

	is("$status$err", '0', $name);
	note("rows, and rows of the nearest 20: " . join(' ', split /\n/, $out));
	return (split /\n/, $out)[0];
}

# Is every invariant of the index kept, and every row of its table there?
sub sound_ok
{
	my ($node, $index, $name) = @_;
	my ($out, $err) = ('', '');
	my $status = $node->psql('postgres',
		"SELECT f FROM vecdb_check_index('$index', true) AS f LIMIT 10",
		stdout => \$out, stderr => \$err);

	is("$status$out$err", '0', $name);
	return;
}

# Does the planner take the index for a query like those above?
sub uses_index
{
	my ($node, $table, $index, $operator, $query) = @_;

	like(
		$node->safe_psql(
			'postgres', "SET enable_seqscan = off; SET enable_sort = off;
			EXPLAIN SELECT id FROM $table ORDER BY v $operator $query"),
		qr/Index Scan using $index/,
		"queries of $table go through $index");
	return;
}

# Start pgbench with scripts for so many seconds: [clients, seconds, script...].
sub start_bench
{
	my ($node, $clients, $seconds, @scripts) = @_;
	my $bench = { out => '', err => '' };
	my @command = (
		'pgbench', '-n', '-c', $clients, '-j', 1, '-T', $seconds,
		'--random-seed=1', '-h', $node->host, '-p', $node->port);

	foreach my $script (@scripts)
	{
		my $path = sprintf('%s/bench%d.sql', $folder, ++$files);

		append_to_file($path, $script);
		push @command, '-f', $path;
	}
	$bench->{handle} = IPC::Run::start([ @command, 'postgres' ],
		'<', \undef, '>', \$bench->{out}, '2>', \$bench->{err});
	return $bench;
}

# Wait for it; its transactions, if no client met an error.
sub finish_bench
{
	my ($bench, $name) = @_;

	$bench->{handle}->finish;
	my ($done) =
	  $bench->{out} =~ /number of transactions actually processed: (\d+)/;
	my $error = qr/ERROR|FATAL|aborted|PANIC/;
	my $bad = '';

	# A notice, which is no error, has a detail as well.
	$bad = join("\n", grep { /$error|DETAIL/ } split /\n/, $bench->{err})
	  if $bench->{err} =~ $error;

	return $done unless defined $name;
	is($bad, '', $name);
	cmp_ok($done || 0, '>', 0, "$name: it did something");
	note("$name: $done transactions");
	return $done;
}

# Postmaster and children, all at once, as when the machine goes.
sub crash_node
{
	my ($server) = @_;
	my $postmaster = $server->{_pid};
	my @children;

	foreach my $path (glob('/proc/[0-9]*/stat'))
	{
		my $stat = slurp_if_there($path);

		push @children, $1
		  if $stat =~ /^(\d+) \(.*\) \S (\d+)/s && $2 == $postmaster;
	}
	cmp_ok(scalar @children, '>', 2, 'there are processes to kill');
	kill('KILL', $postmaster, @children);
	wait_until(30,
		sub { !grep { kill(0, $_) } $postmaster, @children });
	$server->{_pid} = undef;
	return;
}

sub slurp_if_there
{
	my ($path) = @_;

	open(my $file, '<', $path) or return '';
	local $/;
	my $text = <$file>;
	return defined $text ? $text : '';
}

# The real words beside these tests: a reference to rows of packed floats.
sub words_matrix
{
	my ($path) = glob('test/data/words20k.npy');
	my ($header, $bytes);

	open(my $file, '<:raw', $path) or die "$path: $!";
	read($file, $header, 128) == 128 or die "$path is too short";
	$header =~ /'<f2'.*\((\d+), (\d+)\)/ or die "$path: $header";
	my ($rows, $dim) = ($1, $2);
	my @table = map { half_to_text($_) } 0 .. 65535;
	my @words;
	foreach (1 .. $rows)
	{
		read($file, $bytes, $dim * 2) == $dim * 2 or die "$path is too short";
		push @words, '[' . join(',', @table[ unpack('v*', $bytes) ]) . ']';
	}
	close($file);
	return \@words;
}

# An IEEE half float as a decimal number.
sub half_to_text
{
	my ($bits) = @_;
	my $exponent = $bits >> 10 & 31;
	my $fraction = $bits & 1023;
	my $value =
	  $exponent == 0
	  ? $fraction * 2**-24
	  : (1024 + $fraction) * 2**($exponent - 25);

	return sprintf('%.9g', $bits & 0x8000 ? -$value : $value);
}

# Poll a condition for at most so many seconds.
sub wait_until
{
	my ($seconds, $condition) = @_;

	for (1 .. $seconds * 200)
	{
		return 1 if $condition->();
		select(undef, undef, undef, 0.005);
	}
	return 0;
}

1;
