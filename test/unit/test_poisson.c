/*
 * test_poisson.c: coefficients come back from simulated counts, nothing
 * degenerate gives a NaN, and the curve is what a search would find.
 */
#include "math/poisson.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "random.h"

#define SEED 1989
#define FEATURES 3
#define GROUPS 60
#define MEMBERS 50
#define OBSERVATIONS (GROUPS * MEMBERS)

/* The trials of one experiment. */
#define TRIALS 60

static const double truth[FEATURES] = {-3, 0.4, -0.8};

static VdbPoisson
make_poisson(uint32_t features, size_t groups, size_t members)
{
	VdbPoisson poisson = {
		.features = features, .groups = groups, .members = members};

	poisson.observations =
		must_alloc(groups * members * vdb_poisson_size(features));
	return poisson;
}

/* A Poisson variate, by counting arrivals (Knuth). */
static double
random_count(VdbRng *rng, double mean)
{
	double time = 0;
	double count = -1;

	do
	{
		time -= log(1 - vdb_rng_double(rng));
		count++;
	} while (time < mean);
	return count;
}

/* What one place has: it gets rarer on the way, as in a search. */
static void
random_features(VdbRng *rng, size_t member, double *features)
{
	features[0] = 1;
	features[1] = random_normal(rng);
	features[2] = log(member + 1.0) + 0.1 * random_normal(rng);
}

static double
mean_of(const double *features)
{
	double sum = 0;

	for (int i = 0; i < FEATURES; i++)
		sum += truth[i] * features[i];
	return exp(sum);
}

/* Adds what an observation says about the coefficients: Fisher's. */
static void
simulate(VdbPoisson *poisson, VdbRng *rng, double fisher[FEATURES][FEATURES])
{
	memset(fisher, 0, FEATURES * FEATURES * sizeof(double));
	for (size_t group = 0; group < poisson->groups; group++)
		for (size_t member = 0; member < poisson->members; member++)
		{
			double features[FEATURES];
			double exposure = 1 + vdb_rng_below(rng, 100);
			double mean;

			random_features(rng, member, features);
			mean = exposure * mean_of(features);
			vdb_poisson_observe(poisson, group, member, features, exposure,
								random_count(rng, mean));
			for (int i = 0; i < FEATURES; i++)
				for (int j = 0; j < FEATURES; j++)
					fisher[i][j] += mean * features[i] * features[j];
		}
}

static VdbPoisson
make_simulated(VdbRng *rng, double fisher[FEATURES][FEATURES])
{
	VdbPoisson poisson = make_poisson(FEATURES, GROUPS, MEMBERS);

	simulate(&poisson, rng, fisher);
	return poisson;
}

/* Diagonal entry of the inverse of a symmetric matrix of three, by cofactors.
 */
static double
inverse_entry(double a[3][3], int i)
{
	int j = (i + 1) % 3;
	int k = (i + 2) % 3;
	double cofactor = a[j][j] * a[k][k] - a[j][k] * a[k][j];

	return cofactor / (a[i][i] * cofactor -
					   a[i][j] * (a[j][i] * a[k][k] - a[j][k] * a[k][i]) +
					   a[i][k] * (a[j][i] * a[k][j] - a[j][j] * a[k][i]));
}

static void
test_recovery(void)
{
	VdbRng rng = {SEED};
	double squares = 0;
	double worst = 0;

	check_begin("coefficients come back within their standard errors");
	for (int t = 0; t < TRIALS; t++)
	{
		double fisher[FEATURES][FEATURES];
		VdbPoisson poisson = make_simulated(&rng, fisher);
		double fitted[FEATURES];

		check_that(vdb_poisson_fit(&poisson, fitted), "trial %d", t);
		for (int i = 0; i < FEATURES; i++)
		{
			double error =
				(fitted[i] - truth[i]) / sqrt(inverse_entry(fisher, i));

			squares += error * error / (TRIALS * FEATURES);
			worst = fmax(worst, fabs(error));
			check_that(fabs(error) < 4.5, "coefficient %d is %g, not %g", i,
					   fitted[i], truth[i]);
		}
		free(poisson.observations);
	}
	check_end();
	check_note("mean squared error %.3f of the variance, greatest %.2f "
			   "standard errors",
			   squares, worst);
	check(fabs(squares - 1) < 0.4, "and err by as much as these say");
}

