/*
 * test_epsilon.c: against the normal distribution itself.
 */
#include "math/epsilon.h"

#include <math.h>

#include "check.h"

/* The share of normal errors above z. */
static double
tail_of(double z)
{
	return erfc(z / sqrt(2)) / 2;
}

static void
test_tail(void)
{
	double worst = 0;

	for (int i = 1; i <= 994; i++)
	{
		double missed = 1 - i / 1000.0;
		double error = tail_of(vdb_epsilon(i / 1000.0)) / (missed / 4) - 1;

		worst = fmax(worst, fabs(error));
	}
	check(worst < 0.005, "a quarter of what may be missed, to %.2f %%",
		  100 * worst);
}

static void
test_ends(void)
{
	float last = vdb_epsilon(1e-9);
	bool grows = true;

	check(last > 0.67f && last < 0.68f, "hardly any recall: %g", last);
	for (int i = 1; i <= 10000; i++)
	{
		float epsilon = vdb_epsilon(i / 10000.0);

		grows &= epsilon >= last && epsilon <= 3;
		last = epsilon;
	}
	check(grows, "more recall never asks for less");
	check(vdb_epsilon(0.995) == 3 && last == 3, "three for all");
}

int
main(void)
{
	test_tail();
	test_ends();
	return check_done();
}
