/*
 * twins.h: rows that are one vector many times over.
 *
 * Such rows have one bound, and all of them come out of the queue before their
 * distance where the query lies beside them: fetching them all would be in
 * vain.  After some rows of one bound and one distance the others are taken to
 * be as far.  That is looked at when they are the next answer, so what is not
 * so is late at most.
 */
#ifndef VECDB_IVF_SCAN_TWINS_H
#define VECDB_IVF_SCAN_TWINS_H

#include "compat.h"

#include "ivf/scan/scan_state.h"

/* Rows of one bound and one distance, after which others are taken for such. */
#define IVF_TWINS 8

/*
 * Is the candidate to be taken for one?  Beyond the radius nothing is taken for
 * anything, since it would never be looked at.
 */
static inline bool
ivf_is_twin(const IvfScan *scan, const VdbCandidate *candidate)
{
	return scan->twins.count >= IVF_TWINS &&
		   candidate->key == scan->twins.bound &&
		   candidate->key > scan->least &&
		   scan->twins.distance <= ivf_scan_key(scan, scan->radius.reach);
}

/* A row of that bound was found to be at that distance, in the bounds' unit. */
static inline void
ivf_count_twin(IvfTwins *twins, double bound, double distance)
{
	if (bound != twins->bound)
		*twins = (IvfTwins){bound, distance, 1};
	else if (distance != twins->distance)
		twins->count = 0;
	else if (twins->count > 0)
		twins->count++;
}

#endif /* VECDB_IVF_SCAN_TWINS_H */
