/*
 * memory_index.h: the index's algorithm without a server.
 *
 * The same parts (src/math, src/kernel) put together as src/ivf does, on
 * plain arrays: what a query costs here is what it would cost the server if
 * pages, locks, snapshots and SQL were free.
 */
#ifndef BENCH_MEMORY_INDEX_H
#define BENCH_MEMORY_INDEX_H

#include "math/space.h"
#include "vecs.h"

typedef struct MemoryIndex MemoryIndex;

/*
 * Build with so many lists; the vectors, which are units where the metric wants
 * them so, stay where they are and are needed.
 */
extern MemoryIndex *memory_index_build(const Vecs *base, const VdbSpace *space,
									   uint32_t lists);

/* Bytes of lists and centroids. */
extern size_t memory_index_size(const MemoryIndex *index);

/* The counts of a search, added to what they were. */
typedef struct MemoryStats
{
	size_t codes;
	size_t refined;
} MemoryStats;

/* The nearest k rows of so many lists; returns how many there were. */
extern size_t memory_index_search(MemoryIndex *index, const float *query,
								  uint32_t probes, size_t k, int32_t *rows,
								  MemoryStats *stats);

#endif /* BENCH_MEMORY_INDEX_H */
