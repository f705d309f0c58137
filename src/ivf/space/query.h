/*
 * query.h: a query in the space of the codes, and lists as it sees them.
 */
#ifndef VECDB_IVF_SPACE_QUERY_H
#define VECDB_IVF_SPACE_QUERY_H

#include "compat.h"

#include "ivf/space/index.h"

/* A query in the space of the codes (math/space.h). */
typedef struct IvfQuery
{
	const IvfState *state;
	VdbSpaceQuery z;
} IvfQuery;

/* Memory for a query, in the current context; the state has to outlive it. */
extern void ivf_query_init(IvfQuery *query, const IvfState *state);

/* The query is z: D floats, from ivf_project(), which are copied. */
extern void ivf_query_set(IvfQuery *query, const float *z);

/* A leaf list as the query sees it. */
typedef struct IvfProbe
{
	VdbNear near;
	BlockNumber head;
	uint32 slot;  /* in the root list */
	uint32 pages; /* as far as the parent knows; 0: unknown */
	float passed; /* the share of its rows that pass a scan's filter, once it
				   * was read; before, one of these */
} IvfProbe;

#define IVF_PASSED_UNKNOWN (-1.0f)
#define IVF_PASSED_NONE (-2.0f) /* the list is left out */

#endif /* VECDB_IVF_SPACE_QUERY_H */
