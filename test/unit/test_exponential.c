/*
 * test_exponential.c: three digits of the exponential function, and its ends.
 */
#include "math/exponential.h"

#include <math.h>

#include "check.h"

static void
test_digits(void)
{
	double worst = 0;

	for (int i = -60000; i <= 60000; i++)
	{
		float x = i / 1000.0f;

		worst = fmax(worst, fabs(vdb_exp(x) / exp(x) - 1));
	}
	check(worst < 3e-4, "within %.3f %%", 100 * worst);
	check(vdb_exp(0) == 1, "right at zero");
}

static void
test_ends(void)
{
	check(vdb_exp(-INFINITY) == vdb_exp(VDB_EXP_LEAST),
		  "no less than the least");
	check(vdb_exp(INFINITY) == vdb_exp(VDB_EXP_MOST), "no more than the most");
	check(vdb_exp(NAN) == vdb_exp(VDB_EXP_MOST), "a NaN counts as the most");
}

int
main(void)
{
	test_digits();
	test_ends();
	return check_done();
}
