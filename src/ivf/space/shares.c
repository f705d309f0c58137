/*
 * shares.c: see shares.h.
 *
 * The model is that of math/choice.h: a list has a share of the query's k
 * nearest rows in proportion to its size and to its density, whose logarithm is
 * linear in
 *
 *		sqrt(g), g		how much farther it is than the nearest list, in units
 *						of the mean squared residual
 *		the same times log d1
 *						the nearest list's squared distance in the same unit:
 *						how far the query is from everything
 *
 * The list's rank is not among them, though it tells a good deal of a row's own
 * neighbours: of queries that are unlike the rows it tells what is wrong.
 */
#include "compat.h"

#include <math.h>

#include "ivf/space/shares.h"
#include "math/choice.h"
#include "math/exponential.h"

/*
 * Where the nearest list is farther than of nearly all rows that the rule was
 * learnt from, it is not stretched to there.  In its place, gaps shrink: from
 * far away, what tells lists apart is their gap over the distance, since the
 * rows of each scatter by as much as residual and distance multiply to.  And
 * scores rise by so much for each unit of the distance's logarithm, up to so
 * much in all.  Random directions among words, 1.3 times as far as the farthest
 * tenth of them, found 0.86 of their neighbours with the first alone and 0.93
 * with both, at 0.95 for words.
 */
#define GAP_POWER 0.5
#define BONUS_SLOPE 6.0
#define MOST_BONUS 1.5

/*
 * Lists whose order is not known yet that stand for all of these; fewer where
 * they are asked for several times.
 */
#define SAMPLE 128
#define FILTER_SAMPLE 64

/* What lists that are left out count: found by trial, scan/conditions.c. */
#define LEFT_PART 0.5

/* So that sums stay finite, also of numbers that no fit gives. */
#define MOST_LOG_DENSITY VDB_EXP_MOST

/* How many times more answers than it was learnt from a rule may be for. */
#define DEPTH_REACH 10

double
ivf_log_near(float residual2, double gap2)
{
	return log(Max(gap2 / residual2, 1e-6));
}

IvfPlace
ivf_query_place(const IvfMeasure *measure, const IvfProbe *first)
{
	double log_near = ivf_log_near(measure->residual2, first->near.gap2);
	IvfPlace place = {.log_near =
						  Min(Max(log_near, measure->near), measure->far)};

	if (isfinite(log_near))
	{
		place.beyond = Max(log_near - measure->far, 0);
		place.short_of = Max(exp(measure->near) - exp(log_near), 0);
	}
	place.unit = exp(-GAP_POWER * place.beyond) / measure->residual2;
	return place;
}

double
ivf_place_bonus(const IvfPlace *place)
{
	return Min(BONUS_SLOPE * place->beyond, MOST_BONUS);
}

/* How much farther a list is than the nearest one. */
static inline double
gap_of(const IvfPlace *place, const IvfProbe *first, const IvfProbe *probe)
{
	return Max((probe->near.distance - first->near.distance) * place->unit -
				   place->short_of,
			   0);
}

void
ivf_share_features(const IvfPlace *place, const IvfProbe *first,
				   const IvfProbe *probe, double features[IVF_SHARES_FEATURES])
{
	double g = gap_of(place, first, probe);

	features[0] = sqrt(g);
	features[1] = g;
	features[2] = place->log_near * features[0];
	features[3] = place->log_near * g;
}

IvfSharing
ivf_find_sharing(const IvfMetaPage *meta, const IvfProbe *first)
{
	const IvfClose *close = &meta->close;

	if (close->shares.count > 0 &&
		first->near.norm2 <= close->reach * close->reach)
		return (IvfSharing){&close->shares,
							{close->residual2, close->near, close->shares.far}};
	return (IvfSharing){
		&meta->shares,
		{meta->calibration.residual2, -INFINITY, meta->shares.far}};
}

