/*
 * vector.c: rows on their way into a list: projection and coding.
 *
 * math/space.h has the formulas; here they meet values and entries.
 */
#include "compat.h"

#include "ivf/space/vector.h"
#include "math/sketch.h"
#include "types/distance.h"
#include "utils/rel.h"

void
ivf_require_dim(const IvfState *state, uint32 dim)
{
	if (dim != state->meta.dim)
		ereport(ERROR, (errcode(ERRCODE_DATA_EXCEPTION),
						errmsg("different %s %u and %u", state->type->length,
							   state->meta.dim, dim)));
}

const float *
ivf_raw(const IvfState *state, Datum value)
{
	const IvfType *type = state->type;
	const float *raw;
	uint32 dim;

	if (state->meta.sketch > 0)
	{
		ivf_require_dim(state, type->dim(value));
		return type->sketch(value, state->meta.seed, state->meta.sketch);
	}
	raw = type->floats(value, &dim);
	ivf_require_dim(state, dim);
	return raw;
}

bool
ivf_normalize(const IvfState *state, const float *raw, float *out)
{
	if (state->space->normalize)
		return vdb_normalize(raw, out, ivf_view_dim(&state->meta));
	memcpy(out, raw, ivf_view_dim(&state->meta) * sizeof(float));
	return true;
}

void
ivf_project(const IvfState *state, const float *x, float *out)
{
	vdb_rotate(ivf_rotation(state), x, ivf_view_dim(&state->meta), out);
	vdb_space_shift(out, state->meta.padded, state->meta.scale,
					ivf_mean(state));
}

void
ivf_unproject(const IvfState *state, const float *y, float *out)
{
	const float *mean = ivf_mean(state);

	for (uint32 i = 0; i < state->meta.padded; i++)
		out[i] = (y[i] + mean[i]) * state->meta.scale;
	vdb_unrotate(ivf_rotation(state), out);
}

/*
 * Each element is in all blocks of a sketch, which have the same length
 * together: the sum of its parts is larger by the root of their number, and its
 * square by that.
 */
double
ivf_own(const IvfState *state, const float *query, const float *x)
{
	double own = state->type->own(query, x, ivf_view_dim(&state->meta));

	return state->meta.sketch > 0 ? own / VDB_SKETCH_BLOCKS : own;
}

void
ivf_coder_init(IvfCoder *coder, const IvfState *state)
{
	coder->state = state;
	coder->code.space = state->space;
	coder->code.rows = state->format;
	coder->code.lists = state->centroid_format;
	coder->code.mean = ivf_mean(state);
	coder->code.dim = state->meta.padded;
	coder->code.residual = palloc(state->meta.padded * sizeof(float));
	coder->code.fields = palloc(state->meta.padded);
}

/* The code's bytes, as the slot's lane of each code line gets them. */
static void
put_lanes(const IvfLayout *layout, const uint8 *fields, IvfEntry *entry)
{
	for (uint32 line = 0; line < layout->code_lines; line++)
		vdb_code_put(layout->format, fields, line, 0,
					 (uint8 *) &entry->lanes[line]);
}

/*
 * A row far from all others says no more of the lists than one that is this
 * many times as far as usual, squared.
 */
#define MOST_RESIDUAL 8

/* A row's |r|^2, as lists add it up to tell how well they fit. */
static float
usual_residual(const IvfState *state, float norm2)
{
	float most = MOST_RESIDUAL * state->meta.calibration.residual2;

	return norm2 <= most ? norm2 : most;
}

/* What is kept of a row's residual. */
static void
code_residual(IvfCoder *coder, const float *y, const float *centroid,
			  IvfEntry *entry)
{
	VdbRowFactors factors = vdb_space_code_row(&coder->code, y, centroid);

	entry->factors.half[0] = factors.add;
	entry->factors.half[1] = factors.gain;
	entry->factors.row.residual = usual_residual(coder->state, factors.norm2);
	put_lanes(&coder->state->leaf, coder->code.fields, entry);
}

void
ivf_code_row(IvfCoder *coder, const float *y, const uint8 *bits,
			 const float *centroid, ItemPointer tid, IvfEntry *entry)
{
	const IvfState *state = coder->state;

	entry->slot.tid = *tid;
	entry->slot.detail = 0;
	if (!state->format->verbatim)
	{
		code_residual(coder, y, centroid, entry);
		return;
	}
	memcpy(entry->lanes, bits, ivf_bits_size(state));
	entry->factors.half[0] = vdb_bit_ones(bits, ivf_bits_size(state));
	entry->factors.half[1] = 0;
	entry->factors.row.residual = usual_residual(
		state, vdb_kernel()->l2sq_f32(y, centroid, state->meta.padded));
}

void
ivf_bits(const IvfState *state, Datum value, uint8 *out)
{
	memset(out, 0, ivf_bits_size(state));
	memcpy(out, state->type->bits(value), (state->meta.dim + 7) / 8);
}

void
ivf_code_centroid(IvfCoder *coder, float *centroid, IvfEntry *entry)
{
	VdbListFactors factors = vdb_space_code_list(&coder->code, centroid);

	entry->factors.full[0] = factors.norm2;
	entry->factors.full[1] = factors.mean_dot;
	entry->factors.full[2] = factors.gain;
	put_lanes(&coder->state->inner, coder->code.fields, entry);
}

void
ivf_centroid_decode(const IvfState *state, const IvfEntry *entry, uint8 *fields,
					float *centroid)
{
	const IvfLayout *layout = &state->inner;

	for (uint32 line = 0; line < layout->code_lines; line++)
		vdb_code_get(layout->format, (const uint8 *) &entry->lanes[line], line,
					 0, fields);
	vdb_space_decode_list(layout->format, fields, entry->factors.full[2],
						  state->meta.padded, centroid);
}
