/*
 * kmeans_assign.c: every row to its cluster, in parts.
 *
 * A part is a fixed set of rows that nobody else writes to, so that it does not
 * matter who does which.
 */
#include "math/kmeans_work.h"

#include <math.h>

/*
 * What a row has found so far is the cluster that it has, with the key of now:
 * through blocks it might not meet that again.
 */
static void
begin_with_own(const VdbKmeansWork *work, const VdbRow *row, uint32_t own,
			   uint32_t *nearest, float *key)
{
	float group[VDB_GROUP];
	VdbTile tile = {.count = 0};

	if (own == VDB_UNASSIGNED)
		return;
	vdb_tile_add(&tile, row, INFINITY);
	vdb_nearest_keys(&work->set, own / VDB_GROUP, &tile, group);
	*nearest = own;
	*key = group[own % VDB_GROUP];
}

/* Some rows that lie side by side, of which each has a cluster or none. */
static void
find_nearest(const VdbKmeans *task, const VdbKmeansWork *work,
			 const VdbRow *rows, const uint32_t *own, size_t n,
			 uint32_t *nearest)
{
	float keys[VDB_KMEANS_ROWS];

	vdb_nearest_begin(nearest, keys, n);
	if (!vdb_kmeans_in_blocks(task->count))
	{
		vdb_nearest(&work->set, 0, rows, n, nearest, keys);
		return;
	}
	for (size_t i = 0; i < n; i++)
		begin_with_own(work, vdb_row_at(rows, i, task->dim), own[i],
					   &nearest[i], &keys[i]);
	vdb_blocks_nearest(&(VdbBlocks){&work->set, &work->means, &work->screen,
									vdb_kmeans_wanted(task->count),
									vdb_kmeans_scratch_of(task).nearest},
					   0, rows, n, 1, nearest, keys);
}

/* Every so many-th row from the first on, side by side. */
static const VdbRow *
gather(const VdbKmeans *task, size_t first, size_t n, uint32_t step)
{
	VdbRow *rows = (VdbRow *) vdb_kmeans_scratch_of(task).rows;

	for (size_t i = 0; i < n; i++)
		memcpy(vdb_row_at(rows, i, task->dim),
			   vdb_kmeans_row(task, first + i * step), vdb_row_size(task->dim));
	return rows;
}

void
vdb_kmeans_assign(const VdbKmeans *task, VdbKmeansWork *work, size_t part)
{
	uint32_t own[VDB_KMEANS_ROWS];
	uint32_t nearest[VDB_KMEANS_ROWS];
	uint32_t step = *work->step;
	size_t first = part * VDB_KMEANS_ROWS * step;
	size_t left = (task->n - first + step - 1) / step;
	size_t n = left < VDB_KMEANS_ROWS ? left : VDB_KMEANS_ROWS;
	uint32_t *assigned = work->assigned + first;

	for (size_t i = 0; i < n; i++)
		own[i] = assigned[i * step];
	find_nearest(task, work,
				 step == 1 ? vdb_kmeans_row(task, first)
						   : gather(task, first, n, step),
				 own, n, nearest);
	for (size_t i = 0; i < n; i++)
		assigned[i * step] = nearest[i];
	work->moved[part] = memcmp(own, nearest, n * sizeof(*nearest)) != 0;
}
