/*
 * avx512_ranges.c: keys of a group against ranges, with AVX-512.
 *
 * Masks are what its comparisons give.  One comparison does for both ends: of
 * the key's distance from the first, which wraps round below it.
 */
#include "kernel/levels.h"

#ifdef VDB_X86

#include <immintrin.h>

#define AVX512                                                                 \
	__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma,"       \
						  "f16c")))

AVX512 VDB_INLINE uint32_t
in_range1(const uint8_t *keys, const VdbRange *range)
{
	__m128i away = _mm_sub_epi8(_mm_loadu_si128((const __m128i *) keys),
								_mm_set1_epi8((char) range->first));

	return _mm_cmple_epu8_mask(
		away, _mm_set1_epi8((char) (range->last - range->first)));
}

AVX512 VDB_INLINE uint32_t
in_range2(const uint8_t *keys, const VdbRange *range)
{
	__m256i away = _mm256_sub_epi16(_mm256_loadu_si256((const __m256i *) keys),
									_mm256_set1_epi16((short) range->first));

	return _mm256_cmple_epu16_mask(
		away, _mm256_set1_epi16((short) (range->last - range->first)));
}

AVX512 VDB_INLINE uint32_t
in_range4(const uint8_t *keys, const VdbRange *range)
{
	__m512i away = _mm512_sub_epi32(_mm512_loadu_si512(keys),
									_mm512_set1_epi32((int) range->first));

	return _mm512_cmple_epu32_mask(
		away, _mm512_set1_epi32((int) (range->last - range->first)));
}

/* Eight keys of eight bytes. */
AVX512 VDB_INLINE uint32_t
eight_in_range8(const uint8_t *keys, const VdbRange *range)
{
	__m512i away = _mm512_sub_epi64(_mm512_loadu_si512(keys),
									_mm512_set1_epi64((int64_t) range->first));

	return _mm512_cmple_epu64_mask(
		away, _mm512_set1_epi64((int64_t) (range->last - range->first)));
}

AVX512 VDB_INLINE uint32_t
in_range8(const uint8_t *keys, const VdbRange *range)
{
	return eight_in_range8(keys, range) |
		   eight_in_range8(keys + VDB_LINE, range) << 8;
}

AVX512
VDB_KEYS_IN_RANGES(vdb_keys_in_ranges_avx512)

#endif /* VDB_X86 */
