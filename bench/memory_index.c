/*
 * memory_index.c: see memory_index.h; src/math/space.h has the formulas.
 *
 * The root is what k-means leaves: centroids as codes of 8 bits.  A group of a
 * list is as on a page: a line of factors, the rows' numbers in place of TIDs,
 * then the lines of codes.
 */
#include "memory_index.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/kernel.h"
#include "math/epsilon.h"
#include "math/kmeans.h"
#include "math/least.h"
#include "math/queue.h"
#include "math/rotate.h"

#define SEED 1
#define ITERATIONS 10
#define SAMPLE_PER_LIST 100
#define RECALL 0.95 /* that bounds are for, as in a server by default */
#define QUEUE_LIMIT 1024

struct MemoryIndex
{
	const Vecs *base;
	uint32_t dim; /* padded */
	uint32_t lists;

	/* The space of the codes */
	VdbRotation *rotation;
	float *mean;
	float mean_norm2;
	float scale;

	VdbCentroids root;
	float *mean_dot; /* <centroid, mean>, by list */

	/* The lists, one after the other */
	uint8_t *groups;
	size_t *first;	/* number of the list's first group */
	uint32_t *rows; /* of the list */

	/* The query */
	float *z;
	VdbSpaceQuery query;
	float epsilon;	 /* standard errors from estimates to bounds */
	VdbNear *near;	 /* of the lists */
	uint64_t *order; /* of the lists, by distance */
	VdbQueue queue;
	VdbCandidate *items;
	size_t room;
};

static void set_moments(MemoryIndex *index);
static void train(MemoryIndex *index, uint32_t *nearest);
static void lay_out(MemoryIndex *index, const uint32_t *nearest);
static void code_rows(MemoryIndex *index, const uint32_t *nearest);

/* Building --------------------------------------------------------------- */

MemoryIndex *
memory_index_build(const Vecs *base, const VdbSpace *space, uint32_t lists)
{
	MemoryIndex *index = allocate(sizeof(MemoryIndex));
	uint32_t *nearest = allocate(base->n * sizeof(uint32_t));

	memset(index, 0, sizeof(*index));
	index->base = base;
	index->dim = vdb_padded_dim(base->dim);
	index->lists = lists;
	index->rotation = allocate(vdb_rotation_size(index->dim));
	vdb_rotation_init(index->rotation, index->dim, SEED);
	index->epsilon = vdb_epsilon(RECALL);
	index->query.space = space;
	index->query.rows = vdb_code_format(2);
	index->query.lists = vdb_code_format(8);
	index->query.code.hi = allocate(index->dim);
	index->query.code.lo = allocate(index->dim);
	index->z = allocate(index->dim * sizeof(float));

	set_moments(index);
	train(index, nearest);
	lay_out(index, nearest);
	code_rows(index, nearest);
	free(nearest);

	index->near = allocate(index->lists * sizeof(VdbNear));
	index->order = allocate(index->lists * sizeof(uint64_t));
	index->room = QUEUE_LIMIT;
	index->items = allocate(index->room * sizeof(VdbCandidate));
	return index;
}

/* Mean, and from the norm that it leaves the scale, of all rotated rows. */
static void
set_moments(MemoryIndex *index)
{
	size_t n = index->base->n;
	uint32_t dim = index->dim;
	double *sum = allocate(dim * sizeof(double));
	double norm2 = 0;

	memset(sum, 0, dim * sizeof(double));
	for (size_t i = 0; i < n; i++)
	{
		vdb_rotate(index->rotation, vecs_row(index->base, i), index->base->dim,
				   index->z);
		norm2 += vdb_kernel()->dot_f32(index->z, index->z, dim);
		for (uint32_t d = 0; d < dim; d++)
			sum[d] += index->z[d];
	}
	norm2 /= n;
	for (uint32_t d = 0; d < dim; d++)
		norm2 -= sum[d] / n * (sum[d] / n);
	index->scale = vdb_space_scale(sqrt(norm2));
	index->mean = allocate(dim * sizeof(float));
	for (uint32_t d = 0; d < dim; d++)
		index->mean[d] = sum[d] / n / index->scale;
	index->mean_norm2 = vdb_kernel()->dot_f32(index->mean, index->mean, dim);
	free(sum);
}

/* A vector in the space of the codes, until the next one. */
static const float *
project(MemoryIndex *index, const float *x)
{
	vdb_rotate(index->rotation, x, index->base->dim, index->z);
	vdb_space_shift(index->z, index->dim, index->scale, index->mean);
	return index->z;
}

