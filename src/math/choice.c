/*
 * choice.c: see choice.h.
 *
 * The log likelihood is concave, so Newton's steps go up from wherever they
 * start, once those that overshoot are halved.
 */
#include "math/choice.h"

#include <stdlib.h>
#include <string.h>

#define MOST VDB_CHOICE_FEATURES

/* Newton's steps, halved ones among them. */
#define NEWTON_STEPS 60

/* No coefficient moves by more than this in one of them. */
#define LONGEST_STEP 8.0

/* Steps below this change no probe. */
#define LEAST_STEP 1e-5

/* Added to the curvature, where a feature may not vary at all. */
#define RIDGE 1e-3

/* What stands in an observation behind its features. */
enum
{
	WEIGHT,
	EXPOSURE,
	SCORE,
	COUNTS,
};

static double *
observation(const VdbChoice *choice, size_t number)
{
	return choice->observations +
		   number * (choice->features + COUNTS + choice->outcomes);
}

static inline double *
figure(const VdbChoice *choice, size_t number, uint32_t which)
{
	return observation(choice, number) + choice->features + which;
}

void
vdb_choice_observe(VdbChoice *choice, size_t group, size_t member,
				   const double *features, double weight, double exposure,
				   const double *counts)
{
	size_t number = group * choice->members + member;

	memcpy(observation(choice, number), features,
		   choice->features * sizeof(double));
	*figure(choice, number, WEIGHT) = weight;
	*figure(choice, number, EXPOSURE) = exposure;
	for (uint32_t i = 0; i < choice->outcomes; i++)
	{
		*figure(choice, number, COUNTS + i) = counts[i];
		choice->counts[i] += counts[i];
	}
}

static void
look_for_interrupt(const VdbChoice *choice)
{
	if (choice->interrupt)
		choice->interrupt(choice->arg);
}

/* <b, x> of an observation. */
static double
predictor(const VdbChoice *choice, const double *coefficient, size_t number)
{
	const double *features = observation(choice, number);
	double sum = 0;

	for (uint32_t i = 0; i < choice->features; i++)
		sum += coefficient[i] * features[i];
	return sum;
}

/*
 * Predictors of a group's members as their scores, which are to be overwritten;
 * returns the logarithm of the sum of what is in proportion to their shares.
 */
