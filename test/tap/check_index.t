# Damage in the files of an index: vecdb_check_index() tells what and where, and
# queries and changes fail with a message instead of a crash.  Each case starts
# from the same sound index, on a server that is stopped meanwhile.
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use VecdbIndex;

# src/ivf/disk/page.h
use constant {
	BLOCK => 8192,
	LINE => 64,
	TAIL => 8128,
	PAGE_LINES => 126,
};
my %tail = (
	page_id => 0, version => 2, kind => 4, seconds => 6, head => 8, number => 12, prev => 16,
	next => 20, last => 24, slots => 28, dead => 32, free_block => 36,
	free_number => 40, changes => 44, tree => 52, residual => 56, sorted => 60);
my %meta = (
	magic => 0, version => 4, dim => 8, padded => 12, metric => 16, bits => 18,
	height => 20, root => 24, unplaced => 28, mean => 32, lists => 36,
	seed => 40, scale => 48, mean_norm2 => 52, trained_rows => 56,
	trained_sample => 64, points => 68, residual2 => 72, coefficient => 76,
	recall => 104, density => 184, share => 264, depths => 344, far => 348,
	depth => 352, depth_coefficient => 376, depth_density => 472,
	depth_share => 952, stretch => 1432, least_stretch => 1436, sketch => 1440, columns => 1444,
	kind => 1448, width => 1450, tree => 1480,
	spread => 1504, spread_share => 1508, spread_distance => 1604,
	spill_asked => 1704, spill_limit => 1708, spill_entries => 1712,
	fit => 1720, balance => 1724, inserted => 1728, recoded => 1736,

	close_reach => 1744, close_residual2 => 1748, close_near => 1752,
	far_from => 2844, far_stretch => 2848);
# What is damaged, by which rows it is tried, its file and what that held before.
my ($table, $where) = ('t', 'true');
my ($path, $sound);
my $nowhere = 0xFFFFFFFF;
my ($nan, $infinity) = (0x7FC00000, 0x7F800000);

my $node = PostgreSQL::Test::Cluster->new('check');
$node->init(without_checksums());
$node->append_conf('postgresql.conf', "fsync = off\nautovacuum = off\n");
$node->start;

# 32 dimensions: a leaf group has 3 lines of factors and slots and 2 of codes,
# so 25 of them fill a page with a line over; an inner group has 5 and 8 lines.
$node->safe_psql('postgres', q{
	CREATE EXTENSION vecdb;
	CREATE TABLE t (id int PRIMARY KEY, v vector(32));
	INSERT INTO t SELECT i,
		(SELECT array_agg((hashint8(i * 1000 + j) % 1000) / 1000.0)::vector
		 FROM generate_series(1, 32) AS j)
	FROM generate_series(1::bigint, 5000) AS i;
	INSERT INTO t SELECT i, NULL FROM generate_series(5001, 8000) AS i;
	CREATE INDEX t_v ON t USING ivfflat (v) WITH (lists = 5);
	DELETE FROM t WHERE id % 10 = 0;
	VACUUM t;
	CHECKPOINT});
is(findings(), '', 'the index is sound');

read_index();
my $blocks = length($sound) / BLOCK;

# Where things are.
my $mean = meta_get('mean');
my $root = meta_get('root');
my $unplaced = meta_get('unplaced');
my $child = unpack 'x2 v', substr($sound, slot_at($root, 0, 3), 8);
my $leaf = $child;
my $second = tail_get($leaf, 'next');
my $last = tail_get($unplaced, 'last');
cmp_ok(tail_get($leaf, 'number'), '==', 0, 'the root names a list');
cmp_ok($second, '<', $blocks, 'which has two pages or more');
cmp_ok($last, '>', $unplaced + 1, 'and unplaced rows have three');

# Damage -------------------------------------------------------------------

# The metapage: nothing else can be checked, and nothing is done.
damaged('a wrong magic number', sub { meta_set('magic', 0x12345678) },
	qr/^1\|0\|\|wrong magic number 12345678$/, qr/wrong magic number/);
damaged('a version of the future', sub { meta_set('version', 99) },
	qr/^1\|0\|\|format version that this extension does not know: 99$/,
	qr/has format version 99, which this version of vecdb does not read/,
	qr/has format version 99/);
readable_without_index('a version of the future', sub { meta_set('version', 99) });
damaged('impossible dimensions', sub { meta_set('dim', 70000) },
	qr/^1\|0\|\|impossible number of dimensions: 70000$/,
	qr/impossible dimensions/);
damaged('a tree that was never begun', sub { meta_set('tree', 3) },
	qr/^1\|0\|\|number of a tree that was never begun: 3$/, qr/impossible tree/);
damaged('impossible padding', sub { meta_set('padded', 1 << 30) },
	qr/^1\|0\|\|impossible number of padded dimensions/,
	qr/impossible dimensions/);
damaged('impossible sketches', sub { meta_set('sketch', 1022) },
	qr/^1\|0\|\|impossible dimensions of sketches: 1022$/,
	qr/impossible dimensions/);
damaged('sketches of vectors', sub { meta_set('sketch', 32) },
	qr/^1\|0\|\|sketches of a type that has none: 32$/, qr/another operator class/);
damaged('impossible bits', sub { meta_set('bits', 3, 'v') },
	qr/^1\|0\|\|impossible number of bits: 3$/, qr/impossible number of bits/);
damaged('bits themselves of vectors', sub { meta_set('bits', 1, 'v') },
	qr/^1\|0\|\|bits of a type that has none: 1$/m, qr/another operator class/);
damaged('another metric', sub { meta_set('metric', 2, 'v') },
	qr/^1\|0\|\|metric of another operator class: 2$/, qr/another operator class/);
damaged('an impossible height', sub { meta_set('height', 7) },
	qr/^1\|0\|\|impossible height: 7$/, qr/impossible height/);
