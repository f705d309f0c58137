/*
 * blocks.c: see blocks.h.
 *
 * Blocks have a fixed size, so that nobody has to be told where they begin: who
 * reads centroids in this order finds the means for himself.
 */
#include "math/blocks.h"

#include <math.h>
#include <string.h>

#include "math/least.h"

/* Members that a direction is found with, and steps to it. */
#define SAMPLE 512
#define STEPS 4

/* Rows that are sorted by their blocks at a time. */
#define ROWS 1024

/* The order -------------------------------------------------------------- */

typedef struct Order
{
	uint32_t dim;
	uint32_t *order;
	VdbRow *rows;	/* the centroids in bytes */
	uint64_t *keys; /* one a centroid */
	float *along;	/* dim: the direction */
	float *low;		/* dim, and one more: sums of two halves */
	float *high;	/* the same */
	void (*progress)(void *arg);
	void *arg;
} Order;

size_t
vdb_blocks_order_memory(uint32_t count, uint32_t dim)
{
	return count * (sizeof(uint64_t) + vdb_row_size(dim)) +
		   3 * dim * sizeof(float);
}

static const VdbRow *
member(const Order *order, uint32_t place)
{
	return vdb_row_at(order->rows, order->order[place], order->dim);
}

/* Its inner product with the direction. */
static float
project(const Order *order, const VdbRow *row)
{
	const float *along = order->along;
	float sums[16] = {0};
	float sum = 0;
	uint32_t k = 0;

	for (; k + 16 <= order->dim; k += 16)
		for (int j = 0; j < 16; j++)
			sums[j] += along[k + j] * row->bytes[k + j];
	for (int j = 0; j < 16; j++)
		sum += sums[j];
	for (; k < order->dim; k++)
		sum += along[k] * row->bytes[k];
	return sum * row->step;
}

static void
add_member(const Order *order, const VdbRow *row, float *sum)
{
	for (uint32_t k = 0; k < order->dim; k++)
		sum[k] += row->step * row->bytes[k];
}

/* The direction from one of the members to the one farthest from it. */
static void
first_direction(Order *order, uint32_t begin, uint32_t end, uint32_t step)
{
	const VdbRow *first = member(order, begin);
	const VdbRow *farthest = first;
	float most = 0;

	for (uint32_t i = begin; i < end; i += step)
	{
		const VdbRow *row = member(order, i);
		float sum = 0;

		for (uint32_t k = 0; k < order->dim; k++)
		{
			float off =
				row->step * row->bytes[k] - first->step * first->bytes[k];

			sum += off * off;
		}
		if (sum > most)
		{
			most = sum;
			farthest = row;
		}
	}
	for (uint32_t k = 0; k < order->dim; k++)
		order->along[k] =
			farthest->step * farthest->bytes[k] - first->step * first->bytes[k];
}

/*
 * From the mean of those that are on the one side of the middle to the mean of
 * the others, some times: two means of the members, nearly.
 */
static void
better_direction(Order *order, uint32_t begin, uint32_t end, uint32_t step)
{
	double middle = 0;
	uint32_t count = 0;
	uint32_t above = 0;

	for (uint32_t i = begin; i < end; i += step, count++)
		middle += project(order, member(order, i));
	middle /= count;
	memset(order->low, 0, order->dim * sizeof(float));
	memset(order->high, 0, order->dim * sizeof(float));
	for (uint32_t i = begin; i < end; i += step)
	{
		const VdbRow *row = member(order, i);
		bool high = project(order, row) > middle;

		above += high;
		add_member(order, row, high ? order->high : order->low);
	}
	if (above == 0 || above == count)
		return;
	for (uint32_t k = 0; k < order->dim; k++)
		order->along[k] =
			order->high[k] / above - order->low[k] / (count - above);
}

/* Members in two halves, of whole blocks the first; then each of them so. */
static void
halve(Order *order, uint32_t begin, uint32_t end)
{
	uint32_t half = vdb_block_count(end - begin) / 2 * VDB_BLOCK;
	uint32_t step = (end - begin) / SAMPLE + 1;

	if (half == 0)
		return;
	if (order->progress)
		order->progress(order->arg);
	first_direction(order, begin, end, step);
	for (int i = 0; i < STEPS; i++)
		better_direction(order, begin, end, step);
	for (uint32_t i = begin; i < end; i++)
		order->keys[i] =
			vdb_least_key(project(order, member(order, i)), order->order[i]);
	vdb_sort_least(order->keys + begin, end - begin, half);
	for (uint32_t i = begin; i < end; i++)
		order->order[i] = (uint32_t) order->keys[i];
	halve(order, begin, begin + half);
	halve(order, begin + half, end);
}

