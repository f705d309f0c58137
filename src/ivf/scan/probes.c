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

/* How many times more answers than it was learnt from a density may be for. */
#define DEPTH_REACH 10

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

/* A number of answers that has a curve of densities and shares. */
typedef struct Depth
{
	double k;
	const float *density;
	const float *share;
} Depth;

/* All of them, ascending; returns how many. */
static int
all_depths(const IvfMetaPage *meta, Depth curve[IVF_DEPTHS + 1])
{
	const IvfDepths *depths = &meta->depths;
	Depth usual = {IVF_USUAL_DEPTH, meta->calibration.density,
				   meta->calibration.share};
	int n = 0;

	for (uint32 i = 0; i < depths->count; i++)
	{
		if (n == (int) i && depths->depth[i] > usual.k)
			curve[n++] = usual;
		curve[n++] =
			(Depth){depths->depth[i], depths->density[i], depths->share[i]};
	}
	if (n == (int) depths->count)
		curve[n++] = usual;
	return n;
}

/*
 * The curves around a number of answers, or the last one twice; returns how far
 * it is from the one to the other, as logarithms.
 */
static double
find_depths(const IvfMetaPage *meta, double k, Depth *below, Depth *above)
{
	Depth curve[IVF_DEPTHS + 1];
	int last = all_depths(meta, curve) - 1;
	int i = 0;

	while (i < last && curve[i + 1].k <= k)
		i++;
	*below = curve[i];
	*above = curve[Min(i + 1, last)];
	if (i == last || k <= below->k)
		return 0;
	return log(k / below->k) / log(above->k / below->k);
}

static double
between(double part, double below, double above)
{
	return below + part * (above - below);
}

/* What so many answers ask for: ... */
typedef struct Asked
{
	double density; /* the least, of lists */
	double share;	/* of the rows, in these lists */
} Asked;

/* ... by the calibration, which has points. */
static Asked
asked_for(const IvfMetaPage *meta, double target, double k)
{
	const IvfCalibration *calibration = &meta->calibration;
	Depth below;
	Depth above;
	double part = find_depths(meta, k, &below, &above);

	return (Asked){
		between(part, at_target(calibration, below.density, target),
				at_target(calibration, above.density, target)),
		between(part, at_target(calibration, below.share, target),
				at_target(calibration, above.share, target)),
	};
}

double
ivf_probes_deepest(const IvfMetaPage *meta)
{
	const IvfDepths *depths = &meta->depths;

	if (depths->count == 0)
		return IVF_USUAL_DEPTH;
	return DEPTH_REACH * depths->depth[depths->count - 1];
}

/* The coefficients are not stretched far beyond what they were learnt from. */
static double
calibrated_depth(const IvfMetaPage *meta, double k)
{
	const IvfDepths *depths = &meta->depths;

	if (depths->count == 0)
		return IVF_USUAL_DEPTH;
	return Max(Min(k, ivf_probes_deepest(meta)), depths->depth[0]);
}

/* Lists by the rule, from "done" up to "most" of them. */
static uint32
probes_by_density(const IvfMetaPage *meta, double target, double k, uint32 done,
				  uint32 most, IvfProbes *probes)
{
	double least = asked_for(meta, target, k).density;
	double depth = calibrated_depth(meta, k);

	for (uint32 rank = done; rank < most; rank++)
	{
		if (rank == probes->sorted)
			ivf_probes_sort(probes, Min(Max(2 * rank, SORT_STEP), most));
		if (rank > 0 &&
			ivf_log_density(meta, depth, ivf_nth_probe(probes, 0),
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
		n = Max(probes_by_density(meta, settings->target_recall,
								  IVF_USUAL_DEPTH, 0, most, probes),
				least_probes(meta, settings));
	else
		n = Max(uncalibrated_probes(probes->count),
				least_probes(meta, settings));
	n = Min(n, most);
	ivf_probes_sort(probes, n);
	return n;
}

uint32
ivf_probes_deeper(const IvfMetaPage *meta, const IvfSettings *settings,
				  double k, uint32 done, IvfProbes *probes)
{
	uint32 most = ivf_probes_most(settings, probes->count);
	uint32 n;

	if (settings->probes > 0 || !ivf_scan_goes_on(settings) ||
		settings->target_recall >= 1 || meta->calibration.points == 0 ||
		done >= most)
		return done;
	n = probes_by_density(meta, settings->target_recall, k, done, most, probes);

	/* Farther than the calibration reaches, as many times more lists. */
	n = Min(Max(n, n * (k / calibrated_depth(meta, k))), most);
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
ivf_probed_share(const IvfMetaPage *meta, const IvfSettings *settings, double k)
{
	double lists = Max(meta->lists, 1);
	double most = ivf_probes_most(settings, meta->lists) / lists;
	double share;

	if (settings->probes > 0)
		return Min(settings->probes / lists, 1);
	if (settings->target_recall >= 1)
		return most;
	if (meta->calibration.points > 0)
		share = asked_for(meta, settings->target_recall, k).share;
	else
		share = uncalibrated_probes(meta->lists) / lists;
	return Min(Max(share, least_probes(meta, settings) / lists), most);
}
