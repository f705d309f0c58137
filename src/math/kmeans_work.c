/*
 * kmeans_work.c: see kmeans_work.h.
 */
#include "math/kmeans_work.h"

/* Lays out the arrays from "base" or, if NULL, only tells their bytes. */
static size_t
lay_out(VdbKmeansWork *work, char *base, uint32_t count, uint32_t dim, size_t n)
{
	size_t many = vdb_kmeans_in_blocks(count) ? count : 0;
	size_t offset = 0;

	work->slots = 2;
	while (work->slots < 2 * (size_t) count)
		work->slots *= 2;

#define TAKE(field, elements)                                                  \
	(work->field = base != NULL ? (void *) (base + offset) : NULL,             \
	 offset += ((elements) * sizeof(*work->field) + 63) / 64 * 64)

	TAKE(made, 1);
	TAKE(centroids, vdb_centroids_bytes(count, dim));
	TAKE(assigned, n);
	TAKE(order, n);
	TAKE(ends, (size_t) count);
	TAKE(sizes, (size_t) count);
	TAKE(moved, vdb_kmeans_row_parts(n));
	TAKE(starts, (size_t) count);
	TAKE(table, work->slots);
	TAKE(blocks, many ? vdb_centroids_bytes(vdb_block_count(count), dim) : 0);
	TAKE(other, many ? vdb_centroids_bytes(count, dim) : 0);
	TAKE(ordering,
		 many ? vdb_blocks_order_memory(count, dim) / sizeof(uint64_t) + 1 : 0);
	TAKE(old, many);
	TAKE(places, many);
	TAKE(screening, many ? vdb_screen_bytes(count, dim) : 0);
#undef TAKE
	return offset;
}

size_t
vdb_kmeans_work(uint32_t count, uint32_t dim, size_t n)
{
	VdbKmeansWork work;

	return lay_out(&work, NULL, count, dim, n);
}

size_t
vdb_kmeans_scratch(uint32_t count, uint32_t dim)
{
	return (size_t) dim * (sizeof(double) + 4 * sizeof(float)) +
		   (vdb_kmeans_in_blocks(count)
				? vdb_blocks_scratch(count, vdb_kmeans_wanted(count))
				: 0);
}

VdbKmeansScratch
vdb_kmeans_scratch_of(const VdbKmeans *task)
{
	VdbKmeansScratch scratch;

	scratch.sum = task->scratch;
	scratch.mean = (float *) (scratch.sum + task->dim);
	scratch.other = scratch.mean + task->dim;
	scratch.first = scratch.other + task->dim;
	scratch.second = scratch.first + task->dim;
	scratch.nearest = scratch.second + task->dim;
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