/* All rows as bytes, every so many-th one of them once more at their end. */
static VdbRow *
quantize(MemoryIndex *index, size_t n, size_t count)
{
	size_t size = vdb_row_size(index->dim);
	VdbRow *rows = allocate((n + count) * size);

	for (size_t i = 0; i < n; i++)
		vdb_row_set(vdb_row_at(rows, i, index->dim),
					project(index, vecs_row(index->base, i)), index->dim);
	for (size_t i = 0; i < count; i++)
		memcpy(vdb_row_at(rows, n + i, index->dim),
			   vdb_row_at(rows, i * n / count, index->dim), size);
	return rows;
}

/* Centroids of a sample, and the lists of all rows. */
static void
train(MemoryIndex *index, uint32_t *nearest)
{
	size_t n = index->base->n;
	size_t wanted = (size_t) index->lists * SAMPLE_PER_LIST;
	size_t count = wanted < n ? wanted : n;
	VdbRow *rows = quantize(index, n, count);
	float *keys = allocate(n * sizeof(float));
	VdbKmeans task = {
		.dim = index->dim,
		.count = index->lists,
		.n = count,
		.rows = vdb_row_at(rows, n, index->dim),
		.iterations = ITERATIONS,
		.seed = SEED,
		.work = allocate(vdb_kmeans_work(index->lists, index->dim, count)),
		.scratch = allocate(vdb_kmeans_scratch(index->dim))};

	index->lists = vdb_kmeans(&task);
	if (index->lists == 0)
		die("%s: has no two different rows", index->base->path);
	vdb_kmeans_centroids(&task, &index->root); /* they stay in task.work */
	vdb_nearest_begin(nearest, keys, n);
	vdb_nearest(&index->root, 0, rows, n, nearest, keys);
	free(task.scratch);
	free(keys);
	free(rows);
}

static size_t
group_bytes(const MemoryIndex *index)
{
	return (2 + vdb_code_lines(index->query.rows, index->dim)) *
		   (size_t) VDB_LINE;
}

static uint8_t *
group_of(const MemoryIndex *index, uint32_t list, uint32_t row)
{
	return index->groups +
		   (index->first[list] + row / VDB_GROUP) * group_bytes(index);
}

/* Where each list begins; its rows are counted anew while they come. */
static void
lay_out(MemoryIndex *index, const uint32_t *nearest)
{
	size_t bytes;

	index->first = allocate((index->lists + 1) * sizeof(size_t));
	index->rows = allocate(index->lists * sizeof(uint32_t));
	memset(index->rows, 0, index->lists * sizeof(uint32_t));
	for (size_t i = 0; i < index->base->n; i++)
		index->rows[nearest[i]]++;
	index->first[0] = 0;
	for (uint32_t i = 0; i < index->lists; i++)
	{
		index->first[i + 1] =
			index->first[i] + (index->rows[i] + VDB_GROUP - 1) / VDB_GROUP;
		index->rows[i] = 0;
	}
	bytes = index->first[index->lists] * group_bytes(index);
	index->groups = allocate(bytes);
	memset(index->groups, 0, bytes);
}

static void
put_row(MemoryIndex *index, uint32_t row, uint32_t list, const uint8_t *fields,
		VdbRowFactors made)
{
	const VdbCodeFormat *format = index->query.rows;
	uint32_t slot = index->rows[list]++;
	uint8_t *group = group_of(index, list, slot);
	uint16_t *factors = (uint16_t *) group;
	int lane = slot % VDB_GROUP;

	factors[lane] = made.add;
	factors[VDB_GROUP + lane] = made.gain;
	memcpy(group + VDB_LINE + 4 * lane, &row, 4);
	for (uint32_t line = 0; line < vdb_code_lines(format, index->dim); line++)
		vdb_code_put(format, fields, line, lane, group + (2 + line) * VDB_LINE);
}

static void
code_rows(MemoryIndex *index, const uint32_t *nearest)
{
	size_t bytes = index->dim * sizeof(float);
	float *centroids = allocate(index->lists * bytes);
	VdbCoder coder = {.space = index->query.space,
					  .rows = index->query.rows,
					  .mean = index->mean,
					  .dim = index->dim,
					  .residual = allocate(bytes),
					  .fields = allocate(index->dim)};

	index->mean_dot = allocate(index->lists * sizeof(float));
	for (uint32_t i = 0; i < index->lists; i++)
	{
		float *centroid = centroids + (size_t) i * index->dim;

		vdb_centroid_get(&index->root, i, centroid);
		index->mean_dot[i] =
			vdb_kernel()->dot_f32(centroid, index->mean, index->dim);
	}
	for (uint32_t i = 0; i < index->base->n; i++)
		put_row(
			index, i, nearest[i], coder.fields,
			vdb_space_code_row(&coder, project(index, vecs_row(index->base, i)),
							   centroids + (size_t) nearest[i] * index->dim));
	free(centroids);
	free(coder.residual);
	free(coder.fields);
}

size_t
memory_index_size(const MemoryIndex *index)
{
	return index->first[index->lists] * group_bytes(index) +
		   index->lists * (index->dim + 3 * sizeof(float));
}

