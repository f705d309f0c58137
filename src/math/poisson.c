/*
 * poisson.c: see poisson.h.
 *
 * The log likelihood is concave, so Newton's steps go up from wherever they
 * start, once they are kept from leaping where it is nearly flat.
 */
#include "math/poisson.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MOST VDB_POISSON_FEATURES

#define NEWTON_STEPS 30

/* No coefficient moves by more than this in one of them. */
#define LONGEST_STEP 3.0

/* Steps below this change no probe. */
#define LEAST_STEP 1e-5

/* Added to the curvature, where a feature may not vary at all. */
#define RIDGE 1e-3

/*
 * Predictors within which the exponential is taken: early steps may overshoot,
 * and no list has more hits than exp(5) times its rows.
 */
#define LEAST_PREDICTOR (-50.0)
#define MOST_PREDICTOR 5.0

static double *
observation(const VdbPoisson *poisson, size_t number)
{
	return poisson->observations + number * (poisson->features + 2);
}

static double
exposure_of(const VdbPoisson *poisson, size_t number)
{
	return observation(poisson, number)[poisson->features];
}

static double
count_of(const VdbPoisson *poisson, size_t number)
{
	return observation(poisson, number)[poisson->features + 1];
}

void
vdb_poisson_observe(VdbPoisson *poisson, size_t group, size_t member,
					const double *features, double exposure, double count)
{
	double *to = observation(poisson, group * poisson->members + member);

	memcpy(to, features, poisson->features * sizeof(double));
	to[poisson->features] = exposure;
	to[poisson->features + 1] = count;
	poisson->exposure += exposure;
	poisson->counts += count;
}

static void
look_for_interrupt(const VdbPoisson *poisson)
{
	if (poisson->interrupt)
		poisson->interrupt(poisson->arg);
}

/* <b, x> of an observation. */
static double
predictor(const VdbPoisson *poisson, const double *coefficient, size_t number)
{
	const double *features = observation(poisson, number);
	double sum = 0;

	for (uint32_t i = 0; i < poisson->features; i++)
		sum += coefficient[i] * features[i];
	return sum;
}

/* The fit ---------------------------------------------------------------- */

/* a = L L^T in its lower half; false where a is not positive definite. */
static bool
decompose(double a[MOST][MOST], uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
	{
		for (uint32_t j = 0; j <= i; j++)
		{
			double sum = a[i][j];

			for (uint32_t k = 0; k < j; k++)
				sum -= a[i][k] * a[j][k];
			if (i != j)
				a[i][j] = sum / a[j][j];
			else if (sum > 0 && isfinite(sum))
				a[i][i] = sqrt(sum);
			else
				return false;
		}
	}
	return true;
}

/* Solve the positive definite system a x = b by Cholesky's decomposition. */
static bool
solve(double a[MOST][MOST], double b[MOST], uint32_t n)
{
	if (!decompose(a, n))
		return false;
	for (uint32_t i = 0; i < n; i++)
	{
		for (uint32_t k = 0; k < i; k++)
			b[i] -= a[i][k] * b[k];
		b[i] /= a[i][i];
	}
	for (uint32_t i = n; i-- > 0;)
	{
		for (uint32_t k = i + 1; k < n; k++)
			b[i] -= a[k][i] * b[k];
		b[i] /= a[i][i];
	}
	return true;
}

/* The mean that the model expects of an observation. */
static double
expected_count(const VdbPoisson *poisson, const double *coefficient,
			   size_t number)
{
	double linear = predictor(poisson, coefficient, number);

	linear = linear < MOST_PREDICTOR ? linear : MOST_PREDICTOR;
	linear = linear > LEAST_PREDICTOR ? linear : LEAST_PREDICTOR;
	return exposure_of(poisson, number) * exp(linear);
}

