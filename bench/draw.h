/*
 * draw.h: one of several things by their weights.
 */
#ifndef BENCH_DRAW_H
#define BENCH_DRAW_H

#include <stdint.h>

/*
 * The first of n >= 1 places whose cumulated weight is above u, else the last:
 * with u uniform below the sum of all, a place by its weight.
 */
static inline uint32_t
draw_place(const double *cumulated, uint32_t n, double u)
{
	uint32_t low = 0;
	uint32_t high = n - 1;

	while (low < high)
	{
		uint32_t middle = low + (high - low) / 2;

		if (cumulated[middle] > u)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

#endif /* BENCH_DRAW_H */
