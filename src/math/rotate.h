/*
 * rotate.h: a fixed random rotation, fast for every dimension.
 *
 * Rounds of random sign flips and a fast Hadamard transform over a power of
 * two of the dimensions, alternately the first and the last ones, with a
 * Givens rotation by 45 degrees between the halves after both where the
 * dimension is no power of two, so that everything mixes (after Kac's
 * walk).  Orthonormal: lengths and inner products stay as they are, up to
 * rounding.  The same seed and dimension give the same rotation everywhere.
 */
#ifndef VECDB_ROTATE_H
#define VECDB_ROTATE_H

#include <stddef.h>
#include <stdint.h>

/* Dimensions are padded with zeros to a multiple of this. */
#define VDB_DIM_ALIGN 16

typedef struct VdbRotation VdbRotation;

/* The padded dimension: dim rounded up to a multiple of VDB_DIM_ALIGN. */
extern uint32_t vdb_padded_dim(uint32_t dim);

/* Bytes of a rotation of "padded" dimensions (a multiple of 16, > 0). */
extern size_t vdb_rotation_size(uint32_t padded);

/*
 * Fills vdb_rotation_size() bytes, aligned to 8, with the rotation of that
 * seed.  The result holds no pointer: it may be copied with memcpy.
 */
extern void vdb_rotation_init(VdbRotation *rotation, uint32_t padded,
							  uint64_t seed);

/*
 * out[0 .. padded) = rotation of in[0 .. dim) followed by zeros;
 * dim <= padded.  in and out may not overlap.
 */
extern void vdb_rotate(const VdbRotation *rotation, const float *in,
					   uint32_t dim, float *out);

/* The way back, in place: "padded" floats, of which those behind dim get zero,
 * up to rounding. */
extern void vdb_unrotate(const VdbRotation *rotation, float *x);

#endif /* VECDB_ROTATE_H */
