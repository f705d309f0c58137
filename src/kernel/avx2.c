/*
 * avx2.c: the kernels for AVX2 with FMA and F16C.
 *
 * Codes: VPMADDUBSW multiplies unsigned fields by signed query bytes and adds
 * neighbours into 16 bits, saturating.  So fields stay below 16 (8-bit codes
 * are split into nibbles), sums of a few lines are gathered in 16 bits, and
 * widened before they could overflow: one instruction yields at most
 * 2 * 127 * (2^bits - 1) in absolute value.
 */
#include "kernel/levels.h"

#ifdef VDB_X86

#include <immintrin.h>
#include <string.h>

#define AVX2 __attribute__((target("avx2,fma,f16c")))

/* Rounds a float to a half; a constant, as the instruction demands. */
#define NEAREST (_MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC)

/* Lines that 16-bit sums have room for: 8 * 4 * 762, 4 * 2 * 3810, 8 * 3810 */
#define LINES2 8
#define LINES4 4
#define LINES8 8

/* Rows that meet half a group at a time: their sums fit the registers. */
#define TILE_ROWS 4

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

AVX2 VDB_INLINE __m256
load_f16(const void *halves)
{
	return _mm256_cvtph_ps(_mm_loadu_si128(halves));
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

AVX2 static void
f16_to_f32_avx2(const uint16_t *in, float *out, size_t n)
{
	size_t i = 0;

	for (; i + 8 <= n; i += 8)
		_mm256_storeu_ps(out + i, load_f16(in + i));
	for (; i < n; i++)
		out[i] = _cvtsh_ss(in[i]);
}

AVX2 static void
f32_to_f16_avx2(const float *in, uint16_t *out, size_t n)
{
	size_t i = 0;

	for (; i + 8 <= n; i += 8)
		_mm_storeu_si128((__m128i *) (out + i),
						 _mm256_cvtps_ph(_mm256_loadu_ps(in + i), NEAREST));
	for (; i < n; i++)
		out[i] = _cvtss_sh(in[i], NEAREST);
}

/* Four query bytes in every lane. */
AVX2 VDB_INLINE __m256i
broadcast4(const int8_t *query)
{
	int32_t four;

	memcpy(&four, query, sizeof(four));
	return _mm256_set1_epi32(four);
}

/* Field s of every byte; nothing of a neighbour byte survives the mask. */
AVX2 VDB_INLINE __m256i
field(__m256i line, int s, int bits)
{
	return _mm256_and_si256(_mm256_srli_epi16(line, s * bits),
							_mm256_set1_epi8((char) ((1 << bits) - 1)));
}

/* Sum the halves of each lane into 32 bits. */
AVX2 VDB_INLINE __m256i
widen(__m256i sum16)
{
	return _mm256_madd_epi16(sum16, _mm256_set1_epi16(1));
}

AVX2 VDB_INLINE void
add_acc(int32_t *acc, __m256i sum)
{
	__m256i *where = (__m256i *) acc;

	_mm256_storeu_si256(where,
						_mm256_add_epi32(_mm256_loadu_si256(where), sum));
}

/* 2 and 4 bits: all fields of "room" lines fit into 16 bits. */
AVX2 VDB_INLINE void
code_dot_narrow(const uint8_t *lines, const int8_t *query, size_t nlines,
				int32_t acc[VDB_GROUP], int bits, size_t room)
{
	const int fields = 8 / bits;
	__m256i low = _mm256_setzero_si256();
	__m256i high = _mm256_setzero_si256();

	while (nlines > 0)
	{
		size_t count = nlines < room ? nlines : room;
		__m256i low16 = _mm256_setzero_si256();
		__m256i high16 = _mm256_setzero_si256();

		nlines -= count;
		for (; count > 0; count--)
		{
			const __m256i *line = (const __m256i *) lines;
			__m256i x = _mm256_loadu_si256(line);
			__m256i y = _mm256_loadu_si256(line + 1);

			VDB_UNROLL
			for (int s = 0; s < fields; s++)
			{
				__m256i q = broadcast4(query + s * 4);

				low16 = _mm256_add_epi16(
					low16, _mm256_maddubs_epi16(field(x, s, bits), q));
				high16 = _mm256_add_epi16(
					high16, _mm256_maddubs_epi16(field(y, s, bits), q));
			}
			lines += VDB_LINE;
			query += fields * 4;
		}
		low = _mm256_add_epi32(low, widen(low16));
		high = _mm256_add_epi32(high, widen(high16));
	}
	add_acc(acc, low);
	add_acc(acc + 8, high);
}

AVX2 static void
code_dot2_avx2(const uint8_t *lines, const int8_t *query, size_t nlines,
			   int32_t acc[VDB_GROUP])
{
	code_dot_narrow(lines, query, nlines, acc, 2, LINES2);
}

AVX2 static void
code_dot4_avx2(const uint8_t *lines, const int8_t *query, size_t nlines,
			   int32_t acc[VDB_GROUP])
{
	code_dot_narrow(lines, query, nlines, acc, 4, LINES4);
}

/* One half of the lanes; the nibbles are summed apart and joined at the end. */
AVX2 VDB_INLINE void
code_dot8_half(const uint8_t *lines, const int8_t *query, size_t nlines,
			   int32_t *acc)
{
	__m256i low = _mm256_setzero_si256();
	__m256i high = _mm256_setzero_si256();

	while (nlines > 0)
	{
		size_t count = nlines < LINES8 ? nlines : LINES8;
		__m256i low16 = _mm256_setzero_si256();
		__m256i high16 = _mm256_setzero_si256();

		nlines -= count;
		for (; count > 0; count--)
		{
			__m256i x = _mm256_loadu_si256((const __m256i *) lines);
			__m256i q = broadcast4(query);

			low16 = _mm256_add_epi16(low16,
									 _mm256_maddubs_epi16(field(x, 0, 4), q));
			high16 = _mm256_add_epi16(high16,
									  _mm256_maddubs_epi16(field(x, 1, 4), q));
			lines += VDB_LINE;
			query += 4;
		}
		low = _mm256_add_epi32(low, widen(low16));
		high = _mm256_add_epi32(high, widen(high16));
	}
	add_acc(acc, _mm256_add_epi32(low, _mm256_slli_epi32(high, 4)));
}

AVX2 static void
code_dot8_avx2(const uint8_t *lines, const int8_t *query, size_t nlines,
			   int32_t acc[VDB_GROUP])
{
	code_dot8_half(lines, query, nlines, acc);
	code_dot8_half(lines + VDB_LINE / 2, query, nlines, acc + 8);
}

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

AVX2 static uint32_t
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

AVX2 static uint32_t
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

/*
 * Bits of each 64: those of nibbles come from a table (Mula, Kurz and Lemire,
 * arXiv 1611.07612), and VPSADBW adds eight bytes.
 */
AVX2 VDB_INLINE __m256i
count_bits(__m256i x)
{
	__m256i table =
		_mm256_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4, 0, 1,
						 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4);
	__m256i nibble = _mm256_set1_epi8(15);
	__m256i low = _mm256_and_si256(x, nibble);
	__m256i high = _mm256_and_si256(_mm256_srli_epi16(x, 4), nibble);
	__m256i bytes = _mm256_add_epi8(_mm256_shuffle_epi8(table, low),
									_mm256_shuffle_epi8(table, high));

	return _mm256_sad_epu8(bytes, _mm256_setzero_si256());
}

