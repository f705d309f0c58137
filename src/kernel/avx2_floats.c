/*
 * avx2_floats.c: sums over pairs of floats and halves, and conversions, in AVX2
 * with FMA and F16C.
 */
#include "kernel/avx2.h"

#ifdef VDB_X86

/* Rounds a float to a half; a constant, as the instruction demands. */
#define NEAREST (_MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC)

AVX2 VDB_INLINE float
sum8(__m256 x)
{
	__m128 four =
		_mm_add_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
	__m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));

	return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}

AVX2 VDB_INLINE float
sum32(const __m256 sum[4])
{
	return sum8(_mm256_add_ps(_mm256_add_ps(sum[0], sum[1]),
							  _mm256_add_ps(sum[2], sum[3])));
}

/* Selects the first n < 8 elements; the others are neither read nor counted. */
AVX2 VDB_INLINE __m256i
first(size_t n)
{
	static const int32_t window[16] = {-1, -1, -1, -1, -1, -1, -1, -1};

	return _mm256_loadu_si256((const __m256i *) (window + 8 - n));
}

/*
 * The last n < 8 halves, from i on, and zeros.  A load cannot leave halves
 * out: so it reads those before i as well, if there are so many.
 */
AVX2 VDB_INLINE __m256
load_last_f16(const uint16_t *x, size_t i, size_t n)
{
	uint16_t some[8] = {0};

	if (i + n >= 8)
		return _mm256_andnot_ps(_mm256_castsi256_ps(first(8 - n)),
								load_f16(x + i + n - 8));
	memcpy(some, x + i, n * sizeof(uint16_t));
	return load_f16(some);
}

/* The elements from i on, of floats or halves: "width" is a constant. */
AVX2 VDB_INLINE __m256
load(const void *x, size_t i, size_t width)
{
	if (width == sizeof(uint16_t))
		return load_f16((const uint16_t *) x + i);
	return _mm256_loadu_ps((const float *) x + i);
}

/* The last n < 8 of them, in any order, and zeros. */
AVX2 VDB_INLINE __m256
load_last(const void *x, size_t i, size_t n, size_t width)
{
	if (width == sizeof(uint16_t))
		return load_last_f16(x, i, n);
	return _mm256_maskload_ps((const float *) x + i, first(n));
}

AVX2 VDB_INLINE __m256
add_l2sq(__m256 sum, __m256 a, __m256 b)
{
	__m256 diff = _mm256_sub_ps(a, b);

	return _mm256_fmadd_ps(diff, diff, sum);
}

AVX2 VDB_INLINE __m256
add_dot(__m256 sum, __m256 a, __m256 b)
{
	return _mm256_fmadd_ps(a, b, sum);
}

AVX2 VDB_INLINE __m256
add_l1(__m256 sum, __m256 a, __m256 b)
{
	return _mm256_add_ps(
		sum, _mm256_andnot_ps(_mm256_set1_ps(-0.0f), _mm256_sub_ps(a, b)));
}

typedef __m256 (*AddTerm)(__m256 sum, __m256 a, __m256 b);

/* The one loop of the sums over pairs; "add" is a constant and vanishes. */
AVX2 VDB_INLINE float
sum_pairs(const void *a, const void *b, size_t n, size_t width, AddTerm add)
{
	__m256 sum[4];
	size_t i = 0;

	sum[0] = sum[1] = sum[2] = sum[3] = _mm256_setzero_ps();
	for (; i + 32 <= n; i += 32)
	{
		VDB_UNROLL
		for (int j = 0; j < 4; j++)
			sum[j] = add(sum[j], load(a, i + j * 8, width),
						 load(b, i + j * 8, width));
	}
	for (; i + 8 <= n; i += 8)
		sum[0] = add(sum[0], load(a, i, width), load(b, i, width));
	if (i < n)
		sum[1] = add(sum[1], load_last(a, i, n - i, width),
					 load_last(b, i, n - i, width));
	return sum32(sum);
}

AVX2 VDB_INLINE void
add_cosine(__m256 sum[3], __m256 a, __m256 b)
{
	sum[0] = _mm256_fmadd_ps(a, b, sum[0]);
	sum[1] = _mm256_fmadd_ps(a, a, sum[1]);
	sum[2] = _mm256_fmadd_ps(b, b, sum[2]);
}

AVX2 VDB_INLINE void
sum_cosine(const void *a, const void *b, size_t n, size_t width, float out[3])
{
	__m256 even[3];
	__m256 odd[3];
	size_t i = 0;

	even[0] = even[1] = even[2] = _mm256_setzero_ps();
	odd[0] = odd[1] = odd[2] = _mm256_setzero_ps();
	for (; i + 16 <= n; i += 16)
	{
		add_cosine(even, load(a, i, width), load(b, i, width));
		add_cosine(odd, load(a, i + 8, width), load(b, i + 8, width));
	}
	if (i + 8 <= n)
	{
		add_cosine(even, load(a, i, width), load(b, i, width));
		i += 8;
	}
	if (i < n)
		add_cosine(odd, load_last(a, i, n - i, width),
				   load_last(b, i, n - i, width));
	VDB_UNROLL
	for (int j = 0; j < 3; j++)
		out[j] = sum8(_mm256_add_ps(even[j], odd[j]));
}

VDB_PAIR_SUMS(AVX2, avx2)

AVX2 void
f16_to_f32_avx2(const uint16_t *in, float *out, size_t n)
{
	size_t i = 0;

	for (; i + 8 <= n; i += 8)
		_mm256_storeu_ps(out + i, load_f16(in + i));
	for (; i < n; i++)
		out[i] = _cvtsh_ss(in[i]);
}

AVX2 void
f32_to_f16_avx2(const float *in, uint16_t *out, size_t n)
{
	size_t i = 0;

	for (; i + 8 <= n; i += 8)
		_mm_storeu_si128((__m128i *) (out + i),
						 _mm256_cvtps_ph(_mm256_loadu_ps(in + i), NEAREST));
	for (; i < n; i++)
		out[i] = _cvtss_sh(in[i], NEAREST);
}

#endif /* VDB_X86 */
