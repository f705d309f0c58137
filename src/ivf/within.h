/*
 * within.h: comparisons of a distance as conditions that an index has an
 * operator for.
 */
#ifndef VECDB_IVF_WITHIN_H
#define VECDB_IVF_WITHIN_H

#include "compat.h"

#include "nodes/pathnodes.h"

/* What an index can say of a distance. */
typedef struct IvfSearchable
{
	const IndexOptInfo *index;
	Oid distance; /* the function of its ordering operator */
	Oid order;	  /* the family that this orders by, of floats */
	Oid radius;	  /* the operator that searches */
	Oid sphere;	  /* its right type */
} IvfSearchable;

/* False for a family that has no such operator: one of a user's own, say. */
extern bool ivf_searchable(const IndexOptInfo *index, IvfSearchable *found);

/*
 * "column <<->> ROW(q, r, undefined)", of the index's operator, which holds
 * wherever the condition on the distance to q does, and for rows just beyond
 * it; NULL where it is no such condition.  q and r are the same for all rows of
 * the table.
 */
extern OpExpr *ivf_within(const IvfSearchable *search, const Expr *condition);

/* Like the condition of a table that it comes from, which stays. */
extern RestrictInfo *ivf_within_info(const RestrictInfo *from, OpExpr *within,
									 const RelOptInfo *rel);

#endif /* VECDB_IVF_WITHIN_H */
