/*
 * rabitq.c: coding residuals, and quantizing queries.
 *
 * A code is a point of a grid whose direction is close to the residual's.
 * Only the direction matters, so the one thing to choose is the grid's step
 * relative to the residual's length (Gao et al., arXiv 2409.09913, section
 * 3.2).  The paper sweeps every step at which a field changes; here a few
 * steps around the one that is best for Gaussian components are tried, and
 * the best of them is refined as in Lloyd's and Max's quantizers.  What that
 * loses against the sweep is measured in test/unit/test_rabitq.c.
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

/* Sums over the values o of the grid of one step. */
typedef struct Fit
{
	float inverse; /* 1 / step */
	float inner;   /* <o, r> */
	float square;  /* |o|^2 */
} Fit;

/*
 * How many whole steps a component is from zero, at most "most", as an
 * integer in the low bits (see VEC_ROUND): the grid's values are these plus a
 * half, with the component's sign.
 */
static inline Vec
whole_steps(Vec magnitude, Vec inverse, Vec most)
{
	Vec steps = magnitude * inverse - vec_all(0.5f);

	return vec_min(steps, most) + vec_all(VEC_ROUND);
}

static inline Vec
grid_value(Vec whole)
{
	return whole - vec_all(VEC_ROUND) + vec_all(0.5f);
}

/* The most whole steps of a format: 1, 7, 127. */
static inline float
most_steps(const VdbCodeFormat *format)
{
	return format->center - 0.5f;
}

/* Two steps at a time, which hides the latency of the sums. */
static void
try_steps(const VdbCodeFormat *format, const float *r, uint32_t dim,
		  Fit fits[2])
{
	Vec most = vec_all(most_steps(format));
	Vec inverse0 = vec_all(fits[0].inverse);
	Vec inverse1 = vec_all(fits[1].inverse);
	Vec inner0 = vec_all(0);
	Vec inner1 = vec_all(0);
	Vec square0 = vec_all(0);
	Vec square1 = vec_all(0);

	for (uint32_t i = 0; i < dim; i += VEC_WIDTH)
	{
		Vec magnitude = vec_abs(vec_load(r + i));
		Vec o0 = grid_value(whole_steps(magnitude, inverse0, most));
		Vec o1 = grid_value(whole_steps(magnitude, inverse1, most));

		inner0 += o0 * magnitude;
		inner1 += o1 * magnitude;
		square0 += o0 * o0;
		square1 += o1 * o1;
	}
	fits[0].inner = vec_sum(inner0);
	fits[0].square = vec_sum(square0);
	fits[1].inner = vec_sum(inner1);
	fits[1].square = vec_sum(square1);
}

/* cos^2 |r|^2; in double, or inner^2 could overflow. */
static double
score(const Fit *fit)
{
	return (double) fit->inner * fit->inner / fit->square;
}

static void
keep_better(Fit *best, const Fit *fit)
{
	if (score(fit) > score(best))
		*best = *fit;
}

/*
 * The grid of greatest cosine.  A code that never reaches the outermost value
 * wastes it, so the search starts no coarser than a grid that just covers the
 * greatest component.  Then Lloyd's step: for given fields, the scale of
 * least squared error is <o, r> / |o|^2, and rounding to the grid of that
 * scale can only be better.  It stops at the nearest local optimum; a second
 * step beside it gets over the small ones.
 */
static Fit
search_step(const VdbCodeFormat *format, const float *r, uint32_t dim,
			float deviation, float greatest)
{
	static const float factors[3][2] = {
		{0.80f, 0.88f}, {0.94f, 1.00f}, {1.06f, 1.14f}};
	float start = format->step * deviation;
	float cover = greatest / (most_steps(format) + 1);
	Fit best = {0, 0, 1};
	Fit fits[2];

	if (cover < start)
		start = cover;
	for (int i = 0; i < 5; i++)
	{
		if (i < 3)
		{
			fits[0].inverse = 1 / (start * factors[i][0]);
			fits[1].inverse = 1 / (start * factors[i][1]);
		}
		else
		{
			fits[0].inverse = best.square / best.inner;
			fits[1].inverse = fits[0].inverse * 1.03f;
		}
		try_steps(format, r, dim, fits);
		keep_better(&best, &fits[0]);
		keep_better(&best, &fits[1]);
	}
	return best;
}

