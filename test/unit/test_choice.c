/*
 * test_choice.c: coefficients come back from simulated choices, nothing
 * degenerate gives a NaN, and the curve is what a search would find.
 */
#include "math/choice.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "random.h"

#define SEED 1974
#define FEATURES 2
#define OUTCOMES 2
#define GROUPS 60
#define MEMBERS 50
#define OBSERVATIONS (GROUPS * MEMBERS)

/* What is looked for in each group. */
#define CHOSEN 20

/* The trials of one experiment. */
#define TRIALS 60

static const double truth[FEATURES] = {0.4, -0.8};

static VdbChoice
make_choice(uint32_t features)
{
	VdbChoice choice = {.features = features,
						.outcomes = OUTCOMES,
						.groups = GROUPS,
						.members = MEMBERS};

	choice.observations =
		must_alloc(OBSERVATIONS * vdb_choice_size(features, OUTCOMES));
	choice.bonus = must_alloc(GROUPS * sizeof(double));
	for (int i = 0; i < GROUPS; i++)
		choice.bonus[i] = 0;
	return choice;
}

static void
free_choice(VdbChoice *choice)
{
	free(choice->observations);
	free(choice->bonus);
}

/* What one place has: it gets rarer on the way, as in a search. */
static void
random_features(VdbRng *rng, size_t member, double *features)
{
	features[0] = random_normal(rng);
	features[1] = log(member + 1.0) + 0.1 * random_normal(rng);
}

/* The places of one group, before they are told to the module. */
typedef struct Places
{
	double features[MEMBERS][FEATURES];
	double weight[MEMBERS];
	double share[MEMBERS];
	double counts[MEMBERS][OUTCOMES];
} Places;

static void
random_places(VdbRng *rng, Places *places)
{
	double sum = 0;

	memset(places, 0, sizeof(*places));
	for (int i = 0; i < MEMBERS; i++)
	{
		double linear = 0;

		random_features(rng, i, places->features[i]);
		places->weight[i] = 1 + vdb_rng_below(rng, 100);
		for (int j = 0; j < FEATURES; j++)
			linear += truth[j] * places->features[i][j];
		places->share[i] = places->weight[i] * exp(linear);
		sum += places->share[i];
	}
	for (int i = 0; i < MEMBERS; i++)
		places->share[i] /= sum;
}

/* The second outcome has twice as many as the first, by the same shares. */
static void
choose(VdbRng *rng, Places *places)
{
	for (int n = 0; n < 3 * CHOSEN; n++)
	{
		double at = vdb_rng_double(rng);
		int i = 0;

		while (i + 1 < MEMBERS && at >= places->share[i])
			at -= places->share[i++];
		places->counts[i][n < CHOSEN ? 0 : 1]++;
	}
}

/* Adds what a group says about the coefficients: Fisher's information. */
static void
add_fisher(const Places *places, double fisher[FEATURES][FEATURES])
{
	for (int j = 0; j < FEATURES; j++)
		for (int k = 0; k < FEATURES; k++)
		{
			double mean[2] = {0, 0};
			double product = 0;

			for (int i = 0; i < MEMBERS; i++)
			{
				const double *x = places->features[i];

				mean[0] += places->share[i] * x[j];
				mean[1] += places->share[i] * x[k];
				product += places->share[i] * x[j] * x[k];
			}
			fisher[j][k] += CHOSEN * (product - mean[0] * mean[1]);
		}
}

static VdbChoice
make_simulated(VdbRng *rng, double fisher[FEATURES][FEATURES])
{
	VdbChoice choice = make_choice(FEATURES);

	memset(fisher, 0, FEATURES * FEATURES * sizeof(double));
	for (size_t group = 0; group < GROUPS; group++)
	{
		Places places;

		random_places(rng, &places);
		choose(rng, &places);
		add_fisher(&places, fisher);
		for (size_t i = 0; i < MEMBERS; i++)
			vdb_choice_observe(&choice, group, i, places.features[i],
							   places.weight[i], places.weight[i] + 1,
							   places.counts[i]);
	}
	return choice;
}

static void
test_recovery(uint32_t outcome)
{
	VdbRng rng = {SEED};
	double squares = 0;
	double worst = 0;

	check_begin("coefficients come back within their standard errors");
	for (int t = 0; t < TRIALS; t++)
	{
		double fisher[FEATURES][FEATURES];
		VdbChoice choice = make_simulated(&rng, fisher);
		double fitted[FEATURES];
		double determinant =
			fisher[0][0] * fisher[1][1] - fisher[0][1] * fisher[1][0];

		check_that(vdb_choice_fit(&choice, outcome, fitted), "trial %d", t);
		for (int i = 0; i < FEATURES; i++)
		{
			double variance =
				fisher[1 - i][1 - i] / determinant / (outcome == 0 ? 1 : 2);
			double error = (fitted[i] - truth[i]) / sqrt(variance);

			squares += error * error / (TRIALS * FEATURES);
			worst = fmax(worst, fabs(error));
			check_that(fabs(error) < 4.5, "coefficient %d is %g, not %g", i,
					   fitted[i], truth[i]);
		}
		free_choice(&choice);
	}
	check_end();
	check_note("mean squared error %.3f of the variance, greatest %.2f "
			   "standard errors",
			   squares, worst);
	check(fabs(squares - 1) < 0.4, "and err by as much as these say");
}

