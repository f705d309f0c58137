/*
 * latency.c: see latency.h.
 */
#include "latency.h"

#include <stdio.h>

#include "common/percentile.h"

void
latency_print(double *latency, size_t n)
{
	static const unsigned percents[] = {50, 95, 99};
	double sum = 0;

	sort_values(latency, n);
	for (size_t i = 0; i < n; i++)
		sum += latency[i];
	for (int i = 0; i < 3; i++)
		printf("%.4f,", percentile(latency, n, percents[i]) * 1e3);
	printf("%.4f\n", sum / n * 1e3);
	fflush(stdout);
}
