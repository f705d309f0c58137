/*
 * query.c: see query.h.
 */
#include "compat.h"

#include "ivf/space/options.h"
#include "ivf/space/query.h"

void
ivf_query_init(IvfQuery *query, const IvfState *state)
{
	query->state = state;
	query->z.space = state->space;
	query->z.rows = state->format;
	query->z.lists = state->centroid_format;
	/* Few components may round alike, which codes then multiply. */
	query->z.fine = state->meta.padded <= IVF_FEW_DIMENSIONS;
	query->z.sketch = state->meta.sketch > 0 ? VDB_SKETCH_ERROR : 0;
	query->z.code.hi = palloc(state->meta.padded);
	query->z.code.lo = palloc(state->meta.padded);
}

void
ivf_query_set(IvfQuery *query, const float *z)
{
	const IvfState *state = query->state;

	vdb_space_query(&query->z, z, ivf_mean(state), state->meta.mean_norm2,
					state->meta.padded);
}