void
vdb_blocks_order(const VdbCentroids *centroids, uint32_t count, uint32_t *order,
				 void *memory, void (*progress)(void *arg), void *arg)
{
	uint32_t dim = centroids->dim;
	Order work = {.dim = dim, .order = order, .progress = progress, .arg = arg};

	work.keys = memory;
	work.along = (float *) (work.keys + count);
	work.low = work.along + dim;
	work.high = work.low + dim;
	work.rows = (VdbRow *) (work.high + dim);
	for (uint32_t i = 0; i < count; i++)
	{
		vdb_centroid_get(centroids, i, work.along);
		vdb_row_set(vdb_row_at(work.rows, i, dim), work.along, dim);
		order[i] = i;
	}
	halve(&work, 0, count);
}

void
vdb_blocks_permute(VdbCentroids *centroids, uint32_t count,
				   const uint32_t *order, void *other)
{
	size_t lines = vdb_nearest_lines(centroids->dim);
	VdbCentroids from;

	memcpy(other, centroids->lines,
		   vdb_centroids_bytes(centroids->count, centroids->dim));
	vdb_centroids_place(&from, other, centroids->count, centroids->dim);
	for (uint32_t i = 0; i < count; i++)
	{
		uint8_t *to =
			vdb_centroids_group(centroids, i / VDB_GROUP) + i % VDB_GROUP * 4;
		const uint8_t *lane = vdb_centroids_group(&from, order[i] / VDB_GROUP) +
							  order[i] % VDB_GROUP * 4;

		for (size_t line = 0; line < lines; line++)
			memcpy(to + line * VDB_LINE, lane + line * VDB_LINE, 4);
		centroids->gain[i] = from.gain[order[i]];
		centroids->half[i] = from.half[order[i]];
	}
}

void
vdb_blocks_means(const VdbCentroids *centroids, uint32_t count,
				 VdbCentroids *means, float *memory)
{
	uint32_t dim = centroids->dim;
	float *x = memory;
	float *sum = memory + dim;

	vdb_centroids_clear(means);
	for (uint32_t begin = 0; begin < count; begin += VDB_BLOCK)
	{
		uint32_t end = count - begin < VDB_BLOCK ? count : begin + VDB_BLOCK;

		memset(sum, 0, dim * sizeof(float));
		for (uint32_t i = begin; i < end; i++)
		{
			vdb_centroid_get(centroids, i, x);
			for (uint32_t k = 0; k < dim; k++)
				sum[k] += x[k] / (end - begin);
		}
		vdb_centroid_set(means, begin / VDB_BLOCK, sum);
	}
}

/* The search ------------------------------------------------------------- */

/* The rows of a chunk, and those of each block, side by side. */
typedef struct Chunk
{
	uint32_t blocks;
	float *keys;	 /* of a tile: VDB_GEMM_ROWS for each of the blocks */
	uint64_t *order; /* of a row's blocks */
	uint32_t *ends;	 /* of each block's rows in "members" */
	uint16_t (*chosen)[VDB_BLOCKS_SEARCHED]; /* a row's blocks */
	uint16_t *members;						 /* rows, block by block */
} Chunk;

/* Whole groups of means. */
static size_t
padded_blocks(uint32_t centroids)
{
	return ((size_t) vdb_block_count(centroids) + VDB_GROUP - 1) / VDB_GROUP *
		   VDB_GROUP;
}

size_t
vdb_blocks_scratch(uint32_t centroids)
{
	size_t blocks = padded_blocks(centroids);

	return blocks * (sizeof(uint64_t) + VDB_GEMM_ROWS * sizeof(float) +
					 sizeof(uint32_t)) +
		   2 * ROWS * VDB_BLOCKS_SEARCHED * sizeof(uint16_t);
}

/* The arrays for a search among so many centroids. */
static Chunk
chunk_of(uint32_t centroids, void *scratch)
{
	size_t blocks = padded_blocks(centroids);
	Chunk chunk = {.blocks = vdb_block_count(centroids), .order = scratch};

	chunk.keys = (float *) (chunk.order + blocks);
	chunk.ends = (uint32_t *) (chunk.keys + blocks * VDB_GEMM_ROWS);
	chunk.chosen = (void *) (chunk.ends + blocks);
	chunk.members = (uint16_t *) (chunk.chosen + ROWS);
	return chunk;
}

/* Blocks that a row is compared with. */
static uint32_t
searched(const Chunk *chunk)
{
	return chunk->blocks < VDB_BLOCKS_SEARCHED ? chunk->blocks
											   : VDB_BLOCKS_SEARCHED;
}

