/*
 * memory_build.c: makes the index in memory, as CREATE INDEX does on pages.
 *
 * The base is gone through three times: for mean and scale, for rows as bytes
 * that k-means and the assignment take, and for codes.  Rotating it anew saves
 * the room of a second base.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/kernel.h"
#include "math/epsilon.h"
#include "math/kmeans.h"
#include "memory_parts.h"

#define SEED 1
#define ITERATIONS 10
#define SAMPLE_PER_LIST 100
#define RECALL 0.95 /* that bounds are for, as in a server by default */

static void set_moments(MemoryIndex *index);
static void train(MemoryIndex *index, uint32_t *nearest);
static void lay_out(MemoryIndex *index, const uint32_t *nearest);
static void code_rows(MemoryIndex *index, const uint32_t *nearest);

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
	index->room = MEMORY_QUEUE_LIMIT;
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

/* All rows as bytes, every so many-th one of them once more at their end. */
static VdbRow *
quantize(MemoryIndex *index, size_t n, size_t count)
{
	size_t size = vdb_row_size(index->dim);
	VdbRow *rows = allocate((n + count) * size);

	for (size_t i = 0; i < n; i++)
		vdb_row_set(vdb_row_at(rows, i, index->dim),
					memory_index_project(index, vecs_row(index->base, i)),
					index->dim);
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
		.scratch = allocate(vdb_kmeans_scratch(index->lists, index->dim))};

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
	bytes = index->first[index->lists] * memory_index_group_bytes(index);
	index->groups = allocate(bytes);
	memset(index->groups, 0, bytes);
}

static void
put_row(MemoryIndex *index, uint32_t row, uint32_t list, const uint8_t *fields,
		VdbRowFactors made)
{
	const VdbCodeFormat *format = index->query.rows;
	uint32_t slot = index->rows[list]++;
	uint8_t *group = memory_index_group(index, list, slot);
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
		put_row(index, i, nearest[i], coder.fields,
				vdb_space_code_row(
					&coder,
					memory_index_project(index, vecs_row(index->base, i)),
					centroids + (size_t) nearest[i] * index->dim));
	free(centroids);
	free(coder.residual);
	free(coder.fields);
}
