/*
 * half.c: IEEE half precision from and to float, in integer arithmetic.
 *
 * A half has a sign, five bits of exponent (bias 15) and ten of fraction; the
 * least positive one is 2^-24.  A signalling NaN becomes a quiet one and NaNs
 * keep the top of their payload, as the processors' instructions have it.
 */
#include <string.h>

#include "kernel/kernel.h"

#define F32_INF 0x7f800000u
#define F32_QUIET 0x00400000u
#define F16_INF 0x7c00u
#define F16_QUIET 0x0200u

/* x / 2^shift, rounded to nearest, ties to even; 0 < shift < 32 */
static uint32_t
shift_even(uint32_t x, int shift)
{
	uint32_t whole = x >> shift;
	uint32_t rest = x & ((1u << shift) - 1);
	uint32_t middle = 1u << (shift - 1);

	if (rest > middle || (rest == middle && (whole & 1)))
		whole++;
	return whole;
}

float
vdb_f16_to_f32(uint16_t half)
{
	uint32_t sign = (uint32_t) (half & 0x8000) << 16;
	uint32_t rest = half & 0x7fff;
	uint32_t bits;
	float value;

	if (rest > F16_INF)
		bits = F32_INF | F32_QUIET | rest << 13;
	else if (rest == F16_INF)
		bits = F32_INF;
	else if (rest >= 0x0400)
		bits = (rest << 13) + ((127u - 15) << 23);
	else
	{
		/* a subnormal half is a normal float */
		value = (float) rest * 0x1p-24f;
		memcpy(&bits, &value, sizeof(bits));
	}
	bits |= sign;
	memcpy(&value, &bits, sizeof(value));
	return value;
}

uint16_t
vdb_f32_to_f16(float value)
{
	uint32_t bits;
	uint32_t sign;
	uint32_t half;

	memcpy(&bits, &value, sizeof(bits));
	sign = (bits >> 16) & 0x8000;
	bits &= 0x7fffffff;

	if (bits > F32_INF)
		half = F16_INF | F16_QUIET | ((bits >> 13) & 0x1ff);
	else if (bits >= 0x477ff000) /* 65520, half way to 2^16 */
		half = F16_INF;
	else if (bits >= 0x38800000) /* 2^-14, the least normal half */
		half = shift_even(bits - ((127u - 15) << 23), 13);
	else if (bits >= 0x33000000) /* 2^-25, half the least half */
		half = shift_even((bits & 0x007fffff) | 0x00800000,
						  126 - (int) (bits >> 23));
	else
		half = 0;
	return (uint16_t) (sign | half);
}

uint16_t
vdb_f32_to_f16_floor(float value)
{
	uint16_t half = vdb_f32_to_f16(value);

	if (value != value)
		return 0x8000 | F16_INF;
	if (vdb_f16_to_f32(half) > value)
	{
		/* away from zero if negative, which -0 counts as, else towards it */
		if (half & 0x8000)
			half++;
		else
			half--;
	}
	return half;
}
