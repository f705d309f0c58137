/*
 * test_least.c: against qsort, for every shape of input that a quicksort has
 * been known to stumble over.
 */
#include "math/least.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "random.h"

#define SEED 4391
#define MOST 3000

static int
compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *) a;
	uint64_t y = *(const uint64_t *) b;

	return (x > y) - (x < y);
}

/* Sort the least n of a copy; is it what qsort says, with nothing lost? */
static bool
sorts(const uint64_t *keys, const uint64_t *sorted, size_t count, size_t n)
{
	uint64_t copy[MOST + 1];
	bool right;

	memcpy(copy, keys, count * sizeof(uint64_t));
	copy[count] = 42; /* not ours */
	vdb_sort_least(copy, count, n);
	right =
		memcmp(copy, sorted, n * sizeof(uint64_t)) == 0 && copy[count] == 42;
	qsort(copy, count, sizeof(uint64_t), compare);
	return right && memcmp(copy, sorted, count * sizeof(uint64_t)) == 0;
}

typedef uint64_t (*Shape)(size_t i, size_t count, VdbRng *rng);

static uint64_t
ascending(size_t i, size_t count, VdbRng *rng)
{
	(void) count, (void) rng;
	return i;
}

static uint64_t
descending(size_t i, size_t count, VdbRng *rng)
{
	(void) rng;
	return count - i;
}

static uint64_t
equal(size_t i, size_t count, VdbRng *rng)
{
	(void) i, (void) count, (void) rng;
	return UINT64_MAX;
}

static uint64_t
organ_pipe(size_t i, size_t count, VdbRng *rng)
{
	(void) rng;
	return i < count / 2 ? i : count - i;
}

static uint64_t
few_values(size_t i, size_t count, VdbRng *rng)
{
	(void) i, (void) count;
	return vdb_rng_below(rng, 5);
}

static uint64_t
any_value(size_t i, size_t count, VdbRng *rng)
{
	(void) i, (void) count;
	return vdb_rng_next(rng);
}

static void
test_shape(const char *name, Shape shape)
{
	static const size_t counts[] = {1, 2, 12, 13, 255, 256, 257, MOST};
	uint64_t keys[MOST];
	uint64_t sorted[MOST];
	VdbRng rng = {SEED};

	check_begin("the least of keys that are %s", name);
	for (size_t c = 0; c < sizeof(counts) / sizeof(counts[0]); c++)
	{
		size_t count = counts[c];
		size_t wanted[] = {0, 1, count / 20, count / 2, count - 1, count};

		for (size_t i = 0; i < count; i++)
			keys[i] = shape(i, count, &rng);
		memcpy(sorted, keys, count * sizeof(uint64_t));
		qsort(sorted, count, sizeof(uint64_t), compare);
		for (size_t w = 0; w < sizeof(wanted) / sizeof(wanted[0]); w++)
			check_that(sorts(keys, sorted, count, wanted[w]), "%zu of %zu",
					   wanted[w], count);
	}
	check_end();
}

static void
test_keys(void)
{
	static const float ascending[] = {-INFINITY, -3e38f, -1, -1e-40f, 0,
									  1e-40f,	 0.5f,	 1,	 3e38f,	  INFINITY};

	check_begin("keys order as their distances do, then by number");
	for (size_t i = 0; i < sizeof(ascending) / sizeof(ascending[0]); i++)
	{
		float before = i > 0 ? ascending[i - 1] : -INFINITY;
		uint64_t key = vdb_least_key(ascending[i], 7);

		check_that((uint32_t) key == 7, "the number of %g", ascending[i]);
		check_that(vdb_least_distance(key) == ascending[i],
				   "the distance of %g", ascending[i]);
		check_that(key < vdb_least_key(ascending[i], 8), "the next number");
		check_that(i == 0 || vdb_least_key(before, UINT32_MAX) < key,
				   "%g comes before %g", ascending[i], before);
	}
	check_end();
}

/* As many values as are asked for are not above the limit. */
static void
test_limit(void)
{
	VdbRng rng = {SEED};
	float values[67];

	check_begin("a limit of some values");
	for (size_t count = 1; count <= 67; count++)
		for (size_t n = 1; n <= count; n++)
		{
			size_t below = 0;
			float limit;

			/* A few that are apart, in no order. */
			for (size_t i = 0; i < count; i++)
				values[i] = (float) (i * 71 % count) - 20;
			for (size_t i = 0; i < count / 2; i++)
				values[vdb_rng_below(&rng, count)] += 0.25f;
			limit = vdb_least_limit(values, count, n);
			for (size_t i = 0; i < count; i++)
				below += values[i] <= limit;
			check_that(below >= n && below <= n + 1 + count / 8,
					   "%zu of %zu, not %zu", below, count, n);
		}
	for (size_t i = 0; i < 67; i++)
		values[i] = 3;
	check_that(vdb_least_limit(values, 67, 5) == 3, "all are equal");
	check_end();
}

/* Equal values count, and of what is no number none does. */
static void
test_lanes(void)
{
	static const float limits[] = {-INFINITY, -1, 0, 0.5f, 1, INFINITY, NAN};
	static const float some[] = {-INFINITY, -1, -0.0f,	  0,
								 0.5f,		1,	INFINITY, NAN};
	VdbRng rng = {SEED};
	float values[16];

	check_begin("the mask of values that are not above a limit");
	for (int run = 0; run < 1000; run++)
	{
		float limit = limits[vdb_rng_below(&rng, 7)];
		uint32_t lanes = 0;

		for (int v = 0; v < 16; v++)
		{
			values[v] = some[vdb_rng_below(&rng, 8)];
			if (values[v] <= limit)
				lanes |= UINT32_C(1) << v;
		}
		check_that(vdb_least_lanes(values, limit) == lanes, "to %g: %x, not %x",
				   limit, vdb_least_lanes(values, limit), lanes);
	}
	check_end();
}

int
main(void)
{
	uint64_t nothing = 7;

	test_shape("ascending", ascending);
	test_shape("descending", descending);
	test_shape("equal", equal);
	test_shape("an organ pipe", organ_pipe);
	test_shape("of five values", few_values);
	test_shape("random", any_value);
	test_keys();
	test_limit();
	test_lanes();
	vdb_sort_least(&nothing, 0, 0);
	check(nothing == 7, "nothing to sort");
	return check_done();
}
