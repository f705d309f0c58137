/*
 * calibrate.c: how densely lists hold true neighbours, and what recall needs.
 *
 * Some hundred rows of the sample serve as queries.  While the build assigns
 * all rows, each row is compared with all of these queries too, as further
 * columns of the same kind of matrix product of bytes; where the product says
 * that a row may be among a query's nearest, the exact one decides.  Each query
 * keeps its nearest rows' lists.  When all lists are written, a regression
 * (math/poisson.h) gives the density of hits (probes.c), and the densities at
 * which the hits lie give the curve from recall to the density down to which
 * lists must be probed.
 */
#include "compat.h"

#include <float.h>
#include <math.h>

#include "ivf/build/calibrate.h"
#include "ivf/build/memory.h"
#include "ivf/space/density.h"
#include "ivf/space/tree.h"
#include "math/poisson.h"
#include "miscadmin.h"
#include "utils/memutils.h"

/*
 * Queries at most, and the bytes of shared memory that they may take; but at
 * least as many as say anything.
 */
#define MOST_QUERIES 384
#define LEAST_QUERIES 32
#define MOST_BYTES (2 * 1024 * 1024)

/*
 * Lists that the regression looks at one by one; farther ones in bins, each by
 * an eighth larger than all before, of which it sees the mean.
 */
#define SINGLE_RANKS 16
#define BIN_SHARE 8

/* What is fitted: the features, and each times the logarithm of the depth. */
#define FIT_FEATURES (2 * IVF_FEATURES)

StaticAssertDecl(FIT_FEATURES <= VDB_POISSON_FEATURES, "features fit");

/* Numbers of neighbours, and the rows among which they are counted. */
typedef struct Depth
{
	uint32 neighbours;
	uint32 step; /* one row of so many */
} Depth;

static const Depth depths[] = {
	{1, 1}, {10, 1}, {6, IVF_FAR_STEP}, {62, IVF_FAR_STEP}};

StaticAssertDecl(lengthof(depths) == IVF_DEPTHS + 1,
				 "the usual depth and the others");

/* Queries and neighbours ------------------------------------------------- */

uint32
ivf_calibration_queries(const IvfBuild *build, Size sample_rows)
{
	Size row = build->state->meta.padded * sizeof(float);
	Size bytes = Min(MOST_BYTES, ivf_build_memory() / 8);
	Size most = Max(Min(MOST_QUERIES, bytes / row), LEAST_QUERIES);

	if (build->lists < 2)
		return 0;
	return Min(most, sample_rows) / LEAST_QUERIES * LEAST_QUERIES;
}

/* Regression ------------------------------------------------------------- */

static void
check_interrupts(void *arg)
{
	CHECK_FOR_INTERRUPTS();
}