double
ivf_deepest(const IvfSharesRule *rule)
{
	return DEPTH_REACH * rule->depth[rule->count - 1];
}

IvfDepth
ivf_find_depth(const IvfSharesRule *rule, double k)
{
	int last = (int) rule->count - 1;
	int i = 0;

	k = Max(Min(k, ivf_deepest(rule)), rule->depth[0]);
	while (i + 1 < last && rule->depth[i + 1] <= k)
		i++;
	if (i == last)
		return (IvfDepth){i, i, 0};
	return (IvfDepth){i, i + 1,
					  log(k / rule->depth[i]) /
						  log(rule->depth[i + 1] / rule->depth[i])};
}

/* The logarithm of a list's density, as yet of no share. */
static inline double
log_density(const IvfShares *shares, const IvfProbe *probe)
{
	double x = sqrt(gap_of(&shares->place, &shares->probes->nearest, probe));

	x = Min(x, shares->most);
	return Min((shares->linear + shares->square * x) * x, MOST_LOG_DENSITY);
}

/* The same as a number. */
static inline double
density(const IvfShares *shares, const IvfProbe *probe)
{
	return vdb_exp(log_density(shares, probe));
}

/* What a list has of all densities. */
static inline double
weighted_density(const IvfShares *shares, const IvfProbe *probe)
{
	return ivf_share_weight(probe) * density(shares, probe);
}

/*
 * Of lists beyond the limit, those in every so many slots of the root.  Unseen
 * ones have a rough distance and are taken to have the mean weight of others.
 */
static double
densities_beyond(const IvfShares *shares, uint32 step)
{
	const IvfProbes *probes = shares->probes;
	uint32 slots = probes->groups * VDB_GROUP;
	double weights = ivf_share_weight(&probes->nearest);
	uint32 seen = 1;
	double unseen = 0;
	double sum = 0;

	for (uint32 slot = 0; slot < slots; slot += step)
		if (ivf_probe_beyond(probes, slot))
		{
			IvfProbe probe = ivf_probe_of(probes, slot);

			sum += weighted_density(shares, &probe);
			weights += ivf_share_weight(&probe);
			seen++;
		}
		else if (ivf_probe_unseen(probes, slot))
			unseen += density(
				shares, &(IvfProbe){.near.distance = probes->distance[slot]});
	return sum + unseen * weights / seen;
}

/*
 * Of the lists from one place in the order on, which may be one of the sorted;
 * of the others, every so many, be they within the limit or not.
 */
static double
densities_from(const IvfShares *shares, uint32 begin)
{
	const IvfProbes *probes = shares->probes;
	uint32 sorted = probes->sorted;
	uint32 sample = probes->rate > 0 ? FILTER_SAMPLE : SAMPLE;
	uint32 step = Max((probes->count - sorted) / sample, 1);
	double near = 0;
	double far = 0;

	for (uint32 rank = begin; rank < sorted; rank++)
		near += weighted_density(shares, ivf_nth_probe(probes, rank));
	for (uint32 place = sorted; place < probes->within; place += step)
	{
		IvfProbe probe = ivf_probe_at(probes, place);

		far += weighted_density(shares, &probe);
	}
	if (probes->within < probes->count)
		far += densities_beyond(shares, step);
	return near + far * step;
}

/*
 * Count the lists that were read since the last time: what they have does not
 * change.
 */
static void
add_read(IvfShares *shares)
{
	const IvfProbes *probes = shares->probes;
	IvfShareSums *sums = shares->sums;

	for (; sums->read < probes->sorted; sums->read++)
	{
		const IvfProbe *probe = ivf_nth_probe(probes, sums->read);
		double share;

		if (probe->passed < 0)
			return;
		share = weighted_density(shares, probe);
		sums->all += share;
		sums->passed += share * probe->passed;
	}
}