/* What stands in an observation, read where the module put it. */
static const double *
row_of(const VdbChoice *choice, size_t i)
{
	return choice->observations + i * (choice->features + 3 + choice->outcomes);
}

static double
predict(const VdbChoice *choice, const double *fitted, size_t i)
{
	double sum = 0;

	for (uint32_t j = 0; j < choice->features; j++)
		sum += fitted[j] * row_of(choice, i)[j];
	return sum;
}

/* Logarithms of the shares of a group's places, for each weight. */
static void
log_shares(const VdbChoice *choice, const double *fitted, size_t group,
		   double *out)
{
	double sum = 0;

	for (size_t i = 0; i < MEMBERS; i++)
	{
		out[i] = predict(choice, fitted, group * MEMBERS + i);
		sum +=
			row_of(choice, group * MEMBERS + i)[choice->features] * exp(out[i]);
	}
	for (size_t i = 0; i < MEMBERS; i++)
		out[i] -= log(sum);
}

/* Degenerate observations ------------------------------------------------ */

/* Takes a fit or a refusal, but no number that is none. */
static bool
fits(const VdbChoice *choice, double *fitted, const char *what)
{
	bool fit;

	for (uint32_t i = 0; i < choice->features; i++)
		fitted[i] = NAN;
	fit = vdb_choice_fit(choice, 0, fitted);
	for (uint32_t i = 0; i < choice->features; i++)
		check_that(fit ? isfinite(fitted[i]) : fitted[i] == 0,
				   "%s: coefficient %u is %g", what, i, fitted[i]);
	return fit;
}

/* The simulated choices with further columns of the given kind. */
typedef double (*Column)(double x, size_t i);

static VdbChoice
with_columns(const VdbChoice *from, Column column, uint32_t columns)
{
	VdbChoice to = make_choice(FEATURES + columns);

	for (size_t i = 0; i < OBSERVATIONS; i++)
	{
		const double *row = row_of(from, i);
		double features[VDB_CHOICE_FEATURES];

		memcpy(features, row, FEATURES * sizeof(double));
		for (uint32_t j = 0; j < columns; j++)
			features[FEATURES + j] = column(row[0], i);
		vdb_choice_observe(&to, i / MEMBERS, i % MEMBERS, features,
						   row[FEATURES], row[FEATURES + 1],
						   row + FEATURES + 3);
	}
	return to;
}

static double
always_zero(double x, size_t i)
{
	(void) x;
	(void) i;
	return 0;
}

static double
same_in_group(double x, size_t i)
{
	(void) x;
	return i / MEMBERS;
}

static double
the_same(double x, size_t i)
{
	(void) i;
	return 2 * x;
}

static double
huge(double x, size_t i)
{
	(void) i;
	return x * 1e200;
}

static double
one_infinite(double x, size_t i)
{
	return i == 100 ? INFINITY : x;
}

static double
one_nan(double x, size_t i)
{
	return i == 100 ? NAN : x;
}

/* A column that says nothing new changes no share. */
static void
test_idle_column(const VdbChoice *choice, Column column, uint32_t columns,
				 const char *what)
{
	VdbChoice more = with_columns(choice, column, columns);
	double plain[FEATURES];
	double fitted[VDB_CHOICE_FEATURES];
	double worst = 0;

	vdb_choice_fit(choice, 0, plain);
	check_that(fits(&more, fitted, what), "%s", what);
	for (size_t group = 0; group < GROUPS; group++)
	{
		double before[MEMBERS];
		double after[MEMBERS];

		log_shares(choice, plain, group, before);
		log_shares(&more, fitted, group, after);
		for (int i = 0; i < MEMBERS; i++)
			worst = fmax(worst, fabs(before[i] - after[i]));
	}
	check_that(worst < 1e-3, "%s moves a share by %g", what, worst);
	free_choice(&more);
}

static void
test_refused_column(const VdbChoice *choice, Column column, const char *what)
{
	VdbChoice more = with_columns(choice, column, 1);
	double fitted[VDB_CHOICE_FEATURES];

	check_that(!fits(&more, fitted, what), "%s has a fit", what);
	free_choice(&more);
}

