/*
 * pathkeys.h: where the planner may rely on the order of a scan's rows.
 *
 * A scan returns nearly all rows of nearly the right order: that is what a
 * search asks for, and not what grouping, distinct rows or a merge join can
 * live with, which take equal rows to be neighbours.
 */
#ifndef VECDB_IVF_PATHKEYS_H
#define VECDB_IVF_PATHKEYS_H

#include "compat.h"

#include "nodes/pathnodes.h"

/*
 * May this query have its rows by distance from the index?  The path's pathkeys
 * must be set.
 */
extern bool ivf_pathkeys_serve(const PlannerInfo *root, const IndexPath *path);

/*
 * Put right what the planner takes for granted of a path's order: called when
 * the path is costed.  Of several distances a scan knows the first one alone,
 * and not every order is known to a parallel worker.
 */
extern void ivf_pathkeys_correct(PlannerInfo *root, IndexPath *path);

/*
 * Have the planner forget the order of a subquery's rows where the query around
 * it might take that at its word.  Once in a process.
 */
extern void ivf_pathkeys_init(void);

#endif /* VECDB_IVF_PATHKEYS_H */
