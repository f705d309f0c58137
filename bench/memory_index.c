/*
 * memory_index.c: see memory_index.h; src/ivf/vector.c derives the factors.
 *
 * A leaf group is as on a page: a line of factors, the rows' numbers in place
 * of TIDs, then the lines of codes.  The root is an array of such groups of
 * centroids, with 8 bits, whose codes are the centroids themselves.
 */
#include "memory_index.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/kernel.h"
#include "math/epsilon.h"
#include "math/kmeans.h"
#include "math/queue.h"
#include "math/rabitq.h"
#include "math/rotate.h"

#define SEED 1
#define ITERATIONS 10
#define SAMPLE_PER_LIST 100
#define RECALL 0.95 /* that bounds are for, as in a server by default */
#define QUEUE_LIMIT 1024
#define BLOCK 256 /* rows that are assigned at a time */

typedef struct Probe
{
	float distance;
	uint32_t list;
} Probe;

struct MemoryIndex
{
	const Vecs *base;
	uint32_t dim; /* padded */
	uint32_t lists;
	const VdbCodeFormat *leaf;
	const VdbCodeFormat *root;
	VdbRotation *rotation;
	float *mean;
	float scale;

	/* The root, by list */
	uint8_t *root_codes; /* groups of lines */
	float *gain;
	float *norm2;

	/* The lists, one after the other */
	uint8_t *groups;
	size_t *first;	/* number of the list's first group */
	uint32_t *rows; /* of the list */

	/* The query */
	float *z;
	VdbQuery query;
	float epsilon; /* standard errors from estimates to bounds */
	Probe *probes;
	VdbQueue queue;
	VdbCandidate *items;
	size_t room;
};

static float *project_base(MemoryIndex *index);
static void centre(MemoryIndex *index, float *y, size_t n);
static float *train(MemoryIndex *index, const float *y, size_t n);
static void rescale(MemoryIndex *index, float *y, size_t n, const float *half,
					float *centroids);
static void code_root(MemoryIndex *index, float *centroids);
static void code_rows(MemoryIndex *index, const float *y, size_t n,
					  const uint32_t *nearest, const float *centroids);

/* Building --------------------------------------------------------------- */

static size_t
group_lines(const MemoryIndex *index)
{
	return 2 + vdb_code_lines(index->leaf, index->dim);
}

static uint8_t *
group_at(const MemoryIndex *index, size_t number)
{
	return index->groups + number * group_lines(index) * VDB_LINE;
}

static uint32_t *
assign(const MemoryIndex *index, const float *y, size_t n,
	   const float *centroids, float *half)
{
	uint32_t *nearest = allocate(n * sizeof(uint32_t));
	VdbRow *rows = allocate(BLOCK * vdb_row_size(index->dim));
	VdbCentroids codes;

	vdb_centroids_place(&codes,
						allocate(vdb_centroids_bytes(index->lists, index->dim)),
						index->lists, index->dim);
	vdb_centroids_clear(&codes);
	for (uint32_t i = 0; i < index->lists; i++)
		vdb_centroid_set(&codes, i, centroids + (size_t) i * index->dim);
	vdb_nearest_begin(nearest, half, n);
	for (size_t i = 0; i < n; i += BLOCK)
	{
		size_t count = n - i < BLOCK ? n - i : BLOCK;

		for (size_t j = 0; j < count; j++)
			vdb_row_set(vdb_row_at(rows, j, index->dim),
						y + (i + j) * index->dim, index->dim);
		vdb_nearest(&codes, 0, rows, count, nearest + i, half + i);
	}
	free(codes.lines);
	free(rows);
	return nearest;
}

MemoryIndex *
memory_index_build(const Vecs *base, uint32_t lists)
{
	MemoryIndex *index = calloc(1, sizeof(MemoryIndex));
	float *y;
	float *centroids;
	float *half;
	uint32_t *nearest;

	if (index == NULL)
		die("out of memory");
	index->base = base;
	index->dim = vdb_padded_dim(base->dim);
	index->lists = lists;
	index->leaf = vdb_code_format(2);
	index->root = vdb_code_format(8);
	index->rotation = allocate(vdb_rotation_size(index->dim));
	vdb_rotation_init(index->rotation, index->dim, SEED);

	y = project_base(index);
	centre(index, y, base->n);
	centroids = train(index, y, base->n);
	half = allocate(base->n * sizeof(float));
	nearest = assign(index, y, base->n, centroids, half);
	rescale(index, y, base->n, half, centroids);
	code_root(index, centroids);
	code_rows(index, y, base->n, nearest, centroids);
	free(y);
	free(centroids);
	free(half);
	free(nearest);

	index->z = allocate(index->dim * sizeof(float));
	index->query.hi = allocate(index->dim);
	index->query.lo = allocate(index->dim);
	index->probes = allocate(index->lists * sizeof(Probe));
	index->room = QUEUE_LIMIT;
	index->items = allocate(index->room * sizeof(VdbCandidate));
	return index;
}

