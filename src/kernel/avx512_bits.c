/*
 * avx512_bits.c: counts of bits in AVX-512.
 */
#include "kernel/avx512.h"

#ifdef VDB_X86

#define AVX512_POPCNT                                                          \
	__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,"                \
						  "avx512vpopcntdq,avx2,fma,f16c")))

/* Lines whose bits a byte has room for: 31 * 8 */
#define LINES1 31

/*
 * Bits of each 64, by VPOPCNTQ, or from a table of those of nibbles; VPSADBW
 * adds eight bytes then.  VNNI does not tell whether a processor has VPOPCNTQ
 * and VPOPCNTD, so its functions ask.
 */
AVX512_POPCNT VDB_INLINE __m512i
count_bits_popcnt(__m512i x)
{
	return _mm512_popcnt_epi64(x);
}

/* Bits of each byte. */
AVX512 VDB_INLINE __m512i
count_in_bytes(__m512i x)
{
	__m512i table = _mm512_broadcast_i32x4(
		_mm_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4));
	__m512i nibble = _mm512_set1_epi8(15);
	__m512i low = _mm512_and_si512(x, nibble);
	__m512i high = _mm512_and_si512(_mm512_srli_epi16(x, 4), nibble);

	return _mm512_add_epi8(_mm512_shuffle_epi8(table, low),
						   _mm512_shuffle_epi8(table, high));
}

AVX512 VDB_INLINE __m512i
count_bits_table(__m512i x)
{
	return _mm512_sad_epu8(count_in_bytes(x), _mm512_setzero_si512());
}

/* A lane's four bytes are the 32 bits that VPOPCNTD counts. */
AVX512_POPCNT static void
code_dot1_popcnt(const uint8_t *lines, const int8_t *query, size_t nlines,
				 int32_t acc[VDB_GROUP])
{
	__m512i even = _mm512_loadu_si512(acc);
	__m512i odd = _mm512_setzero_si512();

	for (; nlines >= 2; nlines -= 2)
	{
		__m512i x = _mm512_loadu_si512(lines);
		__m512i y = _mm512_loadu_si512(lines + VDB_LINE);

		x = _mm512_and_si512(x, broadcast4(query));
		y = _mm512_and_si512(y, broadcast4(query + 4));
		even = _mm512_add_epi32(even, _mm512_popcnt_epi32(x));
		odd = _mm512_add_epi32(odd, _mm512_popcnt_epi32(y));
		lines += 2 * VDB_LINE;
		query += 8;
	}
	if (nlines > 0)
	{
		__m512i x = _mm512_loadu_si512(lines);

		x = _mm512_and_si512(x, broadcast4(query));
		odd = _mm512_add_epi32(odd, _mm512_popcnt_epi32(x));
	}
	_mm512_storeu_si512(acc, _mm512_add_epi32(even, odd));
}

/* Bytes are summed as long as they have room. */
AVX512 void
code_dot1_avx512(const uint8_t *lines, const int8_t *query, size_t nlines,
				 int32_t acc[VDB_GROUP])
{
	const __m512i ones = _mm512_set1_epi8(1);
	__m512i sum = _mm512_loadu_si512(acc);

	while (nlines > 0)
	{
		size_t count = nlines < LINES1 ? nlines : LINES1;
		__m512i bytes = _mm512_setzero_si512();

		nlines -= count;
		for (; count > 0; count--)
		{
			__m512i x = _mm512_loadu_si512(lines);

			bytes = _mm512_add_epi8(
				bytes, count_in_bytes(_mm512_and_si512(x, broadcast4(query))));
			lines += VDB_LINE;
			query += 4;
		}
		sum = _mm512_add_epi32(
			sum, _mm512_madd_epi16(_mm512_maddubs_epi16(bytes, ones),
								   _mm512_set1_epi16(1)));
	}
	_mm512_storeu_si512(acc, sum);
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

AVX512 uint64_t
hamming_avx512(const uint8_t *a, const uint8_t *b, size_t n)
{
	return hamming_by(a, b, n, count_bits_table);
}

AVX512 void
bit_counts_avx512(const uint8_t *a, const uint8_t *b, size_t n, uint64_t out[3])
{
	bit_counts_by(a, b, n, out, count_bits_table);
}

/* Like VNNI itself, a matter of the processor alone: dispatch.c has asked. */
void
code_dot1_avx512_vnni(const uint8_t *lines, const int8_t *query, size_t nlines,
					  int32_t acc[VDB_GROUP])
{
	if (__builtin_cpu_supports("avx512vpopcntdq"))
		code_dot1_popcnt(lines, query, nlines, acc);
	else
		code_dot1_avx512(lines, query, nlines, acc);
}

uint64_t
hamming_avx512_vnni(const uint8_t *a, const uint8_t *b, size_t n)
{
	return __builtin_cpu_supports("avx512vpopcntdq") ? hamming_popcnt(a, b, n)
													 : hamming_avx512(a, b, n);
}

void
bit_counts_avx512_vnni(const uint8_t *a, const uint8_t *b, size_t n,
					   uint64_t out[3])
{
	if (__builtin_cpu_supports("avx512vpopcntdq"))
		bit_counts_popcnt(a, b, n, out);
	else
		bit_counts_avx512(a, b, n, out);
}

#endif /* VDB_X86 */
