/*
 * percentile.c
 *	  See percentile.h.
 */
#include <stdlib.h>

#include "common/percentile.h"

static int
compare(const void *a, const void *b)
{
	double x = *(const double *) a;
	double y = *(const double *) b;

	return (x > y) - (x < y);
}

void
sort_values(double *values, size_t count)
{
	if (count > 0)
		qsort(values, count, sizeof(double), compare);
}

/* In integers, where no rounding lifts a rank to the next one. */
double
percentile(const double *sorted, size_t count, unsigned percent)
{
	size_t rank = (count * percent + 99) / 100;

	return sorted[rank > 0 ? rank - 1 : 0];
}