/* All rows, rotated. */
static float *
project_base(MemoryIndex *index)
{
	size_t n = index->base->n;
	float *y = allocate(n * index->dim * sizeof(float));

	for (size_t i = 0; i < n; i++)
		vdb_rotate(index->rotation, vecs_row(index->base, i), index->base->dim,
				   y + i * index->dim);
	return y;
}

static void
centre(MemoryIndex *index, float *y, size_t n)
{
	uint32_t dim = index->dim;
	double *sum = allocate(dim * sizeof(double));

	memset(sum, 0, dim * sizeof(double));
	for (size_t i = 0; i < n; i++)
	{
		for (uint32_t d = 0; d < dim; d++)
			sum[d] += y[i * dim + d];
	}
	index->mean = allocate(dim * sizeof(float));
	for (uint32_t d = 0; d < dim; d++)
		index->mean[d] = sum[d] / n;
	for (size_t i = 0; i < n; i++)
	{
		for (uint32_t d = 0; d < dim; d++)
			y[i * dim + d] -= index->mean[d];
	}
	free(sum);
}

/* Centroids of a sample, which is every so many-th row. */
static float *
train(MemoryIndex *index, const float *y, size_t n)
{
	size_t count = (size_t) index->lists * SAMPLE_PER_LIST;
	VdbRow *sample;
	VdbCentroids made;
	float *centroids;
	VdbKmeans task = {.dim = index->dim,
					  .count = index->lists,
					  .iterations = ITERATIONS,
					  .seed = SEED};

	if (count > n)
		count = n;
	sample = allocate(count * vdb_row_size(index->dim));
	for (size_t i = 0; i < count; i++)
		vdb_row_set(vdb_row_at(sample, i, index->dim),
					y + i * n / count * index->dim, index->dim);
	task.n = count;
	task.rows = sample;
	task.work = allocate(vdb_kmeans_work(index->lists, index->dim, count));
	task.scratch = allocate(vdb_kmeans_scratch(index->dim));
	index->lists = vdb_kmeans(&task);
	if (index->lists == 0)
		die("%s: has no two different rows", index->base->path);
	vdb_kmeans_centroids(&task, &made);
	centroids = allocate(index->lists * index->dim * sizeof(float));
	for (uint32_t i = 0; i < index->lists; i++)
		vdb_centroid_get(&made, i, centroids + (size_t) i * index->dim);
	free(task.work);
	free(task.scratch);
	free(sample);
	return centroids;
}

/* Make the mean residual one long, where half floats are at their best. */
static void
rescale(MemoryIndex *index, float *y, size_t n, const float *half,
		float *centroids)
{
	size_t dim = index->dim;
	double sum = 0;

	for (size_t i = 0; i < n; i++)
	{
		const float *row = y + i * dim;

		sum += fmax(vdb_kernel()->dot_f32(row, row, dim) + 2 * half[i], 0);
	}
	index->scale = sum > 0 ? sqrt(sum / n) : 1;
	for (size_t i = 0; i < n * dim; i++)
		y[i] /= index->scale;
	for (size_t i = 0; i < index->lists * dim; i++)
		centroids[i] /= index->scale;
	for (size_t i = 0; i < dim; i++)
		index->mean[i] /= index->scale;
}

static void
put_code(const VdbCodeFormat *format, uint32_t dim, const uint8_t *fields,
		 int slot, uint8_t *lines)
{
	for (uint32_t line = 0; line < vdb_code_lines(format, dim); line++)
		vdb_code_put(format, fields, line, slot, lines + line * VDB_LINE);
}

