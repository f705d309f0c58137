/*
 * conditions.h: what a scan's index conditions ask of rows.
 *
 * Those on scalar columns are tested in groups, before a code is read, and in
 * the root's summaries; of the vector itself it can be asked whether it is
 * NULL.
 */
#ifndef VECDB_IVF_SCAN_CONDITIONS_H
#define VECDB_IVF_SCAN_CONDITIONS_H

#include "compat.h"

#include "ivf/scan/scan_state.h"

/* Take over the scan keys, into memory of the query's context. */
extern void ivf_conditions_set(IndexScanDesc desc);

/* Can no row pass? */
static inline bool
ivf_conditions_fail(const IvfScan *scan)
{
	return (scan->filter && scan->filter->never) ||
		   !(scan->with_values || scan->with_nulls);
}

/* Which lanes of a group pass; the scan has a filter. */
extern uint32 ivf_conditions_lanes(IvfScan *scan, const IvfGroup *group);

/* The list of that rank was read for the first time. */
extern void ivf_conditions_count(IvfScan *scan, uint32 rank);

/*
 * Of the rows near the query, the share that passes: above zero, and one where
 * there is no filter.  From the lists probed so far, the nearest of which count
 * most.
 */
extern double ivf_pass_rate(IvfScan *scan);

#endif /* VECDB_IVF_SCAN_CONDITIONS_H */
