/*
 * blocks.h: many centroids, near ones side by side.
 *
 * Where there are thousands of centroids, most of them are far from a row.
 * Brought into an order in which each VDB_BLOCK of them lie near each other,
 * they are searched in two steps: for the nearest of the blocks' means, and for
 * the nearest centroid in these blocks, where the first dimensions tell of most
 * that they are too far (screen.h).  Some rows so get a centroid that is not
 * quite the nearest.
 *
 * Training uses them in every iteration that is not among near centroids alone,
 * with other blocks in each (kmeans.c): a row keeps its centroid where it meets
 * no nearer one.
 *
 * Memory is the caller's; nothing here allocates.
 */
#ifndef VECDB_BLOCKS_H
#define VECDB_BLOCKS_H

#include "math/nearest.h"
#include "math/screen.h"

#define VDB_BLOCK 32 /* centroids, whole groups */

/*
 * One in so many blocks is searched for a row, in training and afterwards.
 * Training 9,984 centroids on 640,000 generated rows of 96 dimensions, the last
 * two of ten iterations with all comparisons, took 21.1 s to a mean squared
 * distance of 75.3 of other rows; through a fifth of the blocks in all, 15.4 s
 * and 75.5; through an eighth, 12.5 s and 75.7, with which
 * searches seem to scan a tenth more codes (docs/internals.md).  All of that
 * was without a screen (screen.h).
 *
 * Of generated rows of 96 dimensions and 13,534 centroids, with a fifth of the
 * blocks 13 % of the rows got another centroid than the nearest, in 3.1 us a
 * row, with a third 5 %, in 4.3 us; all comparisons took 7.6 us.  Where 5 % of
 * a million rows in 3,072 lists were in another list than the nearest, a query
 * scanned 4 % more codes for a recall of 0.95; with 10 % it was 6 %.
 *
 * All of these had blocks of 64.  An eighth and a quarter of those of 32 do
 * what a fifth and a third do: of 260,000 such rows and 6,500 centroids
 * training took 8.0 s instead of 9.2 to an error of 85.37 instead of 85.31,
 * and 5.8 % of the rows got another centroid instead of 5.1 %.
 */
#define VDB_BLOCKS_TO_TRAIN 8
#define VDB_BLOCKS_TO_ASSIGN 4

/* Centroids from which on it pays. */
#define VDB_BLOCKS_LEAST 6144

static inline uint32_t
vdb_block_count(uint32_t centroids)
{
	return centroids / VDB_BLOCK + (centroids % VDB_BLOCK != 0);
}

/* Bytes of memory for an order of so many; memory is aligned to 8. */
extern uint64_t vdb_blocks_order_memory(uint32_t count, uint32_t dim);

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

/* How many blocks are one in so many of them. */
static inline uint32_t
vdb_blocks_part(uint32_t centroids, uint32_t one_in)
{
	return (vdb_block_count(centroids) + one_in - 1) / one_in;
}

/* What is searched. */
typedef struct VdbBlocks
{
	const VdbCentroids *centroids; /* at most 2^20 */
	const VdbCentroids *means;	   /* vdb_blocks_means() */
	const VdbScreenCentroids *screen;
	uint32_t wanted; /* blocks for a row, about; at least 1 */
	void *scratch;	 /* vdb_blocks_scratch() bytes, aligned to 8 */
} VdbBlocks;

extern uint64_t vdb_blocks_scratch(uint32_t centroids, uint32_t wanted);

/* As vdb_nearest_some(), but that rows are compared with near blocks only. */
extern void vdb_blocks_nearest(const VdbBlocks *blocks, uint32_t first,
							   const VdbRow *rows, size_t n, size_t room,
							   uint32_t *nearest, float *keys);

#endif /* VECDB_BLOCKS_H */