/* The centroids become what their codes stand for. */
static void
code_root(MemoryIndex *index, float *centroids)
{
	uint32_t dim = index->dim;
	uint32_t groups = (index->lists + VDB_GROUP - 1) / VDB_GROUP;
	size_t bytes = vdb_code_lines(index->root, dim) * (size_t) VDB_LINE;
	uint8_t *fields = allocate(dim);

	index->root_codes = allocate(groups * bytes);
	memset(index->root_codes, 0, groups * bytes);
	index->gain = allocate(groups * VDB_GROUP * sizeof(float));
	index->norm2 = allocate(groups * VDB_GROUP * sizeof(float));
	for (uint32_t i = 0; i < index->lists; i++)
	{
		float *centroid = centroids + (size_t) i * dim;
		VdbEncoded encoded;

		if (!vdb_encode(index->root, centroid, dim, fields, &encoded))
			memset(fields, 0, dim);
		put_code(index->root, dim, fields, i % VDB_GROUP,
				 index->root_codes + i / VDB_GROUP * bytes);
		for (uint32_t d = 0; d < dim; d++)
			centroid[d] = encoded.gain * (fields[d] - index->root->center);
		index->gain[i] = encoded.gain;
		index->norm2[i] = vdb_kernel()->dot_f32(centroid, centroid, dim);
	}
	free(fields);
}

/* Where each list begins; its rows are counted anew while they come. */
static void
lay_out(MemoryIndex *index, const uint32_t *nearest, size_t n)
{
	index->first = allocate((index->lists + 1) * sizeof(size_t));
	index->rows = allocate(index->lists * sizeof(uint32_t));
	memset(index->rows, 0, index->lists * sizeof(uint32_t));
	for (size_t i = 0; i < n; i++)
		index->rows[nearest[i]]++;
	index->first[0] = 0;
	for (uint32_t i = 0; i < index->lists; i++)
	{
		index->first[i + 1] =
			index->first[i] + (index->rows[i] + VDB_GROUP - 1) / VDB_GROUP;
		index->rows[i] = 0;
	}
	index->groups = allocate(memory_index_size(index));
	memset(index->groups, 0, memory_index_size(index));
}

static void
code_row(MemoryIndex *index, uint32_t row, uint32_t list, const float *residual,
		 const float *centroid, uint8_t *fields)
{
	uint32_t slot = index->rows[list]++;
	uint8_t *group = group_at(index, index->first[list] + slot / VDB_GROUP);
	uint16_t *factors = (uint16_t *) group;
	int lane = slot % VDB_GROUP;
	VdbEncoded encoded;
	uint16_t gain;

	if (!vdb_encode(index->leaf, residual, index->dim, fields, &encoded))
		memset(fields, 0, index->dim);
	gain = vdb_f32_to_f16(encoded.gain);
	factors[lane] = vdb_f32_to_f16_floor(
		encoded.norm2 +
		2 * vdb_f16_to_f32(gain) *
			vdb_code_inner(index->leaf, fields, centroid, index->dim));
	factors[VDB_GROUP + lane] = gain;
	memcpy(group + VDB_LINE + 4 * lane, &row, 4);
	put_code(index->leaf, index->dim, fields, lane, group + 2 * VDB_LINE);
}

static void
code_rows(MemoryIndex *index, const float *y, size_t n, const uint32_t *nearest,
		  const float *centroids)
{
	uint32_t dim = index->dim;
	float *residual = allocate(dim * sizeof(float));
	uint8_t *fields = allocate(dim);

	lay_out(index, nearest, n);
	for (size_t i = 0; i < n; i++)
	{
		const float *centroid = centroids + (size_t) nearest[i] * dim;

		for (uint32_t d = 0; d < dim; d++)
			residual[d] = y[i * dim + d] - centroid[d];
		code_row(index, i, nearest[i], residual, centroid, fields);
	}
	free(residual);
	free(fields);
}

size_t
memory_index_size(const MemoryIndex *index)
{
	return index->first[index->lists] * group_lines(index) * VDB_LINE +
		   index->lists * (index->dim + 2 * sizeof(float));
}

/* Searching -------------------------------------------------------------- */

static void
set_query(MemoryIndex *index, const float *query)
{
	vdb_rotate(index->rotation, query, index->base->dim, index->z);
	for (uint32_t d = 0; d < index->dim; d++)
		index->z[d] = index->z[d] / index->scale - index->mean[d];
	vdb_quantize_query(index->z, index->dim, &index->query);
}

