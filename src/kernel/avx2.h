/*
 * avx2.h: what the files of AVX2 have in common, for them alone.
 */
#ifndef VECDB_AVX2_H
#define VECDB_AVX2_H

#include "kernel/levels.h"

#ifdef VDB_X86

#include <immintrin.h>
#include <string.h>

#define AVX2 __attribute__((target("avx2,fma,f16c")))

VDB_FLOAT_KERNELS(avx2)
VDB_CODE_KERNELS(avx2)
VDB_KERNEL(bound_f16, avx2)
VDB_BIT_KERNELS(avx2)

AVX2 VDB_INLINE __m256
load_f16(const void *halves)
{
	return _mm256_cvtph_ps(_mm_loadu_si128(halves));
}

/* Four query bytes in every lane. */
AVX2 VDB_INLINE __m256i
broadcast4(const int8_t *query)
{
	int32_t four;

	memcpy(&four, query, sizeof(four));
	return _mm256_set1_epi32(four);
}

#endif /* VDB_X86 */

#endif /* VECDB_AVX2_H */
