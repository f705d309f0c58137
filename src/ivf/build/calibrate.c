/*
 * calibrate.c: how lists share out true neighbours, and what recall needs.
 *
 * Some hundred rows of the sample, in random order, serve as queries.  While
 * the build assigns all rows, each row is compared with all of these queries
 * too, as further columns of the same kind of matrix product of bytes; where
 * the product says that a row may be among a query's nearest, the exact one
 * decides.  Each query keeps its nearest rows' lists.  When all lists are
 * written, a conditional logit model of what the queries see (observe.c) gives
 * their shares (space/shares.c), and the scores at which the hits lie give the
 * curve from recall to the score down to which lists must be probed.
 */
#include "compat.h"

#include <float.h>
#include <math.h>

#include "ivf/build/calibrate.h"
#include "ivf/build/memory.h"
#include "ivf/build/observe.h"
#include "math/least.h"
#include "utils/memutils.h"

/*
 * Queries of a rule.  What a limit errs by is the spread of their recall, by
 * query 0.08 to 0.10 at 0.95 of ten neighbours, over the root of their number
 * (docs/internals.md, "How many lists a query probes"): 0.003 of 900.  Rows
 * meet them as they meet the lists, so that there are not many more of them
 * than of lists: at most so many for each, or as many as coefficients need.
 */
#define MOST_QUERIES 768
#define QUERIES_A_LIST 1.25

/* The bytes that they may take; but at least as many as say anything. */
#define MOST_BYTES (4 * 1024 * 1024)
#define LEAST_QUERIES 32

/* A query that is farther than this share of them is far. */
#define FAR_SHARE 0.97

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

/* Queries and neighbours ------------------------------------------------- */

uint32
ivf_calibration_queries(const IvfBuild *build, Size sample_rows, int rules)
{
	Size row = build->state->meta.padded * sizeof(float);
	Size bytes = Min(MOST_BYTES, ivf_build_memory() / 8);
	Size seen; /* to the last list, of a rule */
	Size wanted;
	Size most;

	if (build->lists < 2)
		return 0;
	seen =
		ivf_observation_memory() / ivf_observation_bytes(build->lists) / rules;
	wanted = Min(Min(build->lists * QUERIES_A_LIST, MOST_QUERIES), seen);
	wanted = rules * Max(wanted, IVF_LEARNING_QUERIES);
	most = Max(Min(wanted, bytes / row), LEAST_QUERIES);
	return Min(most, sample_rows) / LEAST_QUERIES * LEAST_QUERIES;
}

/* The nearest list is farther than that for a share of the queries. */
static float
place_at(const IvfQueries *queries, const VdbNear *nearest, double share)
{
	double *places = palloc(queries->count * sizeof(double));
	double place;

	for (uint32 i = 0; i < queries->count; i++)
		places[i] = ivf_log_near(queries->measure.residual2,
								 nearest[queries->numbers[i]].gap2);
	qsort(places, queries->count, sizeof(double), vdb_compare_doubles);
	place = places[(uint32) (share * (queries->count - 1))];
	pfree(places);
	return place;
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

/* What is learnt of outcome d, as the rule's next depth. */
static void
learn_depth(VdbChoice *choice, int d, double misses, double entries,
			IvfSharesRule *rule)
{
	double coefficient[IVF_SHARES_FEATURES];
	uint32 n = rule->count++;
	VdbChoice first = *choice;

	/* Where no shares can be found, the nearest lists come first. */
	first.groups = ivf_learning_queries(first.groups);
	if (!vdb_choice_fit(&first, d, coefficient))
		coefficient[1] = -1;
	for (int i = 0; i < IVF_SHARES_FEATURES; i++)
		coefficient[i] = rule->coefficient[n][i] = coefficient[i];
	rule->depth[n] = ivf_outcome_neighbours(d);
	make_curve(choice, d, coefficient, misses, entries, rule->score[n],
			   rule->share[n]);
}

/*
 * A rule from some queries; none where they have no neighbours.  Numbers of
 * neighbours beyond half of the rows are no depths: what is near is not told
 * from what is far by them.
 */
static void
learn_rule(const IvfBuild *build, const IvfQueries *queries,
		   const IvfNeighbours *neighbours, const IvfWritten *lists,
		   IvfSharesRule *rule)
{
	double entries = build->index_rows + build->state->meta.spill.entries;
	/* Observations take much: the next rule's come in their place. */
	MemoryContext context = AllocSetContextCreate(
		CurrentMemoryContext, "ivfflat rule", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	VdbChoice choice;

	ivf_observe(build, queries, neighbours, lists, &choice);
	rule->count = 0;
	rule->far = queries->measure.far;
	for (int d = 0; d < IVF_DEPTHS && choice.counts[0] > 0; d++)
		if (rule->count == 0 ||
			2 * ivf_outcome_neighbours(d) <= build->index_rows)
			learn_depth(&choice, d, queries->misses, entries, rule);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
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
 * Queries whose nearest list is within "reach" of the origin, or the others;
 * returns the mean of the squared distances of their nearest lists.
 */
static double
choose_queries(const IvfBuild *build, const VdbNear *nearest, float reach,
			   bool within, IvfQueries *queries)
{
	uint32 *numbers = palloc(build->queries * sizeof(uint32));
	double sum = 0;

	queries->count = 0;
	for (uint32 i = 0; i < build->queries; i++)
		if ((reach > 0 && nearest[i].norm2 <= reach * reach) == within)
		{
			numbers[queries->count++] = i;
			sum += nearest[i].gap2;
		}
	queries->numbers = numbers;
	return sum / Max(queries->count, 1);
}

/* The rule for rows that are close together, if there can be one. */
static void
learn_close(IvfBuild *build, const VdbNear *nearest,
			const IvfNeighbours *neighbours, const IvfWritten *lists)
{
	IvfClose rule = {.reach = build->close_reach};
	IvfQueries queries;

	rule.residual2 = choose_queries(build, nearest, rule.reach, true, &queries);
	if (queries.count < LEAST_OF_A_RULE ||
		build->queries - queries.count < LEAST_OF_A_RULE || rule.residual2 == 0)
		return;
	queries.misses = CLOSE_MISSES;
	queries.measure = (IvfMeasure){.residual2 = rule.residual2};
	queries.measure.far = place_at(&queries, nearest, FAR_SHARE);
	queries.measure.near = place_at(&queries, nearest, NEAR_SHARE);
	learn_rule(build, &queries, neighbours, lists, &rule.shares);
	rule.near = queries.measure.near;
	if (rule.shares.count > 0)
		build->state->meta.close = rule;
}

/* The rule for the others, or for all; false where there is none. */
static bool
learn_usual(IvfBuild *build, const VdbNear *nearest,
			const IvfNeighbours *neighbours, const IvfWritten *lists)
{
	IvfMetaPage *meta = &build->state->meta;
	IvfQueries queries;

	choose_queries(build, nearest, meta->close.reach, false, &queries);
	queries.misses = 1;
	queries.measure = (IvfMeasure){.residual2 = meta->calibration.residual2,
								   .near = -INFINITY};
	queries.measure.far = place_at(&queries, nearest, FAR_SHARE);
	learn_rule(build, &queries, neighbours, lists, &meta->shares);
	if (meta->shares.count == 0)
		return false;
	fill_calibration(meta);
	return true;
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
		VdbNear *nearest = ivf_see_nearest(build);

		learn_close(build, nearest, neighbours, lists);
		if (!learn_usual(build, nearest, neighbours, lists))
			meta->close = (IvfClose){0};
	}
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
}
