/*
 * space.h: a metric as a row of numbers, and what lists and codes make of it.
 *
 * All metrics here are of one form.  Of vectors x and q, which are made units
 * first where the metric normalizes,
 *
 *		d(x, q) = unit * (norm * (|x|^2 + |q|^2) - inner * <x, q>)
 *
 * and nothing below asks which metric it is: the four numbers say it all.
 *
 * The space of the codes is y = P x / scale - m, with P the rotation and m the
 * mean, and z is a query there.  Distances are those of x and q over
 * unit * scale^2; with mean = inner - 2 norm
 *
 *		d = norm |y - z|^2 - mean <y + m, z + m>
 *
 * With c the centroid of y's list, r = y - c, and <o, .> the code's estimate
 * of r (rabitq.h), this falls into three parts,
 *
 *		d = norm |z - c|^2 - mean <c + m, z + m>	the list's distance
 *			+ norm |r|^2 - mean <r, c + m>			the row's own
 *			- inner <r, z - c>						what the code is for
 *
 * and as <r, z - c> is estimated by gain * (<o, z> - <o, c>), everything that
 * the query has no part in folds into one number of the row:
 *
 *		add = norm |r|^2 - mean <r, c + m> + inner gain <o, c>
 *
 * Memory, groups and pages are the caller's.
 */
#ifndef VECDB_SPACE_H
#define VECDB_SPACE_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#include "kernel/kernel.h"
#include "math/rabitq.h"

/* Numbers on disk. */
typedef enum VdbMetric
{
	VDB_L2 = 1,		/* squared */
	VDB_IP = 2,		/* negative inner product */
	VDB_COSINE = 3, /* half of L2 between units */
} VdbMetric;

typedef struct VdbSpace
{
	VdbMetric number;
	const char *name;
	bool normalize; /* vectors are made units; zero has no place */
	float norm;		/* weight of |x|^2 + |q|^2 */
	float inner;	/* weight of <x, q>; never zero */
	float unit;		/* what a distance of one in these weights counts */
} VdbSpace;

/* The metric of a number or a name, or NULL where there is none. */
extern const VdbSpace *vdb_space_numbered(uint32_t number);
extern const VdbSpace *vdb_space_named(const char *name);

/* The weight of inner products from the origin: zero where it may move. */
static inline float
vdb_space_mean(const VdbSpace *space)
{
	return space->inner - 2 * space->norm;
}

/* A part of a distance; no weight, no part, be it infinite. */
static inline float
vdb_space_part(float weight, float value)
{
	return weight != 0 ? weight * value : 0;
}

/*
 * The distance of x and q without its unit, as the kernels add up; both are
 * units where the metric normalizes.
 */
extern float vdb_space_exact(const VdbSpace *space, const float *x,
							 const float *q, uint32_t dim);

/* What a distance of one between codes is outside. */
extern double vdb_space_unit(const VdbSpace *space, float scale);

/*
 * The least distance that two vectors can have, in the unit of codes: a lower
 * bound below it says no more than it does.  Between units, what single
 * precision cannot tell from zero; without a bottom where products count.
 */
extern float vdb_space_least(const VdbSpace *space, double unit);

/* A scale for residuals of vectors of this norm: a power of two. */
extern float vdb_space_scale(double norm);

/* y = y / scale - m, for a rotated y of D floats; a scale of zero is none. */
extern void vdb_space_shift(float *y, uint32_t dim, float scale,
							const float *mean);

/* Rows and lists --------------------------------------------------------- */

/* Of rows and centroids on their way into an index. */
typedef struct VdbCoder
{
	const VdbSpace *space;
	const VdbCodeFormat *rows;
	const VdbCodeFormat *lists;
	const float *mean; /* D */
	uint32_t dim;	   /* D */
	float *residual;   /* D, the caller's memory */
	uint8_t *fields;   /* D, the code that was made last */
} VdbCoder;

/* Of a row, as halves. */
typedef struct VdbRowFactors
{
	uint16_t add;
	uint16_t gain;
	float norm2; /* |r|^2; not stored */
} VdbRowFactors;

