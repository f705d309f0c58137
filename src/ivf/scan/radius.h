/*
 * radius.h: a scan for the rows within a radius of its query.
 */
#ifndef VECDB_IVF_SCAN_RADIUS_H
#define VECDB_IVF_SCAN_RADIUS_H

#include "compat.h"

#include "ivf/scan/scan_state.h"

/* The scan's first condition of a radius, or NULL where it has none. */
extern ScanKey ivf_radius_key(IndexScanDesc desc);

/*
 * The value around which a condition wants rows, not detoasted; false where a
 * NULL lets no row through.
 */
extern bool ivf_radius_center(ScanKey key, Datum *center);

/*
 * Take the conditions over, once the scan has its query: scan->value, where it
 * has one.  "placed" tells whether that has distances.  False where no row can
 * be within them.
 */
extern bool ivf_radius_set(IndexScanDesc desc, bool has_value, bool placed);

/* Is there a radius that ends the scan? */
static inline bool
ivf_radius_ends(const IvfScan *scan)
{
	return scan->radius.reach < INFINITY;
}

/*
 * The lists that were probed have no further row within the radius: is that
 * enough?  By the calibration, which knew how many lists so many rows ask for;
 * where it does not, when the last lists brought hardly any rows.
 */
extern bool ivf_radius_complete(IvfScan *scan);

#endif /* VECDB_IVF_SCAN_RADIUS_H */
