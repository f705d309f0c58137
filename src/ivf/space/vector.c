/*
 * vector.c: rows on their way into a list: projection and coding.
 *
 * The space of the codes is y = P x / scale - mean, with P the index's
 * rotation and x normalized under cosine.  With c a centroid there, r = y - c,
 * and <o, .> the code's estimate of r (math/rabitq.h), a row's distance to a
 * query z is
 *
 *		L2		|z - c|^2 + |r|^2 - 2 <r, z - c>
 *		IP		-<x, q> = -<c + m, z + m> - <r, c + m> - <r, z - c>
 *
 * where m is the mean, up to a constant that the query knows.  As <r, z - c>
 * is estimated by gain * (<o, z> - <o, c>), everything that the query has no
 * part in folds into one number, "add":
 *
 *		L2		|r|^2 + 2 gain <o, c>
 *		IP		-<r, c + m> + gain <o, c>
 */
#include "compat.h"

#include <math.h>

#include "ivf/space/vector.h"
#include "types/distance.h"
#include "utils/rel.h"

/*
 * A code whose error is this many times the usual one is not trusted: the
 * bound's constant would be too small for it.
 */
#define MAX_ERROR_RATIO 1.6f

const float *
ivf_raw(const IvfIndex *ivf, Datum value)
{
	uint32 dim;
	const float *raw = ivf->type->floats(value, &dim);

	if (dim != ivf->meta.dim)
		ereport(ERROR, (errcode(ERRCODE_DATA_EXCEPTION),
						errmsg("different vector dimensions %u and %u",
							   ivf->meta.dim, dim)));
	return raw;
}

bool
ivf_normalize(const IvfIndex *ivf, const float *raw, float *out)
{
	if (ivf->type->metric == IVF_COSINE)
		return vdb_normalize(raw, out, ivf->meta.dim);
	memcpy(out, raw, ivf->meta.dim * sizeof(float));
	return true;
}

void
ivf_project(const IvfIndex *ivf, const float *x, float *out)
{
	const float *mean = ivf_mean(ivf);
	float factor = ivf->meta.scale > 0 ? 1 / ivf->meta.scale : 1;

	vdb_rotate(ivf_rotation(ivf), x, ivf->meta.dim, out);
	for (uint32 i = 0; i < ivf->meta.padded; i++)
		out[i] = out[i] * factor - mean[i];
}

void
ivf_coder_init(IvfCoder *coder, const IvfIndex *ivf)
{
	coder->ivf = ivf;
	coder->residual = palloc(ivf->meta.padded * sizeof(float));
	coder->fields = palloc(ivf->meta.padded);
}

/* The code's bytes, as the slot's lane of each code line gets them. */
static void
put_lanes(const IvfLayout *layout, const uint8 *fields, IvfEntry *entry)
{
	for (uint32 line = 0; line < layout->code_lines; line++)
		vdb_code_put(layout->format, fields, line, 0,
					 (uint8 *) &entry->lanes[line]);
}

static float
leaf_add(const IvfCoder *coder, const float *centroid, float norm2, float gain)
{
	const IvfIndex *ivf = coder->ivf;
	uint32 dim = ivf->meta.padded;
	float code_centroid =
		gain * vdb_code_inner(ivf->format, coder->fields, centroid, dim);

	if (ivf->type->metric != IVF_IP)
		return norm2 + 2 * code_centroid;
	return code_centroid -
		   vdb_kernel()->dot_f32(coder->residual, centroid, dim) -
		   vdb_kernel()->dot_f32(coder->residual, ivf_mean(ivf), dim);
}

void
ivf_code_row(IvfCoder *coder, const float *y, const float *centroid,
			 ItemPointer tid, IvfEntry *entry)
{
	const IvfIndex *ivf = coder->ivf;
	uint32 dim = ivf->meta.padded;
	VdbEncoded encoded;
	uint16 gain;
	float add;
	bool coded;

	entry->slot.tid = *tid;
	entry->slot.detail = 0;

	for (uint32 i = 0; i < dim; i++)
		coder->residual[i] = y[i] - centroid[i];
	coded =
		vdb_encode(ivf->format, coder->residual, dim, coder->fields, &encoded);
	if (!coded)
		memset(coder->fields, 0, dim);

	/* The stored gain is the one that "add" is made for. */
	gain = vdb_f32_to_f16(encoded.gain);
	add = leaf_add(coder, centroid, encoded.norm2, vdb_f16_to_f32(gain));

	/* Where the code says too little, let the row itself speak. */
	if (!coded || !isfinite(vdb_f16_to_f32(gain)) || !isfinite(add) ||
		encoded.error > MAX_ERROR_RATIO * ivf->format->error)
	{
		gain = 0;
		add = -INFINITY;
	}
	entry->factors.half[0] = vdb_f32_to_f16_floor(add);
	entry->factors.half[1] = gain;
	put_lanes(&ivf->leaf, coder->fields, entry);
}

void
ivf_code_centroid(IvfCoder *coder, float *centroid, IvfEntry *entry)
{
	const IvfIndex *ivf = coder->ivf;
	uint32 dim = ivf->meta.padded;
	const VdbKernel *kernel = vdb_kernel();
	VdbEncoded encoded;

	if (!vdb_encode(ivf->centroid_format, centroid, dim, coder->fields,
					&encoded))
		memset(coder->fields, 0, dim);
	put_lanes(&ivf->inner, coder->fields, entry);

	entry->factors.full[2] = encoded.gain;
	ivf_centroid_decode(ivf, entry, coder->fields, centroid);
	entry->factors.full[0] = kernel->dot_f32(centroid, centroid, dim);
	entry->factors.full[1] = kernel->dot_f32(centroid, ivf_mean(ivf), dim);
}

void
ivf_centroid_decode(const IvfIndex *ivf, const IvfEntry *entry, uint8 *fields,
					float *centroid)
{
	const IvfLayout *layout = &ivf->inner;

	for (uint32 line = 0; line < layout->code_lines; line++)
		vdb_code_get(layout->format, (const uint8 *) &entry->lanes[line], line,
					 0, fields);
	for (uint32 i = 0; i < ivf->meta.padded; i++)
		centroid[i] =
			entry->factors.full[2] * (fields[i] - layout->format->center);
}
