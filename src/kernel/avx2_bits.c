/*
 * avx2_bits.c: counts of bits in AVX2.
 */
#include "kernel/avx2.h"

#ifdef VDB_X86

/* Lines whose bits a byte has room for: 31 * 8 */
#define LINES1 31

/*
 * Bits of each byte: those of nibbles come from a table (Mula, Kurz and Lemire,
 * arXiv 1611.07612).
 */
AVX2 VDB_INLINE __m256i
count_in_bytes(__m256i x)
{
	__m256i table =
		_mm256_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4, 0, 1,
						 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4);
	__m256i nibble = _mm256_set1_epi8(15);
	__m256i low = _mm256_and_si256(x, nibble);
	__m256i high = _mm256_and_si256(_mm256_srli_epi16(x, 4), nibble);

	return _mm256_add_epi8(_mm256_shuffle_epi8(table, low),
						   _mm256_shuffle_epi8(table, high));
}

/* Bits of each 64: VPSADBW adds eight bytes. */
AVX2 VDB_INLINE __m256i
count_bits(__m256i x)
{
	return _mm256_sad_epu8(count_in_bytes(x), _mm256_setzero_si256());
}

/* One half of the lanes: bytes are summed as long as they have room. */
AVX2 VDB_INLINE void
code_dot1_half(const uint8_t *lines, const int8_t *query, size_t nlines,
			   int32_t *acc)
{
	const __m256i ones = _mm256_set1_epi8(1);
	__m256i sum = _mm256_loadu_si256((const __m256i *) acc);

	while (nlines > 0)
	{
		size_t count = nlines < LINES1 ? nlines : LINES1;
		__m256i bytes = _mm256_setzero_si256();

		nlines -= count;
		for (; count > 0; count--)
		{
			__m256i x = _mm256_loadu_si256((const __m256i *) lines);

			bytes = _mm256_add_epi8(
				bytes, count_in_bytes(_mm256_and_si256(x, broadcast4(query))));
			lines += VDB_LINE;
			query += 4;
		}
		sum = _mm256_add_epi32(
			sum, _mm256_madd_epi16(_mm256_maddubs_epi16(bytes, ones),
								   _mm256_set1_epi16(1)));
	}
	_mm256_storeu_si256((__m256i *) acc, sum);
}

AVX2 void
code_dot1_avx2(const uint8_t *lines, const int8_t *query, size_t nlines,
			   int32_t acc[VDB_GROUP])
{
	code_dot1_half(lines, query, nlines, acc);
	code_dot1_half(lines + VDB_LINE / 2, query, nlines, acc + 8);
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

AVX2 uint64_t
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

AVX2 void
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

#endif /* VDB_X86 */
