/*
 * demand.h: how many rows the plan will ask a scan for.
 *
 * The server does not tell an access method of the LIMIT above its scan, nor
 * that there is none.  Hooks look for it when a query is about to run.
 */
#ifndef VECDB_IVF_SCAN_DEMAND_H
#define VECDB_IVF_SCAN_DEMAND_H

#include "compat.h"

#include "access/skey.h"

typedef struct IvfDemand IvfDemand;

/* Take the hooks: once in a process. */
extern void ivf_demand_init(void);

/*
 * Of the scan whose order the executor keeps there: what is above it, as long
 * as its query lives; NULL where too much is in between.
 */
extern IvfDemand *ivf_demand_of(const ScanKeyData *orderbys);

/* Is there a LIMIT?  NULL has none. */
extern bool ivf_demand_limited(const IvfDemand *demand);

/*
 * Will the scan be read to its end?  By a LIMIT that is no less than the table,
 * or since nobody stops before: not known of a cursor, which may fetch all
 * later.  Not of NULL.  Once the scan was asked for a row.
 */
extern bool ivf_demand_all(IvfDemand *demand);

/*
 * Rows up to the LIMIT, OFFSET included, where nothing between leaves any out;
 * 0: not known.  Once the scan was asked for a row.
 */
extern uint64 ivf_demand_bound(const IvfDemand *demand);

/*
 * Rows that the scan will probably be asked for until the LIMIT is reached,
 * of which so many were returned: by what the planner expected to be left out
 * and what was so far.  No more than he expected there to be, 0: not known.
 */
extern double ivf_demand_expected(const IvfDemand *demand, uint64 given);

#endif /* VECDB_IVF_SCAN_DEMAND_H */
