/*
 * value_cost.h: what reading a stored vector and comparing it costs, in the
 * planner's unit.
 *
 * Shared by the planner support function of the distance functions and by the
 * index's cost estimate, so that both kinds of plan are measured alike.
 */
#ifndef VECDB_TYPES_VALUE_COST_H
#define VECDB_TYPES_VALUE_COST_H

#include "compat.h"

#include "nodes/pathnodes.h"

/* The values of a column. */
typedef struct VdbStored
{
	double bytes;	/* of a value in memory; 0: unknown */
	double outside; /* share of them that are out of line */
	double pages;	/* of the TOAST table, for such a value */
} VdbStored;

/* Of a column whose values have so many bytes, if that is known. */
extern VdbStored vdb_stored_column(Oid relid, AttrNumber attribute,
								   double bytes);

/* A function's call on vectors of so many bytes, which are at hand. */
extern Cost vdb_distance_cost(double bytes);

/* What it takes besides to have a value at hand; a page costs so much. */
extern Cost vdb_detoast_cost(const VdbStored *stored, double page_cost);

#endif /* VECDB_TYPES_VALUE_COST_H */
