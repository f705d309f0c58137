/*
 * kmeans.h: k-means over quantized rows, by one process or several.
 *
 * Lloyd's iterations on a sample, started from distinct random rows.  Memory
 * is the caller's; nothing here allocates.
 */
#ifndef VECDB_KMEANS_H
#define VECDB_KMEANS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "math/nearest.h"

/*
 * Called often, between blocks of work, with the iteration (from 1) and the
 * share of it that is done (0 to 1).  It may not return (longjmp): no state is
 * lost that matters then.
 */
typedef void (*VdbProgress)(void *arg, int iteration, double share);

/* What an iteration does in parts that do not depend on each other. */
typedef enum VdbKmeansStep
{
	VDB_KMEANS_FIND_NEAR,	/* the centroids near each */
	VDB_KMEANS_WEIGH,		/* what a cluster gains in two, costs in one */
	VDB_KMEANS_ASSIGN,		/* rows to the nearest of all, or through blocks */
	VDB_KMEANS_ASSIGN_NEAR, /* to the nearest of those near their own */
	VDB_KMEANS_UPDATE
} VdbKmeansStep;

/*
 * Has vdb_kmeans_part() called once for each part from 0 to parts - 1, in any
 * order and by any process that has the same task, and returns when all of
 * that is done.
 */
typedef void (*VdbKmeansRun)(void *arg, int iteration, VdbKmeansStep step,
							 size_t parts);

typedef struct VdbKmeans
{
	uint32_t dim;
	uint32_t count;		/* centroids wanted, >= 1 */
	size_t n;			/* sample rows, < 2^32 - 2; may be fewer than
						 * count */
	const VdbRow *rows; /* n of them */
	int iterations;		/* at most; stops when nothing moves, unless there are
						 * blocks */
	uint64_t seed;
	void *work;			  /* vdb_kmeans_work() bytes, aligned to 64 */
	void *scratch;		  /* vdb_kmeans_scratch() bytes, aligned to 64 */
	VdbProgress progress; /* or NULL */
	void *progress_arg;
	VdbKmeansRun run; /* or NULL: alone */
	void *run_arg;
} VdbKmeans;

/*
 * Bytes of VdbKmeans.work, which all processes share and the centroids are
 * part of, and of VdbKmeans.scratch, which each has for itself.  Like those of
 * centroids, they may be more than the machine has addresses for.
 */
extern uint64_t vdb_kmeans_work(uint32_t count, uint32_t dim, size_t n);
extern uint64_t vdb_kmeans_scratch(uint32_t count, uint32_t dim);

/*
 * Train.  Returns how many centroids were made: count, or fewer where the
 * sample has fewer distinct rows (then the first so many are set; 0 for no
 * rows).  An empty cluster takes over half of the most populous one that holds
 * distinct rows (a copy of its centroid, both perturbed in opposite
 * directions), so that no list stays empty while another holds distinct rows.
 * Where VDB_BLOCKS_LEAST or more are wanted, near ones are side by side, as
 * blocks.h has it, and rows find theirs through these blocks, or in between
 * among those near the one that they have; and centroids of which one is enough
 * give one away to where rows gain most by it (kmeans_swap.c).
 * Duplicated rows are fine.  Equal tasks give equal results under the same
 * kernel, whoever runs the parts.
 */
extern uint32_t vdb_kmeans(const VdbKmeans *task);

/* One part of a step, while another process is in vdb_kmeans(). */
extern void vdb_kmeans_part(const VdbKmeans *task, VdbKmeansStep step,
							size_t part);

/* The centroids of a task, which lie in its work memory. */
extern void vdb_kmeans_centroids(const VdbKmeans *task,
								 VdbCentroids *centroids);

#endif /* VECDB_KMEANS_H */
