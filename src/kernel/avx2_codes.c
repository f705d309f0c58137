/*
 * avx2_codes.c: dot products of codes in AVX2.
 *
 * VPMADDUBSW multiplies unsigned fields by signed query bytes and adds
 * neighbours into 16 bits, saturating.  So fields stay below 16 (8-bit codes
 * are split into nibbles), sums of a few lines are gathered in 16 bits, and
 * widened before they could overflow: one instruction yields at most
 * 2 * 127 * (2^bits - 1) in absolute value.
 */
#include "kernel/avx2.h"

#ifdef VDB_X86

/* Lines that 16-bit sums have room for: 8 * 4 * 762, 4 * 2 * 3810, 8 * 3810 */
#define LINES2 8
#define LINES4 4
#define LINES8 8

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

/*
 * 2 and 4 bits: all fields of "room" lines fit into 16 bits.  A line from
 * "ahead" on is asked for with each, if that is not NULL.
 */
AVX2 VDB_INLINE void
code_dot_narrow(const uint8_t *lines, const int8_t *query, size_t nlines,
				const uint8_t *ahead, int32_t acc[VDB_GROUP], int bits,
				size_t room)
{
	const int fields = 8 / bits;
	const uint8_t *begin = lines;
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

			if (ahead)
				__builtin_prefetch(ahead + (lines - begin));
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

AVX2 void
code_dot2_avx2(const uint8_t *lines, const int8_t *query, size_t nlines,
			   int32_t acc[VDB_GROUP])
{
	code_dot_narrow(lines, query, nlines, NULL, acc, 2, LINES2);
}

AVX2 void
code_dot2_ahead_avx2(const uint8_t *lines, const int8_t *query, size_t nlines,
					 const uint8_t *ahead, int32_t acc[VDB_GROUP])
{
	code_dot_narrow(lines, query, nlines, ahead, acc, 2, LINES2);
}

AVX2 void
code_dot4_avx2(const uint8_t *lines, const int8_t *query, size_t nlines,
			   int32_t acc[VDB_GROUP])
{
	code_dot_narrow(lines, query, nlines, NULL, acc, 4, LINES4);
}

/*
 * One half of the lanes, for one query or two, which share the split of a line;
 * the nibbles are summed apart and joined at the end.
 */
AVX2 VDB_INLINE void
dot8_half(const uint8_t *lines, const int8_t *const queries[], size_t nlines,
		  int32_t acc[][VDB_GROUP], int half, int nqueries)
{
	__m256i low[2];
	__m256i high[2];

	VDB_UNROLL
	for (int i = 0; i < nqueries; i++)
		low[i] = high[i] = _mm256_setzero_si256();
	for (size_t begin = 0; begin < nlines; begin += LINES8)
	{
		size_t end = nlines - begin < LINES8 ? nlines : begin + LINES8;
		__m256i low16[2];
		__m256i high16[2];

		VDB_UNROLL
		for (int i = 0; i < nqueries; i++)
			low16[i] = high16[i] = _mm256_setzero_si256();
		for (size_t line = begin; line < end; line++)
		{
			__m256i x = _mm256_loadu_si256(
				(const __m256i *) (lines + line * VDB_LINE) + half);
			__m256i x0 = field(x, 0, 4);
			__m256i x1 = field(x, 1, 4);

			VDB_UNROLL
			for (int i = 0; i < nqueries; i++)
			{
				__m256i q = broadcast4(queries[i] + line * 4);

				low16[i] =
					_mm256_add_epi16(low16[i], _mm256_maddubs_epi16(x0, q));
				high16[i] =
					_mm256_add_epi16(high16[i], _mm256_maddubs_epi16(x1, q));
			}
		}
		VDB_UNROLL
		for (int i = 0; i < nqueries; i++)
		{
			low[i] = _mm256_add_epi32(low[i], widen(low16[i]));
			high[i] = _mm256_add_epi32(high[i], widen(high16[i]));
		}
	}
	VDB_UNROLL
	for (int i = 0; i < nqueries; i++)
		add_acc(acc[i] + half * 8,
				_mm256_add_epi32(low[i], _mm256_slli_epi32(high[i], 4)));
}

AVX2 void
code_dot8_avx2(const uint8_t *lines, const int8_t *query, size_t nlines,
			   int32_t acc[VDB_GROUP])
{
	dot8_half(lines, &query, nlines, (int32_t(*)[VDB_GROUP]) acc, 0, 1);
	dot8_half(lines, &query, nlines, (int32_t(*)[VDB_GROUP]) acc, 1, 1);
}

AVX2 void
code_dot8_two_avx2(const uint8_t *lines, const int8_t *const queries[2],
				   size_t nlines, int32_t acc[2][VDB_GROUP])
{
	dot8_half(lines, queries, nlines, acc, 0, 2);
	dot8_half(lines, queries, nlines, acc, 1, 2);
}

#endif /* VDB_X86 */
