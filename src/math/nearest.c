/*
 * nearest.c: the nearest of many centroids, as a matrix product of bytes.
 *
 * |x - c|^2 / 2 = |x|^2 / 2 + (|c|^2 / 2 - <x, c>), and only the bracket, the
 * key, depends on c.  Blocks of rows meet one group of centroids after
 * another: the group stays in the first-level cache while all rows of the
 * block pass by, and the block of rows in the second.
 */
#include "math/nearest.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "math/vec.h"

/* Rows of a block: 64 rows of 1536 bytes take 96 KB. */
#define ROWS 64
#define TILES (ROWS / VDB_GEMM_ROWS)

/* Below this, the inverse of a step would overflow. */
#define LEAST 1e-30f

/* Rows ------------------------------------------------------------------- */

/* Dimensions of a block, all of them there or padded with zeros. */
#define DIMS 16

static inline void
load_block(float block[DIMS], const float *x, uint32_t k, uint32_t dim)
{
	memset(block, 0, DIMS * sizeof(float));
	memcpy(block, x + k, (dim - k < DIMS ? dim - k : DIMS) * sizeof(float));
}

static float
greatest(const float *x, uint32_t dim)
{
	Vec most = vec_all(0);
	Vec pair;

	for (uint32_t k = 0; k < dim; k += DIMS)
	{
		float block[DIMS];

		load_block(block, x, k, dim);
		for (int j = 0; j < DIMS; j += VEC_WIDTH)
			most = vec_max(vec_abs(vec_load(block + j)), most);
	}
	pair = vec_max(most, vec_shuffle(most, most, 2, 3, 0, 1));
	return pair[0] > pair[1] ? pair[0] : pair[1];
}

/* A block's nearest integers; returns their sum. */
static inline int32_t
round_block(const float block[DIMS], float factor, int8_t bytes[DIMS])
{
	int32_t rounded[DIMS];
	VecInt sum = vec_all_int(0);

	for (int j = 0; j < DIMS; j += VEC_WIDTH)
	{
		VecInt four = (VecInt) (vec_load(block + j) * vec_all(factor) +
								vec_all(VEC_ROUND)) -
					  (VecInt) vec_all(VEC_ROUND);

		memcpy(rounded + j, &four, sizeof(four));
		sum += four;
	}
	for (int j = 0; j < DIMS; j++)
		bytes[j] = (int8_t) rounded[j];
	return sum[0] + sum[1] + sum[2] + sum[3];
}

bool
vdb_row_set(VdbRow *row, const float *x, uint32_t dim)
{
	size_t room = vdb_nearest_lines(dim) * 4;
	float most = greatest(x, dim);
	bool finite = vdb_kernel()->dot_f32(x, x, dim) <= FLT_MAX;

	row->step = 0;
	row->sum = 0;
	memset(row->bytes, 0, room);
	if (!finite || !(most > LEAST))
		return finite;

	row->step = most / VDB_ROW_MAX;
	for (uint32_t k = 0; k < dim; k += DIMS)
	{
		float block[DIMS];
		int8_t bytes[DIMS];

		load_block(block, x, k, dim);
		row->sum += round_block(block, VDB_ROW_MAX / most, bytes);
		memcpy(row->bytes + k, bytes, room - k < DIMS ? room - k : DIMS);
	}
	return true;
}

void
vdb_row_get(const VdbRow *row, float *x, uint32_t dim)
{
	for (uint32_t k = 0; k < dim; k++)
		x[k] = row->step * row->bytes[k];
}

/* Centroids -------------------------------------------------------------- */

static size_t
group_count(uint32_t count)
{
	return count / VDB_GROUP + (count % VDB_GROUP != 0);
}

uint64_t
vdb_centroids_bytes(uint32_t count, uint32_t dim)
{
	return (uint64_t) group_count(count) *
		   (vdb_nearest_lines(dim) * VDB_LINE + 2 * VDB_GROUP * sizeof(float));
}

void
vdb_centroids_place(VdbCentroids *centroids, void *memory, uint32_t count,
					uint32_t dim)
{
	size_t groups = group_count(count);

	centroids->count = count;
	centroids->dim = dim;
	centroids->lines = memory;
	centroids->gain = (float *) vdb_centroids_group(centroids, groups);
	centroids->half = centroids->gain + groups * VDB_GROUP;
}

void
vdb_centroids_clear(VdbCentroids *centroids)
{
	size_t groups = group_count(centroids->count);

	memset(centroids->lines, 0,
		   groups * vdb_nearest_lines(centroids->dim) * VDB_LINE);
	for (size_t i = 0; i < groups * VDB_GROUP; i++)
	{
		centroids->gain[i] = 0;
		centroids->half[i] = INFINITY;
	}
}

/* The field of dimension k of a centroid. */
static inline uint8_t *
field_at(const VdbCentroids *centroids, uint32_t number, uint32_t k)
{
	return vdb_centroids_group(centroids, number / VDB_GROUP) +
		   k / 4 * VDB_LINE + number % VDB_GROUP * 4 + k % 4;
}

