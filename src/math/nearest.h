/*
 * nearest.h: the nearest of many centroids, both sides in bytes.
 *
 * A row is quantized to signed bytes within VDB_ROW_MAX, a centroid to 8-bit
 * fields in groups of interleaved lanes, as the lists of an index hold them.
 * That is exact enough to choose a list, and four times as fast and small as
 * float32.  Memory is the caller's; nothing here allocates.
 */
#ifndef VECDB_NEAREST_H
#define VECDB_NEAREST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/kernel.h"

/* Value of an 8-bit field: gain * (field - VDB_FIELD_CENTER). */
#define VDB_FIELD_CENTER 127.5f

/* A quantized row: x[k] ~ step * bytes[k], zeros behind the last one. */
typedef struct VdbRow
{
	float step;
	int32_t sum; /* of all bytes */
	int8_t bytes[];
} VdbRow;

/* Lines of a group's codes: four dimensions each. */
static inline size_t
vdb_nearest_lines(uint32_t dim)
{
	return ((size_t) dim + 3) / 4;
}

/* Bytes from one row to the next. */
static inline size_t
vdb_row_size(uint32_t dim)
{
	return offsetof(VdbRow, bytes) + vdb_nearest_lines(dim) * 4;
}

/*
 * Quantize x.  False, with a zero row, where a value or the squared norm is
 * not finite.  Too small a vector becomes zero as well.
 */
extern bool vdb_row_set(VdbRow *row, const float *x, uint32_t dim);
extern void vdb_row_get(const VdbRow *row, float *x, uint32_t dim);

typedef struct VdbCentroids
{
	uint32_t count;
	uint32_t dim;
	uint8_t *lines; /* groups of VDB_GROUP lanes */
	float *gain;	/* of each lane of the groups */
	float *half;	/* |c|^2 / 2; +inf where there is none */
} VdbCentroids;

/* Lanes that so many centroids have: whole groups. */
static inline size_t
vdb_centroids_lanes(uint32_t count)
{
	return ((size_t) count + VDB_GROUP - 1) / VDB_GROUP * VDB_GROUP;
}

/* Bytes for so many centroids; memory is aligned to 4. */
extern uint64_t vdb_centroids_bytes(uint32_t count, uint32_t dim);

/* Point into memory whose content may be there already. */
extern void vdb_centroids_place(VdbCentroids *centroids, void *memory,
								uint32_t count, uint32_t dim);

/* Make all lanes empty. */
extern void vdb_centroids_clear(VdbCentroids *centroids);

/* Distinct groups may be set by distinct processes at once. */
extern void vdb_centroid_set(VdbCentroids *centroids, uint32_t number,
							 const float *x);
extern void vdb_centroid_get(const VdbCentroids *centroids, uint32_t number,
							 float *x);

/* Make "place" the same as a centroid of another set of as many dimensions. */
extern void vdb_centroid_copy(VdbCentroids *to, uint32_t place,
							  const VdbCentroids *from, uint32_t number);

/* The lines of one group. */
static inline uint8_t *
vdb_centroids_group(const VdbCentroids *centroids, size_t group)
{
	return centroids->lines +
		   group * vdb_nearest_lines(centroids->dim) * VDB_LINE;
}

/*
 * nearest[i] = first + the centroid nearest to row i under L2 (the lowest
 * number on a tie), keys[i] = |c|^2 / 2 - <x, c>, for n rows; but only where
 * that key is below the one that keys[i] has already.  So centroids can come
 * in pieces; vdb_nearest_begin() sets keys and nearest for the first one.
 */
extern void vdb_nearest_begin(uint32_t *nearest, float *keys, size_t n);
extern void vdb_nearest(const VdbCentroids *centroids, uint32_t first,
						const VdbRow *rows, size_t n, uint32_t *nearest,
						float *keys);

/*
 * The same for the nearest "room" >= 1 of each row, which has so many places in
 * nearest and keys, in the order of keys; what is left behind them has a key of
 * +inf.  vdb_nearest_begin() sets n * room of them.
 */
extern void vdb_nearest_some(const VdbCentroids *centroids, uint32_t first,
							 const VdbRow *rows, size_t n, size_t room,
							 uint32_t *nearest, float *keys);

/*
 * Take the keys of a group into account, VDB_GROUP of them from number "first"
 * on, for one row, which has places as above.
 */
extern void vdb_nearest_take(const float *keys, uint32_t first, size_t room,
							 uint32_t *nearest, float *kept);

/*
 * The keys of a tile's rows in one group, and a mask of the rows that have one
 * below their limit: see code_keys of the kernels.
 */
static inline uint32_t
vdb_nearest_keys(const VdbCentroids *centroids, size_t group,
				 const VdbTile *tile, float *keys)
{
	return vdb_kernel()->code_keys(vdb_centroids_group(centroids, group),
								   vdb_nearest_lines(centroids->dim), tile,
								   centroids->half + group * VDB_GROUP,
								   centroids->gain + group * VDB_GROUP, keys);
}

/* The same of rows and lanes that the screen lets pass: code_keys_screened. */
static inline uint32_t
vdb_nearest_screened(const VdbCentroids *centroids, size_t group,
					 const VdbTile *tile, const VdbScreen *screen, float *keys)
{
	return vdb_kernel()->code_keys_screened(
		vdb_centroids_group(centroids, group),
		vdb_nearest_lines(centroids->dim), tile, screen,
		centroids->half + group * VDB_GROUP,
		centroids->gain + group * VDB_GROUP, keys);
}

/* One more row of a tile that is not full: only keys below the limit count. */
static inline void
vdb_tile_add(VdbTile *tile, const VdbRow *row, float limit)
{
	size_t i = tile->count++;

	tile->rows[i] = row->bytes;
	tile->scale[i] = row->step;
	tile->bias[i] = row->sum * VDB_FIELD_CENTER;
	tile->limit[i] = limit;
}

/* Row i of an array. */
static inline VdbRow *
vdb_row_at(const VdbRow *rows, size_t i, uint32_t dim)
{
	return (VdbRow *) ((char *) rows + i * vdb_row_size(dim));
}

#endif /* VECDB_NEAREST_H */
