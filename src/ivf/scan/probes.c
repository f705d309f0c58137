/*
 * probes.c: how many lists a query has to probe.
 *
 * A fixed number of lists is too many for one query and too few for another.
 * Lists are probed in the order of distance, down to the first one whose score
 * (space/shares.c) is below what the calibration found necessary for the recall
 * that is wanted (build/calibrate.c); or, in indexes that 0.1.0 built, whose
 * density in hits is (space/density.c).
 */
#include "compat.h"

#include <math.h>

#include "ivf/scan/probes.h"
#include "ivf/space/density.h"
#include "ivf/space/shares.h"
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

/* What so many answers ask for: ... */
typedef struct Asked
{
	double least; /* score, or density, of lists */
	double share; /* of the rows, in these lists */
} Asked;

static Asked
asked_of_curve(const IvfCalibration *calibration, const float *least,
			   const float *share, double target)
{
	return (Asked){at_target(calibration, least, target),
				   at_target(calibration, share, target)};
}

/* Of a depth that a rule has. */
static Asked
asked_at(const IvfMetaPage *meta, const IvfSharesRule *rule, double target,
		 int depth)
{
	return asked_of_curve(&meta->calibration, rule->score[depth],
						  rule->share[depth], target);
}

/* How much of the index so many answers ask for, of what two depths do. */
static double
between(const IvfDepth *depth, double below, double above)
{
	return below * pow(Max(above / below, 1), depth->part);
}

/* The share of the rows, by the calibration, which has points. */
static double
asked_share(const IvfMetaPage *meta, double target, double k)
{
	const IvfCalibration *calibration = &meta->calibration;
	const IvfSharesRule *rule = &meta->shares;
	IvfDepth depth;
	double below;

	if (rule->count == 0)
		return at_target(calibration, calibration->share, target);
	depth = ivf_find_depth(rule, k);
	below = asked_at(meta, rule, target, depth.below).share;
	return Min(between(&depth, Max(below, 1e-9),
					   asked_at(meta, rule, target, depth.above).share),
			   1);
}

double
ivf_probes_deepest(const IvfMetaPage *meta)
{
	return meta->shares.count > 0 ? ivf_deepest(&meta->shares)
								  : IVF_USUAL_DEPTH;
}

/*
 * Lists of a rank that is looked at next are sorted, and others, as far as they
 * are at hand.
 */
static void
sort_ahead(IvfProbes *probes, uint32 rank, uint32 most)
{
	uint32 n = Min(Max(2 * rank, SORT_STEP), most);

	if (rank == probes->sorted)
		ivf_probes_sort(probes, Max(Min(n, probes->within), rank + 1));
}

/* Lists by the density, from "done" up to "most" of them. */
static uint32
probes_by_density(const IvfMetaPage *meta, double target, uint32 done,
				  uint32 most, IvfProbes *probes)
{
	const IvfCalibration *calibration = &meta->calibration;
	double least = at_target(calibration, calibration->density, target);

	for (uint32 rank = done; rank < most; rank++)
	{
		sort_ahead(probes, rank, most);
		if (rank > 0 &&
			ivf_log_density(calibration, ivf_nth_probe(probes, 0),
							ivf_nth_probe(probes, rank), rank) < least)
			return rank;
	}
	return most;
}

/* Lists by a rule for one of its depths, of which some are sorted. */
static uint32
count_at(const IvfMetaPage *meta, const IvfSharing *sharing, double target,
		 int depth, uint32 most, IvfProbes *probes)
{
	double least = asked_at(meta, sharing->rule, target, depth).least;
	IvfShares shares;
	uint32 rank = ivf_shares_begin(&shares, sharing, depth, probes);

	for (; rank < most; rank++)
	{
		sort_ahead(probes, rank, most);
		if (ivf_shares_next(&shares, ivf_nth_probe(probes, rank)) < least &&
			rank > 0)
			return rank;
	}
	return most;
}

/* The same, which a scan that goes on asks for several times. */
static uint32
probes_at(const IvfMetaPage *meta, const IvfSharing *sharing, double target,
		  int depth, uint32 most, IvfProbes *probes)
{
	if (probes->asked[depth] == 0)
		probes->asked[depth] =
			count_at(meta, sharing, target, depth, most, probes);
	return Min(probes->asked[depth], most);
}

