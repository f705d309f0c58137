/*
 * avx512.c: the kernels for AVX-512 F, BW, DQ and VL, with and without VNNI.
 *
 * A line of codes is one register.  VNNI's VPDPBUSD multiplies four unsigned
 * fields by four signed query bytes and adds the products to 32 bits; without
 * it, 16-bit sums are gathered as in avx2.c.  The two tables differ in
 * these functions only.
 */
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

/* Rounds a float to a half; a constant, as the instruction demands. */
#define NEAREST (_MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC)
#define AVX512_POPCNT                                                          \
	__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,"                \
						  "avx512vpopcntdq,avx2,fma,f16c")))

/* Lines that 16-bit sums have room for: 8 * 4 * 762, 4 * 2 * 3810, 8 * 3810 */
#define LINES2 8
#define LINES4 4
#define LINES8 8

/*
 * Lines whose sums of fields that stay in place, up to 4 * 127 * 240 a line,
 * have room in 32 bits.
 */
#define LINES_IN_PLACE 8192

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

AVX512 VDB_INLINE __m512
load_f16(const void *halves)
{
	return _mm512_cvtph_ps(_mm256_loadu_si256(halves));
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

AVX512 static void
f16_to_f32_avx512(const uint16_t *in, float *out, size_t n)
{
	size_t i = 0;

	for (; i + 16 <= n; i += 16)
		_mm512_storeu_ps(out + i, load_f16(in + i));
	if (i < n)
		_mm512_mask_storeu_ps(out + i, first(n - i),
							  load_first(in, i, n - i, sizeof(uint16_t)));
}

AVX512 static void
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

/* Four query bytes in every lane. */
AVX512 VDB_INLINE __m512i
broadcast4(const int8_t *query)
{
	int32_t four;

	memcpy(&four, query, sizeof(four));
	return _mm512_set1_epi32(four);
}

/* Field s of every byte; nothing of a neighbour byte survives the mask. */
AVX512 VDB_INLINE __m512i
field(__m512i line, int s, int bits)
{
	return _mm512_and_si512(_mm512_srli_epi16(line, s * bits),
							_mm512_set1_epi8((char) ((1 << bits) - 1)));
}

/* Sum the halves of each lane into 32 bits. */
AVX512 VDB_INLINE __m512i
widen(__m512i sum16)
{
	return _mm512_madd_epi16(sum16, _mm512_set1_epi16(1));
}

AVX512 VDB_INLINE void
add_acc(int32_t *acc, __m512i sum)
{
	_mm512_storeu_si512(acc, _mm512_add_epi32(_mm512_loadu_si512(acc), sum));
}

/* 2 and 4 bits: all fields of "room" lines fit into 16 bits. */
AVX512 VDB_INLINE void
code_dot_narrow(const uint8_t *lines, const int8_t *query, size_t nlines,
				int32_t acc[VDB_GROUP], int bits, size_t room)
{
	const int fields = 8 / bits;
	__m512i sum = _mm512_setzero_si512();

	while (nlines > 0)
	{
		size_t count = nlines < room ? nlines : room;
		__m512i sum16 = _mm512_setzero_si512();

		nlines -= count;
		for (; count > 0; count--)
		{
			__m512i x = _mm512_loadu_si512(lines);

			VDB_UNROLL
			for (int s = 0; s < fields; s++)
				sum16 = _mm512_add_epi16(
					sum16, _mm512_maddubs_epi16(field(x, s, bits),
												broadcast4(query + s * 4)));
			lines += VDB_LINE;
			query += fields * 4;
		}
		sum = _mm512_add_epi32(sum, widen(sum16));
	}
	add_acc(acc, sum);
}

AVX512 static void
code_dot2_avx512(const uint8_t *lines, const int8_t *query, size_t nlines,
				 int32_t acc[VDB_GROUP])
{
	code_dot_narrow(lines, query, nlines, acc, 2, LINES2);
}

AVX512 static void
code_dot4_avx512(const uint8_t *lines, const int8_t *query, size_t nlines,
				 int32_t acc[VDB_GROUP])
{
	code_dot_narrow(lines, query, nlines, acc, 4, LINES4);
}

/* The nibbles are summed apart and joined at the end. */
AVX512 static void
code_dot8_avx512(const uint8_t *lines, const int8_t *query, size_t nlines,
				 int32_t acc[VDB_GROUP])
{
	__m512i low = _mm512_setzero_si512();
	__m512i high = _mm512_setzero_si512();

	while (nlines > 0)
	{
		size_t count = nlines < LINES8 ? nlines : LINES8;
		__m512i low16 = _mm512_setzero_si512();
		__m512i high16 = _mm512_setzero_si512();

		nlines -= count;
		for (; count > 0; count--)
		{
			__m512i x = _mm512_loadu_si512(lines);
			__m512i q = broadcast4(query);

			low16 = _mm512_add_epi16(low16,
									 _mm512_maddubs_epi16(field(x, 0, 4), q));
			high16 = _mm512_add_epi16(high16,
									  _mm512_maddubs_epi16(field(x, 1, 4), q));
			lines += VDB_LINE;
			query += 4;
		}
		low = _mm512_add_epi32(low, widen(low16));
		high = _mm512_add_epi32(high, widen(high16));
	}
	add_acc(acc, _mm512_add_epi32(low, _mm512_slli_epi32(high, 4)));
}

/*
 * VNNI, 2 bits.  The fields stay where they are in the byte, so that the
 * sum of field s comes out times 4^s, and one shift at the end replaces one
 * a line.  A sum each hides the instruction's latency.
 */
AVX512_VNNI VDB_INLINE __m512i
dot2_in_place(const uint8_t *lines, const int8_t *query, size_t nlines)
{
	__m512i sum[4];

	sum[0] = sum[1] = sum[2] = sum[3] = _mm512_setzero_si512();
	for (size_t line = 0; line < nlines; line++)
	{
		__m512i x = _mm512_loadu_si512(lines + line * VDB_LINE);

		VDB_UNROLL
		for (int s = 0; s < 4; s++)
			sum[s] = _mm512_dpbusd_epi32(
				sum[s],
				_mm512_and_si512(x, _mm512_set1_epi8((char) (3 << (2 * s)))),
				broadcast4(query + line * 16 + s * 4));
	}
	sum[0] = _mm512_add_epi32(sum[0], _mm512_srai_epi32(sum[1], 2));
	sum[2] = _mm512_add_epi32(sum[2], _mm512_srai_epi32(sum[3], 2));
	return _mm512_add_epi32(sum[0], _mm512_srai_epi32(sum[2], 4));
}

AVX512_VNNI static void
code_dot2_avx512_vnni(const uint8_t *lines, const int8_t *query, size_t nlines,
					  int32_t acc[VDB_GROUP])
{
	while (nlines > 0)
	{
		size_t count = nlines < LINES_IN_PLACE ? nlines : LINES_IN_PLACE;

		add_acc(acc, dot2_in_place(lines, query, count));
		lines += count * VDB_LINE;
		query += count * 16;
		nlines -= count;
	}
}

/* VNNI, 4 bits: the high nibbles stay in place.  Two lines at a time. */
AVX512_VNNI VDB_INLINE __m512i
dot4_in_place(const uint8_t *lines, const int8_t *query, size_t nlines)
{
	const __m512i low = _mm512_set1_epi8(0x0f);
	const __m512i high = _mm512_set1_epi8((char) 0xf0);
	__m512i sum[4];

	sum[0] = sum[1] = sum[2] = sum[3] = _mm512_setzero_si512();
	for (; nlines >= 2; nlines -= 2)
	{
		__m512i x = _mm512_loadu_si512(lines);
		__m512i y = _mm512_loadu_si512(lines + VDB_LINE);

		sum[0] = _mm512_dpbusd_epi32(sum[0], _mm512_and_si512(x, low),
									 broadcast4(query));
		sum[1] = _mm512_dpbusd_epi32(sum[1], _mm512_and_si512(x, high),
									 broadcast4(query + 4));
		sum[2] = _mm512_dpbusd_epi32(sum[2], _mm512_and_si512(y, low),
									 broadcast4(query + 8));
		sum[3] = _mm512_dpbusd_epi32(sum[3], _mm512_and_si512(y, high),
									 broadcast4(query + 12));
		lines += 2 * VDB_LINE;
		query += 16;
	}
	if (nlines > 0)
	{
		__m512i x = _mm512_loadu_si512(lines);

		sum[0] = _mm512_dpbusd_epi32(sum[0], _mm512_and_si512(x, low),
									 broadcast4(query));
		sum[1] = _mm512_dpbusd_epi32(sum[1], _mm512_and_si512(x, high),
									 broadcast4(query + 4));
	}
	sum[0] = _mm512_add_epi32(sum[0], sum[2]);
	sum[1] = _mm512_add_epi32(sum[1], sum[3]);
	return _mm512_add_epi32(sum[0], _mm512_srai_epi32(sum[1], 4));
}

AVX512_VNNI static void
code_dot4_avx512_vnni(const uint8_t *lines, const int8_t *query, size_t nlines,
					  int32_t acc[VDB_GROUP])
{
	while (nlines > 0)
	{
		size_t count = nlines < LINES_IN_PLACE ? nlines : LINES_IN_PLACE;

		add_acc(acc, dot4_in_place(lines, query, count));
		lines += count * VDB_LINE;
		query += count * 8;
		nlines -= count;
	}
}

AVX512_VNNI static void
code_dot8_avx512_vnni(const uint8_t *lines, const int8_t *query, size_t nlines,
					  int32_t acc[VDB_GROUP])
{
	__m512i sum[4];

	sum[0] = sum[1] = sum[2] = sum[3] = _mm512_setzero_si512();
	for (; nlines >= 4; nlines -= 4)
	{
		VDB_UNROLL
		for (int j = 0; j < 4; j++)
			sum[j] = _mm512_dpbusd_epi32(
				sum[j], _mm512_loadu_si512(lines + j * VDB_LINE),
				broadcast4(query + j * 4));
		lines += 4 * VDB_LINE;
		query += 16;
	}
	for (; nlines > 0; nlines--)
	{
		sum[0] = _mm512_dpbusd_epi32(sum[0], _mm512_loadu_si512(lines),
									 broadcast4(query));
		lines += VDB_LINE;
		query += 4;
	}
	sum[0] = _mm512_add_epi32(sum[0], sum[1]);
	sum[2] = _mm512_add_epi32(sum[2], sum[3]);
	add_acc(acc, _mm512_add_epi32(sum[0], sum[2]));
}

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

AVX512 static uint32_t
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

AVX512_VNNI static uint32_t
code_keys_avx512_vnni(const uint8_t *lines, size_t nlines, const VdbTile *tile,
					  const float *half, const float *gain,
					  float *out){KEYS_BY_ROWS(keys_tile_vnni)}

AVX512 static uint32_t
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

/*
 * Bits of each 64, by VPOPCNTQ, or from a table of those of nibbles; VPSADBW
 * adds eight bytes then.  VNNI does not tell whether a processor has VPOPCNTQ,
 * so its functions ask.
 */
AVX512_POPCNT VDB_INLINE __m512i
count_bits_popcnt(__m512i x)
{
	return _mm512_popcnt_epi64(x);
}

AVX512 VDB_INLINE __m512i
count_bits_table(__m512i x)
{
	__m512i table = _mm512_broadcast_i32x4(
		_mm_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4));
	__m512i nibble = _mm512_set1_epi8(15);
	__m512i low = _mm512_and_si512(x, nibble);
	__m512i high = _mm512_and_si512(_mm512_srli_epi16(x, 4), nibble);
	__m512i bytes = _mm512_add_epi8(_mm512_shuffle_epi8(table, low),
									_mm512_shuffle_epi8(table, high));

	return _mm512_sad_epu8(bytes, _mm512_setzero_si512());
}

