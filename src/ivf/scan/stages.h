/*
 * stages.h: what a scan returns one after the other.
 *
 * Rows with a distance come first, in its order (ranked.c); then those without,
 * those with NULL after all others (unranked.c), so that a scan run to its end
 * returns exactly the rows of the table.
 */
#ifndef VECDB_IVF_SCAN_STAGES_H
#define VECDB_IVF_SCAN_STAGES_H

#include "compat.h"

#include "ivf/scan/scan_state.h"

/*
 * Begin with rows that no condition rules out at once, those with a distance
 * first: in its order, or else as they lie in their lists.
 */
extern void ivf_stages_begin(IndexScanDesc desc, bool ordered);

/* The next row of any stage; false: there is none, and the report says why. */
extern bool ivf_stages_next(IndexScanDesc desc, ItemPointer tid);

/* No further row is within the radius. */
extern void ivf_stop_by_radius(IvfScan *scan);

#endif /* VECDB_IVF_SCAN_STAGES_H */
