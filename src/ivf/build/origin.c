/*
 * origin.c: see origin.h.
 *
 * The densest place is where the n-th nearest row is nearest (as in the
 * estimate of a density by its nearest neighbours), n being the least share of
 * a table that is worth it.
 */
#include "compat.h"

#include <math.h>

#include "ivf/build/origin.h"
#include "kernel/kernel.h"
#include "math/least.h"

/* Rows to look at, and bytes that they may take where they are long. */
#define MOST_ROWS 256
#define LEAST_ROWS 64
#define MOST_BYTES ((Size) 4 * 1024 * 1024)

/* One in so many rows has to lie close together. */
#define SHARE 16

/*
 * In relation to all rows' distances, how close that is.  Half of a table
 * within 0.01 of its spacing takes no more fetches than any other; within 0.001
 * of it all of them were fetched.
 */
#define CLOSE (1.0 / 64)

/* The others may get farther from the origin by this factor at most. */
#define MOST_FARTHER 2.0

void
ivf_origin_begin(IvfOrigin *origin, uint32 dim, uint64 seed)
{
	Size fit = MOST_BYTES / (dim * sizeof(float));

	origin->dim = dim;
	origin->room = Max(Min(fit, MOST_ROWS), LEAST_ROWS);
	origin->count = 0;
	origin->rows = palloc(origin->room * dim * sizeof(float));
	origin->rng = (VdbRng){seed};
}

static float *
row_at(const IvfOrigin *origin, uint32 i)
{
	return origin->rows + (Size) i * origin->dim;
}

void
ivf_origin_show(IvfOrigin *origin, const float *x, double n)
{
	uint64 place = vdb_rng_place(&origin->rng, (uint64) n, origin->room);

	if (origin->count < origin->room)
		origin->count++;
	if (place < origin->room)
		memcpy(row_at(origin, place), x, origin->dim * sizeof(float));
}

/* Squared distances of all rows to x; returns their sum. */
static double
distances(const IvfOrigin *origin, const float *x, float *out)
{
	double sum = 0;

	for (uint32 i = 0; i < origin->count; i++)
	{
		out[i] = vdb_kernel()->l2sq_f32(row_at(origin, i), x, origin->dim);
		sum += out[i];
	}
	return sum;
}

/* The n-th least one, from 1; the array gets sorted. */
static float
nth_least(float *values, uint32 count, uint32 n)
{
	qsort(values, count, sizeof(float), vdb_compare_floats);
	return values[n - 1];
}

/* The row whose n-th nearest is nearest, and that one's squared distance. */
static uint32
densest(const IvfOrigin *origin, uint32 n, float *work, float *within)
{
	uint32 best = 0;

	*within = INFINITY;
	for (uint32 i = 0; i < origin->count; i++)
	{
		float nth;

		distances(origin, row_at(origin, i), work);
		nth = nth_least(work, origin->count, n);
		if (nth < *within)
		{
			*within = nth;
			best = i;
		}
	}
	return best;
}

/* The mean of the rows within a squared distance of x. */
static void
mean_within(const IvfOrigin *origin, const float *x, float within, float *out)
{
	double *sum = palloc0(origin->dim * sizeof(double));
	uint32 n = 0;

	for (uint32 i = 0; i < origin->count; i++)
	{
		const float *row = row_at(origin, i);

		if (!(vdb_kernel()->l2sq_f32(row, x, origin->dim) <= within))
			continue;
		for (uint32 k = 0; k < origin->dim; k++)
			sum[k] += row[k];
		n++;
	}
	for (uint32 k = 0; k < origin->dim; k++)
		out[k] = sum[k] / n;
	pfree(sum);
}

/* Root mean square of the distances to x of rows that are not within. */
static double
others(const IvfOrigin *origin, const float *x, const float *center,
	   float within)
{
	double sum = 0;
	uint32 n = 0;

	for (uint32 i = 0; i < origin->count; i++)
	{
		const float *row = row_at(origin, i);

		if (vdb_kernel()->l2sq_f32(row, center, origin->dim) <= within)
			continue;
		sum += vdb_kernel()->l2sq_f32(row, x, origin->dim);
		n++;
	}
	return n > 0 ? sqrt(sum / n) : 0;
}

/*
 * How close rows are together around the densest place, which is "center"; and
 * how far from it they belong to them.
 */
static double
find_center(const IvfOrigin *origin, const float *mean, float *center,
			double *reach)
{
	float *work = palloc(origin->count * sizeof(float));
	double spread = sqrt(distances(origin, mean, work) / origin->count);
	float within;
	uint32 row = densest(origin, origin->count / SHARE, work, &within);
	double close = spread > 0 ? sqrt(within) / spread : 1;

	pfree(work);
	if (!(close <= CLOSE))
		return 1;
	mean_within(origin, row_at(origin, row), within, center);

	/* All that is not far off belongs to them. */
	within = CLOSE * CLOSE * spread * spread;
	if (others(origin, center, center, within) >
		MOST_FARTHER * others(origin, mean, center, within))
		return 1;
	*reach = CLOSE * spread;
	return close;
}

double
ivf_origin_end(IvfOrigin *origin, float *mean, double *reach)
{
	double close = 1;

	*reach = 0;
	if (origin->count >= LEAST_ROWS)
	{
		float *center = palloc(origin->dim * sizeof(float));

		close = find_center(origin, mean, center, reach);
		if (close < 1)
			memcpy(mean, center, origin->dim * sizeof(float));
		pfree(center);
	}
	pfree(origin->rows);
	return close;
}
