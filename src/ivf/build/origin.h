/*
 * origin.h: the origin of the space of the codes.
 *
 * What is coded there is rounded in relation to its distance from the origin:
 * queries and centroids to bytes, sums in single precision.  The mean of all
 * rows makes that small for all of them alike.  But where a good part of a
 * table are nearly one vector (a text that was embedded thousands of times),
 * their differences drown in that; at the origin they do not.
 */
#ifndef VECDB_IVF_BUILD_ORIGIN_H
#define VECDB_IVF_BUILD_ORIGIN_H

#include "compat.h"

#include "math/rng.h"

/* Some rows, each of those that were shown as likely as any other. */
typedef struct IvfOrigin
{
	uint32 dim;
	uint32 room;
	uint32 count;
	float *rows;
	VdbRng rng;
} IvfOrigin;

/* For rows of so many floats, in the current memory context. */
extern void ivf_origin_begin(IvfOrigin *origin, uint32 dim, uint64 seed);

/* Row number n, from zero on. */
extern void ivf_origin_show(IvfOrigin *origin, const float *x, double n);

/*
 * If a share of these rows lies close together, move "mean", which is that of
 * all, there.  Returns how close they are to it, in relation to the root mean
 * square of all rows' distances to the mean; or 1 where the mean stays. "reach"
 * is how far from it a row counts among them; 0 where the mean stays.
 */
extern double ivf_origin_end(IvfOrigin *origin, float *mean, double *reach);

#endif /* VECDB_IVF_BUILD_ORIGIN_H */
