/*
 * encode.c: coding residuals; the formats are those of rabitq.c.
 *
 * A code is a point of a grid whose direction is close to the residual's.
 * Only the direction matters, so the one thing to choose is the grid's step
 * relative to the residual's length (Gao et al., arXiv 2409.09913, section
 * 3.2).  The paper sweeps every step at which a field changes; here a few
 * steps around the one that is best for Gaussian components are tried, and
 * the best of them is refined as in Lloyd's and Max's quantizers.  What that
 * loses against the sweep is measured in test/unit/test_rabitq.c.
 */
#include <float.h>
#include <math.h>
#include <string.h>

#include "math/rabitq.h"
#include "math/vec.h"

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
	vec_measure(residual, dim, &encoded->norm2, &greatest);
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
