/*
 * neon_ranges.c: keys of a group against ranges, with NEON.
 *
 * One comparison does for both ends: of the key's distance from the first,
 * which wraps round below it.  Wider lanes are narrowed to bytes of all ones or
 * zeros, of which a bit each is kept and summed.
 */
#include "kernel/levels.h"

#ifdef VDB_ARM

#include <arm_neon.h>

/* Bit v of eight bytes that are all ones or zeros. */
VDB_INLINE uint32_t
mask_of(uint8x8_t in)
{
	const uint8x8_t bits = {1, 2, 4, 8, 16, 32, 64, 128};

	return vaddv_u8(vand_u8(in, bits));
}

VDB_INLINE uint32_t
in_range1(const uint8_t *keys, const VdbRange *range)
{
	uint8x16_t away =
		vsubq_u8(vld1q_u8(keys), vdupq_n_u8((uint8_t) range->first));
	uint8x16_t in =
		vcleq_u8(away, vdupq_n_u8((uint8_t) (range->last - range->first)));

	return mask_of(vget_low_u8(in)) | mask_of(vget_high_u8(in)) << 8;
}

/* Eight keys of two bytes, as bytes. */
VDB_INLINE uint8x8_t
eight_in_range2(const uint8_t *keys, const VdbRange *range)
{
	uint16x8_t away = vsubq_u16(vreinterpretq_u16_u8(vld1q_u8(keys)),
								vdupq_n_u16((uint16_t) range->first));

	return vmovn_u16(
		vcleq_u16(away, vdupq_n_u16((uint16_t) (range->last - range->first))));
}

VDB_INLINE uint32_t
in_range2(const uint8_t *keys, const VdbRange *range)
{
	return mask_of(eight_in_range2(keys, range)) |
		   mask_of(eight_in_range2(keys + 16, range)) << 8;
}

/* Four keys of four bytes, as halfwords. */
VDB_INLINE uint16x4_t
four_in_range4(const uint8_t *keys, const VdbRange *range)
{
	uint32x4_t away = vsubq_u32(vreinterpretq_u32_u8(vld1q_u8(keys)),
								vdupq_n_u32((uint32_t) range->first));

	return vmovn_u32(
		vcleq_u32(away, vdupq_n_u32((uint32_t) (range->last - range->first))));
}

VDB_INLINE uint32_t
eight_in_range4(const uint8_t *keys, const VdbRange *range)
{
	return mask_of(vmovn_u16(vcombine_u16(four_in_range4(keys, range),
										  four_in_range4(keys + 16, range))));
}

VDB_INLINE uint32_t
in_range4(const uint8_t *keys, const VdbRange *range)
{
	return eight_in_range4(keys, range) | eight_in_range4(keys + 32, range)
											  << 8;
}

/* Two keys of eight bytes, as words. */
VDB_INLINE uint32x2_t
two_in_range8(const uint8_t *keys, const VdbRange *range)
{
	uint64x2_t away = vsubq_u64(vreinterpretq_u64_u8(vld1q_u8(keys)),
								vdupq_n_u64(range->first));

	return vmovn_u64(vcleq_u64(away, vdupq_n_u64(range->last - range->first)));
}

VDB_INLINE uint16x4_t
four_in_range8(const uint8_t *keys, const VdbRange *range)
{
	return vmovn_u32(vcombine_u32(two_in_range8(keys, range),
								  two_in_range8(keys + 16, range)));
}

VDB_INLINE uint32_t
eight_in_range8(const uint8_t *keys, const VdbRange *range)
{
	return mask_of(vmovn_u16(vcombine_u16(four_in_range8(keys, range),
										  four_in_range8(keys + 32, range))));
}

VDB_INLINE uint32_t
in_range8(const uint8_t *keys, const VdbRange *range)
{
	return eight_in_range8(keys, range) | eight_in_range8(keys + 64, range)
											  << 8;
}

VDB_KEYS_IN_RANGES(vdb_keys_in_ranges_neon)

#endif /* VDB_ARM */
