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

/* Lists of a query that the regression looks at, in order of distance. */
#define MOST_RANKS 512

/* Queries and neighbours ------------------------------------------------- */

uint32
ivf_calibration_queries(const IvfBuild *build, Size sample_rows)
{
	Size row = build->ivf->meta.padded * sizeof(float);
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

/* What the scan sees of one query: a group of observations, a list each. */
static void
observe_query(const IvfBuild *build, const IvfQuery *query, uint32 number,
			  const IvfNeighbours *neighbours, const IvfWritten *lists,
			  VdbPoisson *poisson)
{
	float residual2 = build->ivf->meta.calibration.residual2;
	uint32 *hits = palloc0(build->lists * sizeof(uint32));
	uint32 unseen = 0;
	IvfProbes probes = {0};

	/* The nearest neighbour is the query itself. */
	for (int i = 1; i < IVF_NEIGHBOURS; i++)
		if (isfinite(neighbours->key[i]))
		{
			hits[neighbours->list[i]]++;
			unseen++;
		}

	ivf_tree_probes(build->index, query, &probes);
	ivf_probes_sort(&probes, poisson->members);
	for (uint32 rank = 0; rank < poisson->members; rank++)
	{
		const IvfProbe *probe = ivf_nth_probe(&probes, rank);
		double features[IVF_FEATURES];

		ivf_density_features(residual2, ivf_nth_probe(&probes, 0), probe, rank,
							 features);
		vdb_poisson_observe(poisson, number, rank, features,
							Max(lists[probe->slot].rows, 0.5),
							hits[probe->slot]);
		unseen -= hits[probe->slot];
	}
	/* What lies in lists that are farther away is to be found as well. */
	poisson->counts += unseen;
	pfree(probes.lists);
	pfree(probes.order);
	pfree(hits);
}

static void
observe(const IvfBuild *build, const IvfNeighbours *neighbours,
		const IvfWritten *lists, VdbPoisson *poisson)
{
	uint32 padded = build->ivf->meta.padded;
	Size size = vdb_poisson_size(IVF_FEATURES);
	IvfQuery query;

	memset(poisson, 0, sizeof(*poisson));
	poisson->features = IVF_FEATURES;
	poisson->groups = build->queries;
	poisson->members =
		Min(Min(build->lists, MOST_RANKS),
			Max(ivf_build_memory() / 4 / size / build->queries, 16));
	poisson->observations = palloc_extended(
		poisson->groups * poisson->members * size, MCXT_ALLOC_HUGE);
	poisson->interrupt = check_interrupts;
	ivf_query_init(&query, build->ivf);
	for (uint32 i = 0; i < build->queries; i++)
	{
		CHECK_FOR_INTERRUPTS();
		ivf_query_set(&query, build->query_rows + (Size) i * padded);
		observe_query(build, &query, i, &neighbours[i], lists, poisson);
	}
}

/* The curve -------------------------------------------------------------- */

static const float curve_recalls[] = {
	0.5,  0.6,	0.7,  0.75, 0.8,  0.85, 0.88,  0.9,	  0.92,	 0.93,
	0.94, 0.95, 0.96, 0.97, 0.98, 0.99, 0.995, 0.998, 0.999, 1.0,
};

StaticAssertDecl(lengthof(curve_recalls) == IVF_CURVE_POINTS,
				 "curve has its points");

static void
store_curve(const VdbPoisson *poisson, const double *coefficient,
			double table_rows, IvfCalibration *calibration)
{
	double *memory = palloc(Max(poisson->counts, 1) * sizeof(double));
	VdbPoissonPoint points[IVF_CURVE_POINTS];

	for (int i = 0; i < IVF_CURVE_POINTS; i++)
		points[i].share = curve_recalls[i];
	vdb_poisson_curve(poisson, coefficient, table_rows, memory, points,
					  IVF_CURVE_POINTS);
	for (int i = 0; i < IVF_CURVE_POINTS; i++)
	{
		calibration->recall[i] = points[i].share;
		calibration->density[i] =
			Max(Min(points[i].threshold, FLT_MAX), -FLT_MAX);
		calibration->share[i] = points[i].cost;
	}
	calibration->points = IVF_CURVE_POINTS;
	pfree(memory);
}

void
ivf_calibrate(IvfBuild *build, const IvfNeighbours *neighbours,
			  const IvfWritten *lists)
{
	IvfCalibration *calibration = &build->ivf->meta.calibration;
	MemoryContext context = AllocSetContextCreate(
		CurrentMemoryContext, "ivfflat calibration", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	double coefficient[IVF_FEATURES];
	VdbPoisson poisson;

	observe(build, neighbours, lists, &poisson);
	/* Without residuals there is no unit to measure distances in. */
	if (poisson.counts > 0 && calibration->residual2 > 0)
	{
		/* Where no density can be found, the rank alone decides. */
		if (!vdb_poisson_fit(&poisson, coefficient))
			coefficient[3] = -1;
		/* The curve is made for the coefficients as they are stored. */
		for (int i = 0; i < IVF_FEATURES; i++)
			coefficient[i] = calibration->coefficient[i] = coefficient[i];
		store_curve(&poisson, coefficient, build->index_rows, calibration);
	}
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
}
