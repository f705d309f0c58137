/*
 * latency.c: see latency.h.
 */
#include "latency.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/clock.h"
#include "common/percentile.h"

double
latency_clock(void)
{
	const char *chosen = getenv("BENCH_CLOCK");
	struct timespec ran;

	if (chosen == NULL || strcmp(chosen, "processor") != 0)
		return now_seconds();
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ran);
	return (double) ran.tv_sec + (double) ran.tv_nsec / 1e9;
}

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