/* 64 bytes, or the first n of them and zeros, of which nothing is read. */
AVX512 VDB_INLINE __m512i
load_bits(const uint8_t *bytes, size_t n)
{
	__mmask64 some = n >= 64 ? ~UINT64_C(0) : (UINT64_C(1) << n) - 1;

	return _mm512_maskz_loadu_epi8(some, bytes);
}

typedef __m512i (*CountBits)(__m512i x);

AVX512 VDB_INLINE uint64_t
hamming_by(const uint8_t *a, const uint8_t *b, size_t n, CountBits count)
{
	__m512i sum = _mm512_setzero_si512();

	for (size_t i = 0; i < n; i += 64)
	{
		__m512i x = load_bits(a + i, n - i);
		__m512i y = load_bits(b + i, n - i);

		sum = _mm512_add_epi64(sum, count(_mm512_xor_si512(x, y)));
	}
	return (uint64_t) _mm512_reduce_add_epi64(sum);
}

AVX512 VDB_INLINE void
bit_counts_by(const uint8_t *a, const uint8_t *b, size_t n, uint64_t out[3],
			  CountBits count)
{
	__m512i sum[3];

	sum[0] = sum[1] = sum[2] = _mm512_setzero_si512();
	for (size_t i = 0; i < n; i += 64)
	{
		__m512i x = load_bits(a + i, n - i);
		__m512i y = load_bits(b + i, n - i);

		sum[0] = _mm512_add_epi64(sum[0], count(_mm512_and_si512(x, y)));
		sum[1] = _mm512_add_epi64(sum[1], count(x));
		sum[2] = _mm512_add_epi64(sum[2], count(y));
	}
	VDB_UNROLL
	for (int i = 0; i < 3; i++)
		out[i] = (uint64_t) _mm512_reduce_add_epi64(sum[i]);
}