static int
compare_probes(const void *a, const void *b)
{
	const Probe *x = a;
	const Probe *y = b;

	return (x->distance > y->distance) - (x->distance < y->distance);
}

/* Hoare's selection: the nearest n come first, unordered. */
static void
select_probes(Probe *probes, size_t count, size_t n)
{
	size_t low = 0;
	size_t high = count;

	while (high - low > 1)
	{
		float pivot = probes[(low + high - 1) / 2].distance;
		size_t i = low;
		size_t j = high - 1;

		for (;; i++, j--)
		{
			Probe t;

			while (probes[i].distance < pivot)
				i++;
			while (pivot < probes[j].distance)
				j--;
			if (i >= j)
				break;
			t = probes[i];
			probes[i] = probes[j];
			probes[j] = t;
		}
		if (n <= j + 1)
			high = j + 1;
		else
			low = j + 1;
		if (n == low || n == high)
			return;
	}
}

static void
rank_lists(MemoryIndex *index, uint32_t probes)
{
	size_t lines = vdb_code_lines(index->root, index->dim);
	VdbCodeDot code_dot = vdb_code_dot(vdb_kernel(), index->root);
	const VdbQuery *query = &index->query;

	for (uint32_t i = 0; i < index->lists; i += VDB_GROUP)
	{
		const uint8_t *codes =
			index->root_codes + i / VDB_GROUP * lines * VDB_LINE;
		int32_t hi[VDB_GROUP] = {0};
		int32_t lo[VDB_GROUP] = {0};

		code_dot(codes, query->hi, lines, hi);
		code_dot(codes, query->lo, lines, lo);
		for (uint32_t j = 0; j < VDB_GROUP && i + j < index->lists; j++)
		{
			float dot = index->gain[i + j] *
						vdb_query_inner_fine(query, index->root, hi[j], lo[j]);

			index->probes[i + j].list = i + j;
			index->probes[i + j].distance =
				index->norm2[i + j] + query->norm2 - 2 * dot;
		}
	}
	select_probes(index->probes, index->lists, probes);
	qsort(index->probes, probes, sizeof(Probe), compare_probes);
}

static void
scan_list(MemoryIndex *index, const Probe *probe)
{
	const VdbKernel *kernel = vdb_kernel();
	const VdbQuery *query = &index->query;
	size_t lines = vdb_code_lines(index->leaf, index->dim);
	VdbCodeDot code_dot = vdb_code_dot(kernel, index->leaf);
	float gap = sqrtf(probe->distance > 0 ? probe->distance : 0);
	float error =
		hypotf(index->leaf->error * gap, index->leaf->spread * query->rest);
	VdbBound bound = {probe->distance, 2 * query->step,
					  2 * (index->epsilon * error -
						   query->step * index->leaf->center * query->hi_sum)};
	uint32_t rows = index->rows[probe->list];

	for (uint32_t row = 0; row < rows; row += VDB_GROUP)
	{
		const uint8_t *group =
			group_at(index, index->first[probe->list] + row / VDB_GROUP);
		int32_t acc[VDB_GROUP] = {0};
		float bounds[VDB_GROUP];
		uint32_t mask;

		code_dot(group + 2 * VDB_LINE, query->hi, lines, acc);
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
		scan_list(index, &index->probes[i]);
		stats->codes += index->rows[index->probes[i].list];
	}
}

/* Make more room and pass over the same codes again. */
static void
resume(MemoryIndex *index, uint32_t probes, MemoryStats *stats)
{
	VdbCandidate *items = allocate(index->room * 4 * sizeof(VdbCandidate));

	memcpy(items, index->items, index->queue.count * sizeof(VdbCandidate));
	free(index->items);
	index->items = items;
	index->room *= 4;
	vdb_queue_resume(&index->queue, items, index->room);
	scan_lists(index, probes, stats);
}

size_t
memory_index_search(MemoryIndex *index, const float *query, uint32_t probes,
					size_t k, int32_t *rows, MemoryStats *stats)
{
	size_t found = 0;
	float unit = index->scale * index->scale;
	VdbCandidate candidate;

	if (probes > index->lists)
		probes = index->lists;
	set_query(index, query);
	index->epsilon = vdb_epsilon(RECALL);
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
								  vdb_kernel()->l2sq_f32(
									  query,
									  vecs_row(index->base, candidate.high),
									  index->base->dim) /
									  unit);
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
