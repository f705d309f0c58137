/*
 * neon.h: what the files of NEON have in common, for them alone.
 *
 * The first table is for all AArch64; the second one, for processors that
 * have SDOT, differs in the codes only.
 */
#ifndef VECDB_NEON_H
#define VECDB_NEON_H

#include "kernel/levels.h"

#ifdef VDB_ARM

#include <arm_neon.h>
#include <string.h>

VDB_FLOAT_KERNELS(neon)
VDB_CODE_KERNELS(neon)
VDB_CODE_KERNELS(dotprod)
VDB_KERNEL(bound_f16, neon)
VDB_BIT_KERNELS(neon)

VDB_INLINE float32x4_t
load_f16(const void *halves)
{
	return vcvt_f32_f16(vreinterpret_f16_u8(vld1_u8(halves)));
}

/* Four query bytes in every lane. */
VDB_INLINE int8x16_t
broadcast4(const int8_t *query)
{
	int32_t four;

	memcpy(&four, query, sizeof(four));
	return vreinterpretq_s8_s32(vdupq_n_s32(four));
}

#endif /* VDB_ARM */

#endif /* VECDB_NEON_H */