/* Features and counts of an observation, read where the module put them. */
static const double *
row_of(const VdbPoisson *poisson, size_t i)
{
	return poisson->observations + i * (poisson->features + 2);
}

static double
predict(const VdbPoisson *poisson, const double *fitted, size_t i)
{
	double sum = 0;

	for (uint32_t j = 0; j < poisson->features; j++)
		sum += fitted[j] * row_of(poisson, i)[j];
	return sum;
}

/* At the greatest likelihood its gradient is zero. */
static void
test_gradient(void)
{
	VdbRng rng = {SEED + 1};
	double fisher[FEATURES][FEATURES];
	VdbPoisson poisson = make_simulated(&rng, fisher);
	double fitted[FEATURES];
	double gradient[FEATURES] = {0};

	vdb_poisson_fit(&poisson, fitted);
	for (size_t i = 0; i < OBSERVATIONS; i++)
	{
		const double *row = row_of(&poisson, i);
		double missed = row[FEATURES + 1] -
						row[FEATURES] * exp(predict(&poisson, fitted, i));

		for (int j = 0; j < FEATURES; j++)
			gradient[j] += missed * row[j];
	}
	check_begin("no other coefficients are likelier");
	for (int j = 0; j < FEATURES; j++)
		check_that(fabs(gradient[j]) < 1e-3, "gradient %g along %d",
				   gradient[j], j);
	check_end();
	free(poisson.observations);
}

/* Degenerate observations ------------------------------------------------ */

/* Takes a fit or a refusal, but no number that is none. */
static bool
fits(const VdbPoisson *poisson, double *fitted, const char *what)
{
	bool fit;

	for (uint32_t i = 0; i < poisson->features; i++)
		fitted[i] = NAN;
	fit = vdb_poisson_fit(poisson, fitted);
	for (uint32_t i = 0; i < poisson->features; i++)
		check_that(fit ? isfinite(fitted[i]) : fitted[i] == 0,
				   "%s: coefficient %u is %g", what, i, fitted[i]);
	return fit;
}

/* The simulated counts with further columns of the given kind. */
typedef double (*Column)(double x, size_t i);

