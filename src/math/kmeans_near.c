/*
 * kmeans_near.c: the rows of a cluster among the centroids near its own.
 *
 * Most rows that change their cluster go to one whose centroid is near, and all
 * rows of a cluster have the same few of these to be compared with: 64, where a
 * search through an eighth of the blocks of 20,000 centroids meets 2,500. (Deng
 * and Zhao, "Fast k-means based on KNN graph", 2018.)
 */
#include "math/kmeans_work.h"

/* The centroids of a part as rows, with the places for their neighbours. */
static void
find_some(const VdbKmeans *task, const VdbKmeansWork *work,
		  const VdbKmeansScratch *scratch, uint32_t first, uint32_t n)
{
	uint32_t *near = vdb_kmeans_near(work, first);
	VdbRow *rows = (VdbRow *) scratch->rows;

	for (uint32_t i = 0; i < n; i++)
	{
		vdb_centroid_get(&work->set, first + i, scratch->mean);
		vdb_row_set(vdb_row_at(rows, i, task->dim), scratch->mean, task->dim);
	}
	vdb_nearest_begin(near, scratch->keys, (size_t) n * VDB_KMEANS_NEAR);
	vdb_blocks_nearest(&(VdbBlocks){&work->set, &work->means, &work->screen,
									vdb_kmeans_wanted(task->count),
									scratch->nearest},
					   0, rows, n, VDB_KMEANS_NEAR, near, scratch->keys);
	for (uint32_t i = 0; i < n * VDB_KMEANS_NEAR; i++)
		if (scratch->keys[i] == INFINITY)
			near[i] = first + i / VDB_KMEANS_NEAR;
}

/* A centroid stands before its neighbours, even where another one equals it. */
static void
put_first(uint32_t *near, uint32_t centroid)
{
	uint32_t place = 0;

	while (place + 1 < VDB_KMEANS_NEAR && near[place] != centroid)
		place++;
	memmove(near + 1, near, place * sizeof(*near));
	near[0] = centroid;
}

void
vdb_kmeans_find_near(const VdbKmeans *task, VdbKmeansWork *work, size_t part)
{
	VdbKmeansScratch scratch = vdb_kmeans_scratch_of(task);
	uint32_t first = (uint32_t) part * VDB_KMEANS_ROWS;
	uint32_t left = *work->made - first;
	uint32_t n = left < VDB_KMEANS_ROWS ? left : VDB_KMEANS_ROWS;

	find_some(task, work, &scratch, first, n);
	for (uint32_t c = first; c < first + n; c++)
		put_first(vdb_kmeans_near(work, c), c);
}

/* A cluster's centroid and those near it, side by side. */
static VdbCentroids
gather(const VdbKmeansWork *work, const VdbKmeansScratch *scratch,
	   uint32_t cluster)
{
	const uint32_t *near = vdb_kmeans_near(work, cluster);
	VdbCentroids some;

	vdb_centroids_place(&some, scratch->gathered, VDB_KMEANS_NEAR,
						work->set.dim);
	for (uint32_t i = 0; i < VDB_KMEANS_NEAR; i++)
		vdb_centroid_copy(&some, i, &work->set, near[i]);
	return some;
}

static void
assign_tile(const VdbKmeans *task, VdbKmeansWork *work,
			const VdbCentroids *some, const uint32_t *near,
			const uint32_t *rows, uint32_t n)
{
	uint32_t nearest[VDB_GEMM_ROWS];
	float kept[VDB_GEMM_ROWS];
	float keys[VDB_GEMM_ROWS * VDB_GROUP];
	VdbTile tile = {.count = 0};

	vdb_nearest_begin(nearest, kept, n);
	for (uint32_t i = 0; i < n; i++)
		vdb_tile_add(&tile, vdb_kmeans_row(task, rows[i]), INFINITY);
	for (uint32_t first = 0; first < VDB_KMEANS_NEAR; first += VDB_GROUP)
	{
		uint32_t below = vdb_nearest_keys(some, first / VDB_GROUP, &tile, keys);

		for (uint32_t i = 0; below != 0; i++, below >>= 1)
			if (below & 1)
			{
				vdb_nearest_take(keys + i * VDB_GROUP, first, 1, &nearest[i],
								 &kept[i]);
				tile.limit[i] = kept[i];
			}
	}
	for (uint32_t i = 0; i < n; i++)
		work->assigned[rows[i]] = near[nearest[i]];
}

void
vdb_kmeans_assign_near(const VdbKmeans *task, VdbKmeansWork *work,
					   uint32_t cluster)
{
	VdbKmeansScratch scratch = vdb_kmeans_scratch_of(task);
	const uint32_t *near = vdb_kmeans_near(work, cluster);
	const uint32_t *rows = vdb_kmeans_members(work, cluster);
	uint32_t size = work->sizes[cluster];
	VdbCentroids some;

	if (size == 0)
		return;
	some = gather(work, &scratch, cluster);
	for (uint32_t i = 0; i < size; i += VDB_GEMM_ROWS)
		assign_tile(task, work, &some, near, rows + i,
					size - i < VDB_GEMM_ROWS ? size - i : VDB_GEMM_ROWS);
}
