/*
 * clauses.h: conditions that the planner leaves out, or takes too many of.
 */
#ifndef VECDB_IVF_CLAUSES_H
#define VECDB_IVF_CLAUSES_H

#include "compat.h"

#include "nodes/pathnodes.h"

/*
 * Make index conditions of all restrictions of the table that the path's index
 * can test, and of no others: called when the path is costed.
 */
extern void ivf_clauses_complete(PlannerInfo *root, IndexPath *path);

#endif /* VECDB_IVF_CLAUSES_H */
