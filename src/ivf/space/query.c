/*
 * query.c: see query.h.
 */
#include "compat.h"

#include <math.h>

#include "ivf/space/query.h"

/* Relative error of sums of float32 products, with room to spare. */
#define ROUNDING 2e-6f

void
ivf_query_init(IvfQuery *query, const IvfIndex *ivf)
{
	query->ivf = ivf;
	query->z = palloc(ivf->meta.padded * sizeof(float));
	query->code.hi = palloc(ivf->meta.padded);
	query->code.lo = palloc(ivf->meta.padded);
}

void
ivf_query_set(IvfQuery *query, const float *z)
{
	const IvfIndex *ivf = query->ivf;
	uint32 dim = ivf->meta.padded;

	memcpy(query->z, z, dim * sizeof(float));
	vdb_quantize_query(z, dim, &query->code);
	query->mean_dot =
		vdb_kernel()->dot_f32(ivf_mean(ivf), z, dim) + ivf->meta.mean_norm2;
}

void
ivf_probe_bound(const IvfQuery *query, const IvfProbe *probe, float epsilon,
				VdbBound *bound)
{
	const IvfIndex *ivf = query->ivf;
	const VdbCodeFormat *format = ivf->format;
	float factor = ivf->type->metric == IVF_IP ? 1 : 2;

	/* The errors of the code and of the quantized query are independent. */
	float error =
		hypotf(format->error * probe->gap, format->spread * query->code.rest);

	bound->base = probe->distance -
				  ROUNDING * (query->code.norm2 + probe->norm * probe->norm +
							  fabsf(query->mean_dot));
	bound->scale = factor * query->code.step;
	bound->shift =
		factor * (epsilon * error -
				  query->code.step * format->center * query->code.hi_sum);
}

double
ivf_bound_unit(const IvfIndex *ivf)
{
	double scale = ivf->meta.scale > 0 ? ivf->meta.scale : 1;

	return scale * scale * (ivf->type->metric == IVF_COSINE ? 0.5 : 1);
}
