/*
 * avx2_codes.c: dot products of codes, and bounds from them, in AVX2.
 *
 * VPMADDUBSW multiplies unsigned fields by signed query bytes and adds
 * neighbours into 16 bits, saturating.  So fields stay below 16, sums of a few
 * lines are gathered in 16 bits, and widened before they could overflow: one
 * instruction yields at most 2 * 127 * (2^bits - 1) in absolute value.  Codes
 * of 8 bits are multiplied in 16, by VPMADDWD.
 */
#include "kernel/avx2.h"

#ifdef VDB_X86

/* Lines that 16-bit sums have room for: 8 * 4 * 762, 4 * 2 * 3810 */
#define LINES2 8
#define LINES4 4

/* Lines that a lane's 32 bits have room for: 64 * 4 * 255 * 32385 */
#define LINES8 64

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

/* One of each lane of a group: of the first eight, and of the others. */
typedef struct Sums
{
	__m256i low;
	__m256i high;
} Sums;

/*
 * 2 and 4 bits: all fields of "room" lines fit into 16 bits.  A line from
 * "ahead" on is asked for with each, if that is not NULL.
 */
AVX2 VDB_INLINE Sums
dot_narrow(const uint8_t *lines, const int8_t *query, size_t nlines,
		   const uint8_t *ahead, int bits, size_t room)
{
	const int fields = 8 / bits;
	const uint8_t *begin = lines;
	Sums sums = {_mm256_setzero_si256(), _mm256_setzero_si256()};

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
		sums.low = _mm256_add_epi32(sums.low, widen(low16));
		sums.high = _mm256_add_epi32(sums.high, widen(high16));
	}
	return sums;
}

AVX2 VDB_INLINE void
add_sums(int32_t acc[VDB_GROUP], Sums sums)
{
	add_acc(acc, sums.low);
	add_acc(acc + 8, sums.high);
}

AVX2 VDB_INLINE Sums
dots2(const uint8_t *lines, const int8_t *query, size_t nlines,
	  const uint8_t *ahead)
{
	return dot_narrow(lines, query, nlines, ahead, 2, LINES2);
}

AVX2 void
code_dot2_avx2(const uint8_t *lines, const int8_t *query, size_t nlines,
			   int32_t acc[VDB_GROUP])
{
	add_sums(acc, dots2(lines, query, nlines, NULL));
}

AVX2 void
code_dot2_ahead_avx2(const uint8_t *lines, const int8_t *query, size_t nlines,
					 const uint8_t *ahead, int32_t acc[VDB_GROUP])
{
	add_sums(acc, dots2(lines, query, nlines, ahead));
}

AVX2 void
code_dot4_avx2(const uint8_t *lines, const int8_t *query, size_t nlines,
			   int32_t acc[VDB_GROUP])
{
	add_sums(acc, dot_narrow(lines, query, nlines, NULL, 4, LINES4));
}

/* The bounds of half a group; the mask of its lanes that are not above. */
AVX2 VDB_INLINE uint32_t
half_bounds(const uint8_t *factors, __m256i sum, const VdbBound *bound,
			float threshold, float *out)
{
	__m256 add = load_f16(factors);
	__m256 gain = load_f16(factors + VDB_LINE / 2);
	__m256 inner =
		_mm256_fmadd_ps(_mm256_set1_ps(bound->scale), _mm256_cvtepi32_ps(sum),
						_mm256_set1_ps(bound->shift));
	__m256 value;

	add = _mm256_add_ps(_mm256_set1_ps(bound->base), add);
	value = _mm256_fnmadd_ps(gain, inner, add);
	_mm256_storeu_ps(out, value);
	value = _mm256_cmp_ps(value, _mm256_set1_ps(threshold), _CMP_NGT_UQ);
	return (uint32_t) _mm256_movemask_ps(value);
}

AVX2 VDB_INLINE uint32_t
sums_bounds(const uint8_t *factors, Sums sums, const VdbBound *bound,
			float threshold, float out[VDB_GROUP])
{
	return half_bounds(factors, sums.low, bound, threshold, out) |
		   half_bounds(factors + VDB_LINE / 4, sums.high, bound, threshold,
					   out + 8)
			   << 8;
}

AVX2 uint32_t
bound_f16_avx2(const uint8_t *factors, const int32_t acc[VDB_GROUP],
			   const VdbBound *bound, float threshold, float out[VDB_GROUP])
{
	const __m256i *halves = (const __m256i *) acc;
	Sums sums = {_mm256_loadu_si256(halves), _mm256_loadu_si256(halves + 1)};

	return sums_bounds(factors, sums, bound, threshold, out);
}

VDB_CODE_BOUNDS2(AVX2, avx2, dots2, sums_bounds)

/*
 * Both bytes of n dimensions as one integer, within +-254 * 127 + 127; n is a
 * multiple of four.
 */
