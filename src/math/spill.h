/*
 * spill.h: a second list for a row.
 *
 * A row y of centroid c has the residual r = y - c.  A query near y that does
 * not see c's list among its nearest is one whose difference to y points along
 * r; a second list c' is of use to it if r' = y - c' does not point there too.
 * So its loss is |r'|^2 + <r / |r|, r'>^2 (SOAR, arXiv 2404.00774), and the
 * rows that gain most by one are those whose loss is least over |r|^2: not
 * those that lie far from c, nor second lists that are merely near.
 */
#ifndef VECDB_SPILL_H
#define VECDB_SPILL_H

#include <stddef.h>
#include <stdint.h>

/* So many of the nearest lists of a row, its own first, are looked at. */
#define VDB_SPILL_LISTS 20

/*
 * The loss of a second centroid over |y - first|^2: above 0, and 1 or more
 * where it is not the nearer one; +inf where y is the first centroid itself.
 * dim is a multiple of 4; values are finite.
 */
extern float vdb_spill_ratio(const float *y, const float *first,
							 const float *second, uint32_t dim);

/*
 * The same by squared distances: of the row to both centroids, and between
 * these.
 */
extern float vdb_spill_ratio_apart(float own, float other, float between);

/* No more than that, whatever is between the centroids. */
extern float vdb_spill_ratio_least(float own, float other);

/* The centroid of a list: dim floats, in "memory" or where they lie already. */
typedef const float *(*VdbCentroidOf)(void *arg, uint32_t list, float *memory);

/* Such a function of VdbCentroids. */
extern const float *vdb_spill_centroid(void *centroids, uint32_t list,
									   float *memory);

/* A row's second list. */
typedef struct VdbSecond
{
	uint32_t list; /* or VDB_NO_SECOND */
	float ratio;   /* vdb_spill_ratio() of it, or +inf */
} VdbSecond;

#define VDB_NO_SECOND UINT32_MAX

/*
 * The one with the least ratio of a row's nearest lists, count >= 1 of them, of
 * which the first is its own.  "memory" has room for two centroids.
 */
extern VdbSecond vdb_spill_second(const float *y, uint32_t dim,
								  const uint32_t *lists, size_t count,
								  VdbCentroidOf centroid_of, void *arg,
								  float *memory);

#endif /* VECDB_SPILL_H */
