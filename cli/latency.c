/*
 * latency.c
 *	  Collects times and tells their percentiles.  All are kept, at 8 bytes
 *	  each: percentiles are exact, and a day of 1,000 searches a second still
 *	  fits into memory.
 */
#include <stdlib.h>

#include "cli.h"
#include "common/percentile.h"
#include "latency.h"

#define FIRST_SIZE 1024

void
latencies_add(struct latencies *l, double seconds)
{
	if (l->count == l->size)
	{
		l->size = l->size == 0 ? FIRST_SIZE : 2 * l->size;
		l->values = xrealloc(l->values, l->size * sizeof(double));
	}
	l->values[l->count++] = seconds;
}

void
latencies_sort(struct latencies *l)
{
	sort_values(l->values, l->count);
}

/* A percentile of sorted times, of which there must be one: see percentile.h */
double
latencies_at(const struct latencies *l, unsigned percent)
{
	return percentile(l->values, l->count, percent);
}

void
latencies_free(struct latencies *l)
{
	free(l->values);
}
