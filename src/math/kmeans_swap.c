/*
 * kmeans_swap.c: centroids from where rows have too many to where too few.
 *
 * Lloyd's iterations move a centroid no further than to the mean of its rows,
 * so what starts within one cluster of the data stays in it.  Here two
 * centroids become one and the rows of another one get two, where that makes
 * the sum of the squared distances less: of two clusters of m and n rows that
 * become one it grows by m n / (m + n) times the squared distance of their
 * means (Ward, "Hierarchical grouping to optimize an objective function",
 * 1963), and by that it falls where one becomes two.
 * (Kaukoranta, Fraenti and Nevalainen, "Iterative split-and-merge algorithm for
 * VQ codebook generation", 1998.)
 */
#include "math/kmeans_work.h"

#include "math/least.h"

/* Steps towards the direction in which rows differ most, and of k-means. */
#define POWER_STEPS 2
#define LLOYD_STEPS 2

/* Of a centroid's neighbours, so many may become one with it. */
#define MATES 4

/* A cluster cut in two. */
typedef struct Halves
{
	const float *residuals; /* of its rows, or some of them, to its mean */
	uint32_t count;			/* of the residuals */
	float *direction;		/* dim; a row's half is by the product with it, */
	float limit;			/* above or not */
	float *first;			/* dim: the means of both, to that of all */
	float *second;
} Halves;

static const float *
residual(const Halves *halves, uint32_t i, uint32_t dim)
{
	return halves->residuals + (size_t) i * dim;
}

/* Sixteen at a time, which a compiler can turn into vectors. */
static void
add_scaled(float *restrict sum, const float *restrict x, float scale,
		   uint32_t dim)
{
	uint32_t k = 0;

	for (; k + 16 <= dim; k += 16)
		for (uint32_t j = 0; j < 16; j++)
			sum[k + j] += scale * x[k + j];
	for (; k < dim; k++)
		sum[k] += scale * x[k];
}

static void
scale_by(float *x, float scale, uint32_t dim)
{
	for (uint32_t k = 0; k < dim; k++)
		x[k] *= scale;
}

static float
norm2(const float *x, uint32_t dim)
{
	return vdb_kernel()->dot_f32(x, x, dim);
}

/* The residuals of a cluster, and the longest as a direction to begin with. */
static void
begin_halves(const VdbKmeans *task, const VdbKmeansWork *work, uint32_t cluster,
			 const VdbKmeansScratch *scratch, Halves *halves)
{
	const uint32_t *rows = vdb_kmeans_members(work, cluster);
	uint32_t size = work->sizes[cluster];
	uint32_t dim = task->dim;
	float most = -1;

	*halves = (Halves){
		.residuals = scratch->residuals,
		.count = size < VDB_KMEANS_SPLIT_ROWS ? size : VDB_KMEANS_SPLIT_ROWS,
		.direction = scratch->mean,
		.first = scratch->first,
		.second = scratch->second};
	vdb_centroid_get(&work->set, cluster, scratch->other);
	for (uint32_t i = 0; i < halves->count; i++)
	{
		float *x = scratch->residuals + (size_t) i * dim;
		uint32_t row = (uint64_t) i * size / halves->count;
		float length;

		vdb_row_get(vdb_kmeans_row(task, rows[row]), x, dim);
		add_scaled(x, scratch->other, -1, dim);
		length = norm2(x, dim);
		if (length > most)
		{
			most = length;
			memcpy(halves->direction, x, dim * sizeof(float));
		}
	}
}

/* Turn the direction towards the one in which the residuals vary most. */
static void
turn(Halves *halves, uint32_t dim)
{
	float *sum = halves->first;
	float length;

	memset(sum, 0, dim * sizeof(float));
	for (uint32_t i = 0; i < halves->count; i++)
	{
		const float *x = residual(halves, i, dim);

		add_scaled(sum, x, vdb_kernel()->dot_f32(x, halves->direction, dim),
				   dim);
	}
	length = sqrtf(norm2(sum, dim));
	if (!(length > 0))
		return;
	memcpy(halves->direction, sum, dim * sizeof(float));
	scale_by(halves->direction, 1 / length, dim);
}

/*
 * The means of both halves, and the direction and limit that tell which of
 * them is nearer.  Returns by how much the sum of the squared distances of the
 * residuals falls; 0 where one half is empty.
 */
static float
cut(Halves *halves, uint32_t dim)
{
	uint32_t above = 0;
	uint32_t below;

	memset(halves->first, 0, dim * sizeof(float));
	memset(halves->second, 0, dim * sizeof(float));
	for (uint32_t i = 0; i < halves->count; i++)
	{
		const float *x = residual(halves, i, dim);
		bool first =
			vdb_kernel()->dot_f32(x, halves->direction, dim) > halves->limit;

		above += first;
		add_scaled(first ? halves->first : halves->second, x, 1, dim);
	}
	below = halves->count - above;
	if (above == 0 || below == 0)
		return 0;
	scale_by(halves->first, 1.0f / above, dim);
	scale_by(halves->second, 1.0f / below, dim);
	memcpy(halves->direction, halves->first, dim * sizeof(float));
	add_scaled(halves->direction, halves->second, -1, dim);
	halves->limit =
		(norm2(halves->first, dim) - norm2(halves->second, dim)) / 2;
	return vdb_kmeans_ward(above, below, norm2(halves->direction, dim));
}

/*
 * Cut a cluster in two, which are left in the scratch's first and second, to
 * the mean in its other.  Returns what that gains, 0 where it cannot be cut.
 */
