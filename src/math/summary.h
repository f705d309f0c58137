/*
 * summary.h: what keys a list has in one column, so that a search may pass it
 * by.
 *
 * A summary of 32 bytes may lie on disk; one of zero bytes is that of an empty
 * list.  It may tell of more than the list has, never of less: so it is widened
 * before a row is added, and only a look at all rows makes it narrower.
 */
#ifndef VECDB_SUMMARY_H
#define VECDB_SUMMARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "math/ranges.h"

#define VDB_SUMMARY_KEYS 1	/* there is a key */
#define VDB_SUMMARY_NULLS 2 /* there is a NULL */

typedef struct VdbSummary
{
	uint64_t least; /* of the keys, where there is one */
	uint64_t most;
	uint64_t hashes; /* bit h is set for a key whose hash is h */
	uint64_t has;	 /* VDB_SUMMARY_* */
} VdbSummary;

/*
 * Widen a summary by a row's key, or by a NULL: false if it has been as wide.
 */
extern bool vdb_summary_add(VdbSummary *summary, bool null, uint64_t key);

/* Widen it by another one: false if it has been as wide. */
extern bool vdb_summary_join(VdbSummary *summary, const VdbSummary *other);

/*
 * The hashes that the keys of a set can have: all of them unless the set has
 * few keys.
 */
extern uint64_t vdb_summary_hashes(const VdbRange *set, size_t n);

/*
 * May the list have a key of the set?  "hashes" is that of the set.  A search
 * asks this of every list: most are told by the set's ends, without a branch.
 */
static inline bool
vdb_summary_meets(const VdbSummary *summary, const VdbRange *set, size_t n,
				  uint64_t hashes)
{
	bool may = (summary->hashes & hashes) != 0;

	if (n == 0 || !(summary->has & VDB_SUMMARY_KEYS))
		return false;
	may &= (summary->least <= set[n - 1].last);
	may &= (summary->most >= set[0].first);
	if (n == 1)
		return may;
	return may && vdb_ranges_overlap(set, n, summary->least, summary->most);
}

#endif /* VECDB_SUMMARY_H */