/* The squared norm, not finite if r is not, and the greatest magnitude. */
static void
measure(const float *r, uint32_t dim, float *norm2, float *greatest)
{
	Vec sum0 = vec_all(0);
	Vec sum1 = vec_all(0);
	Vec most = vec_all(0);

	for (uint32_t i = 0; i < dim; i += 2 * VEC_WIDTH)
	{
		Vec a = vec_load(r + i);
		Vec b = vec_load(r + i + VEC_WIDTH);

		sum0 += a * a;
		sum1 += b * b;
		most = vec_max(vec_max(vec_abs(a), vec_abs(b)), most);
	}
	*norm2 = vec_sum(sum0 + sum1);
	*greatest = fmaxf(fmaxf(most[0], most[1]), fmaxf(most[2], most[3]));
}

/*
 * Write the fields of a grid; returns |r - scale * o|^2, which keeps its
 * digits where 1 - cos^2 has lost them.
 */
static float
write_fields(const VdbCodeFormat *format, const float *r, uint32_t dim,
			 const Fit *fit, uint8_t *fields)
{
	Vec inverse = vec_all(fit->inverse);
	Vec most = vec_all(most_steps(format));
	VecInt half = vec_all_int(1 << (format->bits - 1));
	VecInt mask = vec_all_int((1 << format->bits) - 1);
	Vec scale = vec_all(fit->inner / fit->square);
	Vec sum = vec_all(0);

	for (uint32_t i = 0; i < dim; i += VEC_WIDTH)
	{
		Vec v = vec_load(r + i);
		VecInt negative = (VecInt) v >> 31;
		Vec whole = whole_steps(vec_abs(v), inverse, most);
		Vec miss = vec_abs(v) - scale * grid_value(whole);
		VecInt field = (((VecInt) whole ^ negative) + half) & mask;

		sum += miss * miss;
		fields[i] = (uint8_t) field[0];
		fields[i + 1] = (uint8_t) field[1];
		fields[i + 2] = (uint8_t) field[2];
		fields[i + 3] = (uint8_t) field[3];
	}
	return vec_sum(sum);
}

bool
vdb_encode(const VdbCodeFormat *format, const float *residual, uint32_t dim,
		   uint8_t *fields, VdbEncoded *encoded)
{
	float greatest;
	Fit fit;
	float missed;

	memset(encoded, 0, sizeof(*encoded));
	measure(residual, dim, &encoded->norm2, &greatest);
	if (encoded->norm2 == 0 && greatest == 0)
	{
		memset(fields, 1 << (format->bits - 1), dim);
		return true;
	}
	if (!isfinite(encoded->norm2) || encoded->norm2 < FLT_MIN)
	{
		encoded->norm2 = 0;
		return false;
	}
	fit = search_step(format, residual, dim, sqrtf(encoded->norm2 / dim),
					  greatest);
	missed = write_fields(format, residual, dim, &fit, fields);
	encoded->gain = encoded->norm2 / fit.inner;

	/* |o| sin = |o| missed / |r|; of the D directions one is o's own */
	encoded->error =
		sqrtf(fit.square * (missed / encoded->norm2) / (dim > 1 ? dim - 1 : 1));
	return true;
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
 * What hi leaves is at most half a step, so with VDB_FINE_STEPS to a step lo
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
	measure(z, dim, &ignored, &greatest);
	if (greatest / 127 / VDB_FINE_STEPS < FLT_MIN)
		return;
	query->step = greatest / 127;
	query->fine = query->step / VDB_FINE_STEPS;
	query->rest = (float) sqrt(quantize(z, query));
}
