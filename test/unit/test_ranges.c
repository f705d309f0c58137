/*
 * test_ranges.c: sets of ranges against one bit a key, and lanes and summaries
 * against the sets.
 */
#include "math/ranges.h"

#include <string.h>

#include "check.h"
#include "math/ordered.h"
#include "math/summary.h"
#include "random.h"

#define KEYS 200 /* of the small world in which every key can be looked at */
#define MOST 60	 /* ranges */
#define ROUNDS 2000

static VdbRng rng = {20261129};

/* Ranges of any order, short ones mostly, and what they hold. */
static size_t
random_ranges(VdbRange *ranges, bool has[KEYS])
{
	size_t n = vdb_rng_below(&rng, vdb_rng_below(&rng, 2) ? 6 : MOST);
	uint64_t longest = vdb_rng_below(&rng, 4) ? 4 : KEYS;

	memset(has, 0, KEYS * sizeof(bool));
	for (size_t i = 0; i < n; i++)
	{
		uint64_t first = vdb_rng_below(&rng, KEYS);
		uint64_t last = first + vdb_rng_below(&rng, longest);

		ranges[i] = (VdbRange){first, last < KEYS ? last : KEYS - 1};
		for (uint64_t key = first; key <= ranges[i].last; key++)
			has[key] = true;
	}
	return n;
}

/* Has the set these keys, its ranges in order and apart? */
static bool
is_set_of(const VdbRange *set, size_t n, const bool has[KEYS])
{
	bool found[KEYS] = {false};

	for (size_t i = 0; i < n; i++)
	{
		if (set[i].first > set[i].last || set[i].last >= KEYS ||
			(i > 0 && set[i].first <= set[i - 1].last + 1))
			return false;
		for (uint64_t key = set[i].first; key <= set[i].last; key++)
			found[key] = true;
	}
	return memcmp(found, has, sizeof(found)) == 0;
}

static void
test_join(void)
{
	check_begin("a set of any ranges");
	for (int i = 0; i < ROUNDS; i++)
	{
		VdbRange ranges[MOST];
		bool has[KEYS];
		size_t n = random_ranges(ranges, has);

		check_that(is_set_of(ranges, vdb_ranges_join(ranges, n), has),
				   "round %d", i);
	}
	check_end();
}

static void
test_meet(void)
{
	check_begin("what two sets have in common");
	for (int i = 0; i < ROUNDS; i++)
	{
		VdbRange a[MOST];
		VdbRange b[MOST];
		VdbRange both[2 * MOST];
		bool in_a[KEYS];
		bool in_b[KEYS];
		size_t na = random_ranges(a, in_a);
		size_t nb = random_ranges(b, in_b);
		size_t n;

		na = vdb_ranges_join(a, na);
		nb = vdb_ranges_join(b, nb);
		n = vdb_ranges_meet(a, na, b, nb, both);
		for (int key = 0; key < KEYS; key++)
			in_a[key] &= in_b[key];
		check_that(n <= na + nb && is_set_of(both, n, in_a), "round %d", i);
	}
	check_end();
}

static void
test_ends(void)
{
	VdbRange all = {0, UINT64_MAX};
	VdbRange ends[] = {{UINT64_MAX, UINT64_MAX}, {0, 0}, {1, 2}};
	VdbRange out[3];

	check(vdb_ranges_join(ends, 3) == 2 && ends[0].first == 0 &&
			  ends[0].last == 2 && ends[1].first == UINT64_MAX,
		  "the ends of all keys in a set");
	check(vdb_ranges_meet(&all, 1, ends, 2, out) == 2 &&
			  memcmp(out, ends, 2 * sizeof(*out)) == 0,
		  "all keys and a set");
	check(vdb_ranges_overlap(ends, 2, 3, UINT64_MAX) &&
			  !vdb_ranges_overlap(ends, 2, 3, UINT64_MAX - 1) &&
			  vdb_ranges_overlap(ends, 2, 0, 0) &&
			  !vdb_ranges_overlap(ends, 0, 0, UINT64_MAX),
		  "overlaps at the ends");
}

static void
test_overlap(void)
{
	check_begin("ranges that overlap a set");
	for (int i = 0; i < ROUNDS; i++)
	{
		VdbRange set[MOST];
		bool has[KEYS];
		size_t n = random_ranges(set, has);
		uint64_t first = vdb_rng_below(&rng, KEYS);
		uint64_t last = first + vdb_rng_below(&rng, KEYS - first);
		bool wanted = false;

		n = vdb_ranges_join(set, n);
		for (uint64_t key = first; key <= last; key++)
			wanted |= has[key];
		check_that(vdb_ranges_overlap(set, n, first, last) == wanted,
				   "round %d", i);
	}
	check_end();
}

/* A group of keys, as bytes of so many a key, and as numbers. */
static void
random_group(uint8_t *lanes, size_t width, uint64_t keys[VDB_GROUP])
{
	for (int v = 0; v < VDB_GROUP; v++)
	{
		uint64_t key = keys[v] = vdb_rng_below(&rng, KEYS);

		for (size_t i = 0; i < width; i++)
		{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
			lanes[(size_t) v * width + i] = (uint8_t) (key >> 8 * i);
#else
			lanes[(size_t) (v + 1) * width - 1 - i] = (uint8_t) (key >> 8 * i);
#endif
		}
	}
}

