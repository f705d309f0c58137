/*
 * twice.c: see twice.h.
 *
 * The bounds of a row's two entries are of the same distance, so both come out
 * of the queue soon one after the other where both of their lists are probed:
 * the set is small, whatever the scan returns.  Rows with one entry are not in
 * it.
 */
#include "compat.h"

#include "common/hashfn.h"
#include "ivf/scan/twice.h"
#include "utils/memutils.h"

typedef struct TwiceRow
{
	uint64 id; /* the TID: block << 16 | offset */
	char status;
} TwiceRow;

#define SH_PREFIX tids
#define SH_ELEMENT_TYPE TwiceRow
#define SH_KEY_TYPE uint64
#define SH_KEY id
#define SH_HASH_KEY(table, key)                                                \
	hash_combine(murmurhash32((uint32) (key)), (uint32) ((key) >> 32))
#define SH_EQUAL(table, a, b) ((a) == (b))
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

/* Rows that there is room for at first. */
#define FIRST_ROWS 256

bool
ivf_twice_met(IvfTwice **twice, MemoryContext context,
			  const VdbCandidate *candidate)
{
	uint64 id = (uint64) candidate->high << 16 | candidate->low;
	bool found;

	if (*twice == NULL)
		*twice = tids_create(context, FIRST_ROWS, NULL);
	tids_insert(*twice, id, &found);
	if (found)
		tids_delete(*twice, id);
	return found;
}

void
ivf_twice_reset(IvfTwice *twice)
{
	if (twice)
		tids_reset(twice);
}
