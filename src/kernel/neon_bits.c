/*
 * neon_bits.c: counts of bits in NEON.
 */
#include "kernel/neon.h"

#ifdef VDB_ARM

/* Lines whose bits a byte has room for: 31 * 8 */
#define LINES1 31

/* Bytes are summed as long as they have room. */
void
code_dot1_neon(const uint8_t *lines, const int8_t *query, size_t nlines,
			   int32_t acc[VDB_GROUP])
{
	while (nlines > 0)
	{
		size_t count = nlines < LINES1 ? nlines : LINES1;
		uint8x16_t bytes[4];

		VDB_UNROLL
		for (int j = 0; j < 4; j++)
			bytes[j] = vdupq_n_u8(0);
		nlines -= count;
		for (; count > 0; count--)
		{
			uint8x16_t q = vreinterpretq_u8_s8(broadcast4(query));

			VDB_UNROLL
			for (int j = 0; j < 4; j++)
				bytes[j] = vaddq_u8(
					bytes[j], vcntq_u8(vandq_u8(vld1q_u8(lines + j * 16), q)));
			lines += VDB_LINE;
			query += 4;
		}
		VDB_UNROLL
		for (int j = 0; j < 4; j++)
		{
			uint32x4_t sum = vpaddlq_u16(vpaddlq_u8(bytes[j]));

			vst1q_s32(acc + j * 4, vaddq_s32(vld1q_s32(acc + j * 4),
											 vreinterpretq_s32_u32(sum)));
		}
	}
}

VDB_INLINE uint64x2_t
count_bits(uint8x16_t x)
{
	return vpaddlq_u32(vpaddlq_u16(vpaddlq_u8(vcntq_u8(x))));
}

/* 16 bytes, or the first n of them and zeros, of which nothing is read. */
VDB_INLINE uint8x16_t
load_bits(const uint8_t *bytes, size_t n)
{
	uint8_t some[16] = {0};

	if (n >= sizeof(some))
		return vld1q_u8(bytes);
	memcpy(some, bytes, n);
	return vld1q_u8(some);
}

uint64_t
hamming_neon(const uint8_t *a, const uint8_t *b, size_t n)
{
	uint64x2_t sum = vdupq_n_u64(0);

	for (size_t i = 0; i < n; i += 16)
	{
		uint8x16_t x = load_bits(a + i, n - i);
		uint8x16_t y = load_bits(b + i, n - i);

		sum = vaddq_u64(sum, count_bits(veorq_u8(x, y)));
	}
	return vaddvq_u64(sum);
}

void
bit_counts_neon(const uint8_t *a, const uint8_t *b, size_t n, uint64_t out[3])
{
	uint64x2_t both = vdupq_n_u64(0);
	uint64x2_t in_a = both;
	uint64x2_t in_b = both;

	for (size_t i = 0; i < n; i += 16)
	{
		uint8x16_t x = load_bits(a + i, n - i);
		uint8x16_t y = load_bits(b + i, n - i);

		both = vaddq_u64(both, count_bits(vandq_u8(x, y)));
		in_a = vaddq_u64(in_a, count_bits(x));
		in_b = vaddq_u64(in_b, count_bits(y));
	}
	out[0] = vaddvq_u64(both);
	out[1] = vaddvq_u64(in_a);
	out[2] = vaddvq_u64(in_b);
}

#endif /* VDB_ARM */
