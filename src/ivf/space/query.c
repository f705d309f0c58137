/*
 * query.c: see query.h.
 */
#include "compat.h"

#include "ivf/space/query.h"

void
ivf_query_init(IvfQuery *query, const IvfIndex *ivf)
{
	query->ivf = ivf;
	query->z.space = ivf->space;
	query->z.rows = ivf->format;
	query->z.lists = ivf->centroid_format;
	query->z.code.hi = palloc(ivf->meta.padded);
	query->z.code.lo = palloc(ivf->meta.padded);
}

void
ivf_query_set(IvfQuery *query, const float *z)
{
	const IvfIndex *ivf = query->ivf;

	vdb_space_query(&query->z, z, ivf_mean(ivf), ivf->meta.mean_norm2,
					ivf->meta.padded);
}
