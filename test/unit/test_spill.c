/*
 * test_spill.c: the loss of a second list against a plain sum, and the nearest
 * few lists against all of them in order.
 */
#include "math/least.h"
#include "math/spill.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "math/nearest.h"
#include "random.h"

#define DIM 48
#define LISTS 70
#define ROWS 100
#define ROUNDS 200

static VdbRng rng = {20261130};

static void
random_floats(float *x, size_t n)
{
	for (size_t i = 0; i < n; i++)
		x[i] = (float) (vdb_rng_below(&rng, 2001) / 1000.0 - 1);
}

/* |r'|^2 + <r / |r|, r'>^2 over |r|^2, step by step. */
static double
naive_ratio(const float *y, const float *first, const float *second)
{
	double own = 0;
	double other = 0;
	double both = 0;

	for (int i = 0; i < DIM; i++)
	{
		double r = (double) y[i] - first[i];
		double s = (double) y[i] - second[i];

		own += r * r;
		other += s * s;
		both += r * s;
	}
	both /= sqrt(own);
	return (other + both * both) / own;
}

static float
apart(const float *a, const float *b)
{
	return vdb_kernel()->l2sq_f32(a, b, DIM);
}

static void
test_ratio(void)
{
	float x[3][DIM];

	check_begin("the loss of a second list");
	for (int i = 0; i < ROUNDS; i++)
	{
		float own;
		float other;
		double wanted;
		double got;

		random_floats(x[0], 3 * DIM);
		own = apart(x[0], x[1]);
		other = apart(x[0], x[2]);
		wanted = naive_ratio(x[0], x[1], x[2]);
		got = vdb_spill_ratio(x[0], x[1], x[2], DIM);
		check_that(fabs(got - wanted) <= 1e-5 * wanted, "%g, not %g", got,
				   wanted);
		got = vdb_spill_ratio_apart(own, other, apart(x[1], x[2]));
		check_that(fabs(got - wanted) <= 1e-4 * wanted, "%g, not %g", got,
				   wanted);
		check_that(vdb_spill_ratio_least(own, other) <= got, "%g is less", got);
	}
	check_that(isinf(vdb_spill_ratio(x[0], x[0], x[1], DIM)) &&
				   isinf(vdb_spill_ratio_apart(0, 1, 1)) &&
				   isinf(vdb_spill_ratio_least(0, 1)),
			   "no residual, no loss");
	check_end();
}

static const float *
centroid_of(void *arg, uint32_t list, float *memory)
{
	memcpy(memory, (const float *) arg + list * DIM, DIM * sizeof(float));
	return memory;
}

static void
test_second(void)
{
	static float centroids[LISTS * DIM];
	float memory[2 * DIM];
	float y[DIM];

	check_begin("the list of the least loss");
	for (int i = 0; i < ROUNDS; i++)
	{
		uint32_t lists[] = {7, 3, 69, 12, 0};
		uint32_t best = 3;
		VdbSecond second;

		random_floats(y, DIM);
		random_floats(centroids, LISTS * DIM);
		for (int j = 2; j < 5; j++)
			if (naive_ratio(y, centroids + 7 * DIM,
							centroids + lists[j] * DIM) <
				naive_ratio(y, centroids + 7 * DIM, centroids + best * DIM))
				best = lists[j];
		second =
			vdb_spill_second(y, DIM, lists, 5, centroid_of, centroids, memory);
		check_that(second.list == best, "list %u, not %u", second.list, best);
	}
	check_that(vdb_spill_second(y, DIM, (uint32_t[]){4}, 1, centroid_of,
								centroids, memory)
					   .list == VDB_NO_SECOND,
			   "of one list there is no second");
	check_end();
}

/* All keys of a row, each by itself, in order. */
static void
sorted_keys(const VdbCentroids *centroids, const VdbRow *row, float *keys)
{
	float all[LISTS];
	uint32_t nearest[LISTS];

	vdb_nearest_begin(nearest, all, LISTS);
	vdb_nearest_some(centroids, 0, row, 1, LISTS, nearest, all);
	memcpy(keys, all, sizeof(all));
	qsort(keys, LISTS, sizeof(float), vdb_compare_floats);
	for (int i = 0; i < LISTS; i++)
		check_that(all[i] == keys[i], "key %d is out of order", i);
}

/* In two windows, as where memory has no room for all centroids. */
static void
test_some(void)
{
	enum
	{
		ROOM = 20,
		FIRST = 32,
	};
	size_t row_size = vdb_row_size(DIM);
	VdbRow *rows = malloc(ROWS * row_size);
	uint32_t *nearest = malloc(ROWS * ROOM * sizeof(uint32_t));
	float *keys = malloc(ROWS * ROOM * sizeof(float));
	uint32_t one[ROWS];
	float key[ROWS];
	VdbCentroids all;
	VdbCentroids part[2];
	float x[DIM];

	check_begin("the nearest few of many lists");
	vdb_centroids_place(&all, malloc(vdb_centroids_bytes(LISTS, DIM)), LISTS,
						DIM);
	vdb_centroids_clear(&all);
	for (int i = 0; i < 2; i++)
	{
		uint32_t count = i == 0 ? FIRST : LISTS - FIRST;

		vdb_centroids_place(&part[i], malloc(vdb_centroids_bytes(count, DIM)),
							count, DIM);
		vdb_centroids_clear(&part[i]);
	}
	for (uint32_t i = 0; i < LISTS; i++)
	{
		random_floats(x, DIM);
		vdb_centroid_set(&all, i, x);
		vdb_centroid_set(&part[i >= FIRST], i >= FIRST ? i - FIRST : i, x);
	}
	for (int i = 0; i < ROWS; i++)
	{
		random_floats(x, DIM);
		vdb_row_set(vdb_row_at(rows, i, DIM), x, DIM);
	}
	vdb_nearest_begin(nearest, keys, ROWS * ROOM);
	vdb_nearest_some(&part[0], 0, rows, ROWS, ROOM, nearest, keys);
	vdb_nearest_some(&part[1], FIRST, rows, ROWS, ROOM, nearest, keys);
	vdb_nearest_begin(one, key, ROWS);
	vdb_nearest(&all, 0, rows, ROWS, one, key);
	for (int i = 0; i < ROWS; i++)
	{
		float wanted[LISTS];

		sorted_keys(&all, vdb_row_at(rows, i, DIM), wanted);
		check_that(nearest[i * ROOM] == one[i], "row %d has another nearest",
				   i);
		for (int j = 0; j < ROOM; j++)
			check_that(keys[i * ROOM + j] == wanted[j],
					   "row %d, place %d: %g, not %g", i, j, keys[i * ROOM + j],
					   wanted[j]);
	}
	check_end();
	free(rows);
	free(nearest);
	free(keys);
	free(all.lines);
	free(part[0].lines);
	free(part[1].lines);
}

int
main(void)
{
	test_ratio();
	test_second();
	test_some();
	return check_done();
}
