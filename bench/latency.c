/*
 * latency.c: see latency.h.
 */
#include "latency.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/percentile.h"
#include "vecs.h"

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

double
latency_clock(void)
{
	static int processor = -1;
	struct timespec ran;

	if (processor < 0)
	{
		const char *name = getenv("BENCH_CLOCK");

		processor = name != NULL && strcmp(name, "processor") == 0;
	}
	if (!processor)
		return now();
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ran);
	return ran.tv_sec + ran.tv_nsec / 1e9;
}
