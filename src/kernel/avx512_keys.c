/*
 * avx512_keys.c: keys of rows against codes in AVX-512.
 */
#include "kernel/avx512.h"

#ifdef VDB_X86

/* A line against four bytes of a row; pairs of products fit 16 bits. */
AVX512 VDB_INLINE __m512i
add_products(__m512i sum, const uint8_t *line, const int8_t *row)
{
	__m512i x = _mm512_loadu_si512(line);

	return _mm512_add_epi32(
		sum, _mm512_madd_epi16(_mm512_set1_epi16(1),
							   _mm512_maddubs_epi16(x, broadcast4(row))));
}

AVX512_VNNI VDB_INLINE __m512i
add_products_vnni(__m512i sum, const uint8_t *line, const int8_t *row)
{
	return _mm512_dpbusd_epi32(sum, _mm512_loadu_si512(line), broadcast4(row));
}

AVX512 VDB_INLINE __m512
key_of(__m512i dots, float scale, float bias, const float *half,
	   const float *gain)
{
	__m512 dot = _mm512_sub_ps(_mm512_cvtepi32_ps(dots), _mm512_set1_ps(bias));
	__m512 inner = _mm512_mul_ps(_mm512_set1_ps(scale), _mm512_loadu_ps(gain));

	return _mm512_fnmadd_ps(inner, dot, _mm512_loadu_ps(half));
}

/* Whether one of them is. */
AVX512 VDB_INLINE uint32_t
any_below(__m512 key, float limit)
{
	return _mm512_cmp_ps_mask(key, _mm512_set1_ps(limit), _CMP_LT_OQ) != 0;
}

/* Whether a row with these products of the first lines passes the screen. */
AVX512 VDB_INLINE uint32_t
passes(__m512i dots, const VdbTile *tile, const VdbScreen *screen, int row,
	   const float *gain)
{
	return any_below(
		key_of(dots, tile->scale[row], screen->bias[row], screen->half, gain),
		screen->limit[row]);
}

/* Keys of one row from its dot products; whether one is below the limit. */
AVX512 VDB_INLINE uint32_t
finish_keys(__m512i dots, const VdbTile *tile, int row, const float *half,
			const float *gain, float *out)
{
	__m512 key = key_of(dots, tile->scale[row], tile->bias[row], half, gain);

	_mm512_storeu_ps(out + row * VDB_GROUP, key);
	return any_below(key, tile->limit[row]);
}

/*
 * The keys of a constant number of rows, so that their sums stay in registers:
 * for a level, whose function adds products.  With a screen, each of them goes
 * on alone behind the first lines, if it passes.
 */
#define KEYS_TILE(target, name, add)                                           \
	target VDB_INLINE uint32_t name(                                           \
		const uint8_t *lines, size_t nlines, const VdbTile *tile,              \
		const VdbScreen *screen, const float *half, const float *gain,         \
		float *out, int rows)                                                  \
	{                                                                          \
		size_t first = screen ? screen->lines : nlines;                        \
		__m512i sum[VDB_GEMM_ROWS];                                            \
		uint32_t below = 0;                                                    \
                                                                               \
		VDB_UNROLL                                                             \
		for (int i = 0; i < rows; i++)                                         \
			sum[i] = _mm512_setzero_si512();                                   \
		for (size_t line = 0; line < first; line++)                            \
		{                                                                      \
			VDB_UNROLL                                                         \
			for (int i = 0; i < rows; i++)                                     \
				sum[i] = add(sum[i], lines + line * VDB_LINE,                  \
							 tile->rows[i] + line * 4);                        \
		}                                                                      \
		VDB_UNROLL                                                             \
		for (int i = 0; i < rows; i++)                                         \
		{                                                                      \
			if (screen && !passes(sum[i], tile, screen, i, gain))              \
				continue;                                                      \
			for (size_t line = first; line < nlines; line++)                   \
				sum[i] = add(sum[i], lines + line * VDB_LINE,                  \
							 tile->rows[i] + line * 4);                        \
			below |= finish_keys(sum[i], tile, i, half, gain, out) << i;       \
		}                                                                      \
		return below;                                                          \
	}

KEYS_TILE(AVX512, keys_tile, add_products)
KEYS_TILE(AVX512_VNNI, keys_tile_vnni, add_products_vnni)

/* Expanded for each number of rows. */
#define KEYS_BY_ROWS(keys, screen)                                             \
	switch (tile->count)                                                       \
	{                                                                          \
		case 0:                                                                \
			return 0;                                                          \
		case 1:                                                                \
			return keys(lines, nlines, tile, screen, half, gain, out, 1);      \
		case 2:                                                                \
			return keys(lines, nlines, tile, screen, half, gain, out, 2);      \
		case 3:                                                                \
			return keys(lines, nlines, tile, screen, half, gain, out, 3);      \
		case 4:                                                                \
			return keys(lines, nlines, tile, screen, half, gain, out, 4);      \
		case 5:                                                                \
			return keys(lines, nlines, tile, screen, half, gain, out, 5);      \
		case 6:                                                                \
			return keys(lines, nlines, tile, screen, half, gain, out, 6);      \
		case 7:                                                                \
			return keys(lines, nlines, tile, screen, half, gain, out, 7);      \
		default:                                                               \
			return keys(lines, nlines, tile, screen, half, gain, out,          \
						VDB_GEMM_ROWS);                                        \
	}

/* Both kernels of a level. */
#define KEYS_KERNELS(target, level, keys)                                      \
	target uint32_t code_keys_##level(const uint8_t *lines, size_t nlines,     \
									  const VdbTile *tile, const float *half,  \
									  const float *gain, float *out)           \
	{                                                                          \
		KEYS_BY_ROWS(keys, NULL);                                              \
	}                                                                          \
	target uint32_t code_keys_screened_##level(                                \
		const uint8_t *lines, size_t nlines, const VdbTile *tile,              \
		const VdbScreen *screen, const float *half, const float *gain,         \
		float *out)                                                            \
	{                                                                          \
		KEYS_BY_ROWS(keys, screen);                                            \
	}

KEYS_KERNELS(AVX512, avx512, keys_tile)
KEYS_KERNELS(AVX512_VNNI, avx512_vnni, keys_tile_vnni)

#endif /* VDB_X86 */
