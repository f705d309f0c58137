/*
 * latency.c: see latency.h.
 */
#include <stdio.h>
#include <stdlib.h>

#include "latency.h"

static int
compare(const void *a, const void *b)
{
	double x = *(const double *) a;
	double y = *(const double *) b;

	return (x > y) - (x < y);
}

void
latency_print(double *latency, size_t n)
{
	double sum = 0;

	qsort(latency, n, sizeof(double), compare);
	for (size_t i = 0; i < n; i++)
		sum += latency[i];
	printf("%.4f,%.4f,%.4f,%.4f\n", latency[n / 2] * 1e3,
		   latency[n * 95 / 100] * 1e3, latency[n * 99 / 100] * 1e3,
		   sum / n * 1e3);
	fflush(stdout);
}
