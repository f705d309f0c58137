/*
 * vector.h: rows on their way into a list: projection and coding.
 */
#ifndef VECDB_IVF_SPACE_VECTOR_H
#define VECDB_IVF_SPACE_VECTOR_H

#include "compat.h"

#include "ivf/space/index.h"
#include "storage/itemptr.h"

/* Raise ERRCODE_DATA_EXCEPTION unless a value has the index's dimensions. */
extern void ivf_require_dim(const IvfState *state, uint32 dim);

/*
 * The floats that stand for a value: ivf_view_dim() of them, in the value or in
 * the current memory context.  Another dimension is an error.
 */
extern const float *ivf_raw(const IvfState *state, Datum value);

/*
 * out = raw, normalized under cosine.  False where the metric gives the
 * vector no distance to anything: the zero vector under cosine.
 */
extern bool ivf_normalize(const IvfState *state, const float *raw, float *out);

/* Into the space of the codes (math/space.h): out[D] = P x / scale - mean. */
extern void ivf_project(const IvfState *state, const float *x, float *out);

/* The way back, but for what is normalized, up to rounding: out[D], in[D]. */
extern void ivf_unproject(const IvfState *state, const float *y, float *out);

/*
 * The class's own distance (type.h) of what ivf_raw() gave for two values, in
 * sketches near to it or below.
 */
extern double ivf_own(const IvfState *state, const float *query,
					  const float *x);

/*
 * The bits of a value, for lists that hold them: as many bytes as a slot has in
 * the lines of a leaf's code, zeros behind.
 */
extern void ivf_bits(const IvfState *state, Datum value, uint8 *out);

/* Those bytes. */
static inline Size
ivf_bits_size(const IvfState *state)
{
	return state->leaf.code_lines * sizeof(uint32);
}

/*
 * What a row leaves in its list: the code of its residual, and the factors
 * that fold everything that does not depend on the query.
 */
typedef struct IvfCoder
{
	const IvfState *state;
	VdbCoder code;
} IvfCoder;

/* Memory for a coder, in the current context; the state has to outlive it. */
extern void ivf_coder_init(IvfCoder *coder, const IvfState *state);

/*
 * The entry of a row in the list with that centroid, both projected: D floats
 * each.  "bits" is from ivf_bits() where lists hold them, else of no use.
 */
extern void ivf_code_row(IvfCoder *coder, const float *y, const uint8 *bits,
						 const float *centroid, ItemPointer tid,
						 IvfEntry *entry);

/*
 * The entry of a list in its parent.  The centroid itself is replaced by what
 * its code stands for: that is the centroid from now on.
 */
extern void ivf_code_centroid(IvfCoder *coder, float *centroid,
							  IvfEntry *entry);

/* The centroid that an entry of the root stands for: D floats. */
extern void ivf_centroid_decode(const IvfState *state, const IvfEntry *entry,
								uint8 *fields, float *centroid);

#endif /* VECDB_IVF_SPACE_VECTOR_H */