static double
log_depth(const Depth *depth)
{
	return log((double) depth->neighbours * depth->step / IVF_USUAL_DEPTH);
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

/*
 * Neighbours of one depth in each list; returns how many there are.  The
 * nearest row is the query itself, also where it comes first of every so many.
 */
static uint32
count_hits(const IvfNeighbours *neighbours, const Depth *depth, uint32 *hits)
{
	bool near = depth->step == 1;
	const IvfRanked *ranking = near ? neighbours->near : neighbours->far;
	int first = near || ranking[0].key == neighbours->near[0].key;
	uint32 count = 0;

	for (uint32 i = 0; i < depth->neighbours; i++)
		if (isfinite(ranking[first + i].key))
		{
			hits[ranking[first + i].list]++;
			count++;
		}
	return count;
}

/* One bin, as the mean of its lists. */
static void
observe_bin(const IvfBuild *build, const IvfProbes *probes, uint32 begin,
			uint32 end, double mean[IVF_FEATURES])
{
	float residual2 = build->state->meta.calibration.residual2;

	memset(mean, 0, IVF_FEATURES * sizeof(double));
	for (uint32 rank = begin; rank < end; rank++)
	{
		double features[IVF_FEATURES];

		ivf_density_features(residual2, ivf_nth_probe(probes, 0),
							 ivf_nth_probe(probes, rank), rank, features);
		for (int i = 0; i < IVF_FEATURES; i++)
			mean[i] += features[i] / (end - begin);
	}
}

/* What the scan sees of one query: a group of observations, a bin each. */
static void
observe_query(const IvfBuild *build, const IvfProbes *probes, uint32 number,
			  const IvfNeighbours *neighbours, const IvfWritten *lists,
			  VdbPoisson *poisson)
{
	uint32 *hits[lengthof(depths)];
	uint32 unseen[lengthof(depths)];
	uint32 member = 0;

	for (int d = 0; d < (int) lengthof(depths); d++)
	{
		hits[d] = palloc0(build->lists * sizeof(uint32));
		unseen[d] = count_hits(neighbours, &depths[d], hits[d]);
	}
	for (uint32 begin = 0, end; member < poisson->members;
		 begin = end, member++)
	{
		double features[FIT_FEATURES];

		end = bin_end(begin, build->lists);
		observe_bin(build, probes, begin, end, features);
		for (int d = 0; d < (int) lengthof(depths); d++)
		{
			uint32 count = 0;
			double rows = 0;

			for (uint32 rank = begin; rank < end; rank++)
			{
				uint32 slot = ivf_nth_probe(probes, rank)->slot;

				rows += Max(lists[slot].rows, 0.5);
				count += hits[d][slot];
			}
			for (int i = 0; i < IVF_FEATURES; i++)
				features[IVF_FEATURES + i] =
					features[i] * log_depth(&depths[d]);
			vdb_poisson_observe(&poisson[d], number, member, features,
								rows / depths[d].step, count);
			unseen[d] -= count;
		}
	}
	/* What lies in lists that are farther away is to be found as well. */
	for (int d = 0; d < (int) lengthof(depths); d++)
	{
		poisson[d].counts += unseen[d];
		pfree(hits[d]);
	}
}

/* Memory for one regression a depth, one behind the other. */
static void
prepare(const IvfBuild *build, VdbPoisson *poisson)
{
	Size size = vdb_poisson_size(FIT_FEATURES);
	Size all = (Size) build->queries * lengthof(depths);
	Size members = Min(count_bins(build->lists),
					   Max(ivf_build_memory() / 4 / size / all, SINGLE_RANKS));
	char *observations = palloc_extended(all * members * size, MCXT_ALLOC_HUGE);

	for (int d = 0; d < (int) lengthof(depths); d++)
		poisson[d] = (VdbPoisson){
			.features = FIT_FEATURES,
			.groups = build->queries,
			.members = members,
			.observations =
				(double *) (observations + d * build->queries * members * size),
			.interrupt = check_interrupts};
}

static void
observe(const IvfBuild *build, const IvfNeighbours *neighbours,
		const IvfWritten *lists, VdbPoisson *poisson)
{
	uint32 padded = build->state->meta.padded;
	IvfProbes probes = {0};
	IvfQuery query;

	prepare(build, poisson);
	ivf_query_init(&query, build->state);
	for (uint32 i = 0; i < build->queries; i++)
	{
		CHECK_FOR_INTERRUPTS();
		ivf_query_set(&query, build->query_rows + (Size) i * padded);
		ivf_tree_probes(build->index, &query, NULL, &probes);
		ivf_probes_sort(&probes, probes.count);
		observe_query(build, &probes, i, &neighbours[i], lists, poisson);
	}
}

/* All depths as one regression, whose observations lie one behind the other. */
static VdbPoisson
join(const VdbPoisson *poisson)
{
	VdbPoisson all = poisson[0];

	for (int d = 1; d < (int) lengthof(depths); d++)
	{
		all.groups += poisson[d].groups;
		all.exposure += poisson[d].exposure;
		all.counts += poisson[d].counts;
	}
	return all;
}

/* The curve -------------------------------------------------------------- */

static const float curve_recalls[] = {
	0.5,  0.6,	0.7,  0.75, 0.8,  0.85, 0.88,  0.9,	  0.92,	 0.93,
	0.94, 0.95, 0.96, 0.97, 0.98, 0.99, 0.995, 0.998, 0.999, 1.0,
};

StaticAssertDecl(lengthof(curve_recalls) == IVF_CURVE_POINTS,
				 "curve has its points");

/* The curve of one depth, whose coefficients are those that are stored. */
static void
make_curve(const VdbPoisson *poisson, const double *coefficient,
		   double table_rows, float *density, float *share)
{
	double *memory = palloc(Max(poisson->counts, 1) * sizeof(double));
	VdbPoissonPoint points[IVF_CURVE_POINTS];

	for (int i = 0; i < IVF_CURVE_POINTS; i++)
		points[i].share = curve_recalls[i];
	vdb_poisson_curve(poisson, coefficient, table_rows, memory, points,
					  IVF_CURVE_POINTS);
	for (int i = 0; i < IVF_CURVE_POINTS; i++)
	{
		density[i] = Max(Min(points[i].threshold, FLT_MAX), -FLT_MAX);
		share[i] = points[i].cost;
	}
	pfree(memory);
}

static void
store_curves(const VdbPoisson *poisson, const double *coefficient, double rows,
			 IvfCalibration *calibration, IvfDepths *others)
{
	for (int i = 0; i < IVF_CURVE_POINTS; i++)
		calibration->recall[i] = curve_recalls[i];
	calibration->points = IVF_CURVE_POINTS;
	others->count = 0;
	for (int d = 0; d < (int) lengthof(depths); d++)
	{
		double k = depths[d].neighbours * depths[d].step;
		bool usual = k == IVF_USUAL_DEPTH;
		uint32 other = others->count;

		make_curve(&poisson[d], coefficient, rows / depths[d].step,
				   usual ? calibration->density : others->density[other],
				   usual ? calibration->share : others->share[other]);
		if (!usual)
			others->depth[others->count++] = k;
	}
}

/*
 * For each ten neighbours: the density of k of them falls by log(k / 10).  The
 * curves are made for the coefficients as they are stored.
 */
static void
store_coefficients(double *coefficient, IvfCalibration *calibration,
				   IvfDepths *others)
{
	coefficient[IVF_FEATURES] -= 1;
	for (int i = 0; i < IVF_FEATURES; i++)
	{
		double *with_depth = &coefficient[IVF_FEATURES + i];

		coefficient[i] = calibration->coefficient[i] = coefficient[i];
		*with_depth = others->coefficient[i] = *with_depth;
	}
}

void
ivf_calibrate(IvfBuild *build, const IvfNeighbours *neighbours,
			  const IvfWritten *lists)
{
	IvfMetaPage *meta = &build->state->meta;
	MemoryContext context = AllocSetContextCreate(
		CurrentMemoryContext, "ivfflat calibration", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	double coefficient[FIT_FEATURES];
	VdbPoisson poisson[lengthof(depths)];
	VdbPoisson all;

	observe(build, neighbours, lists, poisson);
	all = join(poisson);
	/* Without residuals there is no unit to measure distances in. */
	if (all.counts > 0 && meta->calibration.residual2 > 0)
	{
		/* Where no density can be found, the rank alone decides. */
		if (!vdb_poisson_fit(&all, coefficient))
		{
			coefficient[3] = -1;
			coefficient[IVF_FEATURES] = 1;
		}
		store_coefficients(coefficient, &meta->calibration, &meta->depths);
		store_curves(poisson, coefficient, build->index_rows,
					 &meta->calibration, &meta->depths);
	}
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
}
