/*
 * epsilon.c: see epsilon.h.
 *
 * The errors are normal, as good as (README.md), so that the share of bounds
 * that are too high is a tail of the normal distribution.  Its quantile comes
 * from Hastings' approximation ("Approximations for Digital Computers", 1955;
 * formula 26.2.23 in Abramowitz and Stegun), which errs by less than 0.00045.
 */
#include "math/epsilon.h"

#include <math.h>

/* Bounds that may be too high, of the share of neighbours that may be missed.
 */
#define TAIL_SHARE 0.25

/* The z with a share of "tail" of all normal errors above it; tail <= 0.5. */
static double
normal_quantile(double tail)
{
	double t = sqrt(-2 * log(tail));

	return t - (2.515517 + t * (0.802853 + t * 0.010328)) /
				   (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
}

float
vdb_epsilon(double recall)
{
	double tail = (1 - recall) * TAIL_SHARE;
	double epsilon = tail > 0 ? normal_quantile(tail) : VDB_MOST_EPSILON;

	return epsilon < VDB_MOST_EPSILON ? (float) epsilon : VDB_MOST_EPSILON;
}
