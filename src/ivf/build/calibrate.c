/*
 * calibrate.c: how densely lists hold true neighbours, and what recall needs.
 *
 * Some hundred rows of the sample serve as queries.  While the build assigns
 * all rows, each row is compared with all of these queries too, as further
 * columns of the same kind of matrix product of bytes; where the product says
 * that a row may be among a query's nearest, the exact one decides.  Each query
 * keeps its nearest rows' lists.  When all lists are written, a regression
 * gives the density of hits (probes.c), and the densities at which the hits lie
 * give the curve from recall to the density down to which lists must be probed.
 */
#include "compat.h"

#include <float.h>
#include <math.h>

#include "ivf/build/calibrate.h"
#include "ivf/build/memory.h"
#include "ivf/space/density.h"
#include "ivf/space/tree.h"
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

#define NEWTON_STEPS 30

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

/* One list as one query sees it. */
typedef struct Observation
{
	double features[IVF_FEATURES];
	double rows; /* of the list: the exposure */
	double hits;
} Observation;

typedef struct Regression
{
	Observation *observations; /* queries * ranks, by query, by rank */
	uint32 queries;
	uint32 ranks;
	double total_rows;
	double total_hits;
} Regression;

/* Solve the positive definite system a x = b by Cholesky's decomposition. */
static bool
solve(double a[IVF_FEATURES][IVF_FEATURES], double b[IVF_FEATURES])
{
	for (int i = 0; i < IVF_FEATURES; i++)
	{
		for (int j = 0; j <= i; j++)
		{
			double sum = a[i][j];

			for (int k = 0; k < j; k++)
				sum -= a[i][k] * a[j][k];
			if (i != j)
				a[i][j] = sum / a[j][j];
			else if (sum > 0)
				a[i][i] = sqrt(sum);
			else
				return false;
		}
	}
	for (int i = 0; i < IVF_FEATURES; i++)
	{
		for (int k = 0; k < i; k++)
			b[i] -= a[i][k] * b[k];
		b[i] /= a[i][i];
	}
	for (int i = IVF_FEATURES - 1; i >= 0; i--)
	{
		for (int k = i + 1; k < IVF_FEATURES; k++)
			b[i] -= a[k][i] * b[k];
		b[i] /= a[i][i];
	}
	return true;
}

static double
linear(const double *coefficient, const double *features)
{
	double sum = 0;

	for (int i = 0; i < IVF_FEATURES; i++)
		sum += coefficient[i] * features[i];
	return sum;
}

/* One of Newton's steps into "step": curvature^-1 * gradient. */
static bool
newton_step(const Regression *regression, const double *coefficient,
			double step[IVF_FEATURES])
{
	double curvature[IVF_FEATURES][IVF_FEATURES] = {{0}};
	uint32 n = regression->queries * regression->ranks;

	memset(step, 0, IVF_FEATURES * sizeof(double));
	for (uint32 i = 0; i < n; i++)
	{
		const Observation *o = &regression->observations[i];
		double expected =
			o->rows * exp(Max(Min(linear(coefficient, o->features), 5), -50));

		for (int j = 0; j < IVF_FEATURES; j++)
		{
			step[j] += (o->hits - expected) * o->features[j];
			for (int k = 0; k <= j; k++)
				curvature[j][k] += expected * o->features[j] * o->features[k];
		}
	}
	/* A little ridge: a feature may not vary at all. */
	for (int j = 0; j < IVF_FEATURES; j++)
		curvature[j][j] += 1e-3;
	return solve(curvature, step);
}

/* Fit the coefficients; false where the data do not determine them. */
static bool
fit(const Regression *regression, double coefficient[IVF_FEATURES])
{
	memset(coefficient, 0, IVF_FEATURES * sizeof(double));
	coefficient[0] = log(regression->total_hits / regression->total_rows);
	for (int i = 0; i < NEWTON_STEPS; i++)
	{
		double step[IVF_FEATURES];
		double largest = 0;

		CHECK_FOR_INTERRUPTS();
		if (!newton_step(regression, coefficient, step))
			return false;
		for (int j = 0; j < IVF_FEATURES; j++)
			largest = Max(largest, fabs(step[j]));
		if (!isfinite(largest))
			return false;
		for (int j = 0; j < IVF_FEATURES; j++)
			coefficient[j] += step[j] * Min(1, 3 / Max(largest, 3));
		if (largest < 1e-5)
			break;
	}
	return true;
}

/* What the scan sees of one query, into "ranks" observations. */
static void
observe_query(const IvfBuild *build, const IvfQuery *query,
			  const IvfNeighbours *neighbours, const IvfWritten *lists,
			  Regression *regression, Observation *observations)
{
	float residual2 = build->ivf->meta.calibration.residual2;
	uint32 *hits = palloc0(build->lists * sizeof(uint32));
	IvfProbes probes = {0};

	/* The nearest neighbour is the query itself. */
	for (int i = 1; i < IVF_NEIGHBOURS; i++)
		if (isfinite(neighbours->key[i]))
		{
			hits[neighbours->list[i]]++;
			regression->total_hits++;
		}

	ivf_tree_probes(build->index, query, &probes);
	ivf_probes_sort(&probes, regression->ranks);
	for (uint32 rank = 0; rank < regression->ranks; rank++)
	{
		Observation *o = &observations[rank];
		const IvfProbe *probe = ivf_nth_probe(&probes, rank);

		ivf_density_features(residual2, ivf_nth_probe(&probes, 0), probe, rank,
							 o->features);
		o->rows = Max(lists[probe->slot].rows, 0.5);
		o->hits = hits[probe->slot];
		regression->total_rows += o->rows;
	}
	pfree(probes.lists);
	pfree(probes.order);
	pfree(hits);
}