damaged('a scale that is no number', sub { meta_set('scale', 0x7FC00000) },
	qr/^1\|0\|\|impossible scale: -?nan$/i, qr/impossible figures/);
damaged('a root behind the end', sub { meta_set('root', $blocks + 7) },
	qr/^1\|0\|\|the root is said to begin at block @{[$blocks + 7]} of $blocks$/m,
	qr/could not read block/);
damaged('no root', sub { meta_set('root', $nowhere) },
	qr/^1\|0\|\|the root is said to begin at block $nowhere /m,
	qr/link to no list|chain ends/);
damaged('no unplaced list', sub { meta_set('unplaced', $nowhere) },
	qr/^1\|0\|\|the list of unplaced rows is said to begin at block $nowhere /m,
	qr/link to no list|chain ends/);
damaged('a root that is the mean', sub { meta_set('root', $mean) },
	qr/^3\|0\|\|the first page, block $mean, is in a chain already$/m,
	qr/page is of another kind/);
damaged('fewer lists than the root has', sub { meta_set('lists', 4) },
	qr/^5\|$root\|\|the root has 5 lists, the metapage says 4$/m, undef);
damaged('more lists than there can be', sub { meta_set('lists', $nowhere) },
	qr/^5\|$root\|\|the root has 5 lists, the metapage says $nowhere$/m, qr/^$/);
damaged('a metapage of zeros', sub { zero(0) },
	qr/^1\|0\|\|the metapage is all zeros$/, qr/page is all zeros/);
damaged('a mean of another length', sub { meta_set('mean_norm2', 0x41200000) },
	qr/^1\|0\|\|the mean has a squared norm of \S+, but 10 is stored$/m, undef);
damaged('an infinite scale', sub { meta_set('scale', $infinity) },
	qr/^1\|0\|\|impossible scale: inf/im, qr/impossible figures/);
damaged('a scale that is no power of two', sub { meta_set('scale', 3, 'f<') },
	qr/^1\|0\|\|scale that is no power of two: 3$/m, undef);
damaged('no scale, though there are rows', sub { meta_set('scale', 0) },
	qr/^1\|0\|\|no scale was chosen, but there are \d+ rows with a place$/m, undef);
damaged('a norm of the mean that is no number', sub { meta_set('mean_norm2', $nan) },
	qr/^1\|0\|\|impossible norm of the mean: -?nan$/im, qr/impossible figures/);