/* Of a list. */
typedef struct VdbListFactors
{
	float norm2;	/* |c|^2 */
	float mean_dot; /* <c, m> */
	float gain;		/* c = gain * (field - center) */
} VdbListFactors;

/*
 * A code whose error is this many times the usual one is not trusted: the
 * bound's constant would be too small for it.
 */
#define VDB_MAX_ERROR_RATIO 1.6f

/* Code the row y of the list with that centroid. */
extern VdbRowFactors vdb_space_code_row(VdbCoder *coder, const float *y,
										const float *centroid);

/*
 * Code a centroid, which is replaced by what its code stands for: that is the
 * centroid from now on.
 */
extern VdbListFactors vdb_space_code_list(VdbCoder *coder, float *centroid);

/* What the fields of a list's code stand for. */
extern void vdb_space_decode_list(const VdbCodeFormat *format,
								  const uint8_t *fields, float gain,
								  uint32_t dim, float *centroid);

/* Queries ---------------------------------------------------------------- */

/*
 * Where vectors are sketches (sketch.h) of others, whose distances are asked
 * for, <r, z - c> has a standard error of some |r| |z - c| / sqrt(D) besides
 * that of the code, and so have inner products from the origin in |z + m|.
 * Bounds count it this many times.
 */
#define VDB_SKETCH_ERROR 1.0f

typedef struct VdbSpaceQuery
{
	const VdbSpace *space;
	const VdbCodeFormat *rows;
	const VdbCodeFormat *lists;
	bool fine;	  /* rows meet hi and lo as one (vdb_fine_inner()) */
	float sketch; /* of the errors of sketches, how many; 0: vectors are none */
	float mean_dot; /* <m, z + m> */
	float origin;	/* |z + m| */
	VdbQuery code;	/* of z; hi and lo are the caller's memory */
} VdbSpaceQuery;

extern void vdb_space_query(VdbSpaceQuery *query, const float *z,
							const float *mean, float mean_norm2, uint32_t dim);

/* A list as a query sees it. */
typedef struct VdbNear
{
	float distance; /* of the centroid, for the order of lists */
	float gap2;		/* |z - c|^2 */
	float norm2;	/* |c|^2 */
} VdbNear;

/* A list with these factors, whose <c, z> is "dot". */
static inline void
vdb_space_near(const VdbSpaceQuery *query, float norm2, float mean_dot,
			   float dot, VdbNear *near)
{
	const VdbSpace *space = query->space;
	float gap2 = norm2 + query->code.norm2 - 2 * dot;

	if (!(gap2 > 0))
		gap2 = 0;
	near->norm2 = norm2;
	near->gap2 = gap2;
	near->distance =
		vdb_space_part(space->norm, gap2) -
		vdb_space_part(vdb_space_mean(space), query->mean_dot + mean_dot + dot);
}

/* <c, z> of a list from the integer products of its code. */
static inline float
vdb_space_list_dot(const VdbSpaceQuery *query, float gain, int32_t hi,
				   int32_t lo)
{
	return gain * vdb_query_inner_fine(&query->code, query->lists, hi, lo);
}

/* Both of a group of lists: gap2 and distance of each, as the functions above.
 */
extern void vdb_space_near_group(const VdbSpaceQuery *query, const float *gain,
								 const float *norm2, const float *mean_dot,
								 const int32_t *hi, const int32_t *lo,
								 float gap2[VDB_GROUP],
								 float distance[VDB_GROUP]);

/*
 * The bound's constants for the codes of a list, "epsilon" standard errors
 * below estimates.
 */
extern void vdb_space_bound(const VdbSpaceQuery *query, const VdbNear *near,
							float epsilon, VdbBound *bound);

/* Keys ------------------------------------------------------------------- */

/*
 * For comparing many rows y with one query z by a product alone: rows order
 * as half - <y, column>, of a row of this norm,
 */
static inline float
vdb_space_half(const VdbSpace *space, float norm2)
{
	return vdb_space_part(space->norm / space->inner, norm2);
}

/* and with column = z + this weight * m. */
static inline float
vdb_space_column(const VdbSpace *space)
{
	return vdb_space_mean(space) / space->inner;
}

#endif /* VECDB_SPACE_H */
