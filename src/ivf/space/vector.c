/*
 * vector.c: rows on their way into a list: projection and coding.
 *
 * math/space.h has the formulas; here they meet values and entries.
 */
#include "compat.h"

#include "ivf/space/vector.h"
#include "types/distance.h"
#include "utils/rel.h"

void
ivf_require_dim(const IvfIndex *ivf, uint32 dim)
{
	if (dim != ivf->meta.dim)
		ereport(ERROR, (errcode(ERRCODE_DATA_EXCEPTION),
						errmsg("different vector dimensions %u and %u",
							   ivf->meta.dim, dim)));
}

const float *
ivf_raw(const IvfIndex *ivf, Datum value)
{
	uint32 dim;
	const float *raw = ivf->type->floats(value, &dim);

	ivf_require_dim(ivf, dim);
	return raw;
}

bool
ivf_normalize(const IvfIndex *ivf, const float *raw, float *out)
{
	if (ivf->space->normalize)
		return vdb_normalize(raw, out, ivf->meta.dim);
	memcpy(out, raw, ivf->meta.dim * sizeof(float));
	return true;
}

void
ivf_project(const IvfIndex *ivf, const float *x, float *out)
{
	vdb_rotate(ivf_rotation(ivf), x, ivf->meta.dim, out);
	vdb_space_shift(out, ivf->meta.padded, ivf->meta.scale, ivf_mean(ivf));
}

void
ivf_coder_init(IvfCoder *coder, const IvfIndex *ivf)
{
	coder->ivf = ivf;
	coder->code.space = ivf->space;
	coder->code.rows = ivf->format;
	coder->code.lists = ivf->centroid_format;
	coder->code.mean = ivf_mean(ivf);
	coder->code.dim = ivf->meta.padded;
	coder->code.residual = palloc(ivf->meta.padded * sizeof(float));
	coder->code.fields = palloc(ivf->meta.padded);
}

/* The code's bytes, as the slot's lane of each code line gets them. */
static void
put_lanes(const IvfLayout *layout, const uint8 *fields, IvfEntry *entry)
{
	for (uint32 line = 0; line < layout->code_lines; line++)
		vdb_code_put(layout->format, fields, line, 0,
					 (uint8 *) &entry->lanes[line]);
}

void
ivf_code_row(IvfCoder *coder, const float *y, const float *centroid,
			 ItemPointer tid, IvfEntry *entry)
{
	VdbRowFactors factors = vdb_space_code_row(&coder->code, y, centroid);

	entry->slot.tid = *tid;
	entry->slot.detail = 0;
	entry->factors.half[0] = factors.add;
	entry->factors.half[1] = factors.gain;
	put_lanes(&coder->ivf->leaf, coder->code.fields, entry);
}

void
ivf_code_centroid(IvfCoder *coder, float *centroid, IvfEntry *entry)
{
	VdbListFactors factors = vdb_space_code_list(&coder->code, centroid);

	entry->factors.full[0] = factors.norm2;
	entry->factors.full[1] = factors.mean_dot;
	entry->factors.full[2] = factors.gain;
	put_lanes(&coder->ivf->inner, coder->code.fields, entry);
}

void
ivf_centroid_decode(const IvfIndex *ivf, const IvfEntry *entry, uint8 *fields,
					float *centroid)
{
	const IvfLayout *layout = &ivf->inner;

	for (uint32 line = 0; line < layout->code_lines; line++)
		vdb_code_get(layout->format, (const uint8 *) &entry->lanes[line], line,
					 0, fields);
	vdb_space_decode_list(layout->format, fields, entry->factors.full[2],
						  ivf->meta.padded, centroid);
}
