/*
 * avx512_codes.c: dot products of codes, and bounds from them, in AVX-512.
 *
 * A line of codes is one register.  VNNI's VPDPBUSD multiplies four unsigned
 * fields by four signed query bytes and adds the products to 32 bits; without
 * it, 16-bit sums are gathered as in avx2_codes.c.
 */
#include "kernel/avx512.h"

#ifdef VDB_X86

/* Lines that 16-bit sums have room for: 8 * 4 * 762, 4 * 2 * 3810, 8 * 3810 */
#define LINES2 8
#define LINES4 4
#define LINES8 8

/*
 * Lines whose sums of fields that stay in place, up to 4 * 127 * 240 a line,
 * have room in 32 bits.
 */
#define LINES_IN_PLACE 8192

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

/*
 * 2 and 4 bits: all fields of "room" lines fit into 16 bits.  A line from
 * "ahead" on is asked for with each, if that is not NULL.
 */
AVX512 VDB_INLINE __m512i
dot_narrow(const uint8_t *lines, const int8_t *query, size_t nlines,
		   const uint8_t *ahead, int bits, size_t room)
{
	const int fields = 8 / bits;
	const uint8_t *begin = lines;
	__m512i sum = _mm512_setzero_si512();

	while (nlines > 0)
	{
		size_t count = nlines < room ? nlines : room;
		__m512i sum16 = _mm512_setzero_si512();

		nlines -= count;
		for (; count > 0; count--)
		{
			__m512i x = _mm512_loadu_si512(lines);

			if (ahead)
				__builtin_prefetch(ahead + (lines - begin));
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
	return sum;
}

AVX512 VDB_INLINE __m512i
dots2(const uint8_t *lines, const int8_t *query, size_t nlines,
	  const uint8_t *ahead)
{
	return dot_narrow(lines, query, nlines, ahead, 2, LINES2);
}

AVX512 void
code_dot2_avx512(const uint8_t *lines, const int8_t *query, size_t nlines,
				 int32_t acc[VDB_GROUP])
{
	add_acc(acc, dots2(lines, query, nlines, NULL));
}

AVX512 void
code_dot2_ahead_avx512(const uint8_t *lines, const int8_t *query, size_t nlines,
					   const uint8_t *ahead, int32_t acc[VDB_GROUP])
{
	add_acc(acc, dots2(lines, query, nlines, ahead));
}

AVX512 void
code_dot4_avx512(const uint8_t *lines, const int8_t *query, size_t nlines,
				 int32_t acc[VDB_GROUP])
{
	add_acc(acc, dot_narrow(lines, query, nlines, NULL, 4, LINES4));
}

/* The bounds of a group; the mask of its lanes that are not above. */
AVX512 VDB_INLINE uint32_t
sum_bounds(const uint8_t *factors, __m512i sum, const VdbBound *bound,
		   float threshold, float out[VDB_GROUP])
{
	__m512 add = load_f16(factors);
	__m512 gain = load_f16(factors + VDB_LINE / 2);
	__m512 inner =
		_mm512_fmadd_ps(_mm512_set1_ps(bound->scale), _mm512_cvtepi32_ps(sum),
						_mm512_set1_ps(bound->shift));
	__m512 value;

	add = _mm512_add_ps(_mm512_set1_ps(bound->base), add);
	value = _mm512_fnmadd_ps(gain, inner, add);
	_mm512_storeu_ps(out, value);
	return _mm512_cmp_ps_mask(value, _mm512_set1_ps(threshold), _CMP_NGT_UQ);
}

AVX512 uint32_t
bound_f16_avx512(const uint8_t *factors, const int32_t acc[VDB_GROUP],
				 const VdbBound *bound, float threshold, float out[VDB_GROUP])
{
	return sum_bounds(factors, _mm512_loadu_si512(acc), bound, threshold, out);
}

VDB_CODE_BOUNDS2(AVX512, avx512, dots2, sum_bounds)

/* The nibbles are summed apart and joined at the end. */
AVX512 void
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

void
code_dot8_fine_avx512(const uint8_t *lines, const int8_t *const queries[2],
					  size_t nlines, const uint8_t *ahead,
					  int32_t acc[2][VDB_GROUP])
{
	code_dot8_by_query(code_dot8_avx512, lines, queries, nlines, ahead, acc);
}

/*
 * VNNI, 2 bits, of one line.  The fields stay where they are in the byte, so
 * that the sum of field s comes out times 4^s, and one shift at the end
 * replaces one a line.
 */
AVX512_VNNI VDB_INLINE void
add_line2(__m512i sum[4], const uint8_t *line, const int8_t *query)
{
	__m512i x = _mm512_loadu_si512(line);

	VDB_UNROLL
	for (int s = 0; s < 4; s++)
		sum[s] = _mm512_dpbusd_epi32(
			sum[s],
			_mm512_and_si512(x, _mm512_set1_epi8((char) (3 << (2 * s)))),
			broadcast4(query + s * 4));
}

/*
 * Two lines at a time, with sums of their own: the instruction's latency is
 * five cycles, and eight of them take four.
 */
AVX512_VNNI VDB_INLINE __m512i
dot2_in_place(const uint8_t *lines, const int8_t *query, size_t nlines,
			  const uint8_t *ahead)
{
	__m512i even[4];
	__m512i odd[4];

	VDB_UNROLL
	for (int s = 0; s < 4; s++)
		even[s] = odd[s] = _mm512_setzero_si512();
	for (size_t line = 0; line + 2 <= nlines; line += 2)
	{
		if (ahead)
		{
			__builtin_prefetch(ahead + line * VDB_LINE);
			__builtin_prefetch(ahead + (line + 1) * VDB_LINE);
		}
		add_line2(even, lines + line * VDB_LINE, query + line * 16);
		add_line2(odd, lines + (line + 1) * VDB_LINE, query + (line + 1) * 16);
	}
	if (nlines % 2 > 0)
		add_line2(even, lines + (nlines - 1) * VDB_LINE,
				  query + (nlines - 1) * 16);
	VDB_UNROLL
	for (int s = 0; s < 4; s++)
		even[s] = _mm512_add_epi32(even[s], odd[s]);
	even[0] = _mm512_add_epi32(even[0], _mm512_srai_epi32(even[1], 2));
	even[2] = _mm512_add_epi32(even[2], _mm512_srai_epi32(even[3], 2));
	return _mm512_add_epi32(even[0], _mm512_srai_epi32(even[2], 4));
}

AVX512_VNNI void
code_dot2_avx512_vnni(const uint8_t *lines, const int8_t *query, size_t nlines,
					  int32_t acc[VDB_GROUP])
{
	while (nlines > 0)
	{
		size_t count = nlines < LINES_IN_PLACE ? nlines : LINES_IN_PLACE;

		add_acc(acc, dot2_in_place(lines, query, count, NULL));
		lines += count * VDB_LINE;
		query += count * 16;
		nlines -= count;
	}
}

AVX512_VNNI void
code_dot2_ahead_avx512_vnni(const uint8_t *lines, const int8_t *query,
							size_t nlines, const uint8_t *ahead,
							int32_t acc[VDB_GROUP])
{
	if (nlines > LINES_IN_PLACE)
		code_dot2_avx512_vnni(lines, query, nlines, acc);
	else
		add_acc(acc, dot2_in_place(lines, query, nlines, ahead));
}

VDB_CODE_BOUNDS2(AVX512_VNNI, avx512_vnni, dot2_in_place, sum_bounds)

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

AVX512_VNNI void
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

/* Line number "line" against each query, into its sum j. */
AVX512_VNNI VDB_INLINE void
add_line8(__m512i sum[2][4], int j, const uint8_t *lines,
		  const int8_t *const queries[], size_t line, const uint8_t *ahead,
		  int nqueries)
{
	__m512i x = _mm512_loadu_si512(lines + line * VDB_LINE);

	if (ahead)
		__builtin_prefetch(ahead + line * VDB_LINE);
	VDB_UNROLL
	for (int i = 0; i < nqueries; i++)
		sum[i][j] = _mm512_dpbusd_epi32(sum[i][j], x,
										broadcast4(queries[i] + line * 4));
}

/*
 * VNNI, 8 bits, for one query or two, which share a line's load.  Four sums
 * each hide the instruction's latency.
 */
AVX512_VNNI VDB_INLINE void
dot8(const uint8_t *lines, const int8_t *const queries[], size_t nlines,
	 const uint8_t *ahead, int32_t acc[][VDB_GROUP], int nqueries)
{
	__m512i sum[2][4];
	size_t line = 0;

	VDB_UNROLL
	for (int j = 0; j < 4; j++)
		sum[0][j] = sum[1][j] = _mm512_setzero_si512();
	for (; line + 4 <= nlines; line += 4)
	{
		VDB_UNROLL
		for (int j = 0; j < 4; j++)
			add_line8(sum, j, lines, queries, line + j, ahead, nqueries);
	}
	for (; line < nlines; line++)
		add_line8(sum, 0, lines, queries, line, ahead, nqueries);
	VDB_UNROLL
	for (int i = 0; i < nqueries; i++)
	{
		__m512i low = _mm512_add_epi32(sum[i][0], sum[i][1]);
		__m512i high = _mm512_add_epi32(sum[i][2], sum[i][3]);

		add_acc(acc[i], _mm512_add_epi32(low, high));
	}
}

AVX512_VNNI void
code_dot8_avx512_vnni(const uint8_t *lines, const int8_t *query, size_t nlines,
					  int32_t acc[VDB_GROUP])
{
	dot8(lines, &query, nlines, NULL, (int32_t(*)[VDB_GROUP]) acc, 1);
}

AVX512_VNNI void
code_dot8_fine_avx512_vnni(const uint8_t *lines, const int8_t *const queries[2],
						   size_t nlines, const uint8_t *ahead,
						   int32_t acc[2][VDB_GROUP])
{
	dot8(lines, queries, nlines, ahead, acc, 2);
}

#endif /* VDB_X86 */
