/*
 * rabitq.c: the formats of codes, codes in their lines, and quantized queries.
 * Residuals are coded in encode.c.
 */
#include "math/rabitq.h"

#include <float.h>
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "math/vec.h"

/*
 * "step" is the uniform quantizer of least mean squared error for a Gaussian
 * of variance one (Max, "Quantizing for minimum distortion", 1960).
 *
 * "spread" and "error" are means over Gaussian residuals, which a random
 * rotation makes of any, coded by vdb_encode(); measured at 768 dimensions,
 * and test/unit/test_rabitq.c measures them again.  By the definition of error
 * they obey error = spread * sqrt(1 - cos^2), with the cosines 0.9392, 0.9944
 * and 0.99997.  From D = 96 to 2048, error grows by 1, 7 and 3 % at 2, 4 and 8
 * bits, and spread falls by 0, 5 and 25 %: the more bits, the more does the
 * best grid follow the greatest component, which is some sqrt(2 ln D)
 * deviations.  At 8 bits error is that of rounding, close to 1 / sqrt(12).
 */
static const VdbCodeFormat formats[] = {
	{.bits = 1, .line_dims = 32, .line_query = 4, .verbatim = true},
	{.bits = 2,
	 .line_dims = 16,
	 .line_query = 16,
	 .center = 1.5f,
	 .error = 0.324f,
	 .spread = 0.943f,
	 .step = 0.9957f},
	{.bits = 4,
	 .line_dims = 8,
	 .line_query = 8,
	 .center = 7.5f,
	 .error = 0.315f,
	 .spread = 3.00f,
	 .step = 0.3352f},
	{.bits = 8,
	 .line_dims = 4,
	 .line_query = 4,
	 .center = 127.5f,
	 .error = 0.288f,
	 .spread = 38.3f,
	 .step = 0.0308f},
};

const VdbCodeFormat *
vdb_code_format(int bits)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (formats[i].bits == bits)
			return &formats[i];
	return NULL;
}

VdbCodeDot
vdb_code_dot(const VdbKernel *kernel, const VdbCodeFormat *format)
{
	switch (format->bits)
	{
		case 1:
			return kernel->code_dot1;
		case 2:
			return kernel->code_dot2;
		case 4:
			return kernel->code_dot4;
		default:
			return kernel->code_dot8;
	}
}

float
vdb_code_inner(const VdbCodeFormat *format, const uint8_t *fields,
			   const float *t, uint32_t dim)
{
	float sums[4] = {0, 0, 0, 0};

	for (uint32_t i = 0; i < dim; i += 4)
		for (int k = 0; k < 4; k++)
			sums[k] += ((float) fields[i + k] - format->center) * t[i + k];
	return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

/*
 * Dimension 4s + b of a line is the field at shift s * bits of byte b, so the
 * bytes of the fields, four at a time, are shifted and joined as one word.
 * No field reaches beyond its byte: the order of bytes in a word is all one.
 */
void
vdb_code_put(const VdbCodeFormat *format, const uint8_t *fields, uint32_t line,
			 int slot, uint8_t *lines)
{
	const uint8_t *from = fields + (size_t) line * format->line_dims;
	uint32_t lane = 0;

	for (int shift = 0; shift < 8; shift += format->bits, from += 4)
	{
		uint32_t four;

		memcpy(&four, from, sizeof(four));
		lane |= four << shift;
	}
	memcpy(lines + 4 * slot, &lane, sizeof(lane));
}

void
vdb_code_get(const VdbCodeFormat *format, const uint8_t *lines, uint32_t line,
			 int slot, uint8_t *fields)
{
	uint8_t *to = fields + (size_t) line * format->line_dims;
	uint32_t mask = UINT32_C(0x01010101) * ((1 << format->bits) - 1);
	uint32_t lane;

	memcpy(&lane, lines + 4 * slot, sizeof(lane));
	for (int shift = 0; shift < 8; shift += format->bits, to += 4)
	{
		uint32_t four = (lane >> shift) & mask;

		memcpy(to, &four, sizeof(four));
	}
}

static double
norm2_double(const float *z, uint32_t dim)
{
	double sums[2] = {0, 0};

	for (uint32_t i = 0; i < dim; i += 2)
	{
		sums[0] += (double) z[i] * z[i];
		sums[1] += (double) z[i + 1] * z[i + 1];
	}
	return sums[0] + sums[1];
}

/* Write rounded bytes, none beyond 127; returns their sum. */
static int32_t
write_bytes(Vec rounded, int8_t *bytes)
{
	VecInt bits = (VecInt) rounded;

	for (int k = 0; k < VEC_WIDTH; k++)
		bytes[k] = (int8_t) (bits[k] & 0xFF);
	return (bytes[0] + bytes[1]) + (bytes[2] + bytes[3]);
}

/* hi, lo and their sums for the steps of *query; returns |z - step * hi|^2. */
static double
quantize(const float *z, VdbQuery *query)
{
	Vec round = vec_all(VEC_ROUND);
	Vec step = vec_all(query->step);
	Vec per_step = vec_all(1 / query->step);
	Vec per_fine = vec_all(1 / query->fine);
	double rest2 = 0;

	for (uint32_t i = 0; i < query->dim; i += VEC_WIDTH)
	{
		Vec v = vec_load(z + i);
		Vec hi = v * per_step + round;
		Vec left = v - step * (hi - round);
		Vec lo = left * per_fine + round;

		query->hi_sum += write_bytes(hi, query->hi + i);
		query->lo_sum += write_bytes(lo, query->lo + i);
		for (int k = 0; k < VEC_WIDTH; k++)
			rest2 += (double) left[k] * left[k];
	}
	return rest2;
}

/*
 * What hi leaves is at most half a step, so with 254 fine steps to a step lo
 * stays within a byte.  A z too small for its fine step to be a normal number
 * is left to rest as a whole.
 */
void
vdb_quantize_query(const float *z, uint32_t dim, VdbQuery *query)
{
	double norm2 = norm2_double(z, dim);
	float ignored;
	float greatest;

	query->dim = dim;
	query->norm2 = 0;
	query->rest = INFINITY;
	query->step = query->fine = 0;
	query->hi_sum = query->lo_sum = 0;
	memset(query->hi, 0, dim);
	memset(query->lo, 0, dim);
	if (!(norm2 <= FLT_MAX))
		return;

	query->norm2 = (float) norm2;
	query->rest = (float) sqrt(norm2);
	vec_measure(z, dim, &ignored, &greatest);
	if (greatest / 127 / 254 < FLT_MIN)
		return;
	query->step = greatest / 127;
	query->fine = query->step / 254;
	query->rest = (float) sqrt(quantize(z, query));
}
