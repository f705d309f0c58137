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

#include "ivf/build.h"
#include "math/kmeans.h"
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

void
ivf_neighbours_reset(IvfNeighbours *neighbours, uint32 queries)
{
	for (uint32 i = 0; i < queries; i++)
		for (int j = 0; j < IVF_NEIGHBOURS; j++)
			neighbours[i].key[j] = INFINITY;
}

static void
add_neighbour(IvfNeighbours *neighbours, float key, uint32 list)
{
	int i = IVF_NEIGHBOURS - 1;

	for (; i > 0 && neighbours->key[i - 1] > key; i--)
	{
		neighbours->key[i] = neighbours->key[i - 1];
		neighbours->list[i] = neighbours->list[i - 1];
	}
	neighbours->key[i] = key;
	neighbours->list[i] = list;
}

void
ivf_neighbours_merge(IvfNeighbours *into, const IvfNeighbours *from,
					 uint32 queries)
{
	for (uint32 i = 0; i < queries; i++)
		for (int j = 0; j < IVF_NEIGHBOURS; j++)
			if (from[i].key[j] < into[i].key[IVF_NEIGHBOURS - 1])
				add_neighbour(&into[i], from[i].key[j], from[i].list[j]);
}

/* What a row is multiplied with for a query: see vdb_space_column(). */
void
ivf_query_columns(const IvfBuild *build, float *columns)
{
	const IvfIndex *ivf = build->ivf;
	Size floats = (Size) build->queries * ivf->meta.padded;
	const float *mean = ivf_mean(ivf);
	float weight = vdb_space_column(ivf->space);

	for (Size i = 0; i < floats; i++)
		columns[i] = build->query_rows[i] + weight * mean[i % ivf->meta.padded];
}

/* A query wants what is below its worst neighbour so far. */
static void
set_wanted(IvfMatcher *matcher, uint32 query)
{
	matcher->codes.half[query] =
		-matcher->neighbours[query].key[IVF_NEIGHBOURS - 1];
}

/*
 * The errors of rounding are even within half a step: the product of a row's
 * error with a column has a standard deviation of step / sqrt(12) * |column|.
 */
void
ivf_matcher_init(IvfMatcher *matcher, const IvfBuild *build,
				 IvfNeighbours *neighbours)
{
	uint32 dim = build->ivf->meta.padded;
	uint32 count = build->queries;

	matcher->ivf = build->ivf;
	matcher->neighbours = neighbours;
	matcher->columns = build->query_columns;
	matcher->row_error = matcher->column_error = 0;
	vdb_centroids_place(&matcher->codes,
						palloc(vdb_centroids_bytes(count, dim)), count, dim);
	vdb_centroids_clear(&matcher->codes);
	for (uint32 i = 0; i < count; i++)
	{
		const float *column = matcher->columns + (Size) i * dim;

		vdb_centroid_set(&matcher->codes, i, column);
		matcher->row_error =
			Max(matcher->row_error,
				sqrtf(vdb_kernel()->dot_f32(column, column, dim) / 12));
		matcher->column_error =
			Max(matcher->column_error, matcher->codes.gain[i] / sqrtf(12));
		set_wanted(matcher, i);
	}
}

/* What a row is to one group of queries that may want it. */
static void
match_group(IvfMatcher *matcher, uint32 first, const float *y, float half,
			uint32 list, const float *keys, float limit)
{
	uint32 dim = matcher->ivf->meta.padded;

	for (uint32 v = 0; v < VDB_GROUP; v++)
	{
		IvfNeighbours *neighbours = &matcher->neighbours[first + v];
		float key;

		if (!(keys[v] < limit))
			continue;
		key = half - vdb_kernel()->dot_f32(
						 y, matcher->columns + (Size) (first + v) * dim, dim);
		if (key < neighbours->key[IVF_NEIGHBOURS - 1])
		{
			add_neighbour(neighbours, key, list);
			set_wanted(matcher, first + v);
		}
	}
}

/*
 * A query whose worst key is w wants a row of key h - <y, z> below w, that is
 * of -w - <y, z> below -h; here with a margin for errors, of which one in
 * some hundred is beyond it.
 */
static void
match_tile(IvfMatcher *matcher, const float *rows, const VdbRow *quantized,
		   const uint32 *lists, uint32 count)
{
	uint32 dim = matcher->ivf->meta.padded;
	float keys[VDB_GEMM_ROWS * VDB_GROUP];
	float half[VDB_GEMM_ROWS];
	VdbTile tile = {.count = count};

	for (uint32 i = 0; i < count; i++)
	{
		const float *y = rows + (Size) i * dim;
		const VdbRow *row = vdb_row_at(quantized, i, dim);
		float norm2 = vdb_kernel()->dot_f32(y, y, dim);

		half[i] = vdb_space_half(matcher->ivf->space, norm2);
		tile.rows[i] = row->bytes;
		tile.scale[i] = row->step;
		tile.bias[i] = row->sum * VDB_FIELD_CENTER;
		tile.limit[i] = 3 * (row->step * matcher->row_error +
							 sqrtf(norm2) * matcher->column_error) -
						half[i];
	}
	for (uint32 first = 0; first < matcher->codes.count; first += VDB_GROUP)
	{
		uint32 below = vdb_kernel()->code_keys(
			vdb_centroids_group(&matcher->codes, first / VDB_GROUP),
			vdb_nearest_lines(dim), &tile, matcher->codes.half + first,
			matcher->codes.gain + first, keys);

		for (uint32 i = 0; below != 0; i++, below >>= 1)
			if (below & 1)
				match_group(matcher, first, rows + (Size) i * dim, half[i],
							lists[i], keys + i * VDB_GROUP, tile.limit[i]);
	}
}

void
ivf_match_rows(IvfMatcher *matcher, const float *rows, const VdbRow *quantized,
			   const uint32 *lists, uint32 count)
{
	uint32 dim = matcher->ivf->meta.padded;

	for (uint32 row = 0; row < count; row += VDB_GEMM_ROWS)
		match_tile(matcher, rows + (Size) row * dim,
				   vdb_row_at(quantized, row, dim), lists + row,
				   Min(count - row, VDB_GEMM_ROWS));
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

	ivf_probes_all(build->index, query, &probes);
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
	uint32 dim = build->ivf->meta.padded;
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
		ivf_query_set(&query, build->query_rows + (Size) i * dim);
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
