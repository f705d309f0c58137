/*
 * coarse.h: centroids in two bits a dimension, for a first look at very many.
 *
 * Few of them are near a query, and two bits tell that most of the others are
 * not: a quarter of the bytes that codes of 8 bits have (space.h).  A field
 * counts how many of -s, 0 and s the component is above, with s = |c| /
 * sqrt(D), and with a gain as codes of rows have it (rabitq.h) products are
 * unbiased.
 *
 * A group of them is a line of factors, as bound_f16 takes them, and lines of
 * codes.  Plain C; memory is the caller's.
 */
#ifndef VECDB_COARSE_H
#define VECDB_COARSE_H

#include "math/space.h"

/* Bytes of a group of D dimensions, a multiple of 16. */
static inline size_t
vdb_coarse_bytes(uint32_t dim)
{
	return VDB_LINE * (1 + (size_t) dim / 16);
}

/* A group of lists. */
typedef struct VdbListGroup
{
	const float *norm2; /* VDB_GROUP of each, as VdbListFactors has them */
	const float *mean_dot;
	const float *gain;
	const uint8_t *lines; /* of codes of 8 bits */
	uint32_t lists;		  /* the mask of lanes that have one */
} VdbListGroup;

/*
 * The coarse group of these; lanes without a list are infinitely far.  Returns
 * the sum of its gains, or NaN where a half cannot hold what a list has.
 */
extern float vdb_coarse_group(const VdbSpace *space, uint32_t dim,
							  const VdbListGroup *group, uint8_t *coarse);

/* About the distances (VdbNear) of n groups one behind the other. */
extern void vdb_coarse_distances(const VdbSpaceQuery *query,
								 const uint8_t *groups, size_t n,
								 float *distance);

/* One standard deviation of these, of a list with that gain. */
extern float vdb_coarse_error(const VdbSpaceQuery *query, float gain);

#endif /* VECDB_COARSE_H */
