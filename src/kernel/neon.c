/*
 * neon.c: the kernels for AArch64, whose processors all have NEON.
 *
 * A line of codes is four registers of four lanes.  With the SDOT instruction
 * a lane's four products are one step; without, the products are gathered in
 * 16 bits as far as they fit.  Both take signed bytes: 8-bit codes are shifted
 * down by 128, and 128 times the sum of the query is added back.
 * The two tables differ in these functions only.
 */
#include "kernel/levels.h"

#ifdef VDB_ARM

#include <arm_neon.h>
#include <string.h>

/*
 * Lines that 16-bit sums have room for; a half of a lane's four products adds
 * 4 * 381 a line at 2 bits, 2 * 1905 at 4 bits.
 */
#define LINES2 16
#define LINES4 8

VDB_INLINE float
sum16(const float32x4_t sum[4])
{
	return vaddvq_f32(
		vaddq_f32(vaddq_f32(sum[0], sum[1]), vaddq_f32(sum[2], sum[3])));
}

VDB_INLINE float32x4_t
load_f16(const void *halves)
{
	return vcvt_f32_f16(vreinterpret_f16_u8(vld1_u8(halves)));
}

/* The elements from i on, of floats or halves: "width" is a constant. */
VDB_INLINE float32x4_t
load(const void *x, size_t i, size_t width)
{
	if (width == sizeof(uint16_t))
		return load_f16((const uint16_t *) x + i);
	return vld1q_f32((const float *) x + i);
}

/* No more than n < 4 of them, the others zero and not read. */
VDB_INLINE float32x4_t
load_first(const void *x, size_t i, size_t n, size_t width)
{
	float some[4] = {0};

	memcpy(some, (const char *) x + i * width, n * width);
	return load(some, 0, width);
}

VDB_INLINE float32x4_t
add_l2sq(float32x4_t sum, float32x4_t a, float32x4_t b)
{
	float32x4_t diff = vsubq_f32(a, b);

	return vfmaq_f32(sum, diff, diff);
}

VDB_INLINE float32x4_t
add_dot(float32x4_t sum, float32x4_t a, float32x4_t b)
{
	return vfmaq_f32(sum, a, b);
}

VDB_INLINE float32x4_t
add_l1(float32x4_t sum, float32x4_t a, float32x4_t b)
{
	return vaddq_f32(sum, vabdq_f32(a, b));
}

typedef float32x4_t (*AddTerm)(float32x4_t sum, float32x4_t a, float32x4_t b);

/* The one loop of the sums over pairs; "add" is a constant and vanishes. */
VDB_INLINE float
sum_pairs(const void *a, const void *b, size_t n, size_t width, AddTerm add)
{
	float32x4_t sum[4];
	size_t i = 0;

	sum[0] = sum[1] = sum[2] = sum[3] = vdupq_n_f32(0);
	for (; i + 16 <= n; i += 16)
	{
		VDB_UNROLL
		for (int j = 0; j < 4; j++)
			sum[j] = add(sum[j], load(a, i + j * 4, width),
						 load(b, i + j * 4, width));
	}
	for (; i + 4 <= n; i += 4)
		sum[0] = add(sum[0], load(a, i, width), load(b, i, width));
	if (i < n)
		sum[1] = add(sum[1], load_first(a, i, n - i, width),
					 load_first(b, i, n - i, width));
	return sum16(sum);
}

VDB_INLINE void
add_cosine(float32x4_t sum[3], float32x4_t a, float32x4_t b)
{
	sum[0] = vfmaq_f32(sum[0], a, b);
	sum[1] = vfmaq_f32(sum[1], a, a);
	sum[2] = vfmaq_f32(sum[2], b, b);
}

