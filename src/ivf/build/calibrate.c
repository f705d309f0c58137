/*
 * calibrate.c: how lists share out true neighbours, and what recall needs.
 *
 * Some hundred rows of the sample serve as queries.  While the build assigns
 * all rows, each row is compared with all of these queries too, as further
 * columns of the same kind of matrix product of bytes; where the product says
 * that a row may be among a query's nearest, the exact one decides.  Each query
 * keeps its nearest rows' lists.  When all lists are written, a conditional
 * logit model (math/choice.h) gives their shares (space/shares.c), and the
 * scores at which the hits lie give the curve from recall to the score down to
 * which lists must be probed.
 */
#include "compat.h"

#include <float.h>
#include <math.h>

#include "ivf/build/calibrate.h"
#include "ivf/build/memory.h"
#include "ivf/space/shares.h"
#include "math/choice.h"
#include "miscadmin.h"
#include "utils/memutils.h"

/*
 * Queries of a rule at most, and the bytes of shared memory that they may take;
 * but at least as many as say anything.
 */
#define MOST_QUERIES 384
#define LEAST_QUERIES 32
#define MOST_BYTES (2 * 1024 * 1024)

/*
 * Lists that the model looks at one by one; farther ones in bins, each by an
 * eighth larger than all before, of which it sees the mean.
 */
#define SINGLE_RANKS 16
#define BIN_SHARE 8

/* A query that is farther than this share of them is far. */
#define FAR_SHARE 0.9

/*
 * Where rows are close together, one that is nearer to a list than this share
 * of the queries is taken for one that is not.  Rows that k-means has seen are
 * nearer than others to their own list, and to no other; the less tells rows
 * apart, the more.
 */
#define NEAR_SHARE 0.5

/*
 * And of the neighbours that a search may miss, it is to miss this share there:
 * what a rule from few queries errs by, and rows that k-means has seen.
 */
#define CLOSE_MISSES 0.6

/* Queries from which a rule of their own can be learnt. */
#define LEAST_OF_A_RULE 24

/* Numbers of neighbours, and the ranking in which they are counted. */
typedef struct Depth
{
	uint32 neighbours;
	int ranking;
} Depth;

static const Depth depths[] = {{10, 0}, {6, 1},	 {31, 1},
							   {62, 1}, {16, 2}, {62, 2}};

StaticAssertDecl(lengthof(depths) == IVF_DEPTHS, "all depths are there");
StaticAssertDecl(lengthof(depths) <= VDB_CHOICE_OUTCOMES &&
					 IVF_SHARES_FEATURES <= VDB_CHOICE_FEATURES,
				 "depths and features fit");

/* Queries and neighbours ------------------------------------------------- */

uint32
ivf_calibration_queries(const IvfBuild *build, Size sample_rows, int rules)
{
	Size row = build->state->meta.padded * sizeof(float);
	Size bytes = Min(MOST_BYTES, ivf_build_memory() / 8);
	Size most = Max(Min(rules * MOST_QUERIES, bytes / row), LEAST_QUERIES);

	if (build->lists < 2)
		return 0;
	return Min(most, sample_rows) / LEAST_QUERIES * LEAST_QUERIES;
}

/* Observations ----------------------------------------------------------- */

static void
check_interrupts(void *arg)
{
	CHECK_FOR_INTERRUPTS();
}

/* The end of the bin of ranks that begins there. */
static uint32
bin_end(uint32 begin, uint32 lists)
{
	uint32 size = begin < SINGLE_RANKS ? 1 : Max(begin / BIN_SHARE, 1);

	return Min(begin + size, lists);
}

static uint32
count_bins(uint32 lists)
{
	uint32 bins = 0;

	for (uint32 rank = 0; rank < lists; rank = bin_end(rank, lists))
		bins++;
	return bins;
}

static uint32
step_of(const Depth *depth)
{
	return ivf_rankings[depth->ranking].step;
}

/*
 * A row that is in two lists is found in the one that the query comes to first:
 * "rank" has their places in its order.
 */
static uint32
list_of(const IvfRanked *row, const uint32 *rank)
{
	if (row->second != VDB_NO_SECOND && rank[row->second] < rank[row->list])
		return row->second;
	return row->list;
}

/*
 * Neighbours of one depth in each list; returns how many there are.  The
 * nearest row is the query itself, also where it comes first of every so many.
 */