static void
test_lanes(size_t width)
{
	check_begin("lanes of %zu bytes", width);
	for (int i = 0; i < ROUNDS; i++)
	{
		uint8_t lanes[VDB_GROUP * 8];
		uint64_t keys[VDB_GROUP];
		VdbRange set[MOST];
		bool has[KEYS];
		size_t n = random_ranges(set, has);
		uint32_t among = (uint32_t) vdb_rng_below(&rng, 1 << VDB_GROUP);
		uint32_t wanted = 0;

		n = vdb_ranges_join(set, n);
		random_group(lanes, width, keys);
		for (int v = 0; v < VDB_GROUP; v++)
			wanted |= (uint32_t) has[keys[v]] << v;
		check_that(vdb_ranges_lanes(set, n, lanes, width, among) ==
					   (wanted & among),
				   "round %d, %zu ranges", i, n);
	}
	check_end();
}

/* Some rows: what they have, and their summary. */
static VdbSummary
random_summary(bool has[KEYS], bool *null)
{
	VdbSummary summary = {0};
	uint64_t rows = vdb_rng_below(&rng, 12);

	memset(has, 0, KEYS * sizeof(bool));
	*null = false;
	for (uint64_t row = 0; row < rows; row++)
	{
		uint64_t key = vdb_rng_below(&rng, KEYS);
		bool is_null = vdb_rng_below(&rng, 8) == 0;

		vdb_summary_add(&summary, is_null, key);
		if (is_null)
			*null = true;
		else
			has[key] = true;
	}
	return summary;
}

static bool
meets(const VdbSummary *summary, const VdbRange *set, size_t n)
{
	return vdb_summary_meets(summary, set, n, vdb_summary_hashes(set, n));
}

/* Never wrong where there is a row; how often right where there is none. */
static void
test_summary(void)
{
	int vain = 0;
	int passed = 0;

	check_begin("a list that has a row is not passed by");
	for (int i = 0; i < ROUNDS; i++)
	{
		VdbRange set[MOST];
		bool in_set[KEYS];
		bool in_list[KEYS];
		bool null;
		bool has = false;
		size_t n = random_ranges(set, in_set);
		VdbSummary summary = random_summary(in_list, &null);

		n = vdb_ranges_join(set, n);
		for (int key = 0; key < KEYS; key++)
			has |= in_set[key] && in_list[key];
		check_that(!has || meets(&summary, set, n), "round %d", i);
		check_that(null == ((summary.has & VDB_SUMMARY_NULLS) != 0),
				   "NULL in round %d", i);
		if (!has)
			(*(meets(&summary, set, n) ? &vain : &passed))++;
	}
	check_end();
	check(passed > 3 * vain, "of %d lists without a row, %d are passed by",
		  passed + vain, passed);
}

static void
test_summary_join(void)
{
	check_begin("the summary of two lists");
	for (int i = 0; i < ROUNDS; i++)
	{
		bool has[KEYS];
		bool null;
		VdbSummary a = random_summary(has, &null);
		VdbSummary b = random_summary(has, &null);
		VdbSummary both = a;
		VdbSummary other = b;
		bool wider = vdb_summary_join(&both, &b);

		vdb_summary_join(&other, &a);
		check_that(memcmp(&both, &other, sizeof(both)) == 0, "either way");
		check_that(wider == (memcmp(&both, &a, sizeof(both)) != 0),
				   "whether it got wider");
		check_that(!vdb_summary_join(&both, &b), "once more");
	}
	check_end();
}

static void
test_summary_fixed(void)
{
	VdbSummary empty = {0};
	VdbSummary summary = {0};
	VdbRange all = {0, UINT64_MAX};

	check(!meets(&empty, &all, 1), "zeros are an empty list");
	vdb_summary_add(&summary, true, 77);
	check(!meets(&summary, &all, 1) && summary.least == 0 &&
			  summary.hashes == 0 && summary.has == VDB_SUMMARY_NULLS,
		  "NULL has no key");
	vdb_summary_add(&summary, false, UINT64_MAX);
	check(summary.least == UINT64_MAX && summary.most == UINT64_MAX &&
			  summary.hashes == UINT64_C(1) << 24,
		  "the greatest key alone: its hash is %d",
		  __builtin_ctzll(summary.hashes));
	check(meets(&summary, &all, 1) &&
			  vdb_summary_hashes(&all, 1) == UINT64_MAX &&
			  vdb_summary_hashes(&all, 0) == 0,
		  "all keys have all hashes, none has none");
}

int
main(void)
{
	test_join();
	test_meet();
	test_ends();
	test_overlap();
	for (size_t width = 1; width <= 8; width *= 2)
		test_lanes(width);
	test_summary();
	test_summary_join();
	test_summary_fixed();
	return check_done();
}
