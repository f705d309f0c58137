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
begin_with_own(const VdbKmeansWork *work, const VdbRow *rows,
			   const uint32_t *assigned, size_t n, uint32_t *nearest,
			   float *keys)
{
	for (size_t i = 0; i < n; i++)
	{
		float group[VDB_GROUP];
		VdbTile tile = {.count = 0};

		if (assigned[i] == VDB_UNASSIGNED)
			continue;
		vdb_tile_add(&tile, vdb_row_at(rows, i, work->set.dim), INFINITY);
		vdb_nearest_keys(&work->set, assigned[i] / VDB_GROUP, &tile, group);
		nearest[i] = assigned[i];
		keys[i] = group[assigned[i] % VDB_GROUP];
	}
}

void
vdb_kmeans_assign(const VdbKmeans *task, VdbKmeansWork *work, size_t part)
{
	uint32_t nearest[VDB_KMEANS_ROWS];
	float keys[VDB_KMEANS_ROWS];
	size_t begin = part * VDB_KMEANS_ROWS;
	size_t left = task->n - begin;
	size_t n = left < VDB_KMEANS_ROWS ? left : VDB_KMEANS_ROWS;
	const VdbRow *rows = vdb_kmeans_row(task, begin);

	vdb_nearest_begin(nearest, keys, n);
	if (vdb_kmeans_in_blocks(task->count))
	{
		begin_with_own(work, rows, work->assigned + begin, n, nearest, keys);
		vdb_blocks_nearest(&(VdbBlocks){&work->set, &work->means, &work->screen,
										vdb_kmeans_wanted(task->count),
										vdb_kmeans_scratch_of(task).nearest},
						   0, rows, n, 1, nearest, keys);
	}
	else
		vdb_nearest(&work->set, 0, rows, n, nearest, keys);
	work->moved[part] =
		memcmp(work->assigned + begin, nearest, n * sizeof(*nearest)) != 0;
	memcpy(work->assigned + begin, nearest, n * sizeof(*nearest));
}
