/*
 * neon_bits.c: counts of bits in NEON.
 */
#include "kernel/neon.h"

#ifdef VDB_ARM

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