static VdbPoisson
with_columns(const VdbPoisson *from, Column column, uint32_t columns)
{
	VdbPoisson to =
		make_poisson(from->features + columns, from->groups, from->members);

	for (size_t i = 0; i < OBSERVATIONS; i++)
	{
		const double *row = row_of(from, i);
		double features[VDB_POISSON_FEATURES];

		memcpy(features, row, from->features * sizeof(double));
		for (uint32_t j = 0; j < columns; j++)
			features[from->features + j] = column(row[1], i);
		vdb_poisson_observe(&to, i / MEMBERS, i % MEMBERS, features,
							row[from->features], row[from->features + 1]);
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
always_seven(double x, size_t i)
{
	(void) x;
	(void) i;
	return 7;
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

/* A column that says nothing new changes no expectation. */
static void
test_idle_column(const VdbPoisson *poisson, Column column, uint32_t columns,
				 const char *what)
{
	VdbPoisson more = with_columns(poisson, column, columns);
	double plain[FEATURES];
	double fitted[VDB_POISSON_FEATURES];
	double worst = 0;

	vdb_poisson_fit(poisson, plain);
	check_that(fits(&more, fitted, what), "%s", what);
	for (size_t i = 0; i < OBSERVATIONS; i++)
		worst = fmax(worst, fabs(predict(poisson, plain, i) -
								 predict(&more, fitted, i)));
	check_that(worst < 1e-3, "%s moves a predictor by %g", what, worst);
	free(more.observations);
}

static void
test_refused_column(const VdbPoisson *poisson, Column column, const char *what)
{
	VdbPoisson more = with_columns(poisson, column, 1);
	double fitted[VDB_POISSON_FEATURES];

	check_that(!fits(&more, fitted, what), "%s has a fit", what);
	free(more.observations);
}

static void
test_columns(void)
{
	VdbRng rng = {SEED + 2};
	double fisher[FEATURES][FEATURES];
	VdbPoisson poisson = make_simulated(&rng, fisher);

	check_begin("features that say nothing do no harm");
	test_idle_column(&poisson, always_zero, 1, "a column of zeros");
	test_idle_column(&poisson, always_seven, 1, "a constant column");
	test_idle_column(&poisson, the_same, 1, "a column twice another");
	test_idle_column(&poisson, the_same, VDB_POISSON_FEATURES - FEATURES,
					 "as many as there can be");
	check_end();
	check_begin("features that no number holds are refused");
	test_refused_column(&poisson, huge, "1e200");
	test_refused_column(&poisson, one_infinite, "an infinity");
	test_refused_column(&poisson, one_nan, "a NaN");
	check_end();
	free(poisson.observations);
}

/* All observations alike but for the first. */
static void
fill(VdbPoisson *poisson, double exposure, double count, double first_count)
{
	poisson->exposure = poisson->counts = 0;
	for (size_t i = 0; i < OBSERVATIONS; i++)
	{
		double features[FEATURES] = {1, i % 7, i % 5};

		vdb_poisson_observe(poisson, i / MEMBERS, i % MEMBERS, features,
							exposure, i == 0 ? first_count : count);
	}
}

static void
test_counts(void)
{
	VdbPoisson poisson = make_poisson(FEATURES, GROUPS, MEMBERS);
	double fitted[FEATURES];

	check_begin("counts and exposures at the ends of their ranges");
	fill(&poisson, 10, 0, 0);
	check_that(!fits(&poisson, fitted, "no counts"), "no counts have a fit");
	fill(&poisson, 0, 1, 1);
	check_that(!fits(&poisson, fitted, "no exposure"), "no exposure has a fit");
	fill(&poisson, 10, 0, 1);
	check_that(fits(&poisson, fitted, "one count"), "one count has no fit");
	fill(&poisson, 10, 3, 3);
	check_that(fits(&poisson, fitted, "equal counts") &&
				   fabs(fitted[0] - log(0.3)) < 1e-3 &&
				   fabs(fitted[1]) < 1e-4 && fabs(fitted[2]) < 1e-4,
			   "equal counts: %g %g %g", fitted[0], fitted[1], fitted[2]);
	fill(&poisson, 1e-300, 1, 1);
	fits(&poisson, fitted, "hardly any exposure");
	fill(&poisson, 1e306, 1, 1);
	check_that(!fits(&poisson, fitted, "exposure beyond a double"),
			   "exposure beyond a double has a fit");
	fill(&poisson, 1e300, 1e300, 1e300);
	fits(&poisson, fitted, "huge counts");
	check_end();
	free(poisson.observations);
}

/*
 * One place alone has a feature, and a million times the others' density: the
 * first step would leap to where the likelihood is flat, never to come back.
 */
static void
test_far_optimum(void)
{
	VdbPoisson poisson = make_poisson(FEATURES, GROUPS, MEMBERS);
	double fitted[FEATURES];
	bool fit;

	for (size_t i = 0; i < OBSERVATIONS; i++)
	{
		double features[FEATURES] = {1, i == 0, 0};

		vdb_poisson_observe(&poisson, i / MEMBERS, i % MEMBERS, features,
							i == 0 ? 1 : 1e4, i == 0 ? 100 : 1);
	}
	fit = vdb_poisson_fit(&poisson, fitted);
	check(fit && fabs(fitted[1] - log(1e6)) < 0.01,
		  "a coefficient of %g is reached: %g", log(1e6), fitted[1]);
	free(poisson.observations);
}

/* The curve -------------------------------------------------------------- */

typedef struct Found
{
	double counts;
	double exposure;
} Found;

/* Search all groups down to a threshold. */
static Found
search(const VdbPoisson *poisson, const double *fitted, double threshold)
{
	Found found = {0, 0};

	for (size_t i = 0; i < OBSERVATIONS; i++)
	{
		if (i % MEMBERS != 0 && predict(poisson, fitted, i) < threshold)
		{
			i += MEMBERS - 1 - i % MEMBERS;
			continue;
		}
		found.exposure += row_of(poisson, i)[FEATURES];
		found.counts += row_of(poisson, i)[FEATURES + 1];
	}
	return found;
}

static void
compare_point(const VdbPoisson *poisson, const double *fitted,
			  const VdbPoissonPoint *point, double total)
{
	Found found = search(poisson, fitted, point->threshold);
	Found fewer =
		search(poisson, fitted, nextafter(point->threshold, INFINITY));
	double needed = point->share * poisson->counts;
	double cost = fmin(found.exposure / GROUPS / total, 1);

	check_that(found.counts >= needed, "%g of %g found for %g", found.counts,
			   poisson->counts, point->share);
	check_that(isinf(point->threshold) || fewer.counts < needed,
			   "less than the threshold of %g would do", point->share);
	check_that(fabs(point->cost - cost) < 1e-12, "cost %g, not %g", point->cost,
			   cost);
}

static void
test_curve(double total, const char *what)
{
	enum
	{
		POINTS = 101
	};
	VdbRng rng = {SEED + 3};
	double fisher[FEATURES][FEATURES];
	VdbPoisson poisson = make_simulated(&rng, fisher);
	double *memory = must_alloc(poisson.counts * sizeof(double));
	double fitted[FEATURES];
	VdbPoissonPoint points[POINTS];

	for (int i = 0; i < POINTS; i++)
		points[i].share = i / (double) (POINTS - 1);
	vdb_poisson_fit(&poisson, fitted);
	vdb_poisson_curve(&poisson, fitted, total, memory, points, POINTS);

	check_begin("the curve is what searches find, %s", what);
	for (int i = 0; i < POINTS; i++)
		compare_point(&poisson, fitted, &points[i], total);
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
	free(poisson.observations);
}

/* With coefficients that say nothing, everything or nothing is searched. */
static void
test_flat_curve(void)
{
	VdbRng rng = {SEED + 4};
	double fisher[FEATURES][FEATURES];
	VdbPoisson poisson = make_simulated(&rng, fisher);
	double *memory = must_alloc(poisson.counts * sizeof(double));
	double nothing[FEATURES] = {0};
	VdbPoissonPoint points[2] = {{.share = 0}, {.share = 1}};

	vdb_poisson_curve(&poisson, nothing, 1, memory, points, 2);
	check(points[0].threshold == INFINITY && points[1].threshold == 0 &&
			  points[1].cost == 1,
		  "a curve without a slope has two ends");
	free(memory);
	free(poisson.observations);
}

/* What lies behind the last members is not found, however far one looks. */
static void
test_beyond(void)
{
	VdbRng rng = {SEED + 6};
	double fisher[FEATURES][FEATURES];
	VdbPoisson poisson = make_simulated(&rng, fisher);
	double *memory = must_alloc(poisson.counts * sizeof(double));
	double fitted[FEATURES];
	double moved[FEATURES];
	VdbPoissonPoint before[1] = {{.share = 0.8}};
	VdbPoissonPoint points[2] = {{.share = 0.4}, {.share = 0.51}};

	vdb_poisson_fit(&poisson, fitted);
	vdb_poisson_curve(&poisson, fitted, 1e6, memory, before, 1);
	poisson.counts *= 2;
	vdb_poisson_fit(&poisson, moved);
	vdb_poisson_curve(&poisson, fitted, 1e6, memory, points, 2);
	check(fabs(moved[0] - fitted[0]) < 1e-4 &&
			  fabs(moved[2] - fitted[2]) < 1e-4,
		  "the fit does not know of what was not observed");
	check(points[0].threshold == before[0].threshold &&
			  points[0].cost == before[0].cost,
		  "a half of twice as many is as far away as before");
	check(points[1].threshold == -INFINITY &&
			  fabs(points[1].cost - poisson.exposure / GROUPS / 1e6) < 1e-12,
		  "more than there is needs all");
	free(memory);
	free(poisson.observations);
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
	VdbPoisson poisson = make_simulated(&rng, fisher);
	double *memory = must_alloc(poisson.counts * sizeof(double));
	double fitted[FEATURES];
	VdbPoissonPoint points[10] = {{.share = 1}};
	int calls = 0;
	int fit_calls;

	poisson.interrupt = count_interrupt;
	poisson.arg = &calls;
	vdb_poisson_fit(&poisson, fitted);
	fit_calls = calls;
	vdb_poisson_curve(&poisson, fitted, 1, memory, points, 10);
	check(fit_calls > 2 && calls - fit_calls == 10,
		  "a caller can interrupt each step and each point");
	free(memory);
	free(poisson.observations);
}

int
main(void)
{
	check_note("seed %d", SEED);
	test_recovery();
	test_gradient();
	test_columns();
	test_counts();
	test_far_optimum();
	test_curve(MEMBERS * 50.5, "all exposures in the groups");
	test_curve(MEMBERS * 20, "groups that overlap");
	test_flat_curve();
	test_beyond();
	test_interrupt();
	return check_done();
}
