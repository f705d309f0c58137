/*
 * avx2_keys.c: keys of rows against codes in AVX2.
 */
#include "kernel/avx2.h"

#include <math.h>

#ifdef VDB_X86

/* Rows that meet a group at a time: their sums fit the registers. */
#define TILE_ROWS 4

/* The halves of a group of lanes. */
#define HALVES 2
#define HALF_LANES (VDB_GROUP / HALVES)

/* The keys of half a group, from a row's dot products. */
AVX2 VDB_INLINE __m256
key_of(__m256i dots, float scale, float bias, const float *half,
	   const float *gain)
{
	__m256 dot = _mm256_sub_ps(_mm256_cvtepi32_ps(dots), _mm256_set1_ps(bias));
	__m256 inner = _mm256_mul_ps(_mm256_set1_ps(scale), _mm256_loadu_ps(gain));

	return _mm256_fnmadd_ps(inner, dot, _mm256_loadu_ps(half));
}

AVX2 VDB_INLINE __m256
below_limit(__m256 key, float limit)
{
	return _mm256_cmp_ps(key, _mm256_set1_ps(limit), _CMP_LT_OQ);
}

AVX2 VDB_INLINE __m256i
half_line(const uint8_t *line, int h)
{
	return _mm256_loadu_si256((const __m256i *) line + h);
}

/* Fields times four bytes of a row; pairs of products fit 16 bits. */
AVX2 VDB_INLINE __m256i
add_products(__m256i sum, __m256i x, __m256i row)
{
	return _mm256_add_epi32(
		sum,
		_mm256_madd_epi16(_mm256_set1_epi16(1), _mm256_maddubs_epi16(x, row)));
}

/* The products of some lines with a constant number of rows. */
AVX2 VDB_INLINE void
dot_tile(const uint8_t *lines, size_t nlines, const int8_t *const *rows,
		 int count, __m256i sum[TILE_ROWS][HALVES])
{
	VDB_UNROLL
	for (int i = 0; i < count; i++)
		sum[i][0] = sum[i][1] = _mm256_setzero_si256();
	for (size_t line = 0; line < nlines; line++)
	{
		__m256i x = half_line(lines + line * VDB_LINE, 0);
		__m256i y = half_line(lines + line * VDB_LINE, 1);

		VDB_UNROLL
		for (int i = 0; i < count; i++)
		{
			__m256i row = broadcast4(rows[i] + line * 4);

			sum[i][0] = add_products(sum[i][0], x, row);
			sum[i][1] = add_products(sum[i][1], y, row);
		}
	}
}

/* What a function does with a constant number of rows, for each number. */
#define BY_ROWS(tile, first, function)                                         \
	switch ((tile)->count - (first))                                           \
	{                                                                          \
		case 1:                                                                \
			function(1);                                                       \
			break;                                                             \
		case 2:                                                                \
			function(2);                                                       \
			break;                                                             \
		case 3:                                                                \
			function(3);                                                       \
			break;                                                             \
		default:                                                               \
			function(TILE_ROWS);                                               \
	}

/* The keys of some rows, from number "first" on; which of them has one below.
 */
AVX2 VDB_INLINE uint32_t
keys_tile(const uint8_t *lines, size_t nlines, const VdbTile *tile,
		  const float *half, const float *gain, float *out, int first, int rows)
{
	__m256i sum[TILE_ROWS][HALVES];
	uint32_t below = 0;

	dot_tile(lines, nlines, tile->rows + first, rows, sum);
	VDB_UNROLL
	for (int i = 0; i < rows; i++)
	{
		int row = first + i;
		float *keys = out + row * VDB_GROUP;
		__m256 low =
			key_of(sum[i][0], tile->scale[row], tile->bias[row], half, gain);
		__m256 high = key_of(sum[i][1], tile->scale[row], tile->bias[row],
							 half + HALF_LANES, gain + HALF_LANES);
		__m256 any = _mm256_or_ps(below_limit(low, tile->limit[row]),
								  below_limit(high, tile->limit[row]));

		_mm256_storeu_ps(keys, low);
		_mm256_storeu_ps(keys + HALF_LANES, high);
		below |= (uint32_t) (_mm256_movemask_ps(any) != 0) << row;
	}
	return below;
}