static void
test_columns(void)
{
	VdbRng rng = {SEED + 2};
	double fisher[FEATURES][FEATURES];
	VdbChoice choice = make_simulated(&rng, fisher);

	check_begin("features that say nothing do no harm");
	test_idle_column(&choice, always_zero, 1, "a column of zeros");
	test_idle_column(&choice, same_in_group, 1, "a column of the group's");
	test_idle_column(&choice, the_same, 1, "a column twice another");
	test_idle_column(&choice, the_same, VDB_CHOICE_FEATURES - FEATURES,
					 "as many as there can be");
	check_end();
	check_begin("features that no number holds are refused");
	test_refused_column(&choice, huge, "1e200");
	test_refused_column(&choice, one_infinite, "an infinity");
	test_refused_column(&choice, one_nan, "a NaN");
	check_end();
	free_choice(&choice);
}

/* All observations alike but for the first. */
static void
fill(VdbChoice *choice, double weight, double count, double first_count)
{
	memset(choice->counts, 0, sizeof(choice->counts));
	for (size_t i = 0; i < OBSERVATIONS; i++)
	{
		double features[FEATURES] = {i % 7, i % 5};
		double counts[OUTCOMES] = {i == 0 ? first_count : count, 0};

		vdb_choice_observe(choice, i / MEMBERS, i % MEMBERS, features, weight,
						   1, counts);
	}
}

static void
test_counts(void)
{
	VdbChoice choice = make_choice(FEATURES);
	double fitted[FEATURES];

	check_begin("counts and weights at the ends of their ranges");
	fill(&choice, 10, 0, 0);
	check_that(!fits(&choice, fitted, "no counts"), "no counts have a fit");
	fill(&choice, 10, 0, 1);
	check_that(fits(&choice, fitted, "one count"), "one count has no fit");
	fill(&choice, 10, 3, 3);
	check_that(fits(&choice, fitted, "equal counts") &&
				   fabs(fitted[0]) < 1e-4 && fabs(fitted[1]) < 1e-4,
			   "equal counts: %g %g", fitted[0], fitted[1]);
	fill(&choice, 1e-300, 1, 1);
	fits(&choice, fitted, "hardly any weight");
	fill(&choice, 1e306, 1, 1);
	fits(&choice, fitted, "weights whose sum is beyond a double");
	fill(&choice, 10, 1e300, 1e300);
	fits(&choice, fitted, "huge counts");
	check_end();
	free_choice(&choice);
}

/*
 * One place of each group alone has a feature, and a million times the others'
 * density: the first step would leap to where the likelihood is flat, never to
 * come back.
 */
static void
test_far_optimum(void)
{
	VdbChoice choice = make_choice(FEATURES);
	double fitted[FEATURES];
	bool fit;

	for (size_t i = 0; i < OBSERVATIONS; i++)
	{
		bool first = i % MEMBERS == 0;
		double features[FEATURES] = {first, 0};
		double counts[OUTCOMES] = {first ? 100 * (MEMBERS - 1) : 1, 0};

		vdb_choice_observe(&choice, i / MEMBERS, i % MEMBERS, features,
						   first ? MEMBERS - 1 : 1e4, 1, counts);
	}
	fit = vdb_choice_fit(&choice, 0, fitted);
	check(fit && fabs(fitted[0] - log(1e6)) < 0.01,
		  "a coefficient of %g is reached: %g", log(1e6), fitted[0]);
	free_choice(&choice);
}

/* The curve -------------------------------------------------------------- */

typedef struct Found
{
	double counts;
	double exposure;
} Found;

/* Search all groups down to a threshold. */
static Found
search(const VdbChoice *choice, const double *fitted, double threshold)
{
	Found found = {0, 0};

	for (size_t group = 0; group < GROUPS; group++)
	{
		double shares[MEMBERS];
		double before = 0;

		log_shares(choice, fitted, group, shares);
		for (size_t i = 0; i < MEMBERS; i++)
		{
			const double *row = row_of(choice, group * MEMBERS + i);

			if (i > 0 &&
				vdb_choice_score(shares[i], before) + choice->bonus[group] <
					threshold)
				break;
			before += row[FEATURES] * exp(shares[i]);
			found.exposure += row[FEATURES + 1];
			found.counts += row[FEATURES + 3];
		}
	}
	return found;
}

static void
compare_point(const VdbChoice *choice, const double *fitted,
			  const VdbChoicePoint *point, double total)
{
	/* Sums in another order differ in the last bits. */
	Found found = search(choice, fitted, point->threshold - 1e-9);
	Found fewer = search(choice, fitted, point->threshold + 1e-9);
	double needed = point->share * choice->counts[0];
	double cost = fmin(found.exposure / GROUPS / total, 1);

	check_that(found.counts >= needed, "%g of %g found for %g", found.counts,
			   choice->counts[0], point->share);
	check_that(isinf(point->threshold) || fewer.counts < needed,
			   "less than the threshold of %g would do", point->share);
	check_that(fabs(point->cost - cost) < 1e-9, "cost %g, not %g", point->cost,
			   cost);
}

