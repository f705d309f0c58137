/*
 * avx2_keys.c: keys of rows against codes, and bounds, in AVX2.
 */
#include "kernel/avx2.h"

#ifdef VDB_X86

/* Rows that meet half a group at a time: their sums fit the registers. */
#define TILE_ROWS 4

/* Half the keys of one row; whether one is below the limit. */
AVX2 VDB_INLINE uint32_t
finish_keys(__m256i dots, const VdbTile *tile, int row, const float *half,
			const float *gain, float *out)
{
	__m256 dot = _mm256_sub_ps(_mm256_cvtepi32_ps(dots),
							   _mm256_set1_ps(tile->bias[row]));
	__m256 inner =
		_mm256_mul_ps(_mm256_set1_ps(tile->scale[row]), _mm256_loadu_ps(gain));
	__m256 key = _mm256_fnmadd_ps(inner, dot, _mm256_loadu_ps(half));
	__m256 below =
		_mm256_cmp_ps(key, _mm256_set1_ps(tile->limit[row]), _CMP_LT_OQ);

	_mm256_storeu_ps(out + row * VDB_GROUP, key);
	return (uint32_t) (_mm256_movemask_ps(below) != 0) << row;
}

/* Half a group for a constant number of rows; pairs of products fit 16 bits. */
AVX2 VDB_INLINE uint32_t
keys_tile(const uint8_t *lines, size_t nlines, const VdbTile *tile,
		  const float *half, const float *gain, float *out, int first_row,
		  int rows)
{
	const __m256i ones = _mm256_set1_epi16(1);
	__m256i sum[TILE_ROWS];
	uint32_t below = 0;

	VDB_UNROLL
	for (int i = 0; i < rows; i++)
		sum[i] = _mm256_setzero_si256();
	for (size_t line = 0; line < nlines; line++)
	{
		__m256i x =
			_mm256_loadu_si256((const __m256i *) (lines + line * VDB_LINE));

		VDB_UNROLL
		for (int i = 0; i < rows; i++)
			sum[i] = _mm256_add_epi32(
				sum[i], _mm256_madd_epi16(
							ones, _mm256_maddubs_epi16(
									  x, broadcast4(tile->rows[first_row + i] +
													line * 4))));
	}
	VDB_UNROLL
	for (int i = 0; i < rows; i++)
		below |= finish_keys(sum[i], tile, first_row + i, half, gain, out);
	return below;
}

AVX2 VDB_INLINE uint32_t
keys_half(const uint8_t *lines, size_t nlines, const VdbTile *tile,
		  const float *half, const float *gain, float *out, int first_row)
{
	switch (tile->count - first_row)
	{
		case 1:
			return keys_tile(lines, nlines, tile, half, gain, out, first_row,
							 1);
		case 2:
			return keys_tile(lines, nlines, tile, half, gain, out, first_row,
							 2);
		case 3:
			return keys_tile(lines, nlines, tile, half, gain, out, first_row,
							 3);
		default:
			return keys_tile(lines, nlines, tile, half, gain, out, first_row,
							 TILE_ROWS);
	}
}

AVX2 uint32_t
code_keys_avx2(const uint8_t *lines, size_t nlines, const VdbTile *tile,
			   const float *half, const float *gain, float *out)
{
	uint32_t below = 0;

	for (size_t row = 0; row < tile->count; row += TILE_ROWS)
		below |= keys_half(lines, nlines, tile, half, gain, out, row) |
				 keys_half(lines + VDB_LINE / 2, nlines, tile, half + 8,
						   gain + 8, out + 8, row);
	return below;
}

AVX2 uint32_t
bound_f16_avx2(const uint8_t *factors, const int32_t acc[VDB_GROUP],
			   const VdbBound *bound, float threshold, float out[VDB_GROUP])
{
	uint32_t keep = 0;

	VDB_UNROLL
	for (int v = 0; v < VDB_GROUP; v += 8)
	{
		__m256i sum = _mm256_loadu_si256((const __m256i *) (acc + v));
		__m256 add = load_f16(factors + v * 2);
		__m256 gain = load_f16(factors + VDB_LINE / 2 + v * 2);
		__m256 inner;
		__m256 value;

		inner = _mm256_fmadd_ps(_mm256_set1_ps(bound->scale),
								_mm256_cvtepi32_ps(sum),
								_mm256_set1_ps(bound->shift));
		add = _mm256_add_ps(_mm256_set1_ps(bound->base), add);
		value = _mm256_fnmadd_ps(gain, inner, add);
		_mm256_storeu_ps(out + v, value);
		value = _mm256_cmp_ps(value, _mm256_set1_ps(threshold), _CMP_NGT_UQ);
		keep |= (uint32_t) _mm256_movemask_ps(value) << v;
	}
	return keep;
}

#endif /* VDB_X86 */
