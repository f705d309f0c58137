/*
 * screen.h: which centroids are too far for a row, by the first dimensions.
 *
 * After a random rotation any dimensions have about their share of a squared
 * distance: of D dimensions the first d have d / D of it, give or take
 * sqrt(2 (D - d) / (d (D + 2))) of that in one standard deviation.  Where they
 * have so much that all will have more than what a row has found, the others
 * need not be multiplied.  Some rows so miss their nearest centroid.  Fields
 * of six bits are enough to tell (kernel.h).
 *
 * Plain C; memory is the caller's.
 */
#ifndef VECDB_SCREEN_H
#define VECDB_SCREEN_H

#include "math/nearest.h"

/* Lines of codes that a row meets first: 1 to VDB_SCREEN_LINES. */
extern size_t vdb_screen_lines(uint32_t dim);

/* What a screen has of centroids: of all lanes, group by group. */
typedef struct VdbScreenCentroids
{
	uint8_t *narrow; /* their first lines in narrow fields */
	float *half;	 /* half the squared norms there; +inf where none is */
} VdbScreenCentroids;

/* Bytes for so many centroids; memory is aligned to 4. */
extern uint64_t vdb_screen_bytes(uint32_t count, uint32_t dim);

/* Point into memory whose content may be there already. */
extern void vdb_screen_place(VdbScreenCentroids *screen, void *memory,
							 uint32_t count);

extern void vdb_screen_centroids(const VdbCentroids *centroids,
								 VdbScreenCentroids *screen);

/* What of a row goes into its part of a VdbScreen. */
typedef struct VdbScreenRow
{
	float bias;
	float base; /* of the limit */
	int16_t start[2];
} VdbScreenRow;

extern void vdb_screen_row(const VdbRow *row, uint32_t dim,
						   VdbScreenRow *screen);

/* How much the limit rises with that of the whole key. */
extern float vdb_screen_slope(uint32_t dim);

/* The limit of a row of a tile, for that of its whole key. */
static inline float
vdb_screen_limit(const VdbScreenRow *row, float slope, float limit)
{
	return row->base + slope * limit;
}

#endif /* VECDB_SCREEN_H */