static void
test_curve(double total, double bonus, const char *what)
{
	enum
	{
		POINTS = 101
	};
	VdbRng rng = {SEED + 3};
	double fisher[FEATURES][FEATURES];
	VdbChoice choice = make_simulated(&rng, fisher);
	double *memory = must_alloc(choice.counts[0] * sizeof(double));
	double fitted[FEATURES];
	VdbChoicePoint points[POINTS];

	for (int i = 0; i < GROUPS; i++)
		choice.bonus[i] = bonus * (i % 3);
	for (int i = 0; i < POINTS; i++)
		points[i].share = i / (double) (POINTS - 1);
	vdb_choice_fit(&choice, 0, fitted);
	vdb_choice_curve(&choice, 0, fitted, total, memory, points, POINTS);

	check_begin("the curve is what searches find, %s", what);
	for (int i = 0; i < POINTS; i++)
		compare_point(&choice, fitted, &points[i], total);
	check_end();
	check_begin("more costs more, %s", what);
	for (int i = 1; i < POINTS; i++)
		check_that(points[i].threshold <= points[i - 1].threshold &&
					   points[i].cost >= points[i - 1].cost &&
					   points[i].cost <= 1,
				   "share %g", points[i].share);
	check_that(isinf(points[0].threshold) && points[0].threshold > 0,
			   "nothing is found in the first places");
	check_that(points[POINTS - 1].threshold < points[POINTS / 2].threshold,
			   "all costs as little as a half");
	check_end();
	free(memory);
	free_choice(&choice);
}

/* What lies behind the last members is not found, however far one looks. */
static void
test_beyond(void)
{
	VdbRng rng = {SEED + 6};
	double fisher[FEATURES][FEATURES];
	VdbChoice choice = make_simulated(&rng, fisher);
	double *memory = must_alloc(choice.counts[0] * sizeof(double));
	double fitted[FEATURES];
	double moved[FEATURES];
	VdbChoicePoint before[1] = {{.share = 0.8}};
	VdbChoicePoint points[2] = {{.share = 0.4}, {.share = 0.51}};

	vdb_choice_fit(&choice, 0, fitted);
	vdb_choice_curve(&choice, 0, fitted, 1e6, memory, before, 1);
	choice.counts[0] *= 2;
	vdb_choice_fit(&choice, 0, moved);
	vdb_choice_curve(&choice, 0, fitted, 1e6, memory, points, 2);
	check(moved[0] == fitted[0] && moved[1] == fitted[1],
		  "the fit does not know of what was not observed");
	check(points[0].threshold == before[0].threshold &&
			  points[0].cost == before[0].cost,
		  "a half of twice as many is as far away as before");
	check(points[1].threshold == -INFINITY, "more than there is needs all");
	free(memory);
	free_choice(&choice);
}

/* Who has passed more of it all stops at a place that others would look at. */
static void
test_score(void)
{
	check(vdb_choice_score(-3, 0) == -3, "a first place scores its density");
	check(vdb_choice_score(-3, 0.5) < vdb_choice_score(-3, 0.1) &&
			  vdb_choice_score(-3, 0.1) < -3,
		  "and less behind others");
	check(isfinite(vdb_choice_score(-3, 1)) &&
			  isfinite(vdb_choice_score(-3, 1.5)),
		  "as a number where these should have had all of it");
}

static void
count_interrupt(void *arg)
{
	++*(int *) arg;
}

static void
test_interrupt(void)
{
	VdbRng rng = {SEED + 5};
	double fisher[FEATURES][FEATURES];
	VdbChoice choice = make_simulated(&rng, fisher);
	double *memory = must_alloc(choice.counts[0] * sizeof(double));
	double fitted[FEATURES];
	VdbChoicePoint points[10] = {{.share = 1}};
	int calls = 0;
	int fit_calls;

	choice.interrupt = count_interrupt;
	choice.arg = &calls;
	vdb_choice_fit(&choice, 0, fitted);
	fit_calls = calls;
	vdb_choice_curve(&choice, 0, fitted, 1, memory, points, 10);
	check(fit_calls > 2 && calls - fit_calls == 10,
		  "a caller can interrupt each step and each point");
	free(memory);
	free_choice(&choice);
}

int
main(void)
{
	check_note("seed %d", SEED);
	test_recovery(0);
	test_recovery(1);
	test_columns();
	test_counts();
	test_far_optimum();
	test_score();
	test_curve(MEMBERS * 51.5, 0, "all exposures in the groups");
	test_curve(MEMBERS * 20, 0, "groups that overlap");
	test_curve(MEMBERS * 51.5, 0.7, "groups with a bonus");
	test_beyond();
	test_interrupt();
	return check_done();
}