/* The depth that is nearer to so many neighbours. */
static int
nearer_depth(const IvfSharesRule *rule, double k)
{
	IvfDepth depth = ivf_find_depth(rule, k);

	return depth.part < 0.5 ? depth.below : depth.above;
}

/*
 * Under a filter that has let rows pass, whose lists are asked for anew with
 * each lot: so one depth has to be enough, and how lists grow from there is as
 * without a filter.
 */
static uint32
filtered_probes(const IvfMetaPage *meta, const IvfSharing *sharing,
				double target, double k, uint32 done, uint32 most,
				IvfProbes *probes)
{
	int depth = nearer_depth(sharing->rule, k);
	double lists = count_at(meta, sharing, target, depth, most, probes);
	double here = asked_share(meta, target, sharing->rule->depth[depth]);
	double n = Min(ceil(lists * asked_share(meta, target, k) / here), most);

	ivf_probes_sort(probes, n);
	return Max(n, done);
}

/*
 * Between two depths, and beyond the last, lists grow as a power of the number
 * of answers; scores and coefficients of depths may have nothing in common.
 */
static uint32
probes_by_shares(const IvfMetaPage *meta, double target, double k, uint32 done,
				 uint32 most, IvfProbes *probes)
{
	IvfSharing sharing;
	IvfDepth depth;
	uint32 below;
	uint32 above;
	double n;

	sort_ahead(probes, 0, most);
	sharing = ivf_find_sharing(meta, &probes->nearest);
	depth = ivf_find_depth(sharing.rule, k);
	if (probes->rate > 0)
		return filtered_probes(meta, &sharing, target, k, done, most, probes);
	above = below =
		probes_at(meta, &sharing, target, depth.below, most, probes);
	if (depth.part > 0 && below < most)
		above = probes_at(meta, &sharing, target, depth.above, most, probes);
	n = Min(ceil(between(&depth, below, above)), most);
	ivf_probes_sort(probes, n);
	return Max(n, done);
}

double
ivf_probes_rate(const IvfMetaPage *meta, IvfProbes *probes, double k)
{
	IvfSharing sharing;

	if (meta->calibration.points == 0 || meta->shares.count == 0)
		return probes->rate * probes->count / probes->all;
	sharing = ivf_find_sharing(meta, &probes->nearest);
	return ivf_shares_rate(&sharing, nearer_depth(sharing.rule, k), probes);
}

static uint32
calibrated_probes(const IvfMetaPage *meta, double target, double k, uint32 done,
				  uint32 most, IvfProbes *probes)
{
	if (most == 0)
		return 0;
	if (meta->shares.count == 0)
		return probes_by_density(meta, target, done, most, probes);
	return probes_by_shares(meta, target, k, done, most, probes);
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

/*
 * Is a query so far out that single precision knows no distance of a list?
 * Among rows as far out are its neighbours, which may be in any.
 */
static bool
is_blind(const IvfProbes *probes)
{
	return isinf(probes->query->z.code.rest);
}

uint32
ivf_probes_first(const IvfMetaPage *meta, const IvfSettings *settings, double k,
				 IvfProbes *probes)
{
	uint32 most = ivf_probes_most(settings, probes->count);
	uint32 n;

	if (settings->probes > 0)
		n = settings->probes;
	else if (settings->target_recall >= 1 || is_blind(probes))
		n = probes->count;
	else if (meta->calibration.points > 0)
		n = Max(calibrated_probes(meta, settings->target_recall, k, 0, most,
								  probes),
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

	if (settings->probes > 0 || !ivf_scan_goes_on(settings) ||
		settings->target_recall >= 1 || meta->calibration.points == 0 ||
		done >= most)
		return done;
	return calibrated_probes(meta, settings->target_recall, k, done, most,
							 probes);
}

float
ivf_scan_epsilon(const IvfSettings *settings, bool late_left_out)
{
	if (late_left_out)
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
		share = asked_share(meta, settings->target_recall, k);
	else
		share = uncalibrated_probes(meta->lists) / lists;
	return Min(Max(share, least_probes(meta, settings) / lists), most);
}
