/*
 * scale.c: see scale.h.
 */
#include "compat.h"

#include <math.h>

#include "ivf/build/scale.h"
#include "math/nearest.h"
#include "math/space.h"

/* Rows that the scale is judged by. */
#define SCALE_ROWS 10000

/*
 * Below this closeness, factors of rows lack digits, each time the scale is
 * halved at half of it; the least part of the scale; and the norm of a residual
 * whose factors still have room.
 */
#define CLOSE_DIGITS (1.0 / 1024)
#define LEAST_CLOSE_FACTOR (1.0f / 16)
#define GREATEST_RESIDUAL 192

/* A centroid is at the origin if its squared norm is this share of rows'. */
#define SNAP_SHARE (1.0 / 64)

/*
 * Many rows close to the origin have residuals as small.  A smaller scale
 * leaves their factors, which are halves, more digits, as long as the greatest
 * residual of all, in the scale of now, has room.
 */
static float
close_factor(const IvfSample *sample, double greatest)
{
	float factor = 1;

	while (factor > LEAST_CLOSE_FACTOR && sample->close > 0 &&
		   sample->close < CLOSE_DIGITS * factor &&
		   2 * greatest / factor <= GREATEST_RESIDUAL)
		factor /= 2;
	return factor;
}

/*
 * Mean squared distance of rows to their centroids, or to zero without, and the
 * greatest.
 */
static double
residual_norm2(const IvfBuild *build, const IvfSample *sample, double *greatest)
{
	uint32 padded = build->state->meta.padded;
	Size n = Min(sample->count, SCALE_ROWS);
	uint32 *nearest = palloc(n * sizeof(uint32));
	float *keys = palloc0(n * sizeof(float));
	float *x = palloc(padded * sizeof(float));
	double sum = 0;
	double norm2;

	*greatest = 0;
	if (build->lists > 1)
	{
		vdb_nearest_begin(nearest, keys, n);
		vdb_nearest(&build->centroids, 0, sample->rows, n, nearest, keys);
	}
	for (Size i = 0; i < n; i++)
	{
		vdb_row_get(vdb_row_at(sample->rows, i, padded), x, padded);
		norm2 = Max(vdb_kernel()->dot_f32(x, x, padded) + 2 * keys[i], 0);
		*greatest = Max(*greatest, norm2);
		sum += norm2;
	}
	pfree(x);
	pfree(nearest);
	pfree(keys);
	return sum / n;
}

/* Set scale and mean; the centroids get to that scale when they are coded. */
static void
finish_scale(IvfBuild *build, const IvfSample *sample, float factor)
{
	IvfState *state = build->state;
	uint32 padded = state->meta.padded;
	double scale = sample->scale * factor;
	float *out = ivf_mean(state);

	state->meta.scale = scale;
	for (uint32 i = 0; i < padded; i++)
		out[i] = sample->mean[i] / scale;
	state->meta.mean_norm2 = vdb_kernel()->dot_f32(out, out, padded);
	/* What single precision takes for zero has no page: it has to be zero. */
	if (state->meta.mean_norm2 == 0)
		memset(out, 0, padded * sizeof(float));
	build->centroid_factor = 1 / factor;
}

/*
 * Where many rows are one and the same vector, the origin, and a few others are
 * in its list, the centroid is a little beside it.  Exactly there it leaves
 * these rows no residual, so that bounds of theirs are their distances.
 */
static void
snap_centroid(IvfBuild *build, const IvfSample *sample, double norm2)
{
	uint32 padded = build->state->meta.padded;
	float *centroid = palloc(padded * sizeof(float));
	double least = norm2 * SNAP_SHARE;
	uint32 nearest = build->lists;

	for (uint32 i = 0; i < build->lists; i++)
	{
		float square;

		vdb_centroid_get(&build->centroids, i, centroid);
		square = vdb_kernel()->dot_f32(centroid, centroid, padded);
		if (square < least)
		{
			least = square;
			nearest = i;
		}
	}
	if (nearest < build->lists)
	{
		memset(centroid, 0, padded * sizeof(float));
		vdb_centroid_set(&build->centroids, nearest, centroid);
	}
	pfree(centroid);
}

void
ivf_set_scale(IvfBuild *build, const IvfSample *sample)
{
	double greatest;
	double norm2 = residual_norm2(build, sample, &greatest);
	double factor;

	if (build->lists > 1 && sample->close == 0)
		snap_centroid(build, sample, norm2);
	factor = vdb_space_scale(sqrt(norm2));
	factor *= close_factor(sample, sqrt(greatest) / factor);
	finish_scale(build, sample, factor);
	build->state->meta.calibration.residual2 = norm2 / (factor * factor);
	build->close_reach = sample->reach / build->state->meta.scale;
}
