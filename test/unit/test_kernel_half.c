/*
 * test_kernel_half.c: half floats, one by one and by the kernels.
 */
#include "kernel_test.h"

static void
test_half_round_trip(void)
{
	check_begin("half: all 65536 make the round trip");
	for (uint32_t i = 0; i < 65536; i++)
	{
		uint16_t half = (uint16_t) i;
		int exponent = half >> 10 & 0x1f;
		int fraction = half & 0x3ff;
		float value = vdb_f16_to_f32(half);
		double want = exponent == 0 ? ldexp(fraction, -24)
									: ldexp(1024 + fraction, exponent - 25);

		if (exponent == 0x1f)
			check_that((fraction ? isnan(value) : isinf(value)) &&
						   !signbit(value) == !(half & 0x8000),
					   "half %04x gives %g", half, value);
		else
			check_that(value == (half & 0x8000 ? -want : want) &&
						   !signbit(value) == !(half & 0x8000),
					   "half %04x gives %.9g", half, value);

		/* a signalling NaN becomes a quiet one */
		if (exponent == 0x1f && fraction != 0)
			half |= 0x0200;
		check_that(vdb_f32_to_f16(value) == half,
				   "half %04x comes back as %04x", half, vdb_f32_to_f16(value));
	}
	check_end();
}

/* Positive halves are ordered; 0x7c00 stands for the 2^16 that is rounded off
 */
static double
half_value(uint32_t half)
{
	return half == 0x7c00 ? 65536.0 : vdb_f16_to_f32((uint16_t) half);
}

/* The greatest positive half not above a finite value >= 0. */
static uint32_t
half_below(double value)
{
	uint32_t low = 0;
	uint32_t high = 0x7c00;

	while (high - low > 1)
	{
		uint32_t middle = (low + high) / 2;

		if (half_value(middle) <= value)
			low = middle;
		else
			high = middle;
	}
	return low;
}

static uint16_t
half_nearest(float value)
{
	uint16_t sign = signbit(value) ? 0x8000 : 0;
	double size = fabs((double) value);
	uint32_t low;
	double down;
	double up;

	if (size >= 65536.0)
		return sign | 0x7c00;
	low = half_below(size);
	down = size - half_value(low);
	up = half_value(low + 1) - size;
	if (up < down || (up == down && (low & 1)))
		low++;
	return (uint16_t) (sign | low);
}

static void
check_half(float value)
{
	uint16_t nearest = vdb_f32_to_f16(value);
	uint16_t floor = vdb_f32_to_f16_floor(value);
	uint16_t above;

	check_that(nearest == half_nearest(value), "%a rounds to %04x, not %04x",
			   value, nearest, half_nearest(value));

	/* the next half up, of all but the greatest, must be above the value */
	above = floor & 0x8000 ? (floor == 0x8000 ? 0x0001 : floor - 1) : floor + 1;
	check_that(vdb_f16_to_f32(floor) <= value &&
				   (floor == 0x7c00 || vdb_f16_to_f32(above) > value),
			   "%a has floor %04x", value, floor);
}

static float
float_of(uint32_t bits)
{
	float value;

	memcpy(&value, &bits, sizeof(value));
	return value;
}

static void
test_half_rounding(void)
{
	check_begin("half: rounds to nearest even, floor is the greatest below");
	for (uint32_t half = 0; half < 0x7c00; half++)
	{
		float value = (float) half_value(half);
		float middle = (float) ((half_value(half) + half_value(half + 1)) / 2);
		float near[] = {value,
						nextafterf(value, INFINITY),
						middle,
						nextafterf(middle, INFINITY),
						nextafterf(middle, 0),
						(float) (value + rnd_float() * (middle - value)),
						nextafterf((float) half_value(half + 1), 0)};

		for (size_t i = 0; i < sizeof(near) / sizeof(near[0]); i++)
		{
			check_half(near[i]);
			check_half(-near[i]);
		}
	}
	/* a stride over all bit patterns, NaN and infinity apart */
	for (uint64_t bits = 0; bits < 0x7f800000; bits += 4099)
	{
		check_half(float_of((uint32_t) bits));
		check_half(float_of((uint32_t) bits | 0x80000000));
	}
	check_end();
}

