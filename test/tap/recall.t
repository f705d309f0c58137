# How much of the truth the index finds among real words, and in which order;
# that a nested loop of many scans keeps its memory.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use List::Util qw(shuffle);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use VecdbIndex;

# The rows of the file are in random order already; the seed picks the queries.
my $seed = $ENV{RECALL_SEED} || 20260131;
my $held_out = 200;
my $node = new_node('recall',
	settings => "shared_buffers = 64MB\nmax_parallel_workers_per_gather = 0\n"
	  . "jit = off\n");

srand($seed);
note("seed $seed, $held_out words held out");
my $words = words_matrix();
my @order = shuffle(0 .. $#$words);
my $data = PostgreSQL::Test::Utils::tempdir() . '/words.copy';

open(my $file, '>', $data) or die "$data: $!";
print $file join("\t", $_ + 1, $_ < $held_out ? 't' : 'f', $words->[ $order[$_] ]),
  "\n"
  foreach 0 .. $#order;
close($file) or die "$data: $!";
$node->safe_psql('postgres',
	"CREATE TABLE all_words (id int PRIMARY KEY, held_out bool, v vector(100));
	 COPY all_words FROM '$data';
	 CREATE TABLE words AS SELECT id, v FROM all_words WHERE NOT held_out;
	 CREATE TABLE queries AS SELECT id AS q, v FROM all_words WHERE held_out;
	 ALTER TABLE words ADD PRIMARY KEY (id);
	 ANALYZE words;
	 CREATE TABLE exact (operator text, q int, place int, id int, d float8);
	 CREATE TABLE found (operator text, q int, place int, id int, d float8)");
is($node->safe_psql('postgres', 'SELECT count(*) FROM words'),
	19800, 'all words but those held out');

# The ten nearest of each query into a table.
sub search
{
	my ($into, $operator, $settings) = @_;

	$node->safe_psql('postgres',
		"$settings;
		 TRUNCATE found;
		 INSERT INTO $into
		 SELECT '$operator', q, row_number() OVER (PARTITION BY q ORDER BY place),
				id, d
		 FROM queries, LATERAL (
			SELECT row_number() OVER () AS place, id, d
			FROM (SELECT id, words.v $operator queries.v AS d FROM words
				  ORDER BY words.v $operator queries.v LIMIT 10) AS nearest
			OFFSET 0) AS a");
	return;
}

# Of the ten places of each query, the share whose row is as near as the exact
# row of that place (ordered), or as the exact tenth (found).
sub measure
{
	my ($operator, $name) = @_;
	my $near = '<= e.d + 1e-6 * greatest(abs(e.d), 1e-6)';
	my ($ordered, $found) = split /\|/, $node->safe_psql(
		'postgres',
		"SELECT (SELECT round(count(*) / (10.0 * $held_out), 4)
				 FROM found AS f JOIN exact AS e USING (operator, q, place)
				 WHERE operator = '$operator' AND f.d $near),
				(SELECT round(count(*) / (10.0 * $held_out), 4)
				 FROM found AS f JOIN exact AS e USING (operator, q)
				 WHERE operator = '$operator' AND e.place = 10 AND f.d $near)");

	note("$name: recall\@10 $found, places in order $ordered");
	return ($ordered, $found);
}

my $exact = 'SET enable_indexscan = off';
my $all_ordered = 0;
my $indexed = 'SET enable_seqscan = off; SET enable_sort = off';
my %classes =
  ('<=>' => 'vector_cosine_ops', '<->' => 'vector_l2_ops', '<#>' => 'vector_ip_ops',
	'<+>' => 'vector_l1_ops');

foreach my $operator (sort keys %classes)
{
	my $class = $classes{$operator};

	search('exact', $operator, $exact);
	$node->safe_psql('postgres',
		"CREATE INDEX words_v_idx ON words USING ivfflat (v $class)");
	uses_index($node, 'words', 'words_v_idx', $operator,
		'(SELECT v FROM queries LIMIT 1)');
	note("$class: pages of the index: "
		  . $node->safe_psql('postgres',
			"SELECT pg_relation_size('words_v_idx') / 8192"));

	search('found', $operator, "$indexed; SET ivfflat.probes = 32768");
	my ($ordered, $found) = measure($operator, "$class, all lists");
	# Three standard errors let a row of some thousands slip, and each that is
	# late or lost moves up to nine others: of 42 indexes on two releases the
	# worst had 0.9985 and 0.9925; with 1.9 standard errors the best of three
	# has 0.9955 and 0.9730.
	cmp_ok($found, '>=', 0.9975, "$class: all lists lose next to nothing");
	cmp_ok($ordered, '>=', 0.9875, "$class: all lists give the exact places");
	$all_ordered += $ordered;

	search('found', $operator, $indexed);
	($ordered, $found) = measure($operator, "$class, automatic probes");
	cmp_ok($found, '>=', 0.9, "$class: automatic probes find enough");

	# 1.5 * sqrt(19800) lists, so that 7 % of them are 15.
	search('found', $operator, "$indexed; SET ivfflat.probes = 15");
	($ordered, $found) = measure($operator, "$class, 15 probes");
	cmp_ok($found, '>=', $operator eq '<#>' ? 0.7 : 0.85,
		"$class: a fourteenth of the lists finds most");

	search('found', $operator, "$indexed; SET ivfflat.probes = 1");
	my (undef, $one) = measure($operator, "$class, 1 probe");
	cmp_ok($one, '<', $found, "$class: probes make a difference");

	sound_ok($node, 'words_v_idx', "$class: the index is sound");
	$node->safe_psql('postgres', 'DROP INDEX words_v_idx');
}

cmp_ok($all_ordered / keys %classes, '>=', 0.995,
	'all lists give the exact places, on average');

# Each outer row restarts the scan; what it leaves must not add up.
$node->safe_psql('postgres',
	'CREATE INDEX words_v_idx ON words USING ivfflat (v vector_cosine_ops)');

# The target holds for whatever number of rows is taken, also where a filter in
# the executor takes more than the answer has.
foreach my $case (
	[ 1, 'true' ],
	[ 10, 'true' ],
	[ 100, 'true' ],
	[ 500, 'true' ],
	[ 10, 'id % 10 = 3' ],
	[ 10, 'id % 100 = 3' ])
{
	my ($k, $filter) = @$case;
	my $nearest = "SELECT q, d FROM queries, LATERAL (
		SELECT words.v <=> queries.v AS d FROM words WHERE $filter
		ORDER BY words.v <=> queries.v LIMIT $k OFFSET 0) AS s WHERE q <= 100";
	my $recall = (split /\n/, $node->safe_psql(
		'postgres', "
		$exact;
		CREATE TEMP TABLE farthest AS SELECT q, max(d) AS d FROM ($nearest) AS s GROUP BY q;
		RESET enable_indexscan;
		$indexed;
		SELECT round(count(*) / (100.0 * $k), 4)
		FROM ($nearest) AS s JOIN farthest AS f USING (q) WHERE s.d <= f.d + 1e-6"))[-1];

	note("LIMIT $k, filter $filter: recall $recall");
	cmp_ok($recall, '>=', 0.91, "LIMIT $k, filter $filter: the target holds");
}

my $session = $node->background_psql('postgres', on_error_stop => 1);
my $pid = $session->query_safe('SELECT pg_backend_pid()');

sub resident_kb
{
	open(my $status, '<', "/proc/$pid/status") or return;
	my ($anonymous) = join('', <$status>) =~ /^RssAnon:\s+(\d+) kB/m;
	return $anonymous;
}

sub loop
{
	my ($rows) = @_;
	my $n = $session->query_safe(
		"SELECT count(*) FROM (SELECT v FROM words LIMIT $rows) AS a, LATERAL
		 (SELECT id FROM words ORDER BY words.v <=> a.v LIMIT 1 OFFSET 0) AS b");

	is($n, $rows, "a join of $rows scans");
	return resident_kb();
}

$session->query_safe("$indexed; SET ivfflat.probes = 1");
like(
	$session->query_safe(
		"EXPLAIN (COSTS OFF) SELECT count(*) FROM (SELECT v FROM words LIMIT 9)
		 AS a, LATERAL (SELECT id FROM words ORDER BY words.v <=> a.v LIMIT 1
		 OFFSET 0) AS b"),
	qr/Nested Loop.*Index Scan using words_v_idx/s, 'it scans the index');
SKIP:
{
	skip 'no figures of the process here', 3 unless defined resident_kb();

	my $before = loop(2000);
	my $after = loop(19800);

	note("anonymous memory after 2,000 and 19,800 scans: $before, $after kB");
	cmp_ok($after - $before, '<', 1024, 'memory stays flat');
}
$session->quit;
$node->stop;
done_testing();
