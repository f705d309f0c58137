/*
 * latency.h: the last columns of every row about searches.
 */
#ifndef BENCH_LATENCY_H
#define BENCH_LATENCY_H

#include <stddef.h>

/*
 * Seconds by the clock that a search without a server is measured by: of the
 * day, or with BENCH_CLOCK=processor in the environment those that this
 * process, all its threads, was running on a processor.
 */
extern double latency_clock(void);

/*
 * Print "p50,p95,p99,mean" in milliseconds and end the line; percentiles are
 * what common/percentile.h says.  The n > 0 latencies, in seconds, are sorted.
 */
extern void latency_print(double *latency, size_t n);

#endif /* BENCH_LATENCY_H */