static double
predict_group(const VdbChoice *choice, const double *coefficient, size_t first)
{
	double greatest = -INFINITY;
	double sum = 0;

	for (size_t i = first; i < first + choice->members; i++)
	{
		double linear = predictor(choice, coefficient, i);

		*figure(choice, i, SCORE) = linear;
		greatest = fmax(greatest, linear);
	}
	for (size_t i = first; i < first + choice->members; i++)
		sum += *figure(choice, i, WEIGHT) *
			   exp(*figure(choice, i, SCORE) - greatest);
	return greatest + log(sum);
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

/* The log likelihood at some coefficients, and its derivatives there. */
typedef struct Slope
{
	double value;
	double gradient[MOST];
	double curvature[MOST][MOST]; /* the lower half, negated */
} Slope;

/*
 * Of one group: the gradient is what was counted less what is expected, the
 * curvature the features' covariance, for each count.
 */
static void
add_group(const VdbChoice *choice, uint32_t outcome, const double *coefficient,
		  size_t first, Slope *slope)
{
	uint32_t features = choice->features;
	double log_sum = predict_group(choice, coefficient, first);
	double mean[MOST] = {0};
	double square[MOST][MOST] = {{0}};
	double all = 0;

	for (size_t i = first; i < first + choice->members; i++)
	{
		const double *x = observation(choice, i);
		double log_share = *figure(choice, i, SCORE) - log_sum;
		double share = *figure(choice, i, WEIGHT) * exp(log_share);
		double count = *figure(choice, i, COUNTS + outcome);

		all += count;
		slope->value += count > 0 ? count * log_share : 0;
		for (uint32_t j = 0; j < features; j++)
		{
			mean[j] += share * x[j];
			slope->gradient[j] += count * x[j];
			for (uint32_t k = 0; k <= j; k++)
				square[j][k] += share * x[j] * x[k];
		}
	}
	for (uint32_t j = 0; j < features; j++)
	{
		slope->gradient[j] -= all * mean[j];
		for (uint32_t k = 0; k <= j; k++)
			slope->curvature[j][k] += all * (square[j][k] - mean[j] * mean[k]);
	}
}

static void
find_slope(const VdbChoice *choice, uint32_t outcome, const double *coefficient,
		   Slope *slope)
{
	memset(slope, 0, sizeof(*slope));
	for (size_t group = 0; group < choice->groups; group++)
		add_group(choice, outcome, coefficient, group * choice->members, slope);
	for (uint32_t j = 0; j < choice->features; j++)
		slope->curvature[j][j] += RIDGE;
}

/* Shorten a step that is too long; returns its length, or NaN or infinity. */
static double
shorten(double *step, uint32_t features)
{
	double largest = 0;

	for (uint32_t j = 0; j < features; j++)
	{
		if (!isfinite(step[j]))
			return step[j];
		largest = fmax(largest, fabs(step[j]));
	}
	for (uint32_t j = 0; j < features; j++)
		step[j] *= LONGEST_STEP / fmax(largest, LONGEST_STEP);
	return largest;
}

/* From where a step led down, half of the way back; else the next step. */
static bool
next_step(Slope *slope, double best, double step[MOST], uint32_t features,
		  double *part)
{
	if (slope->value < best)
	{
		for (uint32_t j = 0; j < features; j++)
			step[j] /= 2;
		*part = -1;
		return true;
	}
	*part = 1;
	memcpy(step, slope->gradient, features * sizeof(double));
	return solve(slope->curvature, step, features);
}

static bool
climb(const VdbChoice *choice, uint32_t outcome, double *coefficient)
{
	double best = -INFINITY;
	double step[MOST] = {0};

	for (int i = 0; i < NEWTON_STEPS; i++)
	{
		Slope slope;
		double length;
		double part;

		look_for_interrupt(choice);
		find_slope(choice, outcome, coefficient, &slope);
		if (!isfinite(slope.value) ||
			!next_step(&slope, best, step, choice->features, &part))
			return false;
		length = shorten(step, choice->features);
		if (!isfinite(length))
			return false;
		if (length < LEAST_STEP)
			break;
		if (part > 0)
			best = slope.value;
		for (uint32_t j = 0; j < choice->features; j++)
			coefficient[j] += part * step[j];
	}
	return true;
}

bool
vdb_choice_fit(const VdbChoice *choice, uint32_t outcome, double *coefficient)
{
	memset(coefficient, 0, choice->features * sizeof(double));
	if (choice->counts[outcome] > 0 && climb(choice, outcome, coefficient))
		return true;
	memset(coefficient, 0, choice->features * sizeof(double));
	return false;
}

/* The curve -------------------------------------------------------------- */

/*
 * Scores of all places.  The first member that is below a threshold ends a
 * group, so the least on the way counts.
 */
static void
set_scores(VdbChoice *choice, const double *coefficient)
{
	for (size_t group = 0; group < choice->groups; group++)
	{
		size_t first = group * choice->members;
		double log_sum = predict_group(choice, coefficient, first);
		double before = 0;
		double least = INFINITY;

		for (size_t i = first; i < first + choice->members; i++)
		{
			double *score = figure(choice, i, SCORE);
			double log_share = *score - log_sum;

			if (i > first)
				least =
					fmin(least, vdb_choice_score(log_share, before) +
									(choice->bonus ? choice->bonus[group] : 0));
			*score = least;
			before += *figure(choice, i, WEIGHT) * exp(log_share);
		}
	}
}

static int
compare_descending(const void *a, const void *b)
{
	double x = *(const double *) a;
	double y = *(const double *) b;

	return (x < y) - (x > y);
}

/* The threshold down to which a group has to be looked at for each count. */
static size_t
find_thresholds(const VdbChoice *choice, uint32_t outcome, double *thresholds)
{
	size_t count = 0;

	for (size_t i = 0; i < choice->groups * choice->members; i++)
		for (double n = 0; n + 1 <= *figure(choice, i, COUNTS + outcome); n++)
			thresholds[count++] = *figure(choice, i, SCORE);
	qsort(thresholds, count, sizeof(double), compare_descending);
	return count;
}

/* The exposure of what a mean group has down to a threshold, over "total". */
static double
cost_of(const VdbChoice *choice, double threshold, double total)
{
	double exposure = 0;

	for (size_t group = 0; group < choice->groups; group++)
	{
		size_t first = group * choice->members;

		for (size_t i = first; i < first + choice->members; i++)
		{
			if (i > first && *figure(choice, i, SCORE) < threshold)
				break;
			exposure += *figure(choice, i, EXPOSURE);
		}
	}
	return fmin(exposure / choice->groups / fmax(total, 1), 1);
}

void
vdb_choice_curve(VdbChoice *choice, uint32_t outcome, const double *coefficient,
				 double total, double *memory, VdbChoicePoint *points, size_t n)
{
	size_t found;

	set_scores(choice, coefficient);
	found = find_thresholds(choice, outcome, memory);
	for (size_t i = 0; i < n; i++)
	{
		double needed = ceil(points[i].share * choice->counts[outcome]);

		look_for_interrupt(choice);
		if (needed < 1)
			points[i].threshold = INFINITY;
		else if (needed > found)
			points[i].threshold = -INFINITY;
		else
			points[i].threshold = memory[(size_t) needed - 1];
		points[i].cost = cost_of(choice, points[i].threshold, total);
	}
}