VDB_INLINE void
sum_cosine(const void *a, const void *b, size_t n, size_t width, float out[3])
{
	float32x4_t even[3];
	float32x4_t odd[3];
	size_t i = 0;

	even[0] = even[1] = even[2] = vdupq_n_f32(0);
	odd[0] = odd[1] = odd[2] = vdupq_n_f32(0);
	for (; i + 8 <= n; i += 8)
	{
		add_cosine(even, load(a, i, width), load(b, i, width));
		add_cosine(odd, load(a, i + 4, width), load(b, i + 4, width));
	}
	if (i + 4 <= n)
	{
		add_cosine(even, load(a, i, width), load(b, i, width));
		i += 4;
	}
	if (i < n)
		add_cosine(odd, load_first(a, i, n - i, width),
				   load_first(b, i, n - i, width));
	VDB_UNROLL
	for (int j = 0; j < 3; j++)
		out[j] = vaddvq_f32(vaddq_f32(even[j], odd[j]));
}

VDB_PAIR_SUMS(, neon)

static void
f16_to_f32_neon(const uint16_t *in, float *out, size_t n)
{
	size_t i = 0;

	for (; i + 4 <= n; i += 4)
		vst1q_f32(out + i, load_f16(in + i));
	for (; i < n; i++)
		out[i] = vdb_f16_to_f32(in[i]);
}

static void
f32_to_f16_neon(const float *in, uint16_t *out, size_t n)
{
	size_t i = 0;

	for (; i + 4 <= n; i += 4)
		vst1_u16(out + i,
				 vreinterpret_u16_f16(vcvt_f16_f32(vld1q_f32(in + i))));
	for (; i < n; i++)
		out[i] = vdb_f32_to_f16(in[i]);
}

/* Four query bytes in every lane. */
VDB_INLINE int8x16_t
broadcast4(const int8_t *query)
{
	int32_t four;

	memcpy(&four, query, sizeof(four));
	return vreinterpretq_s8_s32(vdupq_n_s32(four));
}

/* Field s of every byte; a constant, as the instruction demands. */
VDB_INLINE int8x16_t
field2(uint8x16_t x, int s)
{
	const uint8x16_t mask = vdupq_n_u8(3);

	switch (s)
	{
		case 0:
			return vreinterpretq_s8_u8(vandq_u8(x, mask));
		case 1:
			return vreinterpretq_s8_u8(vandq_u8(vshrq_n_u8(x, 2), mask));
		case 2:
			return vreinterpretq_s8_u8(vandq_u8(vshrq_n_u8(x, 4), mask));
		default:
			return vreinterpretq_s8_u8(vshrq_n_u8(x, 6));
	}
}

VDB_INLINE int8x16_t
field4(uint8x16_t x, int s)
{
	return vreinterpretq_s8_u8(s == 0 ? vandq_u8(x, vdupq_n_u8(15))
									  : vshrq_n_u8(x, 4));
}

VDB_INLINE int8x16_t
field(uint8x16_t x, int s, int bits)
{
	return bits == 2 ? field2(x, s) : field4(x, s);
}

/* A code of 8 bits as a signed byte, 128 less. */
VDB_INLINE int8x16_t
field8(const uint8_t *codes)
{
	return vreinterpretq_s8_u8(veorq_u8(vld1q_u8(codes), vdupq_n_u8(128)));
}

VDB_INLINE void
add_acc(int32_t *acc, int32x4_t sum)
{
	vst1q_s32(acc, vaddq_s32(vld1q_s32(acc), sum));
}

/* 2 and 4 bits: all fields of "room" lines fit into 16 bits. */
VDB_INLINE void
code_dot_narrow(const uint8_t *lines, const int8_t *query, size_t nlines,
				int32_t acc[VDB_GROUP], int bits, size_t room)
{
	const int fields = 8 / bits;

	while (nlines > 0)
	{
		size_t count = nlines < room ? nlines : room;
		int16x8_t low[4];
		int16x8_t high[4];

		VDB_UNROLL
		for (int j = 0; j < 4; j++)
			low[j] = high[j] = vdupq_n_s16(0);
		nlines -= count;
		for (; count > 0; count--)
		{
			VDB_UNROLL
			for (int s = 0; s < fields; s++)
			{
				int8x16_t q = broadcast4(query + s * 4);

				VDB_UNROLL
				for (int j = 0; j < 4; j++)
				{
					int8x16_t x = field(vld1q_u8(lines + j * 16), s, bits);

					low[j] = vmlal_s8(low[j], vget_low_s8(x), vget_low_s8(q));
					high[j] = vmlal_high_s8(high[j], x, q);
				}
			}
			lines += VDB_LINE;
			query += fields * 4;
		}
		VDB_UNROLL
		for (int j = 0; j < 4; j++)
			add_acc(acc + j * 4,
					vpaddq_s32(vpaddlq_s16(low[j]), vpaddlq_s16(high[j])));
	}
}

