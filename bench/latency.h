/*
 * latency.h: the last columns of every row about searches.
 */
#ifndef BENCH_LATENCY_H
#define BENCH_LATENCY_H

#include <stddef.h>

/*
 * Print "p50,p95,p99,mean" in milliseconds and end the line; percentiles are
 * what common/percentile.h says.  The n > 0 latencies, in seconds, are sorted.
 */
extern void latency_print(double *latency, size_t n);

/*
 * Seconds of the clock by which peers in a process take latencies: of the day,
 * or where the environment's BENCH_CLOCK is "processor", those that the calling
 * thread was running.
 */
extern double latency_clock(void);

#endif /* BENCH_LATENCY_H */
