/*
 * halfvec.c: what tells type halfvec from other dense types: its elements.
 */
#include "postgres.h"

#include "kernel/kernel.h"
#include "types/halfvec.h"

static void
load(const void *elements, float *x, int count)
{
	vdb_kernel()->f16_to_f32(elements, x, (size_t) count);
}

static void
store(const float *x, void *elements, int count)
{
	vdb_kernel()->f32_to_f16(x, elements, (size_t) count);
}

const VdbDense vdb_halfvec_type = {
	.name = "halfvec",
	.max_dim = HALFVEC_MAX_DIM,
	.width = sizeof(uint16),
	.overflow = 65520.0f,  /* half way from the greatest half to 2^16 */
	.underflow = 0x1p-25f, /* half of the least one, which is odd */
	.load = load,
	.store = store,
	.measures = &vdb_measures_f16,
};