static float
cut_cluster(const VdbKmeans *task, const VdbKmeansWork *work, uint32_t cluster,
			const VdbKmeansScratch *scratch)
{
	uint32_t size = work->sizes[cluster];
	Halves halves;
	float gain;

	if (size < 2)
		return 0;
	begin_halves(task, work, cluster, scratch, &halves);
	for (int i = 0; i < POWER_STEPS; i++)
		turn(&halves, task->dim);
	gain = cut(&halves, task->dim);
	for (int i = 0; i < LLOYD_STEPS && gain > 0; i++)
		gain = cut(&halves, task->dim);
	return gain * size / halves.count;
}

/* What it costs that a cluster and another one become one. */
static float
cost_of(const VdbKmeansWork *work, const VdbKmeansScratch *scratch,
		uint32_t cluster, uint32_t mate)
{
	uint32_t dim = work->set.dim;

	vdb_centroid_get(&work->set, cluster, scratch->first);
	vdb_centroid_get(&work->set, mate, scratch->second);
	return vdb_kmeans_ward(
		work->sizes[cluster], work->sizes[mate],
		vdb_kernel()->l2sq_f32(scratch->first, scratch->second, dim));
}

/* The neighbour with which a cluster becomes one at the least cost. */
static void
find_mate(const VdbKmeansWork *work, const VdbKmeansScratch *scratch,
		  uint32_t cluster)
{
	const uint32_t *near = vdb_kmeans_near(work, cluster);

	work->costs[cluster] = INFINITY;
	work->mates[cluster] = cluster;
	for (uint32_t i = 1; i <= MATES; i++)
	{
		float cost;

		if (near[i] == cluster)
			continue;
		cost = cost_of(work, scratch, cluster, near[i]);
		if (cost < work->costs[cluster])
		{
			work->costs[cluster] = cost;
			work->mates[cluster] = near[i];
		}
	}
}

void
vdb_kmeans_weigh(const VdbKmeans *task, VdbKmeansWork *work, uint32_t cluster)
{
	VdbKmeansScratch scratch = vdb_kmeans_scratch_of(task);

	work->gains[cluster] = cut_cluster(task, work, cluster, &scratch);
	find_mate(work, &scratch, cluster);
}

/* The rows of a cluster go to its mate, which becomes the mean of both. */
static void
merge(const VdbKmeans *task, VdbKmeansWork *work, uint32_t cluster)
{
	VdbKmeansScratch scratch = vdb_kmeans_scratch_of(task);
	uint32_t mate = work->mates[cluster];
	uint32_t size = work->sizes[cluster];
	const uint32_t *rows = vdb_kmeans_members(work, cluster);
	float share;

	if (size == 0)
		return;
	share = (float) size / ((float) size + work->sizes[mate]);
	vdb_centroid_get(&work->set, cluster, scratch.first);
	vdb_centroid_get(&work->set, mate, scratch.second);
	scale_by(scratch.second, 1 - share, task->dim);
	add_scaled(scratch.second, scratch.first, share, task->dim);
	vdb_centroid_set(&work->set, mate, scratch.second);
	for (uint32_t i = 0; i < size; i++)
		work->assigned[rows[i]] = mate;
}

/* One half of a cluster's rows gets a centroid that is free. */
static void
split(const VdbKmeans *task, VdbKmeansWork *work, uint32_t cluster,
	  uint32_t free)
{
	VdbKmeansScratch scratch = vdb_kmeans_scratch_of(task);

	cut_cluster(task, work, cluster, &scratch);
	add_scaled(scratch.first, scratch.other, 1, task->dim);
	add_scaled(scratch.second, scratch.other, 1, task->dim);
	vdb_centroid_set(&work->set, cluster, scratch.first);
	vdb_centroid_set(&work->set, free, scratch.second);
}

/* All clusters by a number of each, the least first. */
static void
sort_clusters(const VdbKmeansWork *work, const float *values, float sign,
			  uint64_t *sorted)
{
	for (uint32_t c = 0; c < *work->made; c++)
		sorted[c] = vdb_least_key(sign * values[c], c);
	vdb_sort_least(sorted, *work->made, *work->made);
}

/*
 * The cheapest pair becomes one for the sake of the cluster that gains most,
 * then the next: no cluster takes part twice, so that costs and gains are what
 * they were.
 */
void
vdb_kmeans_swap(const VdbKmeans *task, VdbKmeansWork *work, int iteration)
{
	uint64_t *pairs = work->sorted;
	uint64_t *whole = work->sorted + task->count;
	uint32_t next = 0; /* in "whole" */

	sort_clusters(work, work->costs, 1, pairs);
	sort_clusters(work, work->gains, -1, whole);
	memset(work->taken, 0, *work->made);
	for (uint32_t i = 0; i < *work->made; i++)
	{
		uint32_t cluster = (uint32_t) pairs[i];
		uint32_t mate = work->mates[cluster];
		uint32_t gaining;

		if (mate == cluster || work->taken[cluster] || work->taken[mate])
			continue;
		work->taken[cluster] = work->taken[mate] = 1;
		while (next < *work->made && work->taken[(uint32_t) whole[next]])
			next++;
		if (next == *work->made)
			break;
		gaining = (uint32_t) whole[next];
		if (!(work->gains[gaining] > work->costs[cluster]))
			break;
		work->taken[gaining] = 1;
		merge(task, work, cluster);
		split(task, work, gaining, cluster);
		vdb_kmeans_report(task, iteration, 1);
	}
}