damaged('another seed', sub { meta_set('seed', 7) },
	qr/^11\|$leaf\|\d+\|row \(\d+,\d+\) has a code that is not its vector's$/m, undef);
damaged('rows at training that are no number', sub { meta_set('trained_rows', 0x7FF8_0000_0000_0000, 'Q<') },
	qr/^1\|0\|\|impossible number of rows at training: -?nan$/im, undef);
damaged('more rows at training than a table has', sub { meta_set('trained_rows', 1e300, 'd<') },
	qr/^1\|0\|\|impossible number of rows at training: 1e\+300$/m, undef);
damaged('a sample larger than the table', sub { meta_set('trained_sample', 1_000_000_000) },
	qr/^1\|0\|\|impossible size of the training's sample: 1e\+09$/m, undef);
damaged('a sample smaller than its lists', sub { meta_set('trained_sample', 4) },
	qr/^1\|0\|\|impossible size of the training's sample: 4$/m, undef);
damaged('a metapage of another chain', sub { tail_set(0, 'head', 5) },
	qr/^1\|0\|\|the metapage says that its chain begins at block 5$/m,
	qr/Block 0: page belongs to another list/);
damaged('a metapage in the middle of a chain', sub { tail_set(0, 'number', 3) },
	qr/^1\|0\|\|the metapage says that it is page 3 of its chain$/m,
	qr/Block 0: page has another place in its list/);
damaged('a metapage that has a next page', sub { tail_set(0, 'next', $root) },
	qr/^1\|0\|\|the metapage has a neighbour, block $root$/m, undef);

# The calibration: a search by it would read too few lists, or all of them.
my $impossible = qr/calibration has an impossible/;
damaged('an impossible number of points', sub { meta_set('points', 999) },
	qr/^1\|0\|\|$impossible number of points$/m, qr/$impossible number of points/);
damaged('a curve that was cut', sub { meta_set('points', 19) },
	qr/^1\|0\|\|$impossible number of points$/m, qr/$impossible number of points/);
for my $bad ($nan, $infinity, float(-1), 0)
{
	my $text = unpack 'H*', pack 'V', $bad;
	damaged("a unit of distances of the bytes $text", sub { meta_set('residual2', $bad) },
		qr/^1\|0\|\|$impossible unit of distances$/m, qr/$impossible unit of distances/);
}
for my $case (['reach', float(1), 'reach of close rows'], ['reach', $nan, 'reach of close rows'],
	['residual2', float(1), 'unit of distances of close rows'],
	['near', $nan, 'distance of the nearest list'])
{
	my ($field, $bad, $what) = @$case;

	damaged("close rows without a rule, but with $field", sub { meta_set("close_$field", $bad) },
		qr/^1\|0\|\|$impossible $what$/m, qr/$impossible $what/);
}
for my $i (0, 6)
{
	damaged("coefficient $i that is no number", sub { curve_set('coefficient', $i, $nan) },
		qr/^1\|0\|\|$impossible coefficient$/m,
		qr/$impossible coefficient/);
}
damaged('an infinite coefficient', sub { curve_set('coefficient', 3, $infinity) },
	qr/^1\|0\|\|$impossible coefficient$/m,
	qr/$impossible coefficient/);
for my $case (
	['recall', 0, 0, 'no recall'], ['recall', 19, float(1.5), 'recall above one'],
	['recall', 7, $nan, 'a recall that is no number'],
	['recall', 7, float(0.88), 'the same recall twice'],
	['recall', 7, float(0.6), 'a recall that falls'],
	['density', 0, $nan, 'a first density that is no number'],
	['density', 19, $nan, 'a last density that is no number'],
	['density', 9, float(3e38), 'a density that rises'],
	['density', 0, $infinity, 'an infinite density'],
	['share', 0, float(-0.5), 'a share below zero'],
	['share', 19, float(1.5), 'a share above one'],
	['share', 9, $nan, 'a share that is no number'],
	['share', 19, 0, 'a share that falls'],
	['depth', 0, 0, 'a depth of nothing'],
	['depth', 1, float(9), 'a depth that falls'],
	['depth', 1, $nan, 'a depth that is no number'],
	['depth_coefficient', 6, $nan, 'a coefficient of a depth that is no number'],
	['depth_density', 39, $infinity, 'an infinite density of another depth'],
	['depth_share', 20, float(-0.5), 'a share of another depth below zero'])
{
	my ($field, $i, $value, $name) = @$case;
	my ($what) = $field =~ /([a-z]+)$/;

	damaged("$name, at point $i", sub { curve_set($field, $i, $value) },
		qr/^1\|0\|\|$impossible $what$/m,
		qr/$impossible $what/);
}
damaged('a nearest list that is nowhere', sub { meta_set('far', $nan) },
	qr/^1\|0\|\|$impossible distance of the nearest list$/m,
	qr/$impossible distance of the nearest list/);
damaged('an impossible number of depths', sub { meta_set('depths', 7) },
	qr/^1\|0\|\|$impossible number of depths$/m, qr/$impossible number of depths/);

# How many rows are within a distance.
damaged('a spread that was cut', sub { meta_set('spread', 23) },
	qr/^1\|0\|\|spread has an impossible number of points$/m,
	qr/spread has an impossible number of points/);
for my $case (
	['share', 0, 0, 'a share of nothing'], ['share', 23, float(1.5), 'a share above one'],
	['share', 9, $nan, 'a share that is no number'],
	['distance', 23, $infinity, 'an infinite distance'],
	['distance', 5, $nan, 'a distance that is no number'],
	['distance', 9, float(-3e38), 'a distance that falls'])
{
	my ($what, $i, $value, $name) = @$case;

	damaged("$name, at point $i of the spread",
		sub { curve_set("spread_$what", $i, $value) },
		qr/^1\|0\|\|spread has an impossible $what$/m,
		qr/spread has an impossible $what/);
}

# Pages.
damaged('a number of columns', sub { meta_set('columns', 3) },
	qr/^1\|0\|\|impossible number of scalar columns: 3$/, qr/impossible scalar columns/);
damaged('a version with columns', sub { meta_set('version', 0x101) },
	qr/^1\|0\|\|impossible number of scalar columns: 0$/, qr/impossible scalar columns/);

damaged('a page with a wrong mark', sub { tail_set($second, 'page_id', 1, 'v') },
	qr/^2\|$second\|\|page has a wrong mark$/m, qr/Block $second: page has a wrong mark/);
damaged('a page of another version', sub { tail_set($second, 'version', 9, 'v') },
	qr/^2\|$second\|\|page has a version/m, qr/Block $second: page has a version/);
damaged('a page of no kind', sub { tail_set($second, 'kind', 77, 'v') },
	qr/^2\|$second\|\|page is of an unknown kind$/m,
	qr/Block $second: page is of another kind/);
damaged('a page of zeros in a list', sub { zero($second) },
	qr/^2\|$second\|\|page 1 of the chain at block $leaf is all zeros$/m,
	qr/Block $second: page is all zeros/);
damaged('a head of zeros', sub { zero($leaf) },
	qr/^2\|$leaf\|\|page 0 of the chain at block $leaf is all zeros$/m,
	qr/Block $leaf: page is all zeros/);
damaged('a header that the server itself refuses', sub { poke($second * BLOCK + 12, pack('v', 60000)) },
	qr/invalid page in block $second/, qr/invalid page in block $second/);
damaged('a free page in a chain', sub { tail_set($second, 'kind', 6, 'v') },
	qr/^13\|$second\|\|page 1 of the chain at block $leaf is a free page/m,
	qr/Block $second: page is of another kind/);

# Chains.
damaged('a link behind the end', sub { tail_set($leaf, 'next', $blocks + 100) },
	qr/^3\|$leaf\|\|the next page is said to be block @{[$blocks + 100]} of $blocks$/m,
	qr/could not read block/);
damaged('a chain in a circle', sub { tail_set($second, 'next', $leaf) },
	qr/^3\|$second\|\|the next page, block $leaf, is in a chain already$/m,
	qr/Block $leaf: page has another place in its list/);
damaged('a page that follows itself', sub { tail_set($second, 'next', $second) },
	qr/^3\|$second\|\|the next page, block $second, is in a chain already$/m,
	qr/Block $second: page has another place in its list/);
damaged('a link into another list', sub { tail_set($leaf, 'next', $unplaced + 1) },
	qr/^3\|@{[$unplaced + 1]}\|\|page 1 of the chain at block $leaf is a page of unplaced rows/m,
	qr/Block @{[$unplaced + 1]}: page is of another kind/);
damaged('a wrong head', sub { tail_set($second, 'head', $root) },
	qr/^3\|$second\|\|page 1 of the chain at block $leaf says that its chain begins at block $root$/m,
	qr/Block $second: page belongs to another list/);
damaged('a wrong number', sub { tail_set($second, 'number', 5) },
	qr/^3\|$second\|\|page 1 of the chain at block $leaf says that it is page 5$/m,
	qr/Block $second: page has another place in its list/);
damaged('a wrong link back', sub { tail_set($second, 'prev', 1) },
	qr/^3\|$second\|\|the page before is block $leaf, but is said to be block 1$/m, undef);
damaged('another last page', sub { tail_set($unplaced, 'last', $unplaced + 1) },
	qr/^3\|$unplaced\|\|the chain ends at block $last, but its last page is said to be block @{[$unplaced + 1]}$/m,
	undef);
damaged('a page of another tree', sub { tail_set($second, 'tree', 1) },
	qr/^16\|$second\|\|page 1 of the chain at block $leaf belongs to tree 1, not to tree 0$/m,
	qr/Block $second: page belongs to another tree/);
damaged('a chain that was cut', sub { tail_set($leaf, 'next', $nowhere) },
	qr/^4\|$leaf\|\|the list has \d+ slots, which need \d+ pages, but it has 1$/m,
	qr/Block $leaf: list is shorter than its slots/);
damaged('an impossible number of slots', sub { tail_set($leaf, 'slots', 4_000_000_000) },
	qr/^4\|$leaf\|\|the list has 4000000000 slots/m,
	qr/Block $leaf: list is shorter than its slots/);
damaged('no last page', sub { tail_set($leaf, 'last', $nowhere); tail_set($leaf, 'dead', 0) },
	qr/^3\|$leaf\|\|the chain ends at block \d+, but its last page is said to be block $nowhere$/m,
	undef, qr/Block $leaf: list has no last page/);
damaged('no last page of ours', sub { tail_set($leaf, 'last', $root); tail_set($leaf, 'dead', 0) },
	qr/^3\|$leaf\|\|the chain ends at block \d+, but its last page is said to be block $root$/m,
	undef, qr/Block $root: not the last page of its list/);
damaged('more slots than pages', sub { tail_set($leaf, 'slots', 4_000_000_000); tail_set($leaf, 'dead', 0) },
	qr/^4\|$leaf\|\|the list has 4000000000 slots/m,
	qr/Block $leaf: list is shorter than its slots/,
	qr/Block $leaf: list is shorter than its slots/);
damaged('slots that were forgotten', sub { tail_set($leaf, 'slots', 16) },
	qr/^7\|$leaf\|16\|slot is in use, but its list has 16 slots$/m, undef);
damaged('more free slots than there are', sub { tail_set($leaf, 'dead', 100_000) },
	qr/^7\|$leaf\|\|the list counts 100000 free slots, but has \d+$/m, undef);
damaged('free slots in another list', sub { tail_set($leaf, 'free_block', $unplaced) },
	qr/^8\|$leaf\|\|free slots are said to begin at block $unplaced, page \d+, which the list does not have$/m,
	undef, qr/Block $unplaced: page is of another kind/);
damaged('free slots under a wrong number',
	sub { tail_set($leaf, 'free_block', $leaf); tail_set($leaf, 'free_number', 1) },
	qr/^8\|$leaf\|\|free slots are said to begin at block $leaf, page 1, which the list does not have$/m,
	undef, qr/Block $leaf: page has another place in its list/);

# The root.
my $other = unpack 'x2 v', substr($sound, slot_at($root, 0, 2), 8);
damaged('a list that is named twice', sub { poke(slot_at($root, 0, 3), pack('vvvv', 0, $other, 1, 0)) },
	qr/^5\|$root\|3\|a list is said to begin at block $other, which is in use already$/m, undef);
damaged('a list behind the end', sub { poke(slot_at($root, 0, 3), pack('vvvv', 0x7FFF, 0, 1, 0)) },
	qr/^5\|$root\|3\|a list is said to begin at block \d+, behind the index's end$/m,
	qr/list lies behind the end of the index/, qr/list lies behind the end of the index/);
damaged('a list that is nowhere', sub { poke(slot_at($root, 0, 3), pack('vvvv', 0xFFFF, 0xFFFF, 1, 0)) },
	qr/^5\|$root\|3\|a list is said to begin at block $nowhere, behind/m,
	qr/list lies behind the end of the index/, qr/list lies behind the end of the index/);
damaged('a list that is a page of another', sub { poke(slot_at($root, 0, 3), pack('vvvv', 0, $second, 1, 0)) },
	qr/^3\|$second\|\|page 0 of the chain at block $second says that its chain begins at block $leaf$/m,
	qr/Block $second: page belongs to another list/);
damaged('a list that was lost', sub { poke(slot_at($root, 0, 3), pack('vvvv', 0, 0, 0, 0)) },
	qr/^5\|$root\|\|the root has 4 lists, the metapage says 5$/m, undef);
damaged('a centroid of no length', sub { poke(line_at($root, 0) + 3 * 4, pack('V', 0x7FC00000)) },
	qr/^6\|$root\|3\|centroid has a squared norm of \S+, but -?nan is stored$/mi, undef);
damaged('a centroid without a gain', sub { poke(line_at($root, 2) + 3 * 4, pack('V', 0xFF800000)) },
	qr/\A6\|$root\|3\|centroid has the impossible gain -inf\w*\z/i, undef);
damaged('another centroid', sub { flip(line_at($root, 6) + 3 * 4) },
	qr/\A6\|$root\|3\|centroid has a .*\z/s, undef);

# Slots of rows: two live ones of the list's first group.
my ($slot, $slot2) = live_slots($leaf, 1);
my $tid2 = substr($sound, slot_at($leaf, 1, $slot2), 8);
my ($null) = live_slots($unplaced, 0);
damaged('an offset that no page has', sub { poke(slot_at($leaf, 1, $slot), pack('vvvv', 0, 1, 0xFFFF, 0)) },
	qr/^7\|$leaf\|$slot\|slot names row \(1,65535\) of a table of \d+ blocks$/m,
	qr/points to row \(1,65535\), which cannot exist/);
damaged('a row behind the end of the table', sub { poke(slot_at($leaf, 1, $slot), pack('vvvv', 5, 0, 1, 0)) },
	qr/^7\|$leaf\|$slot\|slot names row \(327680,1\) of a table of \d+ blocks$/m,
	qr/points to row \(327680,1\), which cannot exist/);
damaged('a row without a place behind the end of the table', sub { poke(slot_at($unplaced, 0, $null), pack('vvv', 5, 0, 1)) },
	qr/^7\|$unplaced\|$null\|slot names row \(327680,1\) of a table of \d+ blocks$/m,
	qr/points to row \(327680,1\), which cannot exist/);
damaged('a row that is there twice', sub { poke(slot_at($leaf, 1, $slot), $tid2) },
	qr/^9\|$leaf\|($slot|$slot2)\|row \(\d+,\d+\) is in block $leaf, slot ($slot|$slot2) too$/m, undef);
damaged('unknown flags of a row', sub { poke(slot_at($leaf, 1, $slot) + 6, pack('v', 4)) },
	qr/^10\|$leaf\|$slot\|slot has unknown flags 0004$/m, undef);
damaged('unknown flags of a row without a place', sub { poke(slot_at($unplaced, 0, $null) + 6, pack('v', 0x8001)) },
	qr/^10\|$unplaced\|$null\|slot has unknown flags 8001$/m, undef);
damaged('a slot that was emptied', sub { poke(slot_at($leaf, 1, $slot), pack('vvvv', 0, 0, 0, 0)) },
	qr/^11\|\|\|row \(\d+,\d+\) of the table is not in the index$/m, undef);
damaged('NULL that is not marked', sub { poke(slot_at($unplaced, 0, $null) + 6, pack('v', 0)) },
	qr/^11\|$unplaced\|$null\|row \(\d+,\d+\) is NULL, but not marked so$/m, undef);
damaged('a factor that is no number', sub { poke(line_at($leaf, 0) + 32 + 2 * $slot, pack('v', 0x7E00)) },
	qr/^12\|$leaf\|$slot\|code has the impossible factors add \S+, gain -?nan$/mi, undef);
damaged('an infinite factor', sub { poke(line_at($leaf, 0) + 2 * $slot, pack('v', 0x7C00)) },
	qr/^12\|$leaf\|$slot\|code has the impossible factors add inf\w*, gain \S+$/mi, undef);
damaged('a factor of another row', sub { poke(line_at($leaf, 0) + 2 * $slot, pack('v', 0x5000)) },
	qr/^11\|$leaf\|$slot\|row \(\d+,\d+\) has a code that is not its vector's$/m, undef);
damaged('a code of another row', sub { flip(line_at($leaf, 3) + 4 * $slot) },
	qr/^11\|$leaf\|$slot\|row \(\d+,\d+\) has a code that is not its vector's$/m, undef);

# Anything at all: random bytes over random pages, by a seed that is printed.
my $seed = $ENV{CHECK_INDEX_SEED} // 42;
srand($seed);
random_bytes();

# Scalar columns, of 8 and of 2 bytes: two lines of keys, then half a line,
# before the codes of a leaf group; eight lines of summaries for each before
# those of the root's.
write_file($sound);
$node->start;
$node->safe_psql('postgres', q{
	CREATE TABLE c (id int PRIMARY KEY, v vector(32), a smallint DEFAULT 3, b bigint DEFAULT 4);
	INSERT INTO c SELECT id, v, CASE WHEN id % 500 <> 7 THEN id % 50 END, id FROM t;
	CREATE INDEX c_v ON c USING ivfflat (v, a, b) WITH (lists = 5);
	DELETE FROM c WHERE id % 20 = 1;
	VACUUM c;
	CHECKPOINT});
($table, $where) = ('c', 'a = 3 AND b > 100');
is(findings(), '', 'the index with columns is sound');
read_index();
($root, $unplaced) = (meta_get('root'), meta_get('unplaced'));
$leaf = unpack 'x2 v', substr($sound, slot_at($root, 0, 3), 8);
my ($row) = grep { unpack('v', substr($sound, slot_at($leaf, 1, $_) + 6, 2)) == 0 } live_slots($leaf, 1);
my ($null_row) = live_slots($unplaced, 0);
my ($behind) = grep { $_ > $row && unpack('v', substr($sound, line_at($leaf, 5) + 2 * $_, 2)) > 0x8001 } live_slots($leaf, 1);
damaged('a key of another row', sub { flip(line_at($leaf, 3) + 8 * $row) },
	qr/^14\|$leaf\|$row\|row \(\d+,\d+\) has a key in scalar column 2 that is not its value's$/m, undef);
damaged('a key that the list is not said to have',
	sub { poke(line_at($leaf, 5) + 2 * $row, pack('v', 0xFFFF)) },
	qr/^15\|$leaf\|$row\|row has keys that its list is not said to have$/m, undef);
damaged('a key of a row without a place', sub { poke(line_at($unplaced, 4) + 2 * $null_row, pack('v', 5)) },
	qr/^14\|$unplaced\|$null_row\|row \(\d+,\d+\) has a key in scalar column 1 that is not its value's$/m, undef);
damaged('NULL that is none', sub { poke(slot_at($leaf, 1, $row) + 6, pack('v', 0x0200)) },
	qr/^14\|$leaf\|$row\|row \(\d+,\d+\) is marked as NULL in scalar column 2, but has a value$/m, undef);
damaged('NULL of a column that is not there', sub { poke(slot_at($leaf, 1, $row) + 6, pack('v', 0x0400)) },
	qr/^10\|$leaf\|$row\|slot has unknown flags 0400$/m, undef);
damaged('a list said to be empty', sub { poke(line_at($root, 5) + 3 * 32, "\0" x 32) },
	qr/^15\|$leaf\|\d+\|row has keys that its list is not said to have$/m, undef);
damaged('a key that is lower than one before it', sub { poke(line_at($leaf, 5) + 2 * $behind, pack('v', 0)) },
	qr/^18\|$leaf\|$behind\|row has a lower key than one before it$/m, undef);
damaged('a fence before the keys behind it', sub { poke($leaf * BLOCK + 28, pack('v', 0xFFFF)) },
	qr/^18\|$leaf\|\d+\|row is on the wrong side of fence 0$/m, undef);
damaged('more slots in order than there were', sub { tail_set($leaf, 'sorted', 4_000_000_000) },
	qr/^18\|$leaf\|\|4000000000 slots are said to be in order, of \d+ that were$/m, undef);
damaged('order of slots that there never were', sub { tail_set($leaf, 'sorted', 4_000_000_000); poke($leaf * BLOCK + 24, pack('V', 4_000_000_000)) },
	qr/^18\|/m, undef);
foreach my $sum ([ 'that is no number', $nan ], [ 'without an end', $infinity ],
	[ 'below zero', float(-1) ], [ 'of no inserts', float(1) ])
{
	damaged("a sum of residuals $sum->[0]",
		sub { tail_set($leaf, 'changes', 0) if $sum->[0] =~ /no inserts/; tail_set($leaf, 'residual', $sum->[1]) },
		qr/^19\|$leaf\|\|\d+ inserts have an impossible sum of residuals$/m, undef);
}
damaged('more second entries than inserts', sub { tail_set($leaf, 'seconds', 60000, 'v') },
	qr/^19\|$leaf\|\|of \d+ inserts, 60000 are of second entries$/m, undef);
damaged('an order that is less than it was', sub { tail_set($leaf, 'sorted', 17) }, qr/^$/, undef);
damaged('keys of another kind', sub { meta_set('kind', 200, 'v') },
	qr/^1\|0\|\|keys of another type in scalar column: 1$/m, qr/was built for other columns/,
	qr/was built for other columns/);
damaged('keys of another width', sub { meta_set('width', 8, 'v') },
	qr/^1\|0\|\|keys of another type in scalar column: 1$/m, qr/was built for other columns/);
damaged('keys of no width', sub { meta_set('width', 3, 'v') },
	qr/^1\|0\|\|impossible width of a scalar column: 2$/, qr/impossible scalar columns/);
damaged('more columns than there can be', sub { meta_set('columns', 9) },
	qr/^1\|0\|\|impossible number of scalar columns: 9$/, qr/impossible scalar columns/);
damaged('columns of the plain version', sub { meta_set('version', 1) },
	qr/^1\|0\|\|impossible number of scalar columns: 2$/, qr/impossible scalar columns/);
random_bytes();
write_file($sound);
goes_on_after_lost_values();

# Rows in two lists: what both entries are marked as, the first one, and what the
# metapage says of them.
write_file($sound);
$node->start;
$node->safe_psql('postgres', q{
	CREATE TABLE s (id int PRIMARY KEY, v vector(32));
	INSERT INTO s SELECT id, v FROM t WHERE v IS NOT NULL;
	CREATE INDEX s_v ON s USING ivfflat (v) WITH (lists = 5, spill = 0.5);
	CHECKPOINT});
($table, $where) = ('s', 'true');
is(findings(), '', 'the index with rows in two lists is sound');
read_index();
($root, $unplaced) = (meta_get('root'), meta_get('unplaced'));
$leaf = unpack 'x2 v', substr($sound, slot_at($root, 0, 3), 8);
my %marked = map { unpack('v', substr($sound, slot_at($leaf, 1, $_) + 6, 2)) => $_ } live_slots($leaf, 1);
my ($once, $twice, $other) = @marked{ 0, 2, 6 };
my $mark = sub { my ($at, $flags) = @_; return sub { poke(slot_at($leaf, 1, $at) + 6, pack('v', $flags)) } };
damaged('no second entry of two', $mark->($other, 2),
	qr/^17\|\d+\|\d+\|no entry of row \(\d+,\d+\) is its second one$/m, undef);
damaged('two second entries', $mark->($twice, 6),
	qr/^17\|\d+\|\d+\|either entry of row \(\d+,\d+\) is its second one$/m, undef);
damaged('an entry that is the only one beside another', $mark->($twice, 0),
	qr/^9\|\d+\|\d+\|row \(\d+,\d+\) is in block \d+, slot \d+ too$/m, undef);
damaged('a second entry of one', $mark->($other, 4),
	qr/^17\|$leaf\|$other\|a second entry is not marked as one of two$/m, undef);
damaged('a second entry alone', sub { poke(slot_at($leaf, 1, $twice), "\0" x 6) },
	qr/^17\|\d+\|\d+\|row \(\d+,\d+\) has its second entry alone$/m, undef);
damaged('a row that is said to have a second entry alone', $mark->($once, 6),
	qr/^17\|$leaf\|$once\|row \(\d+,\d+\) has its second entry alone$/m, undef);
damaged('a first entry alone', sub { poke(slot_at($leaf, 1, $other), "\0" x 6) },
	qr/^17\|\d+\|\d+\|row \(\d+,\d+\) has its first entry alone$/m, undef);
damaged('a row that is said to have a first entry alone', $mark->($once, 2),
	qr/^17\|$leaf\|$once\|row \(\d+,\d+\) has its first entry alone$/m, undef);
damaged('a limit that is no number', sub { meta_set('spill_limit', $nan) },
	qr/^1\|0\|\|impossible limit of the loss of a second list$/m, qr/impossible limit of the loss/);
damaged('second entries of the plain version', sub { meta_set('version', 1) },
	qr/^1\|0\|\|impossible limit of the loss of a second list$/m, qr/impossible limit of the loss/);
damaged('an impossible share', sub { meta_set('spill_asked', 3, 'f<') },
	qr/^1\|0\|\|impossible share of rows in two lists$/m, qr/impossible share of rows in two lists/);
damaged('more second entries than rows', sub { meta_set('spill_entries', 1e9, 'd<') },
	qr/^1\|0\|\|impossible number of second entries$/m, qr/impossible number of second entries/);
foreach my $field ('fit', 'balance')
{
	damaged("a history without a $field", sub { meta_set($field, $nan) },
		qr/^1\|0\|\|impossible (mean residual|imbalance) at training$/m, qr/impossible (mean residual|imbalance)/);
}
foreach my $field ('far_from', 'far_stretch')
{
	damaged("pairs that are far apart without a $field", sub { meta_set($field, $nan) },
		qr/^1\|0\|\|impossible stretch of far pairs$/m, qr/impossible stretch of far pairs/);
}
damaged('pairs that stretch more when far apart', sub { meta_set('far_stretch', 1, 'f<') },
	qr/^1\|0\|\|impossible stretch of far pairs$/m, qr/impossible stretch of far pairs/);
damaged('rows that were inserted before they were there', sub { meta_set('inserted', -1, 'd<') },
	qr/^1\|0\|\|impossible number of rows inserted or coded anew$/m, qr/impossible number of rows inserted/);
random_bytes();
write_file($sound);

# Lists that hold bits themselves: their count, a row's bits, those behind its
# length; and an index whose bits are said to be codes.
write_file($sound);
$node->start;
$node->safe_psql('postgres', q{
	CREATE TABLE b (id int PRIMARY KEY, v bit(40));
	INSERT INTO b SELECT i, hashint8(i)::bit(32)::bit(40) FROM generate_series(1::bigint, 40) AS i;
	CREATE INDEX b_v ON b USING ivfflat (v bit_hamming_ops);
	CHECKPOINT});
is(bit_findings(), '', 'an index of bits is sound');
$path = $node->data_dir . '/'
  . $node->safe_psql('postgres', q{SELECT pg_relation_filepath('b_v')});
$node->stop;
$sound = slurp($path);
$root = $nowhere;
$leaf = meta_get('root');
($slot) = live_slots($leaf, 1);
for my $case (
	['a wrong count of bits', sub { poke(line_at($leaf, 0) + 2 * $slot, pack('v', 50)) },
		qr/^12\|$leaf\|$slot\|code has \d+ set bits, but counts 50$/m],
	['a second factor', sub { poke(line_at($leaf, 0) + 32 + 2 * $slot, pack('v', 1)) },
		qr/^12\|$leaf\|$slot\|code has \d+ set bits, but counts \d+$/m],
	['other bits', sub { flip(line_at($leaf, 3) + 4 * $slot) },
		qr/^11\|$leaf\|$slot\|row \(0,\d+\) has a code that is not its vector's$/m],
	['bits behind the end', sub { poke(line_at($leaf, 4) + 4 * $slot + 3, "\1") },
		qr/^11\|$leaf\|$slot\|row \(0,\d+\) has a code that is not its vector's$/m],
	['codes instead of bits', sub { meta_set('bits', 2, 'v') }, qr/^\d+\|$leaf\|/m])
{
	my ($name, $code, $finding) = @$case;

	write_file($sound);
	$code->();
	$node->start;
	like(bit_findings(), $finding, "$name: the check tells");
	my (undef, $rows, $error) = $node->psql('postgres', q{
		SET enable_seqscan = off;
		SELECT count(*) FROM (SELECT id FROM b ORDER BY v <~> 5::bit(40) LIMIT 5) AS s});
	like("$rows$error", qr/^5$|is corrupted/, "$name: a scan does not crash");
	is($node->safe_psql('postgres', 'SELECT 1'), '1', "$name: the server goes on");
	$node->stop;
}
ok(!$node->log_contains('PANIC:|TRAP:|was terminated by signal'),
	'no process crashed');
done_testing();

# Tools --------------------------------------------------------------------

sub random_bytes
{
	for my $round (1 .. 20)
	{
		write_file($sound);
		for (1 .. 1 + int rand 20)
		{
			my $length = 1 + int rand 64;
			poke(int(rand length($sound) - $length),
				join '', map { chr int rand 256 } 1 .. $length);
		}
		$node->start;
		my (undef, $found, $error) = $node->psql('postgres',
			"SELECT * FROM vecdb_check_index('${table}_v', true)");
		isnt($found . $error, '', "round $round of seed $seed: damage is found");
		survives("round $round of seed $seed");
		$node->stop;
	}
	return;
}

# damaged NAME, CODE, FINDING, SCAN [, CHANGE]: after CODE has changed the file,
# the check returns a row that matches FINDING, or fails so; a scan of all rows
# fails with SCAN, and an insert with CHANGE, where they are given.
sub damaged
{
	my ($name, $code, $finding, $scan, $change) = @_;

	write_file($sound);
	$code->();
	$node->start;
	my ($status, $out, $err) = $node->psql('postgres',
		"SELECT * FROM vecdb_check_index('${table}_v', true)");
	like($out . $err, $finding, "$name: the check tells");

	my ($answer, $failure) = scan();
	if (defined $scan)
	{
		like($failure, $scan, "$name: a scan fails clearly");
	}
	else
	{
		unlike($failure, qr/server closed|connection/,
			"$name: a scan does not crash");
	}
	my (undef, undef, $refused) = $node->psql('postgres',
		"BEGIN; INSERT INTO $table SELECT -id, v FROM t WHERE id <= 500; ROLLBACK");
	like($refused, $change, "$name: an insert fails clearly") if $change;
	survives($name);
	$node->stop;
}

# Values whose chunks a page of the TOAST table has lost are a finding each, and
# the rows behind them are still checked: one of these is not in the index.
sub goes_on_after_lost_values
{
	$node->start;
	my ($toast, $left_out) = split /\|/, $node->safe_psql('postgres', q{
		CREATE TABLE long (id int, v vector(600));
		ALTER TABLE long ALTER v SET STORAGE EXTERNAL;
		INSERT INTO long SELECT i,
			(SELECT array_agg(sin(i * j))::vector FROM generate_series(1, 600) AS j)
		FROM generate_series(1, 50) AS i;
		CREATE INDEX long_v ON long USING ivfflat (v);
		UPDATE pg_index SET indisready = false WHERE indexrelid = 'long_v'::regclass;
		INSERT INTO long SELECT 51, v FROM long WHERE id = 50;
		UPDATE pg_index SET indisready = true WHERE indexrelid = 'long_v'::regclass;
		CHECKPOINT;
		SELECT pg_relation_filepath(reltoastrelid), (SELECT ctid FROM long WHERE id = 51)
		FROM pg_class WHERE relname = 'long'});
	$node->stop;
	my $index = $path;
	$path = $node->data_dir . "/$toast";
	zero(0);
	$path = $index;
	$node->start;
	my $found = $node->safe_psql('postgres',
		q{SELECT finding FROM vecdb_check_index('long_v', true)});
	my @lost = $found =~ /^row \(\d+,\d+\) has a value that cannot be read: missing chunk number \d+ for toast value \d+/mg;
	cmp_ok(scalar @lost, '>=', 2, 'a value that cannot be read is a finding');
	cmp_ok(scalar @lost, '<', 10, 'those of other pages are none');
	like($found, qr/^row \Q$left_out\E of the table is not in the index$/m,
		'and the check goes on');
	my ($status, undef, $error) = $node->psql('postgres',
		q{SET statement_timeout = '1ms'; SELECT * FROM vecdb_check_index('t_v', true)});
	like($error, qr/canceling statement due to statement timeout/,
		'a cancellation ends it');
	$node->stop;
	return;
}

# Queries that do not use the index are planned and answered.
sub readable_without_index
{
	my ($name, $code) = @_;

	write_file($sound);
	$code->();
	$node->start;
	is( $node->safe_psql(
			'postgres', q{
		SET enable_indexscan = off;
		SELECT count(*) FROM
		  (SELECT id FROM t ORDER BY v <-> (SELECT v FROM t WHERE id = 1)) AS s}),
		$node->safe_psql('postgres', 'SELECT count(*) FROM t'),
		"$name: the table is read without the index");
	$node->stop;
	return;
}

# Use in each way leaves the server running, whatever the answers.  The table
# stays the same: only what is rolled back is left for VACUUM to remove.
sub survives
{
	my ($name) = @_;

	scan();
	$node->psql('postgres', $_) for (
		"BEGIN; INSERT INTO $table SELECT -id, v FROM t WHERE id <= 300; ROLLBACK",
		"BEGIN; INSERT INTO $table SELECT -i, NULL FROM generate_series(1, 300) AS i; ROLLBACK",
		"VACUUM (INDEX_CLEANUP on) $table");
	is($node->safe_psql('postgres', 'SELECT 1'), '1',
		"$name: the server goes on");
}

sub scan
{
	my (undef, $out, $err) = $node->psql('postgres', qq{
		SET enable_seqscan = off;
		SET ivfflat.probes = 32768;
		SELECT count(*), count(DISTINCT id) FROM
		  (SELECT id FROM $table WHERE $where
		   ORDER BY v <-> (SELECT v FROM t WHERE id = 1)) AS s});

	return ($out, $err);
}

sub findings
{
	return $node->safe_psql('postgres',
		"SELECT * FROM vecdb_check_index('${table}_v', true)");
}

# Take another index for the sound one; the server stops.
sub read_index
{
	$path = $node->data_dir . '/'
	  . $node->safe_psql('postgres', "SELECT pg_relation_filepath('${table}_v')");
	$node->stop;
	$sound = slurp($path);
	return;
}

sub bit_findings
{
	return $node->safe_psql('postgres',
		q{SELECT * FROM vecdb_check_index('b_v', true)});
}

# Offset of a line of a block, and of a slot behind so many lines of factors.
sub line_at
{
	my ($block, $line) = @_;

	return $block * BLOCK + LINE + $line * LINE;
}

sub slot_at
{
	my ($block, $lines, $slot) = @_;

	# An inner list's page is told from the others by its place: the root.
	$lines = 3 if $block == $root;
	return line_at($block, $lines) + $slot * 8;
}

# The first slots of a list that hold rows.
sub live_slots
{
	my ($block, $lines) = @_;

	return grep { unpack 'x4 v', substr($sound, slot_at($block, $lines, $_), 8) }
	  0 .. 15;
}

sub meta_get
{
	return unpack 'V', substr($sound, LINE + $meta{ $_[0] }, 4);
}

sub meta_set
{
	my ($field, $value, $format) = @_;

	poke(LINE + $meta{$field}, pack($format // 'V', $value));
}

# A number of one of the calibration's rows, by its bits.
sub curve_set
{
	my ($field, $i, $bits) = @_;

	poke(LINE + $meta{$field} + 4 * $i, pack('V', $bits));
}

# The bits of a float32.
sub float
{
	return unpack 'V', pack('f<', $_[0]);
}

sub tail_get
{
	return unpack 'V', substr($sound, $_[0] * BLOCK + TAIL + $tail{ $_[1] }, 4);
}

sub tail_set
{
	my ($block, $field, $value, $format) = @_;

	poke($block * BLOCK + TAIL + $tail{$field}, pack($format // 'V', $value));
}

sub zero
{
	poke($_[0] * BLOCK, "\0" x BLOCK);
}

sub flip
{
	my ($offset) = @_;

	poke($offset, substr($sound, $offset, 4) ^ "\xFF\xFF\xFF\xFF");
}

sub poke
{
	my ($offset, $bytes) = @_;

	open my $file, '+<:raw', $path or die "$path: $!";
	seek $file, $offset, 0;
	print $file $bytes;
	close $file or die "$path: $!";
}

sub slurp
{
	open my $file, '<:raw', $_[0] or die "$_[0]: $!";
	local $/;
	return scalar <$file>;
}

sub write_file
{
	open my $file, '>:raw', $path or die "$path: $!";
	print $file $_[0];
	close $file or die "$path: $!";
}
