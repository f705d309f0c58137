/*
 * distance.c: the kernels' float32 sums, made right for any finite input.
 *
 * A float32 kernel overflows where elements pass about 1e19, and loses small
 * elements to underflow below about 1e-19, though the distance itself is a
 * fine double.  So its result is taken only if it lies where neither can have
 * mattered; otherwise a plain loop in double precision, in which no product of
 * two floats leaves the range, computes it again.  Ordinary data never gets
 * there, apart from a comparison of a vector with itself.
 *
 * Halves need none of this: 16,000 squares of their differences are below 3e14,
 * and the least square that is not zero is 2^-48.
 */
#include "types/distance.h"

#include <float.h>
#include <math.h>

#include "kernel/kernel.h"

/*
 * Below this a sum of squares may have lost terms.  A term that underflows is
 * off by at most 2^-150, 16,000 of them by less than 2e-41: far below the
 * rounding error of a float32 sum of this size.
 */
#define SAFE_MIN 1e-30f

/* Below the range's end, so that rounding cannot have crossed it on the way. */
#define SAFE_MAX 1e38f

/* False for NaN, too. */
static inline bool
is_safe(float sum)
{
	return sum >= SAFE_MIN && sum <= SAFE_MAX;
}

static double
l2sq_double(const float *a, const float *b, int dim)
{
	double sum = 0.0;
	int i;

	for (i = 0; i < dim; i++)
	{
		double diff = (double) a[i] - (double) b[i];

		sum += diff * diff;
	}
	return sum;
}

static double
dot_double(const float *a, const float *b, int dim)
{
	double sum = 0.0;
	int i;

	for (i = 0; i < dim; i++)
		sum += (double) a[i] * (double) b[i];
	return sum;
}

static double
l1_double(const float *a, const float *b, int dim)
{
	double sum = 0.0;
	int i;

	for (i = 0; i < dim; i++)
		sum += fabs((double) a[i] - (double) b[i]);
	return sum;
}

double
vdb_distance_l2sq(const float *a, const float *b, int dim)
{
	float sum = vdb_kernel()->l2sq_f32(a, b, (size_t) dim);

	return is_safe(sum) ? sum : l2sq_double(a, b, dim);
}

/*
 * A product near zero is common, and no sign of underflow if both vectors
 * are of ordinary length: then what was lost is below the rounding error of
 * the products that were not.
 */
double
vdb_inner_product(const float *a, const float *b, int dim)
{
	float sum = vdb_kernel()->dot_f32(a, b, (size_t) dim);
	float sums[3];

	if (is_safe(fabsf(sum)))
		return sum;

	/* By Cauchy and Schwarz, safe squares leave no room for overflow. */
	vdb_kernel()->cosine_f32(a, b, (size_t) dim, sums);
	if (is_safe(sums[1]) && is_safe(sums[2]))
		return sum;
	return dot_double(a, b, dim);
}

double
vdb_distance_neg_inner(const float *a, const float *b, int dim)
{
	return 0.0 - vdb_inner_product(a, b, dim);
}

/* Differences of floats do not underflow, so only overflow matters. */
double
vdb_distance_l1(const float *a, const float *b, int dim)
{
	float sum = vdb_kernel()->l1_f32(a, b, (size_t) dim);

	return sum <= FLT_MAX ? sum : l1_double(a, b, dim);
}

/* 1 - cosine, which rounding may have put out of its range; NaN stays. */
static double
one_minus(double cosine)
{
	if (cosine > 1.0)
		cosine = 1.0;
	else if (cosine < -1.0)
		cosine = -1.0;
	return 1.0 - cosine;
}

double
vdb_distance_cosine(const float *a, const float *b, int dim)
{
	float sums[3];
	double ab;
	double norms;

	vdb_kernel()->cosine_f32(a, b, (size_t) dim, sums);
	if (is_safe(sums[1]) && is_safe(sums[2]))
	{
		ab = sums[0];
		norms = sqrt((double) sums[1] * (double) sums[2]);
	}
	else
	{
		ab = dot_double(a, b, dim);
		norms = sqrt(vdb_sum_of_squares(a, dim) * vdb_sum_of_squares(b, dim));
	}

	return one_minus(ab / norms); /* 0 / 0 is NaN */
}

double
vdb_sum_of_squares(const float *a, int dim)
{
	return dot_double(a, a, dim);
}

double
vdb_norm(const float *a, int dim)
{
	return sqrt(vdb_sum_of_squares(a, dim));
}

bool
vdb_normalize(const float *in, float *out, int dim)
{
	double norm = vdb_norm(in, dim);
	int i;

	for (i = 0; i < dim; i++)
		out[i] = norm > 0.0 ? (float) (in[i] / norm) : in[i];
	return norm > 0.0;
}

/* The measures behind one signature -------------------------------------- */

#define MEASURE(name, of)                                                      \
	static double name##_f32(const void *a, const void *b, int dim)            \
	{                                                                          \
		return of(a, b, dim);                                                  \
	}

MEASURE(l2sq, vdb_distance_l2sq)
MEASURE(inner, vdb_inner_product)
MEASURE(neg_inner, vdb_distance_neg_inner)
MEASURE(cosine, vdb_distance_cosine)
MEASURE(l1, vdb_distance_l1)

const VdbMeasures vdb_measures_f32 = {l2sq_f32, inner_f32, neg_inner_f32,
									  cosine_f32, l1_f32};

static double
l2sq_f16(const void *a, const void *b, int dim)
{
	return vdb_kernel()->l2sq_f16(a, b, (size_t) dim);
}

static double
inner_f16(const void *a, const void *b, int dim)
{
	return vdb_kernel()->dot_f16(a, b, (size_t) dim);
}

static double
neg_inner_f16(const void *a, const void *b, int dim)
{
	return 0.0 - inner_f16(a, b, dim);
}

static double
cosine_f16(const void *a, const void *b, int dim)
{
	float sums[3];

	vdb_kernel()->cosine_f16(a, b, (size_t) dim, sums);
	return one_minus(sums[0] / sqrt((double) sums[1] * (double) sums[2]));
}

static double
l1_f16(const void *a, const void *b, int dim)
{
	return vdb_kernel()->l1_f16(a, b, (size_t) dim);
}

const VdbMeasures vdb_measures_f16 = {l2sq_f16, inner_f16, neg_inner_f16,
									  cosine_f16, l1_f16};
