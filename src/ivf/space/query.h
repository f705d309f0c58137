/*
 * query.h: a query in the space of the codes, and the bounds of rows.
 */
#ifndef VECDB_IVF_SPACE_QUERY_H
#define VECDB_IVF_SPACE_QUERY_H

#include "compat.h"

#include "ivf/space/index.h"

/* A query in the space of the codes. */
typedef struct IvfQuery
{
	const IvfIndex *ivf;
	float *z;		/* D: P q / scale - mean */
	float mean_dot; /* <mean, z + mean>, for inner product */
	VdbQuery code;
} IvfQuery;

extern void ivf_query_init(IvfQuery *query, const IvfIndex *ivf);
extern void ivf_query_set(IvfQuery *query, const float *z);

/* A leaf list as the query sees it. */
typedef struct IvfProbe
{
	float distance; /* of the centroid, for the order of lists */
	float gap;		/* |z - centroid| */
	float norm;		/* |centroid| */
	BlockNumber head;
	uint32 slot;  /* in the root list */
	uint32 pages; /* as far as the parent knows; 0: unknown */
} IvfProbe;

/*
 * The bound's constants for the codes of a list, "epsilon" standard errors
 * below estimates, and their unit.
 */
extern void ivf_probe_bound(const IvfQuery *query, const IvfProbe *probe,
							float epsilon, VdbBound *bound);

/* What a bound of one is in the exact distance's unit. */
extern double ivf_bound_unit(const IvfIndex *ivf);

#endif /* VECDB_IVF_SPACE_QUERY_H */
