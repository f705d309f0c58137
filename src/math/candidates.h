/*
 * candidates.h: the order of a queue's entries, and arrays of them split by it;
 * private to queue.c and candidates.c.
 */
#ifndef VECDB_CANDIDATES_H
#define VECDB_CANDIDATES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "math/queue.h"
#include "math/rng.h"

/*
 * The total order: by key, a NaN (which only an exact distance can be) after
 * all others as in SQL, then exact ones first, then by id.  In integers and
 * without a branch, since half of the branches would be mispredicted: the bits
 * of a float, the magnitude's turned over where it is negative, order like an
 * integer.
 */
typedef struct VdbRank
{
	int64_t key;
	uint64_t id;
} VdbRank;

static inline VdbRank
vdb_rank(const VdbCandidate *item)
{
	VdbRank rank;

	memcpy(&rank.key, &item->key, sizeof(rank.key));
	rank.key ^= (rank.key >> 63) & INT64_MAX;
	rank.id =
		(uint64_t) !item->exact << 48 | (uint64_t) item->high << 16 | item->low;
	return rank;
}

static inline bool
vdb_rank_less(VdbRank a, VdbRank b)
{
	return (a.key < b.key) | ((a.key == b.key) & (a.id < b.id));
}

static inline bool
vdb_candidate_before(const VdbCandidate *a, const VdbCandidate *b)
{
	return vdb_rank_less(vdb_rank(a), vdb_rank(b));
}

/*
 * Whole words: an entry written field by field and read as a whole soon after
 * would wait until all of its fields have reached the cache.
 */
static inline void
vdb_candidate_swap(VdbCandidate *a, VdbCandidate *b)
{
	uint64_t x[2];
	uint64_t y[2];

	memcpy(x, a, sizeof(x));
	memcpy(y, b, sizeof(y));
	memcpy(a, y, sizeof(y));
	memcpy(b, x, sizeof(x));
}

/*
 * Partition around the entry number "pivot" of n >= 2: returns m with
 * 0 < m < n such that none of items[0 .. m) comes after any of items[m .. n).
 */
extern size_t vdb_candidates_partition(VdbCandidate *items, size_t n,
									   size_t pivot);

/* The number of the middle one of some random entries. */
extern size_t vdb_candidates_middle(const VdbCandidate *items, size_t n);

/* The least of "samples" random entries: near the share 1 / (samples + 1). */
extern size_t vdb_candidates_least(const VdbCandidate *items, size_t n,
								   size_t samples, VdbRng *rng);

#endif /* VECDB_CANDIDATES_H */
