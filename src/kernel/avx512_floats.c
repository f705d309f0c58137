/*
 * avx512_floats.c: sums over pairs of floats and halves, and conversions, in
 * AVX-512.
 */
#include "kernel/avx512.h"

#ifdef VDB_X86

/* Rounds a float to a half; a constant, as the instruction demands. */
#define NEAREST (_MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC)

AVX512 VDB_INLINE float
sum64(const __m512 sum[4])
{
	return _mm512_reduce_add_ps(_mm512_add_ps(_mm512_add_ps(sum[0], sum[1]),
											  _mm512_add_ps(sum[2], sum[3])));
}

/* Selects the first n < 16 elements; the others are not read. */
AVX512 VDB_INLINE __mmask16
first(size_t n)
{
	return (__mmask16) ((1u << n) - 1);
}
/* The elements from i on, of floats or halves: "width" is a constant. */
AVX512 VDB_INLINE __m512
load(const void *x, size_t i, size_t width)
{
	if (width == sizeof(uint16_t))
		return load_f16((const uint16_t *) x + i);
	return _mm512_loadu_ps((const float *) x + i);
}

/* No more than n < 16 of them, the others zero and not read. */
AVX512 VDB_INLINE __m512
load_first(const void *x, size_t i, size_t n, size_t width)
{
	if (width == sizeof(uint16_t))
		return _mm512_cvtph_ps(
			_mm256_maskz_loadu_epi16(first(n), (const uint16_t *) x + i));
	return _mm512_maskz_loadu_ps(first(n), (const float *) x + i);
}

AVX512 VDB_INLINE __m512
add_l2sq(__m512 sum, __m512 a, __m512 b)
{
	__m512 diff = _mm512_sub_ps(a, b);

	return _mm512_fmadd_ps(diff, diff, sum);
}

AVX512 VDB_INLINE __m512
add_dot(__m512 sum, __m512 a, __m512 b)
{
	return _mm512_fmadd_ps(a, b, sum);
}

AVX512 VDB_INLINE __m512
add_l1(__m512 sum, __m512 a, __m512 b)
{
	return _mm512_add_ps(sum, _mm512_abs_ps(_mm512_sub_ps(a, b)));
}

typedef __m512 (*AddTerm)(__m512 sum, __m512 a, __m512 b);

/* The one loop of the sums over pairs; "add" is a constant and vanishes. */
AVX512 VDB_INLINE float
sum_pairs(const void *a, const void *b, size_t n, size_t width, AddTerm add)
{
	__m512 sum[4];
	size_t i = 0;

	sum[0] = sum[1] = sum[2] = sum[3] = _mm512_setzero_ps();
	for (; i + 64 <= n; i += 64)
	{
		VDB_UNROLL
		for (int j = 0; j < 4; j++)
			sum[j] = add(sum[j], load(a, i + j * 16, width),
						 load(b, i + j * 16, width));
	}
	for (; i + 16 <= n; i += 16)
		sum[0] = add(sum[0], load(a, i, width), load(b, i, width));
	if (i < n)
		sum[1] = add(sum[1], load_first(a, i, n - i, width),
					 load_first(b, i, n - i, width));
	return sum64(sum);
}

AVX512 VDB_INLINE void
add_cosine(__m512 sum[3], __m512 a, __m512 b)
{
	sum[0] = _mm512_fmadd_ps(a, b, sum[0]);
	sum[1] = _mm512_fmadd_ps(a, a, sum[1]);
	sum[2] = _mm512_fmadd_ps(b, b, sum[2]);
}

AVX512 VDB_INLINE void
sum_cosine(const void *a, const void *b, size_t n, size_t width, float out[3])
{
	__m512 even[3];
	__m512 odd[3];
	size_t i = 0;

	even[0] = even[1] = even[2] = _mm512_setzero_ps();
	odd[0] = odd[1] = odd[2] = _mm512_setzero_ps();
	for (; i + 32 <= n; i += 32)
	{
		add_cosine(even, load(a, i, width), load(b, i, width));
		add_cosine(odd, load(a, i + 16, width), load(b, i + 16, width));
	}
	if (i + 16 <= n)
	{
		add_cosine(even, load(a, i, width), load(b, i, width));
		i += 16;
	}
	if (i < n)
		add_cosine(odd, load_first(a, i, n - i, width),
				   load_first(b, i, n - i, width));
	VDB_UNROLL
	for (int j = 0; j < 3; j++)
		out[j] = _mm512_reduce_add_ps(_mm512_add_ps(even[j], odd[j]));
}

VDB_PAIR_SUMS(AVX512, avx512)

AVX512 void
f16_to_f32_avx512(const uint16_t *in, float *out, size_t n)
{
	size_t i = 0;

	for (; i + 16 <= n; i += 16)
		_mm512_storeu_ps(out + i, load_f16(in + i));
	if (i < n)
		_mm512_mask_storeu_ps(out + i, first(n - i),
							  load_first(in, i, n - i, sizeof(uint16_t)));
}

AVX512 void
f32_to_f16_avx512(const float *in, uint16_t *out, size_t n)
{
	size_t i = 0;

	for (; i + 16 <= n; i += 16)
		_mm256_storeu_si256((__m256i *) (out + i),
							_mm512_cvtps_ph(_mm512_loadu_ps(in + i), NEAREST));
	if (i < n)
		_mm256_mask_storeu_epi16(
			out + i, first(n - i),
			_mm512_cvtps_ph(load_first(in, i, n - i, sizeof(float)), NEAREST));
}

#endif /* VDB_X86 */