static void
code_dot2_neon(const uint8_t *lines, const int8_t *query, size_t nlines,
			   int32_t acc[VDB_GROUP])
{
	code_dot_narrow(lines, query, nlines, acc, 2, LINES2);
}

static void
code_dot4_neon(const uint8_t *lines, const int8_t *query, size_t nlines,
			   int32_t acc[VDB_GROUP])
{
	code_dot_narrow(lines, query, nlines, acc, 4, LINES4);
}

/* Two products of 8 bits overflow 16, so each is widened at once. */
static void
code_dot8_neon(const uint8_t *lines, const int8_t *query, size_t nlines,
			   int32_t acc[VDB_GROUP])
{
	int32x4_t low[4];
	int32x4_t high[4];
	int32_t query_sum = 0;

	VDB_UNROLL
	for (int j = 0; j < 4; j++)
		low[j] = high[j] = vdupq_n_s32(0);
	for (; nlines > 0; nlines--)
	{
		int8x16_t q = broadcast4(query);

		VDB_UNROLL
		for (int j = 0; j < 4; j++)
		{
			int8x16_t x = field8(lines + j * 16);

			low[j] =
				vpadalq_s16(low[j], vmull_s8(vget_low_s8(x), vget_low_s8(q)));
			high[j] = vpadalq_s16(high[j], vmull_high_s8(x, q));
		}
		query_sum += query[0] + query[1] + query[2] + query[3];
		lines += VDB_LINE;
		query += 4;
	}
	VDB_UNROLL
	for (int j = 0; j < 4; j++)
		add_acc(acc + j * 4, vaddq_s32(vpaddq_s32(low[j], high[j]),
									   vdupq_n_s32(128 * query_sum)));
}

static uint32_t
code_keys_neon(const uint8_t *lines, size_t nlines, const VdbTile *tile,
			   const float *half, const float *gain, float *out)
{
	return code_keys_by_row(code_dot8_neon, lines, nlines, tile, half, gain,
							out);
}

#ifdef VDB_ARM_DOTPROD

#define DOTPROD __attribute__((target("arch=armv8.2-a+dotprod")))

DOTPROD VDB_INLINE void
code_dot_dotprod(const uint8_t *lines, const int8_t *query, size_t nlines,
				 int32_t acc[VDB_GROUP], int bits)
{
	const int fields = 8 / bits;
	int32x4_t even[4];
	int32x4_t odd[4];

	VDB_UNROLL
	for (int j = 0; j < 4; j++)
		even[j] = odd[j] = vdupq_n_s32(0);
	for (; nlines > 0; nlines--)
	{
		VDB_UNROLL
		for (int s = 0; s < fields; s += 2)
		{
			int8x16_t p = broadcast4(query + s * 4);
			int8x16_t q = broadcast4(query + s * 4 + 4);

			VDB_UNROLL
			for (int j = 0; j < 4; j++)
			{
				uint8x16_t x = vld1q_u8(lines + j * 16);

				even[j] = vdotq_s32(even[j], field(x, s, bits), p);
				odd[j] = vdotq_s32(odd[j], field(x, s + 1, bits), q);
			}
		}
		lines += VDB_LINE;
		query += fields * 4;
	}
	VDB_UNROLL
	for (int j = 0; j < 4; j++)
		add_acc(acc + j * 4, vaddq_s32(even[j], odd[j]));
}

DOTPROD static void
code_dot2_dotprod(const uint8_t *lines, const int8_t *query, size_t nlines,
				  int32_t acc[VDB_GROUP])
{
	code_dot_dotprod(lines, query, nlines, acc, 2);
}