AVX2 VDB_INLINE void
join_bytes(const int8_t *const queries[2], size_t n, int16_t *joined)
{
	const __m256i steps = _mm256_set1_epi16(VDB_FINE_STEPS);
	size_t i = 0;

	for (; i + 16 <= n; i += 16)
	{
		__m256i hi = _mm256_cvtepi8_epi16(
			_mm_loadu_si128((const __m128i *) (queries[0] + i)));
		__m256i lo = _mm256_cvtepi8_epi16(
			_mm_loadu_si128((const __m128i *) (queries[1] + i)));

		_mm256_storeu_si256(
			(__m256i *) (joined + i),
			_mm256_add_epi16(_mm256_mullo_epi16(hi, steps), lo));
	}
	for (; i < n; i++)
		joined[i] = VDB_FINE_STEPS * queries[0][i] + queries[1][i];
}

/* One byte of n dimensions, a multiple of four. */
AVX2 VDB_INLINE void
widen_bytes(const int8_t *query, size_t n, int16_t *wide)
{
	size_t i = 0;

	for (; i + 16 <= n; i += 16)
		_mm256_storeu_si256((__m256i *) (wide + i),
							_mm256_cvtepi8_epi16(_mm_loadu_si128(
								(const __m128i *) (query + i))));
	for (; i < n; i++)
		wide[i] = query[i];
}

/* The four dimensions of a line, in every two lanes. */
AVX2 VDB_INLINE __m256i
broadcast_wide(const int16_t *query)
{
	int64_t four;

	memcpy(&four, query, sizeof(four));
	return _mm256_set1_epi64x(four);
}

/*
 * To half of both sums, what together is "sum": of the first as much as single
 * precision finds, the rest of the second.
 */
AVX2 VDB_INLINE void
add_fine(int32_t *hi, int32_t *lo, __m256i sum)
{
	__m256i steps = _mm256_set1_epi32(VDB_FINE_STEPS);
	__m256i whole = _mm256_cvtps_epi32(_mm256_mul_ps(
		_mm256_cvtepi32_ps(sum), _mm256_set1_ps(1.0f / VDB_FINE_STEPS)));

	add_acc(hi, whole);
	add_acc(lo, _mm256_sub_epi32(sum, _mm256_mullo_epi32(whole, steps)));
}

/*
 * Products of 16 bits, whose pairs are summed at once, of LINES8 lines at most.
 * A line from "ahead" on is asked for with each, if that is not NULL.  Bytes
 * that are unpacked within their half of a register leave each lane two sums
 * side by side, which HADD puts in order.
 */
AVX2 VDB_INLINE void
dot8_wide(const uint8_t *lines, const int16_t *query, size_t nlines,
		  const uint8_t *ahead, __m256i dots[2])
{
	const __m256i zero = _mm256_setzero_si256();
	__m256i sum[4] = {zero, zero, zero, zero};

	for (size_t line = 0; line < nlines; line++)
	{
		const __m256i *halves = (const __m256i *) (lines + line * VDB_LINE);
		__m256i q = broadcast_wide(query + line * 4);

		if (ahead)
			__builtin_prefetch(ahead + line * VDB_LINE);
		VDB_UNROLL
		for (int half = 0; half < 2; half++)
		{
			__m256i x = _mm256_loadu_si256(halves + half);
			__m256i *sums = sum + 2 * half;

			sums[0] = _mm256_add_epi32(
				sums[0], _mm256_madd_epi16(_mm256_unpacklo_epi8(x, zero), q));
			sums[1] = _mm256_add_epi32(
				sums[1], _mm256_madd_epi16(_mm256_unpackhi_epi8(x, zero), q));
		}
	}
	dots[0] = _mm256_hadd_epi32(sum[0], sum[1]);
	dots[1] = _mm256_hadd_epi32(sum[2], sum[3]);
}

AVX2 void
code_dot8_avx2(const uint8_t *lines, const int8_t *query, size_t nlines,
			   int32_t acc[VDB_GROUP])
{
	int16_t wide[LINES8 * 4];

	for (size_t done = 0; done < nlines; done += LINES8)
	{
		size_t n = nlines - done < LINES8 ? nlines - done : LINES8;
		__m256i dots[2];

		widen_bytes(query + done * 4, n * 4, wide);
		dot8_wide(lines + done * VDB_LINE, wide, n, NULL, dots);
		add_acc(acc, dots[0]);
		add_acc(acc + 8, dots[1]);
	}
}

AVX2 void
code_dot8_fine_avx2(const uint8_t *lines, const int8_t *const queries[2],
					size_t nlines, const uint8_t *ahead,
					int32_t acc[2][VDB_GROUP])
{
	int16_t joined[LINES8 * 4];

	for (size_t done = 0; done < nlines; done += LINES8)
	{
		const int8_t *const rest[2] = {queries[0] + done * 4,
									   queries[1] + done * 4};
		size_t n = nlines - done < LINES8 ? nlines - done : LINES8;
		__m256i dots[2];

		join_bytes(rest, n * 4, joined);
		dot8_wide(lines + done * VDB_LINE, joined, n, ahead + done * VDB_LINE,
				  dots);
		add_fine(acc[0], acc[1], dots[0]);
		add_fine(acc[0] + 8, acc[1] + 8, dots[1]);
	}
}

#endif /* VDB_X86 */
