/*
 * cost_passing.h: what the conditions of an index let through, as the planner
 * expects.
 */
#ifndef VECDB_IVF_COST_PASSING_H
#define VECDB_IVF_COST_PASSING_H

#include "compat.h"

#include "nodes/pathnodes.h"

/* Shares of the index's rows, 0 to 1. */
typedef struct IvfPassing
{
	bool radius;		/* there is one */
	Selectivity within; /* it, the least one */
	Selectivity scalar; /* the conditions on other columns */
	Selectivity second; /* of these on the first one, which sorts lists */
} IvfPassing;

/* Of a path whose clauses are complete; 1 where it has none. */
extern IvfPassing ivf_passing(PlannerInfo *root, const IndexPath *path);

/*
 * Of lists of so many rows, which are in a random order or sorted by the first
 * scalar column: the share that holds a row which passes, others being known by
 * their summaries, and of all groups the share of those whose codes are read.
 */
extern void ivf_passing_lists(const IvfPassing *passing, double list_rows,
							  double *lists, double *groups);

#endif /* VECDB_IVF_COST_PASSING_H */
