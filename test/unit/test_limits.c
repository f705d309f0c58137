/*
 * test_limits.c: what a limit that was learnt from some searchers finds for
 * others: as much as it says, within what the searchers' number makes of their
 * spread.
 */
#include "math/choice.h"

#include <math.h>
#include <stdlib.h>

#include "check.h"
#include "random.h"

#define SEED 2718
#define MEMBERS 40
#define TARGET 0.95

/* What each searcher looks for: ten, as usual. */
#define CHOSEN 10

/* Searchers to learn from, few and four times as many; and others. */
#define FEW 96
#define MANY (4 * FEW)
#define OTHERS 2000

/* Limits that are learnt anew. */
#define TRIALS 25

/* Shares that a limit may find of the others, from LEAST to one. */
#define SHARES 100
#define LEAST 0.9

/* How fast places get worse, which is not the same for all searchers. */
#define SLOPE (-1.4)
#define SLOPE_SPREAD 0.3

static VdbChoice
make_searchers(size_t count)
{
	return (VdbChoice){.features = 1,
					   .outcomes = 1,
					   .groups = count,
					   .members = MEMBERS,
					   .observations =
						   must_alloc(count * MEMBERS * vdb_choice_size(1, 1))};
}

/* One searcher's places, and what it finds there. */
static void
search(VdbChoice *searchers, size_t number, VdbRng *rng)
{
	double slope = SLOPE + SLOPE_SPREAD * random_normal(rng);
	double counts[MEMBERS] = {0};
	double features[MEMBERS];
	double shares[MEMBERS];
	double sum = 0;

	for (int i = 0; i < MEMBERS; i++)
	{
		features[i] = log(i + 1) + 0.1 * random_normal(rng);
		sum += shares[i] = exp(slope * features[i]);
	}
	for (int n = 0; n < CHOSEN; n++)
	{
		double at = vdb_rng_double(rng) * sum;
		int i = 0;

		while (i + 1 < MEMBERS && at >= shares[i])
			at -= shares[i++];
		counts[i]++;
	}
	for (int i = 0; i < MEMBERS; i++)
		vdb_choice_observe(searchers, number, i, &features[i], 1, 1,
						   &counts[i]);
}

static VdbChoice
random_searchers(size_t count, VdbRng *rng)
{
	VdbChoice searchers = make_searchers(count);

	for (size_t i = 0; i < count; i++)
		search(&searchers, i, rng);
	return searchers;
}

/* The limit for the target; the coefficient is learnt from half of them. */
static double
learn_limit(VdbChoice *searchers, double *coefficient)
{
	VdbChoice half = *searchers;
	VdbChoicePoint point = {.share = TARGET};
	double *memory = must_alloc(searchers->counts[0] * sizeof(double));

	half.groups /= 2;
	check_that(vdb_choice_fit(&half, 0, coefficient), "there is no fit");
	vdb_choice_curve(searchers, 0, coefficient, 1, memory, &point, 1);
	free(memory);
	return point.threshold;
}

/* The share that a limit finds for others. */
static double
find_share(VdbChoice *others, const double *coefficient, double limit)
{
	VdbChoicePoint points[SHARES];
	double *memory = must_alloc(others->counts[0] * sizeof(double));
	int found = 0;

	for (int i = 0; i < SHARES; i++)
		points[i].share = LEAST + (1 - LEAST) * (i + 1) / SHARES;
	vdb_choice_curve(others, 0, coefficient, 1, memory, points, SHARES);
	while (found < SHARES && points[found].threshold >= limit)
		found++;
	free(memory);
	return LEAST + (1 - LEAST) * found / SHARES;
}

typedef struct Found
{
	double mean;
	double deviation;
} Found;

static Found
try_limits(size_t count, VdbChoice *others, VdbRng *rng)
{
	double sum = 0;
	double squares = 0;

	for (int t = 0; t < TRIALS; t++)
	{
		VdbChoice searchers = random_searchers(count, rng);
		double coefficient;
		double limit = learn_limit(&searchers, &coefficient);
		double share = find_share(others, &coefficient, limit);

		sum += share;
		squares += share * share;
		free(searchers.observations);
	}
	return (Found){sum / TRIALS,
				   sqrt(fmax(squares - sum * sum / TRIALS, 0) / (TRIALS - 1))};
}

int
main(void)
{
	VdbRng rng = {SEED};
	VdbChoice others = random_searchers(OTHERS, &rng);
	Found few;
	Found many;

	check_begin("half of the searchers have a coefficient");
	few = try_limits(FEW, &others, &rng);
	many = try_limits(MANY, &others, &rng);
	check_end();
	check_note("%d searchers: %.4f +- %.4f; %d: %.4f +- %.4f", FEW, few.mean,
			   few.deviation, MANY, many.mean, many.deviation);
	check(fabs(few.mean - TARGET) < 0.006 && fabs(many.mean - TARGET) < 0.006,
		  "limits find what they are for");
	check(many.deviation < few.deviation / 1.4,
		  "four times as many searchers halve what they err by");
	check(many.deviation < 0.008, "which is little");
	free(others.observations);
	return check_done();
}