/* Of the lists that were not read, as far as they are not left out. */
static double
other_densities(const IvfShares *shares)
{
	IvfShareSums *sums = shares->sums;

	if (sums->others < 0 || sums->begin != sums->read ||
		sums->sorted != shares->probes->sorted)
	{
		sums->begin = sums->read;
		sums->sorted = shares->probes->sorted;
		sums->others = densities_from(shares, sums->begin);
	}
	return sums->others;
}

/*
 * Of a query, the density is a parabola over the root of the gap.  Where that
 * turns up again, which it can beyond what the rule was learnt from, it stays
 * at its least.
 */
static void
set_coefficients(IvfShares *shares, const float *coefficient)
{
	double log_near = shares->place.log_near;

	shares->linear = coefficient[0] + log_near * coefficient[2];
	shares->square = coefficient[1] + log_near * coefficient[3];
	shares->most = INFINITY;
	if (shares->linear < 0 && shares->square > 0)
		shares->most = -shares->linear / (2 * shares->square);
}

static void
set_query(IvfShares *shares, const IvfSharing *sharing, int depth,
		  IvfProbes *probes)
{
	shares->probes = probes;
	shares->sums = &probes->sums[depth];
	shares->place = ivf_query_place(&sharing->measure, &probes->nearest);
	set_coefficients(shares, sharing->rule->coefficient[depth]);
}

/*
 * Where lists are left out, each of the others has a greater share of what is
 * looked for, of which there is less: by how much, chance tells only where the
 * condition has nothing to do with the place.
 */
static double
left_bonus(const IvfProbes *probes)
{
	return LEFT_PART * probes->even * log((double) probes->count / probes->all);
}

/* Lists that were read count by how much more of them passed than of others. */
uint32
ivf_shares_begin(IvfShares *shares, const IvfSharing *sharing, int depth,
				 IvfProbes *probes)
{
	double passed = 0;

	set_query(shares, sharing, depth, probes);
	shares->bonus = ivf_place_bonus(&shares->place) + left_bonus(probes);
	if (probes->rate > 0)
	{
		add_read(shares);
		passed = shares->sums->passed / probes->rate;
	}
	shares->sum = passed + other_densities(shares);
	shares->log_sum = log(shares->sum);
	shares->before = passed / shares->sum;
	return shares->sums->read;
}

double
ivf_shares_next(IvfShares *shares, const IvfProbe *probe)
{
	double logarithm = log_density(shares, probe);
	double score =
		vdb_choice_score(logarithm - shares->log_sum, shares->before);

	shares->before +=
		ivf_share_weight(probe) * vdb_exp(logarithm) / shares->sum;
	return score + shares->bonus;
}

/*
 * Of the lists that are left out, the weighted densities, which do not change
 * while others are read.  The nearest list may have as much as all others: it
 * stands for none but itself.
 */
static double
left_out_densities(const IvfShares *shares)
{
	const IvfProbes *probes = shares->probes;
	const IvfProbe *nearest = &probes->nearest;
	double sum = 0;

	if (probes->count == probes->all)
		return 0;
	if (shares->sums->left_out >= 0)
		return shares->sums->left_out;
	for (uint32 i = 0; i < probes->left_count; i++)
	{
		const IvfProbe *probe = &probes->left[i];

		if (probe->slot != nearest->slot)
			sum += weighted_density(shares, probe);
	}
	sum *= probes->left_step;
	if (nearest->passed == IVF_PASSED_NONE)
		sum += weighted_density(shares, nearest);
	shares->sums->left_out = sum;
	return sum;
}

double
ivf_shares_rate(const IvfSharing *sharing, int depth, IvfProbes *probes)
{
	const IvfShareSums *sums = &probes->sums[depth];
	double others;
	IvfShares shares;

	set_query(&shares, sharing, depth, probes);
	add_read(&shares);
	others = other_densities(&shares);
	return (sums->passed + others * probes->rate) /
		   (sums->all + others + left_out_densities(&shares));
}
