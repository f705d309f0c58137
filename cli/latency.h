/*
 * latency.h
 *	  Times of many searches and their percentiles.
 */
#ifndef VECDB_LATENCY_H
#define VECDB_LATENCY_H

#include <stddef.h>

struct latencies
{
	double *values; /* seconds */
	size_t count;
	size_t size; /* allocated */
};

void latencies_add(struct latencies *l, double seconds);
void latencies_sort(struct latencies *l);
double latencies_at(const struct latencies *l, unsigned percent);
void latencies_free(struct latencies *l);

#endif /* VECDB_LATENCY_H */