static uint32
count_hits(const IvfNeighbours *neighbours, const Depth *depth,
		   const uint32 *rank, uint32 *hits)
{
	const IvfRanked *ranking =
		neighbours->rows + ivf_rankings[depth->ranking].begin;
	int first = ranking[0].key == neighbours->rows[0].key;
	uint32 count = 0;

	for (uint32 i = 0; i < depth->neighbours; i++)
		if (isfinite(ranking[first + i].key))
		{
			hits[list_of(&ranking[first + i], rank)]++;
			count++;
		}
	return count;
}

/* Queries that a rule is learnt from. */
typedef struct Queries
{
	const uint32 *numbers; /* among all of the build's */
	uint32 count;
	IvfMeasure measure;
	double misses; /* for each neighbour that may be missed */
} Queries;

/* The model's observations; what is common to all of them. */
typedef struct Observer
{
	const IvfBuild *build;
	const IvfWritten *lists;
	Queries queries;
	double entries; /* of all lists */
	VdbChoice choice;
} Observer;

/* Bin "member" of a query at "place": the mean of its lists, and all hits. */
static void
observe_bin(Observer *observer, const IvfProbes *probes, const IvfPlace *place,
			uint32 *const *hits, uint32 group, uint32 member, uint32 begin,
			uint32 end)
{
	double mean[IVF_SHARES_FEATURES] = {0};
	double counts[lengthof(depths)] = {0};
	double weight = 0;
	double rows = 0;

	for (uint32 rank = begin; rank < end; rank++)
	{
		const IvfProbe *probe = ivf_nth_probe(probes, rank);
		double features[IVF_SHARES_FEATURES];

		ivf_share_features(place, ivf_nth_probe(probes, 0), probe, features);
		for (int i = 0; i < IVF_SHARES_FEATURES; i++)
			mean[i] += features[i] / (end - begin);
		weight += ivf_share_weight(probe);
		rows += observer->lists[probe->slot].rows;
		for (int d = 0; d < (int) lengthof(depths); d++)
			counts[d] += hits[d][probe->slot];
	}
	vdb_choice_observe(&observer->choice, group, member, mean, weight, rows,
					   counts);
}

/* What the scan sees of one query: a group of observations, a bin each. */
static void
observe_query(Observer *observer, const IvfProbes *probes, uint32 group,
			  const IvfNeighbours *neighbours)
{
	const IvfBuild *build = observer->build;
	VdbChoice *choice = &observer->choice;
	IvfPlace place =
		ivf_query_place(&observer->queries.measure, ivf_nth_probe(probes, 0));
	uint32 *hits[lengthof(depths)];
	double found[lengthof(depths)];
	uint32 *rank = palloc(build->lists * sizeof(uint32));
	uint32 member = 0;

	for (uint32 i = 0; i < build->lists; i++)
		rank[ivf_nth_probe(probes, i)->slot] = i;
	for (int d = 0; d < (int) lengthof(depths); d++)
	{
		hits[d] = palloc0(build->lists * sizeof(uint32));
		found[d] = choice->counts[d] +
				   count_hits(neighbours, &depths[d], rank, hits[d]);
	}
	for (uint32 begin = 0, end; member < choice->members; begin = end, member++)
	{
		end = bin_end(begin, build->lists);
		observe_bin(observer, probes, &place, hits, group, member, begin, end);
	}
	choice->bonus[group] = ivf_place_bonus(&place);
	for (int d = 0; d < (int) lengthof(depths); d++)
	{
		/* What lies in lists that are farther away is to be found as well. */
		choice->counts[d] = found[d];
		pfree(hits[d]);
	}
	pfree(rank);
}

static void
prepare(Observer *observer)
{
	const IvfBuild *build = observer->build;
	Size size = vdb_choice_size(IVF_SHARES_FEATURES, lengthof(depths));
	Size all = observer->queries.count;
	Size members = Min(count_bins(build->lists),
					   Max(ivf_build_memory() / 4 / size / all, SINGLE_RANKS));

	members = Min(members, build->lists);
	observer->choice = (VdbChoice){
		.features = IVF_SHARES_FEATURES,
		.outcomes = lengthof(depths),
		.groups = all,
		.members = members,
		.observations = palloc_extended(all * members * size, MCXT_ALLOC_HUGE),
		.bonus = palloc(all * sizeof(double)),
		.interrupt = check_interrupts};
}

/* The lists as query number i sees them, in order. */
static void
see_lists(const IvfBuild *build, IvfQuery *query, uint32 i, IvfProbes *probes)
{
	Size padded = build->state->meta.padded;

	CHECK_FOR_INTERRUPTS();
	ivf_query_set(query, build->query_rows + i * padded);
	ivf_tree_probes(build->index, query, NULL, probes);
	ivf_probes_sort(probes, probes->count);
}