static void
observe(const IvfBuild *build, const IvfNeighbours *neighbours,
		const IvfWritten *lists, Regression *regression)
{
	uint32 dim = build->ivf->meta.padded;
	IvfQuery query;

	memset(regression, 0, sizeof(*regression));
	regression->queries = build->queries;
	regression->ranks = Min(
		Min(build->lists, MOST_RANKS),
		Max(ivf_build_memory() / 4 / sizeof(Observation) / build->queries, 16));
	regression->observations = palloc_extended(
		(Size) regression->queries * regression->ranks * sizeof(Observation),
		MCXT_ALLOC_HUGE);
	ivf_query_init(&query, build->ivf);
	for (uint32 i = 0; i < build->queries; i++)
	{
		CHECK_FOR_INTERRUPTS();
		ivf_query_set(&query, build->query_rows + (Size) i * dim);
		observe_query(build, &query, &neighbours[i], lists, regression,
					  regression->observations + (Size) i * regression->ranks);
	}
}

/* The curve -------------------------------------------------------------- */

static const float curve_recalls[] = {
	0.5,  0.6,	0.7,  0.75, 0.8,  0.85, 0.88,  0.9,	  0.92,	 0.93,
	0.94, 0.95, 0.96, 0.97, 0.98, 0.99, 0.995, 0.998, 0.999, 1.0,
};

StaticAssertDecl(lengthof(curve_recalls) == IVF_CURVE_POINTS,
				 "curve has its points");

/* A hit, at the least density of the lists up to its own. */
static int
compare_descending(const void *a, const void *b)
{
	double x = *(const double *) a;
	double y = *(const double *) b;

	return x > y ? -1 : x < y ? 1 : 0;
}

/*
 * The density down to which each hit's query has to probe for it: probing
 * stops at the first list that is less dense, so the least on the way counts.
 */
static uint32
hit_densities(const Regression *regression, const double *coefficient,
			  double *densities)
{
	uint32 count = 0;

	for (uint32 i = 0; i < regression->queries; i++)
	{
		double least = INFINITY;

		for (uint32 rank = 0; rank < regression->ranks; rank++)
		{
			const Observation *o =
				&regression->observations[(Size) i * regression->ranks + rank];

			/* The nearest list is always probed. */
			if (rank > 0)
				least = Min(least, linear(coefficient, o->features));
			for (int j = 0; j < (int) o->hits; j++)
				densities[count++] = least;
		}
	}
	qsort(densities, count, sizeof(double), compare_descending);
	return count;
}

/* The share of the rows that probing down to a density scans, on average. */
static double
scanned_share(const Regression *regression, const double *coefficient,
			  double density, double table_rows)
{
	double rows = 0;

	for (uint32 i = 0; i < regression->queries; i++)
	{
		const Observation *o =
			regression->observations + (Size) i * regression->ranks;

		for (uint32 rank = 0; rank < regression->ranks; rank++)
		{
			if (rank > 0 && linear(coefficient, o[rank].features) < density)
				break;
			rows += o[rank].rows;
		}
	}
	return Min(rows / regression->queries / Max(table_rows, 1), 1);
}

static void
make_curve(const Regression *regression, const double *coefficient,
		   double table_rows, IvfCalibration *calibration)
{
	double *densities = palloc(Max(regression->total_hits, 1) * sizeof(double));
	uint32 found = hit_densities(regression, coefficient, densities);

	for (int i = 0; i < IVF_CURVE_POINTS; i++)
	{
		uint32 needed = ceil(curve_recalls[i] * regression->total_hits);
		double density = needed == 0	   ? INFINITY
						 : needed <= found ? densities[needed - 1]
										   : -FLT_MAX;

		calibration->recall[i] = curve_recalls[i];
		calibration->density[i] = Max(Min(density, FLT_MAX), -FLT_MAX);
		calibration->share[i] =
			scanned_share(regression, coefficient, density, table_rows);
	}
	calibration->points = IVF_CURVE_POINTS;
	pfree(densities);
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
	Regression regression;

	observe(build, neighbours, lists, &regression);
	/* Without residuals there is no unit to measure distances in. */
	if (regression.total_hits > 0 && calibration->residual2 > 0)
	{
		/* Where no density can be found, the rank alone decides. */
		if (!fit(&regression, coefficient))
		{
			memset(coefficient, 0, sizeof(coefficient));
			coefficient[3] = -1;
		}
		/* The curve is made for the coefficients as they are stored. */
		for (int i = 0; i < IVF_FEATURES; i++)
			coefficient[i] = calibration->coefficient[i] = coefficient[i];
		make_curve(&regression, coefficient, build->index_rows, calibration);
	}
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
}
