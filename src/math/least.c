/*
 * least.c: the least of many numbers, in order.
 *
 * Quicksort that leaves alone what is not wanted (Hoare, "Quicksort", 1962),
 * with what a few dozen of some thousand need: the first pivot is chosen so
 * that little more than these comes before it, and partitions have no branch
 * that depends on the numbers, as half of them would be mispredicted.
 */
#include "math/least.h"

#include "math/rng.h"
#include "math/vec.h"

/* Of a range in which a limit is looked for. */
#define HALVINGS 12

/* So few are sorted by insertion. */
#define FEW 12

/* Numbers to look at for a pivot, and for how many the trouble is worth it. */
#define SAMPLE 32
#define MANY 256

/* Places above the expected one, so that the wanted ones seldom lie behind. */
#define MARGIN 3

static void
insertion_sort(uint64_t *keys, size_t count)
{
	for (size_t i = 1; i < count; i++)
	{
		uint64_t key = keys[i];
		size_t place = i;

		for (; place > 0 && key < keys[place - 1]; place--)
			keys[place] = keys[place - 1];
		keys[place] = key;
	}
}

/* A key that the least n, and few others, will probably come before. */
static uint64_t
choose_pivot(const uint64_t *keys, size_t count, size_t n, VdbRng *rng)
{
	uint64_t sample[SAMPLE];
	size_t place = n * SAMPLE / count + MARGIN;

	if (count < MANY)
		return keys[vdb_rng_below(rng, count)];
	for (size_t i = 0; i < SAMPLE; i++)
		sample[i] = keys[vdb_rng_below(rng, count)];
	insertion_sort(sample, SAMPLE);
	return sample[place < SAMPLE ? place : SAMPLE - 1];
}

/* Lomuto's: the keys below the pivot come first; returns how many. */
static size_t
partition(uint64_t *keys, size_t count, uint64_t pivot)
{
	size_t less = 0;

	for (size_t i = 0; i < count; i++)
	{
		uint64_t key = keys[i];

		keys[i] = keys[less];
		keys[less] = key;
		less += key < pivot;
	}
	return less;
}

static void
sort_least(uint64_t *keys, size_t count, size_t n, VdbRng *rng)
{
	while (n > 0 && count > FEW)
	{
		uint64_t pivot = choose_pivot(keys, count, n, rng);
		size_t less = partition(keys, count, pivot);

		/* The pivot is the least key: bring all that equal it to the front. */
		if (less == 0)
			less =
				pivot < UINT64_MAX ? partition(keys, count, pivot + 1) : count;
		else if (n <= less)
		{
			count = less;
			continue;
		}
		else
			sort_least(keys, less, less, rng);
		if (n <= less)
			return;
		keys += less;
		count -= less;
		n -= less;
	}
	if (n > 0)
		insertion_sort(keys, count);
}

void
vdb_sort_least(uint64_t *keys, size_t count, size_t n)
{
	VdbRng rng = {count};

	sort_least(keys, count, n, &rng);
}

/* How many of the values are not above a limit. */
static size_t
count_to(const float *values, size_t count, float limit)
{
	VecInt sums = vec_all_int(0);
	size_t some = 0;
	size_t i = 0;

	for (; i + VEC_WIDTH <= count; i += VEC_WIDTH)
		sums -= (VecInt) (vec_load(values + i) <= vec_all(limit));
	for (; i < count; i++)
		some += values[i] <= limit;
	return some + sums[0] + sums[1] + sums[2] + sums[3];
}

float
vdb_least_limit(const float *values, size_t count, size_t n)
{
	float low = values[0];
	float high = values[0];

	for (size_t i = 1; i < count; i++)
	{
		low = values[i] < low ? values[i] : low;
		high = values[i] > high ? values[i] : high;
	}
	for (int step = 0; step < HALVINGS; step++)
	{
		float middle = low + (high - low) / 2;
		size_t below = count_to(values, count, middle);

		if (below == n)
			return middle;
		if (below < n)
			low = middle;
		else
			high = middle;
	}
	return high;
}

uint32_t
vdb_least_lanes(const float values[16], float limit)
{
	VecInt bits = {1, 2, 4, 8};
	VecInt lanes = vec_all_int(0);

	for (int i = 0; i < 16; i += VEC_WIDTH)
	{
		lanes |= (VecInt) (vec_load(values + i) <= vec_all(limit)) & bits;
		bits <<= VEC_WIDTH;
	}
	return lanes[0] | lanes[1] | lanes[2] | lanes[3];
}

int
vdb_compare_floats(const void *a, const void *b)
{
	float x = *(const float *) a;
	float y = *(const float *) b;

	return (x > y) - (x < y);
}

int
vdb_compare_doubles(const void *a, const void *b)
{
	double x = *(const double *) a;
	double y = *(const double *) b;

	return (x > y) - (x < y);
}
