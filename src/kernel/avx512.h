/*
 * avx512.h: what the files of AVX-512 have in common, for them alone.
 *
 * The first table is for AVX-512 F, BW, DQ and VL; the second one, for
 * processors that have VNNI too, differs in codes and keys, and asks for
 * VPOPCNTQ where bits are counted.
 */
#ifndef VECDB_AVX512_H
#define VECDB_AVX512_H

#include "kernel/levels.h"

#ifdef VDB_X86

#include <immintrin.h>
#include <string.h>

#define AVX512                                                                 \
	__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma,"       \
						  "f16c")))
#define AVX512_VNNI                                                            \
	__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,"     \
						  "avx2,fma,f16c")))

VDB_FLOAT_KERNELS(avx512)
VDB_CODE_KERNELS(avx512)
VDB_CODE_KERNELS(avx512_vnni)
VDB_KERNEL(bound_f16, avx512)
VDB_BIT_KERNELS(avx512)
VDB_BIT_KERNELS(avx512_vnni)

AVX512 VDB_INLINE __m512
load_f16(const void *halves)
{
	return _mm512_cvtph_ps(_mm256_loadu_si256(halves));
}

/* Four query bytes in every lane. */
AVX512 VDB_INLINE __m512i
broadcast4(const int8_t *query)
{
	int32_t four;

	memcpy(&four, query, sizeof(four));
	return _mm512_set1_epi32(four);
}

#endif /* VDB_X86 */

#endif /* VECDB_AVX512_H */