/* The nearest blocks of one row of a tile, whose keys are known. */
static void
choose_blocks(Chunk *chunk, uint32_t row, uint32_t in_tile)
{
	uint32_t n = searched(chunk);

	for (uint32_t b = 0; b < chunk->blocks; b++)
		chunk->order[b] = vdb_least_key(
			chunk->keys[(b / VDB_GROUP * VDB_GEMM_ROWS + in_tile) * VDB_GROUP +
						b % VDB_GROUP],
			b);
	vdb_sort_least(chunk->order, chunk->blocks, n);
	for (uint32_t i = 0; i < n; i++)
	{
		uint32_t block = (uint32_t) chunk->order[i];

		chunk->chosen[row][i] = block;
		chunk->ends[block]++;
	}
}

/* The same of all rows; "ends" become how many rows each block has. */
static void
choose_all(Chunk *chunk, const VdbCentroids *means, const VdbRow *rows,
		   uint32_t n)
{
	memset(chunk->ends, 0, chunk->blocks * sizeof(*chunk->ends));
	for (uint32_t i = 0; i < n; i += VDB_GEMM_ROWS)
	{
		VdbTile tile = {.count = 0};

		for (uint32_t j = i; j < n && tile.count < VDB_GEMM_ROWS; j++)
			vdb_tile_add(&tile, vdb_row_at(rows, j, means->dim), INFINITY);
		for (uint32_t g = 0; g * VDB_GROUP < chunk->blocks; g++)
			vdb_kernel()->code_keys(
				vdb_centroids_group(means, g), vdb_nearest_lines(means->dim),
				&tile, means->half + g * VDB_GROUP, means->gain + g * VDB_GROUP,
				chunk->keys + (size_t) g * VDB_GEMM_ROWS * VDB_GROUP);
		for (uint32_t j = 0; j < tile.count; j++)
			choose_blocks(chunk, i + j, j);
	}
}

/* A counting sort: the rows of each block, up to its end. */
static void
sort_rows(Chunk *chunk, uint32_t n)
{
	uint32_t begin = 0;

	for (uint32_t b = 0; b < chunk->blocks; b++)
	{
		uint32_t count = chunk->ends[b];

		chunk->ends[b] = begin;
		begin += count;
	}
	for (uint32_t row = 0; row < n; row++)
		for (uint32_t i = 0; i < searched(chunk); i++)
			chunk->members[chunk->ends[chunk->chosen[row][i]]++] = row;
}

/* Some rows against the centroids of a block. */
static void
search_rows(const VdbCentroids *centroids, uint32_t block, uint32_t first,
			const VdbRow *rows, const uint16_t *members, uint32_t n,
			uint32_t *nearest, float *keys)
{
	uint32_t begin = block * (VDB_BLOCK / VDB_GROUP);
	uint32_t end = begin + VDB_BLOCK / VDB_GROUP;
	uint32_t found[VDB_GEMM_ROWS];
	VdbTile tile = {.count = 0};

	for (uint32_t i = 0; i < n; i++)
	{
		found[i] = nearest[members[i]];
		vdb_tile_add(&tile, vdb_row_at(rows, members[i], centroids->dim),
					 keys[members[i]]);
	}
	for (uint32_t g = begin; g < end && g * VDB_GROUP < centroids->count; g++)
		vdb_nearest_in_group(centroids, g, &tile, first + g * VDB_GROUP, found);
	for (uint32_t i = 0; i < n; i++)
	{
		nearest[members[i]] = found[i];
		keys[members[i]] = tile.limit[i];
	}
}

static void
search_chunk(const VdbCentroids *centroids, Chunk *chunk, uint32_t first,
			 const VdbRow *rows, uint32_t *nearest, float *keys)
{
	uint32_t begin = 0;

	for (uint32_t b = 0; b < chunk->blocks; b++)
		while (begin < chunk->ends[b])
		{
			uint32_t n = chunk->ends[b] - begin;

			n = n < VDB_GEMM_ROWS ? n : VDB_GEMM_ROWS;
			search_rows(centroids, b, first, rows, chunk->members + begin, n,
						nearest, keys);
			begin += n;
		}
}

void
vdb_blocks_nearest(const VdbCentroids *centroids, const VdbCentroids *means,
				   uint32_t first, const VdbRow *rows, size_t n,
				   uint32_t *nearest, float *keys, void *scratch)
{
	Chunk chunk = chunk_of(centroids->count, scratch);

	for (size_t i = 0; i < n; i += ROWS)
	{
		uint32_t part = n - i < ROWS ? n - i : ROWS;
		const VdbRow *begin = vdb_row_at(rows, i, centroids->dim);

		choose_all(&chunk, means, begin, part);
		sort_rows(&chunk, part);
		search_chunk(centroids, &chunk, first, begin, nearest + i, keys + i);
	}
}