/* Searching -------------------------------------------------------------- */

/* The distances of all lists, of which so many are sorted. */
static void
rank_lists(MemoryIndex *index, uint32_t probes)
{
	const VdbSpaceQuery *query = &index->query;
	const VdbCentroids *root = &index->root;
	size_t lines = vdb_nearest_lines(index->dim);
	VdbCodeDot code_dot = vdb_code_dot(vdb_kernel(), query->lists);

	for (uint32_t i = 0; i < index->lists; i += VDB_GROUP)
	{
		const uint8_t *codes = vdb_centroids_group(root, i / VDB_GROUP);
		int32_t hi[VDB_GROUP] = {0};
		int32_t lo[VDB_GROUP] = {0};

		code_dot(codes, query->code.hi, lines, hi);
		code_dot(codes, query->code.lo, lines, lo);
		for (uint32_t j = 0; j < VDB_GROUP && i + j < index->lists; j++)
		{
			VdbNear *near = &index->near[i + j];
			float dot =
				vdb_space_list_dot(query, root->gain[i + j], hi[j], lo[j]);

			vdb_space_near(query, 2 * root->half[i + j], index->mean_dot[i + j],
						   dot, near);
			index->order[i + j] = vdb_least_key(near->distance, i + j);
		}
	}
	vdb_sort_least(index->order, index->lists, probes);
}

/* Queue the rows whose bounds are low enough. */
static void
scan_list(MemoryIndex *index, uint32_t list)
{
	const VdbKernel *kernel = vdb_kernel();
	const VdbSpaceQuery *query = &index->query;
	size_t lines = vdb_code_lines(query->rows, index->dim);
	VdbCodeDot code_dot = vdb_code_dot(kernel, query->rows);
	uint32_t rows = index->rows[list];
	VdbBound bound;

	vdb_space_bound(query, &index->near[list], index->epsilon, &bound);
	for (uint32_t row = 0; row < rows; row += VDB_GROUP)
	{
		const uint8_t *group = group_of(index, list, row);
		int32_t acc[VDB_GROUP] = {0};
		float bounds[VDB_GROUP];
		uint32_t mask;

		code_dot(group + 2 * VDB_LINE, query->code.hi, lines, acc);
		mask = kernel->bound_f16(group, acc, &bound,
								 vdb_queue_threshold(&index->queue), bounds);
		if (rows - row < VDB_GROUP)
			mask &= (UINT32_C(1) << (rows - row)) - 1;
		for (; mask; mask &= mask - 1)
		{
			int lane = __builtin_ctz(mask);
			uint32_t id;

			memcpy(&id, group + VDB_LINE + 4 * lane, 4);
			vdb_queue_add(&index->queue, bounds[lane], id, 0);
		}
	}
}

static void
scan_lists(MemoryIndex *index, uint32_t probes, MemoryStats *stats)
{
	for (uint32_t i = 0; i < probes; i++)
	{
		uint32_t list = (uint32_t) index->order[i];

		scan_list(index, list);
		stats->codes += index->rows[list];
	}
}

/* Make more room and pass over the same codes again. */
static void
resume(MemoryIndex *index, uint32_t probes, MemoryStats *stats)
{
	index->room *= 4;
	index->items = realloc(index->items, index->room * sizeof(VdbCandidate));
	if (index->items == NULL)
		die("out of memory");
	vdb_queue_resume(&index->queue, index->items, index->room);
	scan_lists(index, probes, stats);
}

/* The exact distance of a row, in the unit of the bounds. */
static double
refine(const MemoryIndex *index, const float *query, uint32_t row)
{
	return vdb_space_exact(index->query.space, vecs_row(index->base, row),
						   query, index->base->dim) /
		   (index->scale * index->scale);
}

size_t
memory_index_search(MemoryIndex *index, const float *query, uint32_t probes,
					size_t k, int32_t *rows, MemoryStats *stats)
{
	size_t found = 0;
	VdbCandidate candidate;

	if (probes > index->lists)
		probes = index->lists;
	vdb_space_query(&index->query, project(index, query), index->mean,
					index->mean_norm2, index->dim);
	rank_lists(index, probes);
	vdb_queue_reset(&index->queue, index->items, QUEUE_LIMIT);
	scan_lists(index, probes, stats);
	while (found < k)
	{
		switch (vdb_queue_take(&index->queue, &candidate))
		{
			case VDB_TAKE_REFINE:
				stats->refined++;
				vdb_queue_refined(&index->queue, &candidate,
								  refine(index, query, candidate.high));
				break;
			case VDB_TAKE_ANSWER:
				rows[found++] = candidate.high;
				break;
			case VDB_TAKE_RESUME:
				resume(index, probes, stats);
				break;
			case VDB_TAKE_END:
				return found;
		}
	}
	return found;
}