static void
test_half_specials(void)
{
	static const struct
	{
		float value;
		uint16_t nearest;
		uint16_t floor;
	} cases[] = {
		{0.0f, 0x0000, 0x0000},
		{-0.0f, 0x8000, 0x8000},
		{INFINITY, 0x7c00, 0x7c00},
		{-INFINITY, 0xfc00, 0xfc00},
		{FLT_MAX, 0x7c00, 0x7bff},
		{-FLT_MAX, 0xfc00, 0xfc00},
		{65504, 0x7bff, 0x7bff},
		{65519.996f, 0x7bff, 0x7bff},
		{65520, 0x7c00, 0x7bff},
		{-65504, 0xfbff, 0xfbff},
		{-65505, 0xfbff, 0xfc00},
		{0x1p-149f, 0x0000, 0x0000},
		{-0x1p-149f, 0x8000, 0x8001},
		{0x1p-25f, 0x0000, 0x0000},
		{0x1.000002p-25f, 0x0001, 0x0000},
		{-0x1p-25f, 0x8000, 0x8001},
	};

	check_begin("half: zeros, infinities, limits and NaN");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		float value = cases[i].value;

		check_that(vdb_f32_to_f16(value) == cases[i].nearest &&
					   vdb_f32_to_f16_floor(value) == cases[i].floor,
				   "%a gives %04x and %04x", value, vdb_f32_to_f16(value),
				   vdb_f32_to_f16_floor(value));
	}
	/* quiet, signalling and negative */
	for (uint32_t bits = 0x7f800001; bits < 0x80000000; bits += 997)
		for (int negative = 0; negative < 2; negative++)
		{
			float value = float_of(bits | (negative ? 0x80000000 : 0));
			uint16_t half = vdb_f32_to_f16(value);

			check_that((half & 0x7fff) > 0x7c00 && half >> 15 == negative,
					   "NaN %08x gives %04x", bits, half);
			check_that(vdb_f32_to_f16_floor(value) == 0xfc00,
					   "NaN %08x has floor %04x", bits,
					   vdb_f32_to_f16_floor(value));
		}
	check_end();
}

/* The bits of a float: NaNs are compared, too. */
static uint32_t
bits_of(float value)
{
	uint32_t bits;

	memcpy(&bits, &value, sizeof(bits));
	return bits;
}

#define LOT 4096 /* halves or floats to convert at a time */

static void
test_widen(const VdbKernel *kernel)
{
	uint16_t *in = (uint16_t *) area_a.end - LOT;
	float *out = (float *) area_b.end - LOT;

	check_begin("%s: f16_to_f32 of every half", kernel->name);
	for (uint32_t start = 0; start < 65536; start += LOT)
	{
		for (uint32_t i = 0; i < LOT; i++)
			in[i] = (uint16_t) (start + i);
		kernel->f16_to_f32(in, out, LOT);
		for (uint32_t i = 0; i < LOT; i++)
			check_that(bits_of(out[i]) == bits_of(vdb_f16_to_f32(in[i])),
					   "half %04x gives %a", in[i], out[i]);
	}
	check_end();
}

static void
check_narrow(const VdbKernel *kernel, const float *in, uint16_t *out)
{
	kernel->f32_to_f16(in, out, LOT);
	for (int i = 0; i < LOT; i++)
		check_that(out[i] == vdb_f32_to_f16(in[i]), "%a gives %04x, not %04x",
				   in[i], out[i], vdb_f32_to_f16(in[i]));
}

/* Where halves meet and in between, and a stride over all bit patterns. */
static void
test_narrow(const VdbKernel *kernel)
{
	float *in = (float *) area_a.end - LOT;
	uint16_t *out = (uint16_t *) area_b.end - LOT;
	uint64_t bits = 0;

	check_begin("%s: f32_to_f16 rounds to nearest even", kernel->name);
	for (uint32_t half = 0; half < 0x7c00;)
	{
		for (int i = 0; i < LOT; i += 8, half++)
		{
			float value = (float) half_value(half % 0x7c00);
			float next = (float) half_value(half % 0x7c00 + 1);
			float middle = (value + next) / 2;
			float near[] = {value, middle, nextafterf(middle, 0),
							nextafterf(middle, INFINITY)};

			for (int j = 0; j < 8; j++)
				in[i + j] = j < 4 ? near[j] : -near[j - 4];
		}
		check_narrow(kernel, in, out);
	}
	while (bits <= UINT32_MAX)
	{
		for (int i = 0; i < LOT; i++, bits += 4099)
			in[i] = float_of((uint32_t) bits);
		check_narrow(kernel, in, out);
	}
	check_end();
}

/* Any number of them, at any address, and none beyond. */
static void
test_convert_lengths(const VdbKernel *kernel)
{
	check_begin("%s: conversions at any length and address", kernel->name);
	for (size_t n = 0; n <= 130; n++)
		for (size_t behind = 0; behind < 32; behind += 1 + rnd() % 5)
		{
			uint16_t *halves = (uint16_t *) area_a.end - n - behind;
			float *floats = (float *) area_b.end - n - behind;
			uint16_t back[131];

			for (size_t i = 0; i < n; i++)
				halves[i] = (uint16_t) (rnd() % 0x7c00);
			back[n] = 0xbeef;
			if (behind > 0)
				floats[n] = GUARD;
			kernel->f16_to_f32(halves, floats, n);
			kernel->f32_to_f16(floats, back, n);
			check_that(memcmp(back, halves, n * sizeof(uint16_t)) == 0,
					   "%zu halves do not come back", n);
			check_that(back[n] == 0xbeef && (behind == 0 || floats[n] == GUARD),
					   "%zu: wrote too far", n);
		}
	check_end();
}

static void
test_once(void)
{
	test_half_round_trip();
	test_half_rounding();
	test_half_specials();
}

static void
test_level(const VdbKernel *kernel)
{
	test_widen(kernel);
	test_narrow(kernel);
	test_convert_lengths(kernel);
}

int
main(int argc, char **argv)
{
	return kernel_test(argc, argv, test_once, test_level);
}
