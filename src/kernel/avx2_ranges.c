/*
 * avx2_ranges.c: keys of a group against ranges, with AVX2.
 *
 * There is no unsigned comparison: with d = key - first and s = last - first,
 * the key is in the range where min(d, s) = d.  Of 64 bits there is no minimum
 * either, but a signed comparison, which agrees once the top bits are flipped.
 */
#include "kernel/levels.h"

#ifdef VDB_X86

#include <immintrin.h>

#define AVX2 __attribute__((target("avx2,fma,f16c")))

/* Sixteen keys of a byte: a mask. */
AVX2 VDB_INLINE uint32_t
in_range1(const uint8_t *keys, const VdbRange *range)
{
	__m128i span = _mm_set1_epi8((char) (range->last - range->first));
	__m128i away = _mm_sub_epi8(_mm_loadu_si128((const __m128i *) keys),
								_mm_set1_epi8((char) range->first));

	return (uint32_t) _mm_movemask_epi8(
		_mm_cmpeq_epi8(_mm_min_epu8(away, span), away));
}

AVX2 VDB_INLINE uint32_t
in_range2(const uint8_t *keys, const VdbRange *range)
{
	__m256i span = _mm256_set1_epi16((short) (range->last - range->first));
	__m256i away = _mm256_sub_epi16(_mm256_loadu_si256((const __m256i *) keys),
									_mm256_set1_epi16((short) range->first));
	__m256i in = _mm256_cmpeq_epi16(_mm256_min_epu16(away, span), away);

	return (uint32_t) _mm_movemask_epi8(_mm_packs_epi16(
		_mm256_castsi256_si128(in), _mm256_extracti128_si256(in, 1)));
}

/* Eight keys of four bytes. */
AVX2 VDB_INLINE uint32_t
eight_in_range4(const uint8_t *keys, const VdbRange *range)
{
	__m256i span = _mm256_set1_epi32((int) (range->last - range->first));
	__m256i away = _mm256_sub_epi32(_mm256_loadu_si256((const __m256i *) keys),
									_mm256_set1_epi32((int) range->first));
	__m256i in = _mm256_cmpeq_epi32(_mm256_min_epu32(away, span), away);

	return (uint32_t) _mm256_movemask_ps(_mm256_castsi256_ps(in));
}

AVX2 VDB_INLINE uint32_t
in_range4(const uint8_t *keys, const VdbRange *range)
{
	return eight_in_range4(keys, range) |
		   eight_in_range4(keys + VDB_LINE / 2, range) << 8;
}

/* Four keys of eight bytes. */
AVX2 VDB_INLINE uint32_t
four_in_range8(const uint8_t *keys, const VdbRange *range)
{
	const uint64_t top = UINT64_C(1) << 63;
	__m256i span =
		_mm256_set1_epi64x((int64_t) ((range->last - range->first) ^ top));
	__m256i away = _mm256_sub_epi64(_mm256_loadu_si256((const __m256i *) keys),
									_mm256_set1_epi64x((int64_t) range->first));
	__m256i out = _mm256_cmpgt_epi64(
		_mm256_xor_si256(away, _mm256_set1_epi64x((int64_t) top)), span);

	return ~(uint32_t) _mm256_movemask_pd(_mm256_castsi256_pd(out)) & 15;
}

AVX2 VDB_INLINE uint32_t
in_range8(const uint8_t *keys, const VdbRange *range)
{
	uint32_t mask = 0;

	VDB_UNROLL
	for (int i = 0; i < 4; i++)
		mask |= four_in_range8(keys + i * 32, range) << (i * 4);
	return mask;
}

AVX2
VDB_KEYS_IN_RANGES(vdb_keys_in_ranges_avx2)

#endif /* VDB_X86 */
