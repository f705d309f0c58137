/*
 * kmeans_work.c: see kmeans_work.h.
 */
#include "math/kmeans_work.h"

/* The next array of some bytes, in units of a cache line. */
static void *
take(char *base, uint64_t *offset, uint64_t bytes)
{
	void *array = base != NULL ? base + *offset : NULL;

	*offset += (bytes + 63) / 64 * 64;
	return array;
}

#define TAKE(into, field, elements)                                            \
	((into)->field =                                                           \
		 take(base, &offset, (uint64_t) (elements) * sizeof(*(into)->field)))

/* Lays out the arrays from "base" or, if NULL, only tells their bytes. */
static uint64_t
lay_out(VdbKmeansWork *work, char *base, uint32_t count, uint32_t dim, size_t n)
{
	size_t many = vdb_kmeans_in_blocks(count) ? count : 0;
	uint64_t offset = 0;

	work->slots = 2;
	while (work->slots < 2 * (size_t) count)
		work->slots *= 2;

	TAKE(work, made, 1);
	TAKE(work, step, 1);
	TAKE(work, centroids, vdb_centroids_bytes(count, dim));
	TAKE(work, assigned, n);
	TAKE(work, order, n);
	TAKE(work, ends, (size_t) count);
	TAKE(work, sizes, (size_t) count);
	TAKE(work, moved, vdb_kmeans_row_parts(n));
	TAKE(work, starts, (size_t) count);
	TAKE(work, table, work->slots);
	TAKE(work, blocks,
		 many ? vdb_centroids_bytes(vdb_block_count(count), dim) : 0);
	TAKE(work, other, many ? vdb_centroids_bytes(count, dim) : 0);
	TAKE(work, ordering,
		 many ? vdb_blocks_order_memory(count, dim) / sizeof(uint64_t) + 1 : 0);
	TAKE(work, old, many);
	TAKE(work, places, many);
	TAKE(work, screening, many ? vdb_screen_bytes(count, dim) : 0);
	TAKE(work, near, many * VDB_KMEANS_NEAR);
	TAKE(work, gains, many);
	TAKE(work, costs, many);
	TAKE(work, mates, many);
	TAKE(work, sorted, 2 * many);
	TAKE(work, taken, many);
	return offset;
}

uint64_t
vdb_kmeans_work(uint32_t count, uint32_t dim, size_t n)
{
	VdbKmeansWork work;

	return lay_out(&work, NULL, count, dim, n);
}

/* The same of what one process has for itself. */
static uint64_t
lay_out_scratch(VdbKmeansScratch *scratch, char *base, uint32_t count,
				uint32_t dim)
{
	size_t many = vdb_kmeans_in_blocks(count);
	uint64_t offset = 0;

	TAKE(scratch, sum, dim);
	TAKE(scratch, mean, dim);
	TAKE(scratch, other, dim);
	TAKE(scratch, first, dim);
	TAKE(scratch, second, dim);
	TAKE(scratch, rows, many * VDB_KMEANS_ROWS * vdb_row_size(dim));
	TAKE(scratch, keys, many * VDB_KMEANS_ROWS * VDB_KMEANS_NEAR);
	TAKE(scratch, gathered, many * vdb_centroids_bytes(VDB_KMEANS_NEAR, dim));
	TAKE(scratch, residuals, many * VDB_KMEANS_SPLIT_ROWS * dim);
	TAKE(scratch, nearest,
		 many ? vdb_blocks_scratch(count, vdb_kmeans_wanted(count)) : 0);
#undef TAKE
	return offset;
}

uint64_t
vdb_kmeans_scratch(uint32_t count, uint32_t dim)
{
	VdbKmeansScratch scratch;

	return lay_out_scratch(&scratch, NULL, count, dim);
}

VdbKmeansScratch
vdb_kmeans_scratch_of(const VdbKmeans *task)
{
	VdbKmeansScratch scratch;

	lay_out_scratch(&scratch, task->scratch, task->count, task->dim);
	return scratch;
}

VdbKmeansWork
vdb_kmeans_work_of(const VdbKmeans *task)
{
	VdbKmeansWork work;

	lay_out(&work, task->work, task->count, task->dim, task->n);
	vdb_centroids_place(&work.set, work.centroids, task->count, task->dim);
	if (vdb_kmeans_in_blocks(task->count))
	{
		vdb_centroids_place(&work.means, work.blocks,
							vdb_block_count(task->count), task->dim);
		vdb_screen_place(&work.screen, work.screening, task->count);
	}
	return work;
}

void
vdb_kmeans_centroids(const VdbKmeans *task, VdbCentroids *centroids)
{
	*centroids = vdb_kmeans_work_of(task).set;
}

void
vdb_kmeans_report(const VdbKmeans *task, int iteration, double share)
{
	if (task->progress == NULL)
		return;
	if (iteration > task->iterations) /* an extra one: no further, but called */
		task->progress(task->progress_arg, task->iterations, 1);
	else
		task->progress(task->progress_arg, iteration, share);
}