DOTPROD static void
code_dot4_dotprod(const uint8_t *lines, const int8_t *query, size_t nlines,
				  int32_t acc[VDB_GROUP])
{
	code_dot_dotprod(lines, query, nlines, acc, 4);
}

/* "bias" is -128 times the sum of the query, in every lane. */
DOTPROD static void
code_dot8_dotprod(const uint8_t *lines, const int8_t *query, size_t nlines,
				  int32_t acc[VDB_GROUP])
{
	int32x4_t sum[4];
	int32x4_t bias = vdupq_n_s32(0);

	VDB_UNROLL
	for (int j = 0; j < 4; j++)
		sum[j] = vdupq_n_s32(0);
	for (; nlines > 0; nlines--)
	{
		int8x16_t q = broadcast4(query);

		bias = vdotq_s32(bias, vdupq_n_s8(-128), q);
		VDB_UNROLL
		for (int j = 0; j < 4; j++)
			sum[j] = vdotq_s32(sum[j], field8(lines + j * 16), q);
		lines += VDB_LINE;
		query += 4;
	}
	VDB_UNROLL
	for (int j = 0; j < 4; j++)
		add_acc(acc + j * 4, vsubq_s32(sum[j], bias));
}

static uint32_t
code_keys_dotprod(const uint8_t *lines, size_t nlines, const VdbTile *tile,
				  const float *half, const float *gain, float *out)
{
	return code_keys_by_row(code_dot8_dotprod, lines, nlines, tile, half, gain,
							out);
}

#endif /* VDB_ARM_DOTPROD */

static uint32_t
bound_f16_neon(const uint8_t *factors, const int32_t acc[VDB_GROUP],
			   const VdbBound *bound, float threshold, float out[VDB_GROUP])
{
	static const uint32_t weights[4] = {1, 2, 4, 8};
	uint32x4_t weight = vld1q_u32(weights);
	uint32_t keep = 0;

	VDB_UNROLL
	for (int v = 0; v < VDB_GROUP; v += 4)
	{
		float32x4_t sum = vcvtq_f32_s32(vld1q_s32(acc + v));
		float32x4_t add = load_f16(factors + v * 2);
		float32x4_t gain = load_f16(factors + VDB_LINE / 2 + v * 2);
		float32x4_t inner;
		float32x4_t value;
		uint32x4_t above;

		inner = vfmaq_n_f32(vdupq_n_f32(bound->shift), sum, bound->scale);
		add = vaddq_f32(vdupq_n_f32(bound->base), add);
		value = vfmsq_f32(add, gain, inner);
		vst1q_f32(out + v, value);
		above = vcgtq_f32(value, vdupq_n_f32(threshold));
		keep |= vaddvq_u32(vbicq_u32(weight, above)) << v;
	}
	return keep;
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

static uint64_t
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

static void
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

const VdbKernel vdb_kernel_neon = {
	.name = "neon",
	VDB_PAIR_SUM_ROWS(neon),
	.f16_to_f32 = f16_to_f32_neon,
	.f32_to_f16 = f32_to_f16_neon,
	.code_dot2 = code_dot2_neon,
	.code_dot4 = code_dot4_neon,
	.code_dot8 = code_dot8_neon,
	.code_keys = code_keys_neon,
	.bound_f16 = bound_f16_neon,
	.hamming = hamming_neon,
	.bit_counts = bit_counts_neon,
	.keys_in_ranges = vdb_keys_in_ranges_neon,
};

#ifdef VDB_ARM_DOTPROD
const VdbKernel vdb_kernel_neon_dotprod = {
	.name = "neon_dotprod",
	VDB_PAIR_SUM_ROWS(neon),
	.f16_to_f32 = f16_to_f32_neon,
	.f32_to_f16 = f32_to_f16_neon,
	.code_dot2 = code_dot2_dotprod,
	.code_dot4 = code_dot4_dotprod,
	.code_dot8 = code_dot8_dotprod,
	.code_keys = code_keys_dotprod,
	.bound_f16 = bound_f16_neon,
	.hamming = hamming_neon,
	.bit_counts = bit_counts_neon,
	.keys_in_ranges = vdb_keys_in_ranges_neon,
};
#endif

#endif /* VDB_ARM */
