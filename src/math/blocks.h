/*
 * blocks.h: many centroids, near ones side by side.
 *
 * Where there are thousands of centroids, most of them are far from a row.
 * Brought into an order in which each VDB_BLOCK of them lie near each other,
 * they are searched in two steps: for the nearest of the blocks' means, and for
 * the nearest centroid in these blocks.  Some rows so get a centroid that is
 * not quite the nearest.
 *
 * Training uses them in all iterations but the last (kmeans.c).  Three million
 * generated rows in 13,534 lists then scanned 8,600 codes at a recall of 0.95,
 * 8,200 where all comparisons were made, and 11,400 where none was left.  Rows
 * get their lists by comparison with all centroids.
 *
 * Memory is the caller's; nothing here allocates.
 */
#ifndef VECDB_BLOCKS_H
#define VECDB_BLOCKS_H

#include "math/nearest.h"

#define VDB_BLOCK 64 /* centroids, whole groups */

/*
 * Blocks that are searched for a row.  Of generated rows of 96 dimensions and
 * 16,000 centroids, with 16 of them 25 % of the rows got another
 * centroid than the nearest, which made residuals 6 % larger; with 32 it was 12
 * and 2.4 %, with 48 it was 7 and 1.3 %.  A row took 2.5, 3.2 and 4.0 us, and
 * 8.8 where it was compared with all centroids.
 */
#define VDB_BLOCKS_SEARCHED 32

/* Centroids from which on it pays: three times as many as are looked at. */
#define VDB_BLOCKS_LEAST 6144

static inline uint32_t
vdb_block_count(uint32_t centroids)
{
	return centroids / VDB_BLOCK + (centroids % VDB_BLOCK != 0);
}

/* Bytes of memory for an order of so many; memory is aligned to 8. */
extern size_t vdb_blocks_order_memory(uint32_t count, uint32_t dim);

/*
 * An order of the first "count" centroids in which near ones share blocks:
 * order[i] is the number of the one in place i.  Halves of centroids are told
 * apart by the direction in which they differ most, down to single blocks.
 * "progress" is called now and then and may not return (longjmp); or NULL.
 */
extern void vdb_blocks_order(const VdbCentroids *centroids, uint32_t count,
							 uint32_t *order, void *memory,
							 void (*progress)(void *arg), void *arg);

/*
 * Bring the centroids, lanes and all, into that order; "other" is memory of as
 * many bytes as they have.
 */
extern void vdb_blocks_permute(VdbCentroids *centroids, uint32_t count,
							   const uint32_t *order, void *other);

/*
 * The means of the first "count" centroids' blocks, as centroids, which have
 * their place: vdb_block_count() of them.  "memory" is 2 * dim floats.
 */
extern void vdb_blocks_means(const VdbCentroids *centroids, uint32_t count,
							 VdbCentroids *means, float *memory);

/*
 * Bytes for a search among so many centroids, at most 4,000,000 of them; memory
 * is aligned to 8.
 */
extern size_t vdb_blocks_scratch(uint32_t centroids);

/* As vdb_nearest(), but that rows are compared with some blocks only. */
extern void vdb_blocks_nearest(const VdbCentroids *centroids,
							   const VdbCentroids *means, uint32_t first,
							   const VdbRow *rows, size_t n, uint32_t *nearest,
							   float *keys, void *scratch);

#endif /* VECDB_BLOCKS_H */