/* One of Newton's steps into "step": curvature^-1 * gradient. */
static bool
newton_step(const VdbPoisson *poisson, const double *coefficient,
			double step[MOST])
{
	double curvature[MOST][MOST] = {{0}};
	uint32_t features = poisson->features;

	memset(step, 0, features * sizeof(double));
	for (size_t i = 0; i < poisson->groups * poisson->members; i++)
	{
		const double *x = observation(poisson, i);
		double expected = expected_count(poisson, coefficient, i);
		double missed = count_of(poisson, i) - expected;

		for (uint32_t j = 0; j < features; j++)
		{
			step[j] += missed * x[j];
			for (uint32_t k = 0; k <= j; k++)
				curvature[j][k] += expected * x[j] * x[k];
		}
	}
	for (uint32_t j = 0; j < features; j++)
		curvature[j][j] += RIDGE;
	return solve(curvature, step, features);
}

/* Go along a step, or a part of it; returns its length, or NaN or infinity. */
static double
take_step(double *coefficient, const double *step, uint32_t features)
{
	double largest = 0;
	double part;

	for (uint32_t j = 0; j < features; j++)
	{
		if (!isfinite(step[j]))
			return step[j];
		largest = fmax(largest, fabs(step[j]));
	}
	part = LONGEST_STEP / fmax(largest, LONGEST_STEP);
	for (uint32_t j = 0; j < features; j++)
		coefficient[j] += step[j] * part;
	return largest;
}

static bool
climb(const VdbPoisson *poisson, double *coefficient)
{
	for (int i = 0; i < NEWTON_STEPS; i++)
	{
		double step[MOST];
		double length;

		look_for_interrupt(poisson);
		if (!newton_step(poisson, coefficient, step))
			return false;
		length = take_step(coefficient, step, poisson->features);
		if (!isfinite(length))
			return false;
		if (length < LEAST_STEP)
			break;
	}
	return true;
}

bool
vdb_poisson_fit(const VdbPoisson *poisson, double *coefficient)
{
	double mean = log(poisson->counts / poisson->exposure);

	memset(coefficient, 0, poisson->features * sizeof(double));
	coefficient[0] = mean;
	if (isfinite(mean) && climb(poisson, coefficient))
		return true;
	memset(coefficient, 0, poisson->features * sizeof(double));
	return false;
}

/* The curve -------------------------------------------------------------- */

static int
compare_descending(const void *a, const void *b)
{
	double x = *(const double *) a;
	double y = *(const double *) b;

	return (x < y) - (x > y);
}

/*
 * The threshold down to which a group has to be looked at for each count in
 * it: the first member that is below ends it, so the least on the way counts.
 */
static size_t
find_thresholds(const VdbPoisson *poisson, const double *coefficient,
				double *thresholds)
{
	size_t count = 0;
	size_t number = 0;

	for (size_t group = 0; group < poisson->groups; group++)
	{
		double least = INFINITY;

		for (size_t member = 0; member < poisson->members; member++, number++)
		{
			if (member > 0)
				least = fmin(least, predictor(poisson, coefficient, number));
			for (double i = 0; i + 1 <= count_of(poisson, number); i++)
				thresholds[count++] = least;
		}
	}
	qsort(thresholds, count, sizeof(double), compare_descending);
	return count;
}

/* The exposure of what a mean group has down to a threshold, over "total". */
static double
cost_of(const VdbPoisson *poisson, const double *coefficient, double threshold,
		double total)
{
	double exposure = 0;

	for (size_t group = 0; group < poisson->groups; group++)
	{
		size_t first = group * poisson->members;

		for (size_t i = first; i < first + poisson->members; i++)
		{
			if (i > first && predictor(poisson, coefficient, i) < threshold)
				break;
			exposure += exposure_of(poisson, i);
		}
	}
	return fmin(exposure / poisson->groups / fmax(total, 1), 1);
}

void
vdb_poisson_curve(const VdbPoisson *poisson, const double *coefficient,
				  double total, double *memory, VdbPoissonPoint *points,
				  size_t n)
{
	size_t found = find_thresholds(poisson, coefficient, memory);

	for (size_t i = 0; i < n; i++)
	{
		double needed = ceil(points[i].share * poisson->counts);

		look_for_interrupt(poisson);
		if (needed < 1)
			points[i].threshold = INFINITY;
		else if (needed > found)
			points[i].threshold = -INFINITY;
		else
			points[i].threshold = memory[(size_t) needed - 1];
		points[i].cost =
			cost_of(poisson, coefficient, points[i].threshold, total);
	}
}