void
vdb_centroid_set(VdbCentroids *centroids, uint32_t number, const float *x)
{
	uint32_t dim = centroids->dim;
	float most = greatest(x, dim);
	float gain = most > LEAST ? most / VDB_FIELD_CENTER : 0;
	float inverse = gain > 0 ? 1 / gain : 0;
	double sum = 0;

	for (uint32_t k = 0; k < dim; k++)
	{
		float field = x[k] * inverse + VDB_FIELD_CENTER + 0.5f;
		int whole = field < 0 ? 0 : field > 255 ? 255 : (int) field;
		float off = whole - VDB_FIELD_CENTER;

		*field_at(centroids, number, k) = (uint8_t) whole;
		sum += (double) off * off;
	}
	centroids->gain[number] = gain;
	centroids->half[number] = (float) (sum * gain * gain / 2);
}

void
vdb_centroid_get(const VdbCentroids *centroids, uint32_t number, float *x)
{
	float gain = centroids->gain[number];
	const uint8_t *fields = field_at(centroids, number, 0);

	for (uint32_t k = 0; k < centroids->dim; k++)
		x[k] = gain * (fields[k / 4 * VDB_LINE + k % 4] - VDB_FIELD_CENTER);
}

void
vdb_centroid_copy(VdbCentroids *to, uint32_t place, const VdbCentroids *from,
				  uint32_t number)
{
	size_t lines = vdb_nearest_lines(to->dim);
	uint8_t *lane = field_at(to, place, 0);
	const uint8_t *other = field_at(from, number, 0);

	for (size_t line = 0; line < lines; line++)
		memcpy(lane + line * VDB_LINE, other + line * VDB_LINE, 4);
	to->gain[place] = from->gain[number];
	to->half[place] = from->half[number];
}

/* The search ------------------------------------------------------------- */

/* The nearest so far of a block's rows, "room" of each, in order. */
typedef struct Found
{
	size_t room;
	uint32_t *nearest;
	float *keys;
} Found;

/* The last keys so far are the limits of the tiles' rows. */
static void
make_tiles(VdbTile tiles[TILES], uint32_t dim, const VdbRow *rows, size_t n,
		   const Found *found)
{
	for (size_t i = 0; i < n; i++)
	{
		VdbTile *tile = &tiles[i / VDB_GEMM_ROWS];

		if (i % VDB_GEMM_ROWS == 0)
			tile->count = 0;
		vdb_tile_add(tile, vdb_row_at(rows, i, dim),
					 found->keys[(i + 1) * found->room - 1]);
	}
}

void
vdb_nearest_take(const float *keys, uint32_t first, size_t room,
				 uint32_t *nearest, float *kept)
{
	for (uint32_t v = 0; v < VDB_GROUP; v++)
	{
		size_t place = room - 1;

		if (!(keys[v] < kept[place]))
			continue;
		for (; place > 0 && kept[place - 1] > keys[v]; place--)
		{
			kept[place] = kept[place - 1];
			nearest[place] = nearest[place - 1];
		}
		kept[place] = keys[v];
		nearest[place] = first + v;
	}
}

/* A tile of rows from number "begin" on, whose limits go down. */
static void
search_group(const VdbCentroids *centroids, size_t group, VdbTile *tile,
			 uint32_t first, const Found *found, size_t begin)
{
	float keys[VDB_GEMM_ROWS * VDB_GROUP];
	uint32_t below = vdb_nearest_keys(centroids, group, tile, keys);

	for (size_t i = 0; below != 0; i++, below >>= 1)
		if (below & 1)
		{
			size_t place = (begin + i) * found->room;

			vdb_nearest_take(keys + i * VDB_GROUP, first, found->room,
							 found->nearest + place, found->keys + place);
			tile->limit[i] = found->keys[place + found->room - 1];
		}
}

static void
search_block(const VdbCentroids *centroids, uint32_t first, const VdbRow *rows,
			 size_t n, const Found *found)
{
	VdbTile tiles[TILES];
	size_t groups = group_count(centroids->count);

	make_tiles(tiles, centroids->dim, rows, n, found);
	for (size_t g = 0; g < groups; g++)
		for (size_t i = 0; i < n; i += VDB_GEMM_ROWS)
			search_group(centroids, g, &tiles[i / VDB_GEMM_ROWS],
						 first + (uint32_t) (g * VDB_GROUP), found, i);
}

void
vdb_nearest_begin(uint32_t *nearest, float *keys, size_t n)
{
	for (size_t i = 0; i < n; i++)
	{
		nearest[i] = 0;
		keys[i] = INFINITY;
	}
}

void
vdb_nearest_some(const VdbCentroids *centroids, uint32_t first,
				 const VdbRow *rows, size_t n, size_t room, uint32_t *nearest,
				 float *keys)
{
	for (size_t i = 0; i < n; i += ROWS)
	{
		size_t part = n - i < ROWS ? n - i : ROWS;
		Found found = {room, nearest + i * room, keys + i * room};

		search_block(centroids, first, vdb_row_at(rows, i, centroids->dim),
					 part, &found);
	}
}

void
vdb_nearest(const VdbCentroids *centroids, uint32_t first, const VdbRow *rows,
			size_t n, uint32_t *nearest, float *keys)
{
	vdb_nearest_some(centroids, first, rows, n, 1, nearest, keys);
}
