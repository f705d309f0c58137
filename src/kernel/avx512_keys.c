/*
 * avx512_keys.c: keys of rows against codes, and bounds, in AVX-512.
 */
#include "kernel/avx512.h"

#ifdef VDB_X86

/* Keys of one row from its dot products; whether one is below the limit. */
AVX512 VDB_INLINE uint32_t
finish_keys(__m512i dots, const VdbTile *tile, int row, __m512 half,
			__m512 gain, float *out)
{
	__m512 dot = _mm512_sub_ps(_mm512_cvtepi32_ps(dots),
							   _mm512_set1_ps(tile->bias[row]));
	__m512 inner = _mm512_mul_ps(_mm512_set1_ps(tile->scale[row]), gain);
	__m512 key = _mm512_fnmadd_ps(inner, dot, half);

	_mm512_storeu_ps(out + row * VDB_GROUP, key);
	return (uint32_t) (_mm512_cmp_ps_mask(key, _mm512_set1_ps(tile->limit[row]),
										  _CMP_LT_OQ) != 0)
		   << row;
}

/* A constant number of rows; pairs of products fit 16 bits. */
AVX512 VDB_INLINE uint32_t
keys_tile(const uint8_t *lines, size_t nlines, const VdbTile *tile,
		  const float *half, const float *gain, float *out, int rows)
{
	const __m512i ones = _mm512_set1_epi16(1);
	__m512i sum[VDB_GEMM_ROWS];
	uint32_t below = 0;

	VDB_UNROLL
	for (int i = 0; i < rows; i++)
		sum[i] = _mm512_setzero_si512();
	for (size_t line = 0; line < nlines; line++)
	{
		__m512i x = _mm512_loadu_si512(lines + line * VDB_LINE);

		VDB_UNROLL
		for (int i = 0; i < rows; i++)
			sum[i] = _mm512_add_epi32(
				sum[i],
				_mm512_madd_epi16(
					ones, _mm512_maddubs_epi16(
							  x, broadcast4(tile->rows[i] + line * 4))));
	}
	VDB_UNROLL
	for (int i = 0; i < rows; i++)
		below |= finish_keys(sum[i], tile, i, _mm512_loadu_ps(half),
							 _mm512_loadu_ps(gain), out);
	return below;
}

/*
 * The keys of a tile by a function that is expanded for each number of rows,
 * so that the sums stay in registers.
 */
#define KEYS_BY_ROWS(keys)                                                     \
	switch (tile->count)                                                       \
	{                                                                          \
		case 0:                                                                \
			return 0;                                                          \
		case 1:                                                                \
			return keys(lines, nlines, tile, half, gain, out, 1);              \
		case 2:                                                                \
			return keys(lines, nlines, tile, half, gain, out, 2);              \
		case 3:                                                                \
			return keys(lines, nlines, tile, half, gain, out, 3);              \
		case 4:                                                                \
			return keys(lines, nlines, tile, half, gain, out, 4);              \
		case 5:                                                                \
			return keys(lines, nlines, tile, half, gain, out, 5);              \
		case 6:                                                                \
			return keys(lines, nlines, tile, half, gain, out, 6);              \
		case 7:                                                                \
			return keys(lines, nlines, tile, half, gain, out, 7);              \
		default:                                                               \
			return keys(lines, nlines, tile, half, gain, out, VDB_GEMM_ROWS);  \
	}

AVX512 uint32_t
code_keys_avx512(const uint8_t *lines, size_t nlines, const VdbTile *tile,
				 const float *half, const float *gain,
				 float *out){KEYS_BY_ROWS(keys_tile)}

AVX512_VNNI VDB_INLINE uint32_t
	keys_tile_vnni(const uint8_t *lines, size_t nlines, const VdbTile *tile,
				   const float *half, const float *gain, float *out, int rows)
{
	__m512i sum[VDB_GEMM_ROWS];
	uint32_t below = 0;

	VDB_UNROLL
	for (int i = 0; i < rows; i++)
		sum[i] = _mm512_setzero_si512();
	for (size_t line = 0; line < nlines; line++)
	{
		__m512i x = _mm512_loadu_si512(lines + line * VDB_LINE);

		VDB_UNROLL
		for (int i = 0; i < rows; i++)
			sum[i] = _mm512_dpbusd_epi32(sum[i], x,
										 broadcast4(tile->rows[i] + line * 4));
	}
	VDB_UNROLL
	for (int i = 0; i < rows; i++)
		below |= finish_keys(sum[i], tile, i, _mm512_loadu_ps(half),
							 _mm512_loadu_ps(gain), out);
	return below;
}

AVX512_VNNI uint32_t
code_keys_avx512_vnni(const uint8_t *lines, size_t nlines, const VdbTile *tile,
					  const float *half, const float *gain,
					  float *out){KEYS_BY_ROWS(keys_tile_vnni)}

AVX512 uint32_t
	bound_f16_avx512(const uint8_t *factors, const int32_t acc[VDB_GROUP],
					 const VdbBound *bound, float threshold,
					 float out[VDB_GROUP])
{
	__m512 sum = _mm512_cvtepi32_ps(_mm512_loadu_si512(acc));
	__m512 add = load_f16(factors);
	__m512 gain = load_f16(factors + VDB_LINE / 2);
	__m512 inner;
	__m512 value;

	inner = _mm512_fmadd_ps(_mm512_set1_ps(bound->scale), sum,
							_mm512_set1_ps(bound->shift));
	add = _mm512_add_ps(_mm512_set1_ps(bound->base), add);
	value = _mm512_fnmadd_ps(gain, inner, add);
	_mm512_storeu_ps(out, value);
	return _mm512_cmp_ps_mask(value, _mm512_set1_ps(threshold), _CMP_NGT_UQ);
}

#endif /* VDB_X86 */