AVX512_POPCNT static uint64_t
hamming_popcnt(const uint8_t *a, const uint8_t *b, size_t n)
{
	return hamming_by(a, b, n, count_bits_popcnt);
}

AVX512_POPCNT static void
bit_counts_popcnt(const uint8_t *a, const uint8_t *b, size_t n, uint64_t out[3])
{
	bit_counts_by(a, b, n, out, count_bits_popcnt);
}

AVX512 static uint64_t
hamming_avx512(const uint8_t *a, const uint8_t *b, size_t n)
{
	return hamming_by(a, b, n, count_bits_table);
}

AVX512 static void
bit_counts_avx512(const uint8_t *a, const uint8_t *b, size_t n, uint64_t out[3])
{
	bit_counts_by(a, b, n, out, count_bits_table);
}

/* Like VNNI itself, a matter of the processor alone: dispatch.c has asked. */
static uint64_t
hamming_avx512_vnni(const uint8_t *a, const uint8_t *b, size_t n)
{
	return __builtin_cpu_supports("avx512vpopcntdq") ? hamming_popcnt(a, b, n)
													 : hamming_avx512(a, b, n);
}

static void
bit_counts_avx512_vnni(const uint8_t *a, const uint8_t *b, size_t n,
					   uint64_t out[3])
{
	if (__builtin_cpu_supports("avx512vpopcntdq"))
		bit_counts_popcnt(a, b, n, out);
	else
		bit_counts_avx512(a, b, n, out);
}

