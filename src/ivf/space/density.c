/*
 * density.c: how many true neighbours a list can be expected to hold for each
 * row in it, in indexes that 0.1.0 built; those of today have shares.c.
 *
 * A Poisson regression (McCullagh and Nelder, "Generalized Linear Models",
 * 1989, chapter 6) on queries from the table itself gives the logarithm of that
 * density as a linear function of a few features of a list:
 *
 *		g		how much farther it is than the nearest list, in units of the
 *				mean squared residual
 *		rank	its place in the order of distance
 *		d1		the nearest list's squared distance in the same unit: how far
 *				the query is from everything
 */
#include "compat.h"

#include <math.h>

#include "ivf/space/density.h"

static void
density_features(float residual2, const IvfProbe *first, const IvfProbe *probe,
				 uint32 rank, double features[IVF_FEATURES])
{
	double d1 = Max((double) first->near.gap2 / residual2, 1e-6);
	double g =
		Max((probe->near.distance - first->near.distance) / residual2, 0);
	double log_rank = log(rank + 1.0);

	features[0] = 1;
	features[1] = sqrt(g);
	features[2] = g;
	features[3] = log_rank;
	features[4] = log_rank * log_rank;
	features[5] = log(d1);
	features[6] = log(d1) * g;
}

double
ivf_log_density(const IvfCalibration *calibration, const IvfProbe *first,
				const IvfProbe *probe, uint32 rank)
{
	double features[IVF_FEATURES];
	double sum = 0;

	density_features(calibration->residual2, first, probe, rank, features);
	for (int i = 0; i < IVF_FEATURES; i++)
		sum += calibration->coefficient[i] * features[i];
	return sum;
}
