/*
 * twice.h: rows that a scan may meet in two lists.
 */
#ifndef VECDB_IVF_SCAN_TWICE_H
#define VECDB_IVF_SCAN_TWICE_H

#include "compat.h"

#include "math/queue.h"

/* Rows of which one entry was met; NULL: none. */
typedef struct tids_hash IvfTwice;

/*
 * A candidate that has two entries is met: true where the other one was met
 * before, so that this one is no news.  The set is made in "context" when the
 * first one comes, and a row is in it as long as its other entry may come.
 */
extern bool ivf_twice_met(IvfTwice **twice, MemoryContext context,
						  const VdbCandidate *candidate);

/* No row was met. */
extern void ivf_twice_reset(IvfTwice *twice);

#endif /* VECDB_IVF_SCAN_TWICE_H */
