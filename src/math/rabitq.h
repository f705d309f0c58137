/*
 * rabitq.h: short codes of residuals and unbiased distance estimates.
 *
 * After RaBitQ (Gao and Long, arXiv 2405.12497) and its extension to several
 * bits (Gao et al., arXiv 2409.09913).  All vectors here are rotated and
 * padded already; "dim" is the padded dimension D.
 *
 * A residual r is coded as a point of a grid: field u[i] in 0 .. 2^bits - 1
 * stands for the value u[i] - center, with center = (2^bits - 1) / 2.  With
 * o the vector of these values, gain = |r|^2 / <o, r> makes
 *
 *		<r, t> ~ gain * <o, t>
 *
 * unbiased over rotations for any t, with a standard error of
 * gain * error * |t|, where error = |o| * sqrt(1 - cos^2) / sqrt(D - 1) and
 * cos = <o, r> / (|o| |r|).  Over random rotations |o| / sqrt(D) and cos
 * concentrate, so error is nearly the same for all residuals at a given
 * number of bits; VdbCodeFormat.error is its mean, and
 * VdbEncoded.error tells the exact one.
 *
 * The query z is quantized too: z[i] ~ step * hi[i] (+ fine * lo[i]).
 */
#ifndef VECDB_RABITQ_H
#define VECDB_RABITQ_H

#include <stdbool.h>
#include <stdint.h>

#include "kernel/kernel.h"

typedef struct VdbCodeFormat
{
	int bits;		/* of a field: 1, 2, 4 or 8 */
	int line_dims;	/* dimensions in a line: 32 / bits */
	int line_query; /* bytes of the query that meet a line */
	bool verbatim;	/* the bits of a string themselves (bits.h), at 1 bit:
					 * nothing below is of use */
	float center;	/* value of a field is field - center */
	float error;	/* mean of VdbEncoded.error */
	float spread;	/* mean of |o| / sqrt(D) */
	float step;		/* start of the search for the grid's step, in
					 * units of |r| / sqrt(D) */
} VdbCodeFormat;

/* The format with so many bits, or NULL where there is none. */
extern const VdbCodeFormat *vdb_code_format(int bits);

/* The code_dot function of a kernel for a format. */
extern VdbCodeDot vdb_code_dot(const VdbKernel *kernel,
							   const VdbCodeFormat *format);

/* Lines of codes of a group of VDB_GROUP vectors of dim dimensions. */
static inline uint32_t
vdb_code_lines(const VdbCodeFormat *format, uint32_t dim)
{
	return (dim + format->line_dims - 1) / format->line_dims;
}

typedef struct VdbEncoded
{
	float gain;	 /* |r|^2 / <o, r>; 0 for a zero residual */
	float norm2; /* |r|^2 */
	float error; /* |o| sqrt(1 - cos^2) / sqrt(D - 1) */
} VdbEncoded;

/*
 * Code a residual: choose the step of the grid that makes cos greatest, write
 * dim fields, one a byte.  A residual that is zero gets gain 0.  Returns false,
 * with all of *encoded zero and fields unspecified, where the residual or its
 * norm is not finite or the norm is so small that its square vanishes without
 * the residual being zero: such a vector has no usable code.
 */
extern bool vdb_encode(const VdbCodeFormat *format, const float *residual,
					   uint32_t dim, uint8_t *fields, VdbEncoded *encoded);

/* <o, t> for the fields of a code. */
extern float vdb_code_inner(const VdbCodeFormat *format, const uint8_t *fields,
							const float *t, uint32_t dim);

/*
 * Store or fetch the code of vector "slot" of a group.  "line" is the line's
 * number in the group's code, "lines" points to that line; the four bytes of
 * the slot's lane are all that is touched.
 */
extern void vdb_code_put(const VdbCodeFormat *format, const uint8_t *fields,
						 uint32_t line, int slot, uint8_t *lines);
extern void vdb_code_get(const VdbCodeFormat *format, const uint8_t *lines,
						 uint32_t line, int slot, uint8_t *fields);

/*
 * A query's vector, quantized to signed bytes twice: z ~ step * hi alone, with
 * an error of norm "rest", or z ~ step * hi + fine * lo.
 */
typedef struct VdbQuery
{
	uint32_t dim;
	float norm2; /* |z|^2 */
	float rest;	 /* |z - step * hi| */
	float step;
	float fine;
	int32_t hi_sum; /* sum of hi */
	int32_t lo_sum;
	int8_t *hi; /* dim bytes, the caller's memory */
	int8_t *lo;
} VdbQuery;

/*
 * Quantize z; hi and lo of *query point to dim bytes each.  A z that is not
 * finite, or whose squared norm is not, is taken as zero with rest = +inf,
 * which makes every bound useless but right.
 */
extern void vdb_quantize_query(const float *z, uint32_t dim, VdbQuery *query);

/*
 * An integer product with z in steps of "fine", from those with hi and lo.
 * Exact up to D = 256 at 8 bits a dimension.
 */
static inline int32_t
vdb_fine_inner(int32_t hi, int32_t lo)
{
	return VDB_FINE_STEPS * hi + lo;
}

/*
 * <o, z> from the integer dot products with hi, and with hi and lo.
 */
static inline float
vdb_query_inner(const VdbQuery *query, const VdbCodeFormat *format, int32_t hi)
{
	return query->step * ((float) hi - format->center * query->hi_sum);
}

static inline float
vdb_query_inner_fine(const VdbQuery *query, const VdbCodeFormat *format,
					 int32_t hi, int32_t lo)
{
	return vdb_query_inner(query, format, hi) +
		   query->fine * ((float) lo - format->center * query->lo_sum);
}

#endif /* VECDB_RABITQ_H */
