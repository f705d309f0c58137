/*
 * probes.c: how many lists a query has to probe.
 *
 * A fixed number of lists is too many for one query and too few for another.
 * Lists are probed in the order of distance, down to the first one that is
 * less dense in hits (space/density.c) than the calibration found necessary for
 * the recall that is wanted (build/calibrate.c).
 */
#include "compat.h"

#include <math.h>

#include "ivf/scan/probes.h"
#include "ivf/space/density.h"
#include "math/epsilon.h"

/* Lists that are put in order at a time. */
#define SORT_STEP 64

/* The curve's value for the target, between the points around it. */
static double
at_target(const IvfCalibration *calibration, const float *values, double target)
{
	const float *recall = calibration->recall;
	uint32 i = 0;
	double part;

	while (i + 1 < calibration->points && recall[i + 1] < target)
		i++;
	if (i + 1 >= calibration->points || target <= recall[i])
		return values[i];
	part = (target - recall[i]) / (recall[i + 1] - recall[i]);
	return values[i] + part * (values[i + 1] - values[i]);
}

/* Lists by the rule, up to "most" of them. */
static uint32
probes_by_density(const IvfCalibration *calibration, double target, uint32 most,
				  IvfProbes *probes)
{
	double least = at_target(calibration, calibration->density, target);

	for (uint32 rank = 0; rank < most; rank++)
	{
		if (rank == probes->sorted)
			ivf_probes_sort(probes, Min(Max(2 * rank, SORT_STEP), most));
		if (rank > 0 &&
			ivf_log_density(calibration, ivf_nth_probe(probes, 0),
							ivf_nth_probe(probes, rank), rank) < least)
			return rank;
	}
	return most;
}

/* Without a calibration: enough for most data, measured on none. */
static uint32
uncalibrated_probes(uint32 lists)
{
	return ceil(2 * sqrt(lists));
}

uint32
ivf_probes_most(const IvfSettings *settings, uint32 lists)
{
	return Min(Max(settings->max_probes, settings->probes), lists);
}

/*
 * Lists with so many codes as are looked at in any case, each taken to have its
 * share of the rows.
 */
static uint32
least_probes(const IvfMetaPage *meta, const IvfSettings *settings)
{
	double lists = meta->lists;

	if (settings->least_codes == 0 || meta->trained_rows <= 0)
		return 0;
	return Min(ceil(settings->least_codes * lists / meta->trained_rows), lists);
}

uint32
ivf_probes_first(const IvfMetaPage *meta, const IvfSettings *settings,
				 IvfProbes *probes)
{
	uint32 most = ivf_probes_most(settings, probes->count);
	uint32 n;

	if (settings->probes > 0)
		n = settings->probes;
	else if (settings->target_recall >= 1)
		n = probes->count;
	else if (meta->calibration.points > 0)
		n = Max(probes_by_density(&meta->calibration, settings->target_recall,
								  most, probes),
				least_probes(meta, settings));
	else
		n = Max(uncalibrated_probes(probes->count),
				least_probes(meta, settings));
	n = Min(n, most);
	ivf_probes_sort(probes, n);
	return n;
}

float
ivf_scan_epsilon(const IvfSettings *settings)
{
	if (ivf_scan_sorted(settings))
		return VDB_SORTED_EPSILON;
	return vdb_epsilon(settings->probes > 0 ? 1 : settings->target_recall);
}

double
ivf_probed_share(const IvfMetaPage *meta, const IvfSettings *settings)
{
	double lists = Max(meta->lists, 1);
	double most = ivf_probes_most(settings, meta->lists) / lists;
	double share;

	if (settings->probes > 0)
		return Min(settings->probes / lists, 1);
	if (settings->target_recall >= 1)
		return most;
	if (meta->calibration.points > 0)
		share = at_target(&meta->calibration, meta->calibration.share,
						  settings->target_recall);
	else
		share = uncalibrated_probes(meta->lists) / lists;
	return Min(Max(share, least_probes(meta, settings) / lists), most);
}
