/*
 * probes.c: how many lists a query has to probe.
 *
 * A fixed number of lists is too many for one query and too few for another.
 * What is asked of a list is how many true neighbours it can be expected to
 * hold for each row in it: its density of hits.  A Poisson regression (see
 * McCullagh and Nelder, "Generalized Linear Models", 1989, chapter 6) on
 * queries from the table itself gives the density's logarithm as a linear
 * function of a few features of a list:
 *
 *		g		how much farther it is than the nearest list, in units of the
 *				mean squared residual
 *		rank	its place in the order of distance
 *		d1		the nearest list's squared distance in the same unit: how far
 *				the query is from everything
 *
 * Lists are probed in the order of distance, down to the first one that is
 * less dense than the calibration found necessary for the recall that is
 * wanted (calibrate.c).
 */
#include "compat.h"

#include <float.h>
#include <math.h>

#include "ivf/ivf.h"
#include "math/epsilon.h"

/* Lists that are put in order at a time. */
#define SORT_STEP 64

/* Why a point of the curve cannot follow the one before it, or NULL. */
static const char *
point_fault(const IvfCalibration *calibration, uint32 i)
{
	float least_recall = i > 0 ? calibration->recall[i - 1] : 0;
	float most_density = i > 0 ? calibration->density[i - 1] : FLT_MAX;
	float least_share = i > 0 ? calibration->share[i - 1] : 0;

	/* Negated, so that they hold for NaN. */
	if (!(calibration->recall[i] > least_recall && calibration->recall[i] <= 1))
		return "calibration has an impossible recall";
	if (!(calibration->density[i] <= most_density &&
		  calibration->density[i] >= -FLT_MAX))
		return "calibration has an impossible density";
	if (!(calibration->share[i] >= least_share && calibration->share[i] <= 1))
		return "calibration has an impossible share";
	return NULL;
}

const char *
ivf_calibration_fault(const IvfCalibration *calibration)
{
	const char *fault = NULL;

	if (calibration->points != 0 && calibration->points != IVF_CURVE_POINTS)
		return "calibration has an impossible number of points";
	/* What divides distances must be above zero. */
	if (!(calibration->residual2 >= 0 && calibration->residual2 <= FLT_MAX) ||
		(calibration->points > 0 && calibration->residual2 == 0))
		return "calibration has an impossible unit of distances";
	for (int i = 0; i < IVF_FEATURES; i++)
		if (!isfinite(calibration->coefficient[i]))
			return "calibration has an impossible coefficient";
	for (uint32 i = 0; i < calibration->points && fault == NULL; i++)
		fault = point_fault(calibration, i);
	return fault;
}

void
ivf_density_features(float residual2, const IvfProbe *first,
					 const IvfProbe *probe, uint32 rank,
					 double features[IVF_FEATURES])
{
	double d1 =
		Max((double) first->near.gap * first->near.gap / residual2, 1e-6);
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

	ivf_density_features(calibration->residual2, first, probe, rank, features);
	for (int i = 0; i < IVF_FEATURES; i++)
		sum += calibration->coefficient[i] * features[i];
	return sum;
}

/* The curve's value for the target, between the points around it. */
static double
at_target(const IvfCalibration *calibration, const float *values)
{
	const float *recall = calibration->recall;
	uint32 i = 0;
	double part;

	while (i + 1 < calibration->points && recall[i + 1] < ivf_target_recall)
		i++;
	if (i + 1 >= calibration->points || ivf_target_recall <= recall[i])
		return values[i];
	part = (ivf_target_recall - recall[i]) / (recall[i + 1] - recall[i]);
	return values[i] + part * (values[i + 1] - values[i]);
}

/* Lists by the rule. */
static uint32
probes_by_density(const IvfMetaPage *meta, IvfProbes *probes)
{
	const IvfCalibration *calibration = &meta->calibration;
	double least = at_target(calibration, calibration->density);

	for (uint32 rank = 0; rank < probes->count; rank++)
	{
		if (rank == probes->sorted)
			ivf_probes_sort(probes,
							Min(Max(2 * rank, SORT_STEP), probes->count));
		if (rank > 0 &&
			ivf_log_density(calibration, ivf_nth_probe(probes, 0),
							ivf_nth_probe(probes, rank), rank) < least)
			return rank;
	}
	return probes->count;
}

/* Without a calibration: enough for most data, measured on none. */
static uint32
uncalibrated_probes(uint32 lists)
{
	return ceil(2 * sqrt(lists));
}

uint32
ivf_probes_first(const IvfMetaPage *meta, IvfProbes *probes)
{
	uint32 n;

	if (ivf_probes > 0)
		n = ivf_probes;
	else if (ivf_target_recall >= 1)
		n = probes->count;
	else if (meta->calibration.points > 0)
		return probes_by_density(meta, probes);
	else
		n = uncalibrated_probes(probes->count);
	n = Min(n, probes->count);
	ivf_probes_sort(probes, n);
	return n;
}

float
ivf_scan_epsilon(void)
{
	return vdb_epsilon(ivf_probes > 0 ? 1 : ivf_target_recall);
}

double
ivf_probed_share(const IvfMetaPage *meta)
{
	double lists = Max(meta->lists, 1);

	if (ivf_probes > 0)
		return Min(ivf_probes / lists, 1);
	if (ivf_target_recall >= 1)
		return 1;
	if (meta->calibration.points > 0)
		return at_target(&meta->calibration, meta->calibration.share);
	return Min(uncalibrated_probes(meta->lists) / lists, 1);
}