static int
compare_doubles(const void *a, const void *b)
{
	double x = *(const double *) a;
	double y = *(const double *) b;

	return (x > y) - (x < y);
}

/* The nearest list is farther than that for a share of the queries. */
static float
place_at(const Queries *queries, const VdbNear *nearest, double share)
{
	double *places = palloc(queries->count * sizeof(double));
	double place;

	for (uint32 i = 0; i < queries->count; i++)
		places[i] = ivf_log_near(queries->measure.residual2,
								 nearest[queries->numbers[i]].gap2);
	qsort(places, queries->count, sizeof(double), compare_doubles);
	place = places[(uint32) (share * (queries->count - 1))];
	pfree(places);
	return place;
}

static void
observe(Observer *observer, const IvfNeighbours *neighbours)
{
	const IvfBuild *build = observer->build;
	IvfProbes probes = {0};
	IvfQuery query;

	prepare(observer);
	ivf_query_init(&query, build->state);
	for (uint32 i = 0; i < observer->queries.count; i++)
	{
		uint32 number = observer->queries.numbers[i];

		see_lists(build, &query, number, &probes);
		observe_query(observer, &probes, i, &neighbours[number]);
	}
}

/* The list that is nearest to each query. */
static VdbNear *
see_nearest(const IvfBuild *build)
{
	VdbNear *nearest = palloc(build->queries * sizeof(VdbNear));
	IvfProbes probes = {0};
	IvfQuery query;

	ivf_query_init(&query, build->state);
	for (uint32 i = 0; i < build->queries; i++)
	{
		see_lists(build, &query, i, &probes);
		nearest[i] = ivf_nth_probe(&probes, 0)->near;
	}
	return nearest;
}

/* The rule --------------------------------------------------------------- */

static const float curve_recalls[] = {
	0.5,  0.6,	0.7,  0.75, 0.8,  0.85, 0.88,  0.9,	  0.92,	 0.93,
	0.94, 0.95, 0.96, 0.97, 0.98, 0.99, 0.995, 0.998, 0.999, 1.0,
};

StaticAssertDecl(lengthof(curve_recalls) == IVF_CURVE_POINTS,
				 "curve has its points");

/*
 * Where the first list is enough: any score that none exceeds would do, but one
 * near to those that others of the curve have is better to be interpolated.
 */
#define HIGHEST_SCORE 10.0

/* The curve of one depth, whose coefficients are those that are stored. */
static void
make_curve(VdbChoice *choice, uint32 outcome, const double *coefficient,
		   double misses, double rows, float *score, float *share)
{
	double *memory = palloc_extended(
		Max(choice->counts[outcome], 1) * sizeof(double), MCXT_ALLOC_HUGE);
	VdbChoicePoint points[IVF_CURVE_POINTS];
	double first_only = HIGHEST_SCORE;

	for (int i = 0; i < IVF_CURVE_POINTS; i++)
		points[i].share = 1 - misses * (1 - curve_recalls[i]);
	vdb_choice_curve(choice, outcome, coefficient, rows, memory, points,
					 IVF_CURVE_POINTS);
	for (int i = IVF_CURVE_POINTS - 1; i >= 0; i--)
	{
		if (isfinite(points[i].threshold))
			first_only = points[i].threshold + 1;
		score[i] = Max(Min(points[i].threshold, first_only), -FLT_MAX);
		share[i] = points[i].cost;
	}
	pfree(memory);
}

/* What is learnt of depth d, as the rule's next. */
static void
learn_depth(Observer *observer, int d, IvfSharesRule *rule)
{
	double coefficient[IVF_SHARES_FEATURES];
	uint32 n = rule->count++;

	/* Where no shares can be found, the nearest lists come first. */
	if (!vdb_choice_fit(&observer->choice, d, coefficient))
		coefficient[1] = -1;
	for (int i = 0; i < IVF_SHARES_FEATURES; i++)
		coefficient[i] = rule->coefficient[n][i] = coefficient[i];
	rule->depth[n] = depths[d].neighbours * step_of(&depths[d]);
	make_curve(&observer->choice, d, coefficient, observer->queries.misses,
			   observer->entries, rule->score[n], rule->share[n]);
}

/*
 * Numbers of neighbours beyond half of the rows are no depths: what is near is
 * not told from what is far by them.
 */
