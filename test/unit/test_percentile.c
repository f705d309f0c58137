/*
 * test_percentile.c: percentiles by nearest rank, against the definition in
 * common/percentile.h put into a naive loop.
 */
#include "common/percentile.h"

#include "check.h"
#include "math/rng.h"

#define SEED 5077
#define MOST 300

/* The least of the values that p percent of them do not exceed. */
static double
by_definition(const double *values, size_t count, unsigned percent)
{
	double least = values[0];
	bool found = false;

	for (size_t i = 0; i < count; i++)
	{
		size_t within = 0;

		for (size_t j = 0; j < count; j++)
			within += values[j] <= values[i];
		if (within * 100 >= percent * count && (!found || values[i] < least))
		{
			least = values[i];
			found = true;
		}
	}
	return least;
}

static void
test_known(void)
{
	static const struct
	{
		size_t count; /* the values are 1 to this */
		unsigned percent;
		double want;
	} cases[] = {
		{1, 0, 1},		{1, 50, 1},		 {1, 100, 1},	  {2, 50, 1},
		{2, 51, 2},		{3, 50, 2},		 {4, 50, 2},	  {5, 50, 3},
		{20, 95, 19},	{20, 96, 20},	 {20, 99, 20},	  {100, 7, 7},
		{100, 50, 50},	{100, 55, 55},	 {100, 95, 95},	  {100, 99, 99},
		{101, 99, 100}, {100, 100, 100}, {1000, 95, 950}, {1000, 99, 990},
	};
	double values[1000];

	for (int i = 0; i < 1000; i++)
		values[i] = i + 1;
	check_begin("percentiles of 1, 2, ..., n");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		double got = percentile(values, cases[i].count, cases[i].percent);

		check_that(got == cases[i].want, "%u %% of %zu: %g, not %g",
				   cases[i].percent, cases[i].count, got, cases[i].want);
	}
	check_end();
}

/* Few different values, so that many are equal. */
static void
test_random(void)
{
	VdbRng rng = {SEED};
	double values[MOST];
	double sorted[MOST];

	check_begin("percentiles of random values are those of the definition");
	for (size_t count = 1; count <= MOST; count += 1 + count / 10)
	{
		for (size_t i = 0; i < count; i++)
			sorted[i] = values[i] = (double) vdb_rng_below(&rng, count + 3);
		sort_values(sorted, count);
		for (unsigned percent = 0; percent <= 100; percent++)
		{
			double got = percentile(sorted, count, percent);
			double want = by_definition(values, count, percent);

			check_that(got == want, "%u %% of %zu: %g, not %g", percent, count,
					   got, want);
		}
	}
	check_end();
}

static void
test_order(void)
{
	double values[] = {3, -1, 2.5, 2.5, 1e300, 0};
	size_t count = sizeof(values) / sizeof(values[0]);
	bool ascending = true;

	sort_values(values, count);
	for (size_t i = 1; i < count; i++)
		ascending = ascending && values[i - 1] <= values[i];
	check(ascending && values[0] == -1 && values[count - 1] == 1e300,
		  "values are put into ascending order");
}

int
main(void)
{
	test_known();
	test_random();
	test_order();
	return check_done();
}