/* 32 bytes, or the first n of them and zeros, of which nothing is read. */
AVX2 VDB_INLINE __m256i
load_bits(const uint8_t *bytes, size_t n)
{
	uint8_t some[32] = {0};

	if (n >= sizeof(some))
		return _mm256_loadu_si256((const __m256i *) bytes);
	memcpy(some, bytes, n);
	return _mm256_loadu_si256((const __m256i *) some);
}

AVX2 VDB_INLINE uint64_t
sum_counts(__m256i counts)
{
	uint64_t each[4];

	_mm256_storeu_si256((__m256i *) each, counts);
	return each[0] + each[1] + each[2] + each[3];
}

AVX2 static uint64_t
hamming_avx2(const uint8_t *a, const uint8_t *b, size_t n)
{
	__m256i sum = _mm256_setzero_si256();

	for (size_t i = 0; i < n; i += 32)
	{
		__m256i x = load_bits(a + i, n - i);
		__m256i y = load_bits(b + i, n - i);

		sum = _mm256_add_epi64(sum, count_bits(_mm256_xor_si256(x, y)));
	}
	return sum_counts(sum);
}

AVX2 static void
bit_counts_avx2(const uint8_t *a, const uint8_t *b, size_t n, uint64_t out[3])
{
	__m256i sum[3];

	sum[0] = sum[1] = sum[2] = _mm256_setzero_si256();
	for (size_t i = 0; i < n; i += 32)
	{
		__m256i x = load_bits(a + i, n - i);
		__m256i y = load_bits(b + i, n - i);

		sum[0] = _mm256_add_epi64(sum[0], count_bits(_mm256_and_si256(x, y)));
		sum[1] = _mm256_add_epi64(sum[1], count_bits(x));
		sum[2] = _mm256_add_epi64(sum[2], count_bits(y));
	}
	for (int i = 0; i < 3; i++)
		out[i] = sum_counts(sum[i]);
}

const VdbKernel vdb_kernel_avx2 = {
	.name = "avx2",
	VDB_PAIR_SUM_ROWS(avx2),
	.f16_to_f32 = f16_to_f32_avx2,
	.f32_to_f16 = f32_to_f16_avx2,
	.code_dot2 = code_dot2_avx2,
	.code_dot4 = code_dot4_avx2,
	.code_dot8 = code_dot8_avx2,
	.code_keys = code_keys_avx2,
	.bound_f16 = bound_f16_avx2,
	.hamming = hamming_avx2,
	.bit_counts = bit_counts_avx2,
	.keys_in_ranges = vdb_keys_in_ranges_avx2,
};

#endif /* VDB_X86 */
