/*
 * spread.c: see spread.h.
 */
#include "compat.h"

#include <math.h>

#include "ivf/space/spread.h"

/* On the line through points i and i + 1, of the share's logarithm. */
static double
on_line(const IvfSpread *spread, uint32 i, double distance)
{
	double width = spread->distance[i + 1] - spread->distance[i];
	double part;

	if (!(width > 0))
		return spread->share[i];
	part = (distance - spread->distance[i]) / width;
	return exp(log(spread->share[i]) +
			   part * log(spread->share[i + 1] / spread->share[i]));
}

double
ivf_spread_share(const IvfSpread *spread, double distance)
{
	uint32 last = spread->points - 1;
	uint32 i = 0;

	if (spread->points == 0)
		return -1;
	if (distance >= spread->distance[last])
		return 1;
	while (i + 2 < spread->points && spread->distance[i + 1] <= distance)
		i++;
	return Min(on_line(spread, i, distance), 1);
}