static void
learn_depths(Observer *observer, IvfSharesRule *rule)
{
	rule->count = 0;
	rule->far = observer->queries.measure.far;
	for (int d = 0; d < (int) lengthof(depths); d++)
		if (rule->count == 0 ||
			2.0 * depths[d].neighbours * step_of(&depths[d]) <=
				observer->build->index_rows)
			learn_depth(observer, d, rule);
}

/* A rule from some queries; none where they have no neighbours. */
static void
learn_rule(const IvfBuild *build, const Queries *queries,
		   const IvfNeighbours *neighbours, const IvfWritten *lists,
		   IvfSharesRule *rule)
{
	Observer observer = {.build = build,
						 .lists = lists,
						 .queries = *queries,
						 .entries = build->index_rows +
									build->state->meta.spill.entries};

	observe(&observer, neighbours);
	if (observer.choice.counts[0] > 0)
		learn_depths(&observer, rule);
}

/* What there is of the rule where no conditions are looked at. */
static void
fill_calibration(IvfMetaPage *meta)
{
	IvfCalibration *calibration = &meta->calibration;

	for (int i = 0; i < IVF_CURVE_POINTS; i++)
	{
		calibration->recall[i] = curve_recalls[i];
		calibration->share[i] = meta->shares.share[0][i];
	}
	calibration->points = IVF_CURVE_POINTS;
}

/*
 * Queries among rows that are close together, or the others; returns the mean
 * of the squared distances of their nearest lists.
 */
static double
choose_queries(const IvfBuild *build, const VdbNear *nearest, bool close,
			   Queries *queries)
{
	float reach = build->close_reach;
	uint32 *numbers = palloc(build->queries * sizeof(uint32));
	double sum = 0;

	queries->count = 0;
	for (uint32 i = 0; i < build->queries; i++)
		if ((reach > 0 && nearest[i].norm2 <= reach * reach) == close)
		{
			numbers[queries->count++] = i;
			sum += nearest[i].gap2;
		}
	queries->numbers = numbers;
	return sum / Max(queries->count, 1);
}

/* The rule for rows that are close together; false where there is none. */
static bool
learn_close(IvfBuild *build, const VdbNear *nearest,
			const IvfNeighbours *neighbours, const IvfWritten *lists)
{
	IvfClose *rule = &build->state->meta.close;
	Queries queries;
	float unit = choose_queries(build, nearest, true, &queries);

	if (queries.count < LEAST_OF_A_RULE ||
		build->queries - queries.count < LEAST_OF_A_RULE || unit == 0)
		return false;
	rule->shares.count = 0;
	queries.misses = CLOSE_MISSES;
	queries.measure = (IvfMeasure){.residual2 = unit};
	queries.measure.far = place_at(&queries, nearest, FAR_SHARE);
	queries.measure.near = place_at(&queries, nearest, NEAR_SHARE);
	learn_rule(build, &queries, neighbours, lists, &rule->shares);
	rule->reach = build->close_reach;
	rule->residual2 = unit;
	rule->near = queries.measure.near;
	return rule->shares.count > 0;
}

/* The rule for the others, or for all. */
static void
learn_usual(IvfBuild *build, bool all, VdbNear *nearest,
			const IvfNeighbours *neighbours, const IvfWritten *lists)
{
	IvfMetaPage *meta = &build->state->meta;
	Queries queries;

	if (all)
	{
		build->close_reach = 0;
		meta->close = (IvfClose){0};
	}
	choose_queries(build, nearest, false, &queries);
	queries.misses = 1;
	queries.measure = (IvfMeasure){.residual2 = meta->calibration.residual2,
								   .near = -INFINITY};
	queries.measure.far = place_at(&queries, nearest, FAR_SHARE);
	learn_rule(build, &queries, neighbours, lists, &meta->shares);
	if (meta->shares.count == 0)
		meta->close = (IvfClose){0};
	else
		fill_calibration(meta);
}

void
ivf_calibrate(IvfBuild *build, const IvfNeighbours *neighbours,
			  const IvfWritten *lists)
{
	IvfMetaPage *meta = &build->state->meta;
	MemoryContext context = AllocSetContextCreate(
		CurrentMemoryContext, "ivfflat calibration", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);

	/* Without residuals there is no unit to measure distances in. */
	if (meta->calibration.residual2 > 0)
	{
		VdbNear *nearest = see_nearest(build);
		bool close = learn_close(build, nearest, neighbours, lists);

		learn_usual(build, !close, nearest, neighbours, lists);
	}
	else
		meta->close = (IvfClose){0};
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
}
