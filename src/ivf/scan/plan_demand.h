/*
 * plan_demand.h: what takes the rows of a plan's scans.
 */
#ifndef VECDB_IVF_SCAN_PLAN_DEMAND_H
#define VECDB_IVF_SCAN_PLAN_DEMAND_H

#include "compat.h"

#include "nodes/execnodes.h"

/*
 * A LIMIT, a node that reads all that is below it before it hands a row up, or
 * the query as a whole.
 */
typedef struct IvfTaker
{
	const LimitState *limit; /* or NULL */
	bool exact;				 /* each row of the scan comes up to the LIMIT */
	bool all;				 /* reads the scan to its end */
	bool of_query;			 /* is the query, which may be a cursor */
} IvfTaker;

typedef void (*IvfTakerVisit)(const IvfTaker *taker, IndexScanState *scan);

/*
 * Visit every index scan of a plan that something is known to take rows of,
 * through nodes that hand them up in order, one for one or fewer.  A scan that
 * several takers have below them comes with each, the nearest one last.
 */
extern void ivf_plan_visit_takers(PlanState *top, IvfTakerVisit visit);

#endif /* VECDB_IVF_SCAN_PLAN_DEMAND_H */
