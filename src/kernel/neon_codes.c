/*
 * neon_codes.c: dot products of codes, keys and bounds in NEON.
 *
 * A line of codes is four registers of four lanes.  With the SDOT instruction
 * a lane's four products are one step; without, the products are gathered in
 * 16 bits as far as they fit.  Both take signed bytes: 8-bit codes are shifted
 * down by 128, and 128 times the sum of the query is added back.
 */
#include "kernel/neon.h"

#ifdef VDB_ARM

/*
 * Lines that 16-bit sums have room for; a half of a lane's four products adds
 * 4 * 381 a line at 2 bits, 2 * 1905 at 4 bits.
 */
#define LINES2 16
#define LINES4 8

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

void
code_dot2_neon(const uint8_t *lines, const int8_t *query, size_t nlines,
			   int32_t acc[VDB_GROUP])
{
	code_dot_narrow(lines, query, nlines, acc, 2, LINES2);
}

void
code_dot4_neon(const uint8_t *lines, const int8_t *query, size_t nlines,
			   int32_t acc[VDB_GROUP])
{
	code_dot_narrow(lines, query, nlines, acc, 4, LINES4);
}

/* Two products of 8 bits overflow 16, so each is widened at once. */
void
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

uint32_t
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

VDB_CODES_BY_PARTS(, neon)

VDB_BOUNDS_BY_PARTS(, neon, neon)

VDB_KEYS_BY_ROW(, neon)

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

DOTPROD void
code_dot2_dotprod(const uint8_t *lines, const int8_t *query, size_t nlines,
				  int32_t acc[VDB_GROUP])
{
	code_dot_dotprod(lines, query, nlines, acc, 2);
}

DOTPROD void
code_dot4_dotprod(const uint8_t *lines, const int8_t *query, size_t nlines,
				  int32_t acc[VDB_GROUP])
{
	code_dot_dotprod(lines, query, nlines, acc, 4);
}

/* "bias" is -128 times the sum of the query, in every lane. */
DOTPROD void
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

VDB_CODES_BY_PARTS(, dotprod)

VDB_BOUNDS_BY_PARTS(, dotprod, neon)

VDB_KEYS_BY_ROW(, dotprod)

#endif /* VDB_ARM_DOTPROD */

#endif /* VDB_ARM */