AVX2 uint32_t
code_keys_avx2(const uint8_t *lines, size_t nlines, const VdbTile *tile,
			   const float *half, const float *gain, float *out)
{
	uint32_t below = 0;

#define KEYS(rows)                                                             \
	below |= keys_tile(lines, nlines, tile, half, gain, out, (int) first, rows)
	for (size_t first = 0; first < tile->count; first += TILE_ROWS)
		BY_ROWS(tile, first, KEYS)
#undef KEYS
	return below;
}

/*
 * The products of narrow lines with a constant number of rows, from number
 * "first" on, two of four bytes apart.  Sums may overflow on their way, but not
 * in the end.
 */
AVX2 VDB_INLINE void
narrow_dots(const VdbTile *tile, const VdbScreen *screen, int first, int rows,
			__m256i sum[TILE_ROWS][HALVES])
{
	VDB_UNROLL
	for (int i = 0; i < rows; i++)
		sum[i][0] = sum[i][1] =
			broadcast4((const int8_t *) screen->start[first + i]);
	for (size_t line = 0; line < screen->lines; line++)
	{
		__m256i x = half_line(screen->narrow + line * VDB_LINE, 0);
		__m256i y = half_line(screen->narrow + line * VDB_LINE, 1);

		VDB_UNROLL
		for (int i = 0; i < rows; i++)
		{
			__m256i row = broadcast4(tile->rows[first + i] + line * 4);

			sum[i][0] =
				_mm256_add_epi16(sum[i][0], _mm256_maddubs_epi16(x, row));
			sum[i][1] =
				_mm256_add_epi16(sum[i][1], _mm256_maddubs_epi16(y, row));
		}
	}
}

/* Which lanes of half a group pass, from a row's narrow sums. */
AVX2 VDB_INLINE __m256
passing(__m256i sums, const VdbTile *tile, const VdbScreen *screen, int row,
		const float *gain, int h)
{
	__m256i dots = _mm256_madd_epi16(sums, _mm256_set1_epi16(1));
	__m256 key = key_of(dots, tile->scale[row] * VDB_NARROW_STEP, 0,
						screen->half + h * HALF_LANES, gain + h * HALF_LANES);

	return below_limit(key, screen->limit[row]);
}

/* Which of some rows pass in a lane. */
AVX2 VDB_INLINE uint32_t
screen_tile(const VdbTile *tile, const VdbScreen *screen, const float *gain,
			int first, int rows)
{
	__m256i sum[TILE_ROWS][HALVES];
	uint32_t passed = 0;

	narrow_dots(tile, screen, first, rows, sum);
	VDB_UNROLL
	for (int i = 0; i < rows; i++)
	{
		int row = first + i;
		__m256 any =
			_mm256_or_ps(passing(sum[i][0], tile, screen, row, gain, 0),
						 passing(sum[i][1], tile, screen, row, gain, 1));

		passed |= (uint32_t) (_mm256_movemask_ps(any) != 0) << row;
	}
	return passed;
}

/* Few rows pass, each of which goes on alone, with all lanes. */
AVX2 uint32_t
code_keys_screened_avx2(const uint8_t *lines, size_t nlines,
						const VdbTile *tile, const VdbScreen *screen,
						const float *half, const float *gain, float *out)
{
	uint32_t passed = 0;
	uint32_t below = 0;

#define SCREEN(rows)                                                           \
	passed |= screen_tile(tile, screen, gain, (int) first, rows)
	for (size_t first = 0; first < tile->count; first += TILE_ROWS)
		BY_ROWS(tile, first, SCREEN)
#undef SCREEN
	for (; passed != 0; passed &= passed - 1)
		below |= keys_tile(lines, nlines, tile, half, gain, out,
						   __builtin_ctz(passed), 1);
	return below;
}

#endif /* VDB_X86 */