const VdbKernel vdb_kernel_avx512 = {
	.name = "avx512",
	VDB_PAIR_SUM_ROWS(avx512),
	.f16_to_f32 = f16_to_f32_avx512,
	.f32_to_f16 = f32_to_f16_avx512,
	.code_dot2 = code_dot2_avx512,
	.code_dot4 = code_dot4_avx512,
	.code_dot8 = code_dot8_avx512,
	.code_keys = code_keys_avx512,
	.bound_f16 = bound_f16_avx512,
	.hamming = hamming_avx512,
	.bit_counts = bit_counts_avx512,
	.keys_in_ranges = vdb_keys_in_ranges_avx512,
};

const VdbKernel vdb_kernel_avx512_vnni = {
	.name = "avx512_vnni",
	VDB_PAIR_SUM_ROWS(avx512),
	.f16_to_f32 = f16_to_f32_avx512,
	.f32_to_f16 = f32_to_f16_avx512,
	.code_dot2 = code_dot2_avx512_vnni,
	.code_dot4 = code_dot4_avx512_vnni,
	.code_dot8 = code_dot8_avx512_vnni,
	.code_keys = code_keys_avx512_vnni,
	.bound_f16 = bound_f16_avx512,
	.hamming = hamming_avx512_vnni,
	.bit_counts = bit_counts_avx512_vnni,
	.keys_in_ranges = vdb_keys_in_ranges_avx512,
};

#endif /* VDB_X86 */
