/*
 * percentile.h
 *	  Percentiles of measured times, by the definition of the nearest rank:
 *	  the p-th percentile of n values is the least of them that p percent of
 *	  them do not exceed, which is the one of rank ceil(n * p / 100), from 1,
 *	  in ascending order.
 *
 * So a percentile is always one of the values, the 50th is the median (the
 * lower of the two middle ones) and the 100th the greatest.  Whatever tells
 * percentiles, vecdb bench and the programs of bench/, calls this.
 */
#ifndef VECDB_PERCENTILE_H
#define VECDB_PERCENTILE_H

#include <stddef.h>

/* Put values into ascending order. */
void sort_values(double *values, size_t count);

/* Of count > 0 values in ascending order; percent is from 0 to 100. */
double percentile(const double *sorted, size_t count, unsigned percent);

#endif /* VECDB_PERCENTILE_H */
