/*
 * blocks.c: the search through blocks of near centroids; see blocks.h.
 */
#include "math/blocks.h"

#include <math.h>
#include <string.h>

#include "math/least.h"

/*
 * Rows that are sorted by their blocks at a time, at most and at least; and how
 * many of their blocks there is to be room for.
 */
#define MOST_ROWS 1024
#define LEAST_ROWS 64
#define ROOM (512 * 1024)

/* Blocks that tell below which key a row has as many as are wanted. */
#define SAMPLED 64

/* The rows of a chunk, and those of each block, side by side. */
typedef struct Chunk
{
	const VdbBlocks *set;
	uint32_t blocks;
	uint32_t room;		   /* blocks of a row at most */
	uint32_t rows;		   /* at a time */
	float *keys;		   /* of a tile: VDB_GEMM_ROWS for each of the blocks */
	uint32_t *ends;		   /* of each block's rows in "members" */
	uint32_t *counts;	   /* of a row's blocks */
	VdbScreenRow *screens; /* of the rows */
	float slope;		   /* vdb_screen_slope() */
	size_t screen_lines;
	uint16_t *chosen;  /* a row's blocks: room and VDB_GROUP more for each */
	uint16_t *members; /* rows, block by block */
} Chunk;

/* Whole groups of means. */
static size_t
padded_blocks(uint32_t centroids)
{
	return vdb_centroids_lanes(vdb_block_count(centroids));
}

/* Chance may give a row twice as many blocks as are wanted, and no more. */
static uint32_t
room_of(uint32_t centroids, uint32_t wanted)
{
	uint32_t blocks = vdb_block_count(centroids);

	return wanted < blocks / 2 ? 2 * wanted : blocks;
}

static uint32_t
rows_of(uint32_t room)
{
	uint32_t rows = ROOM / room;

	return rows < LEAST_ROWS ? LEAST_ROWS : rows < MOST_ROWS ? rows : MOST_ROWS;
}

uint64_t
vdb_blocks_scratch(uint32_t centroids, uint32_t wanted)
{
	uint64_t blocks = padded_blocks(centroids);
	uint64_t room = room_of(centroids, wanted);
	uint64_t rows = rows_of(room);

	return blocks * (VDB_GEMM_ROWS * sizeof(float) + sizeof(uint32_t)) +
		   rows * (sizeof(uint32_t) + sizeof(VdbScreenRow)) +
		   rows * (2 * room + VDB_GROUP) * sizeof(uint16_t);
}

/* The arrays for a search. */
static Chunk
chunk_of(const VdbBlocks *set)
{
	uint32_t centroids = set->centroids->count;
	size_t blocks = padded_blocks(centroids);
	Chunk chunk = {.set = set,
				   .blocks = vdb_block_count(centroids),
				   .room = room_of(centroids, set->wanted),
				   .keys = set->scratch};

	chunk.rows = rows_of(chunk.room);
	chunk.ends = (uint32_t *) (chunk.keys + blocks * VDB_GEMM_ROWS);
	chunk.counts = chunk.ends + blocks;
	chunk.screens = (VdbScreenRow *) (chunk.counts + chunk.rows);
	chunk.slope = vdb_screen_slope(set->centroids->dim);
	chunk.screen_lines = vdb_screen_lines(set->centroids->dim);
	chunk.chosen = (uint16_t *) (chunk.screens + chunk.rows);
	chunk.members =
		chunk.chosen + (size_t) chunk.rows * (chunk.room + VDB_GROUP);
	return chunk;
}

static uint16_t *
chosen_of(const Chunk *chunk, uint32_t row)
{
	return chunk->chosen + (size_t) row * (chunk->room + VDB_GROUP);
}

/* The keys of a group of blocks for a row of the tile. */
static const float *
keys_of(const Chunk *chunk, uint32_t in_tile, uint32_t group)
{
	return chunk->keys + (group * VDB_GEMM_ROWS + in_tile) * VDB_GROUP;
}

static float
key_of(const Chunk *chunk, uint32_t in_tile, uint32_t block)
{
	return keys_of(chunk, in_tile, block / VDB_GROUP)[block % VDB_GROUP];
}

/* Where a chunk's rows keep what is found. */
typedef struct Kept
{
	const VdbRow *rows;
	size_t room;
	uint32_t *nearest;
	float *keys;
	uint32_t first; /* number of the first centroid */
} Kept;

/* The last key that a row has. */
static float
limit_of(const Kept *kept, uint32_t row)
{
	return kept->keys[(row + 1) * kept->room - 1];
}

/* A row's limits in a tile and its screen are by what it has found so far. */
static void
set_limits(const Chunk *chunk, const Kept *kept, uint32_t row, VdbTile *tile,
		   VdbScreen *screen, uint32_t in_tile)
{
	tile->limit[in_tile] = limit_of(kept, row);
	screen->limit[in_tile] = vdb_screen_limit(
		&chunk->screens[row], chunk->slope, tile->limit[in_tile]);
}

/* Some rows as a tile, with their screen. */
static void
make_tile(const Chunk *chunk, const Kept *kept, const uint16_t *members,
		  uint32_t n, VdbTile *tile, VdbScreen *screen)
{
	uint32_t dim = chunk->set->centroids->dim;

	tile->count = 0;
	screen->lines = chunk->screen_lines;
	for (uint32_t i = 0; i < n; i++)
	{
		vdb_tile_add(tile, vdb_row_at(kept->rows, members[i], dim), INFINITY);
		screen->bias[i] = chunk->screens[members[i]].bias;
		memcpy(screen->start[i], chunk->screens[members[i]].start,
			   sizeof(screen->start[i]));
		set_limits(chunk, kept, members[i], tile, screen, i);
	}
}

/* Some rows against the centroids of a block. */
static void
search_rows(const Chunk *chunk, uint32_t block, const uint16_t *members,
			uint32_t n, const Kept *kept)
{
	const VdbCentroids *centroids = chunk->set->centroids;
	float keys[VDB_GEMM_ROWS * VDB_GROUP];
	uint32_t end = (block + 1) * VDB_BLOCK;
	VdbScreen screen;
	VdbTile tile;

	make_tile(chunk, kept, members, n, &tile, &screen);
	for (uint32_t c = block * VDB_BLOCK; c < end && c < centroids->count;
		 c += VDB_GROUP)
	{
		uint32_t below;

		screen.half = chunk->set->screen->half + c;
		screen.narrow = chunk->set->screen->narrow +
						c / VDB_GROUP * chunk->screen_lines * VDB_LINE;
		below = vdb_nearest_screened(centroids, c / VDB_GROUP, &tile, &screen,
									 keys);
		for (uint32_t i = 0; below != 0; i++, below >>= 1)
			if (below & 1)
			{
				size_t place = members[i] * kept->room;

				vdb_nearest_take(keys + i * VDB_GROUP, kept->first + c,
								 kept->room, kept->nearest + place,
								 kept->keys + place);
				set_limits(chunk, kept, members[i], &tile, &screen, i);
			}
	}
}

/*
 * The key up to which a row has about as many blocks as are wanted, by a sample
 * of them; also tells the nearest of that.
 */
static float
greatest_key(const Chunk *chunk, uint32_t in_tile, uint32_t *nearest)
{
	uint32_t count = chunk->blocks < SAMPLED ? chunk->blocks : SAMPLED;
	uint32_t place =
		(uint64_t) (chunk->set->wanted - 1) * count / chunk->blocks;
	uint64_t step = ((uint64_t) chunk->blocks << 16) / count;
	float least = INFINITY;
	float sample[SAMPLED];

	*nearest = 0;
	for (uint32_t i = 0; i < count; i++)
	{
		uint32_t block = (uint32_t) (i * step >> 16);

		sample[i] = key_of(chunk, in_tile, block);
		if (sample[i] < least)
		{
			least = sample[i];
			*nearest = block;
		}
	}
	if (chunk->set->wanted >= chunk->blocks)
		return INFINITY;
	return vdb_least_limit(sample, count, place + 1);
}

static uint32_t
nearest_block(const Chunk *chunk, uint32_t in_tile)
{
	uint32_t nearest = 0;

	for (uint32_t b = 1; b < chunk->blocks; b++)
		if (key_of(chunk, in_tile, b) < key_of(chunk, in_tile, nearest))
			nearest = b;
	return nearest;
}

/*
 * The near blocks of one row of a tile, whose keys are known.  No branch
 * depends on a key, since it would often be mispredicted.
 */
static void
choose_blocks(Chunk *chunk, uint32_t row, uint32_t in_tile, uint32_t *near)
{
	float limit = greatest_key(chunk, in_tile, near);
	uint16_t *chosen = chosen_of(chunk, row);
	uint32_t count = 0;

	for (uint32_t b = 0; b < chunk->blocks && count < chunk->room;
		 b += VDB_GROUP)
	{
		const float *keys = keys_of(chunk, in_tile, b / VDB_GROUP);

		for (uint32_t v = 0; v < VDB_GROUP; v++)
		{
			chosen[count] = b + v;
			count += keys[v] <= limit;
		}
	}
	/* Behind the last block are keys of +inf, which may be the limit. */
	while (count > 0 && chosen[count - 1] >= chunk->blocks)
		count--;
	if (count >= chunk->room && chunk->room < chunk->blocks)
	{
		uint32_t nearest = nearest_block(chunk, in_tile);

		/* No block twice: its centroids would each be found twice. */
		count = chunk->room;
		if (nearest > chosen[count - 1])
			chosen[0] = nearest;
	}
	chunk->counts[row] = count;
}

/*
 * A row that has found nothing yet begins with a near block, which is not among
 * the others then: so its limits are soon what they will be, nearly.
 */
static void
begin_row(Chunk *chunk, const Kept *kept, uint32_t row, uint32_t near)
{
	uint16_t *chosen = chosen_of(chunk, row);
	uint16_t member = row;
	uint32_t left = 0;

	if (limit_of(kept, row) < INFINITY)
		return;
	search_rows(chunk, near, &member, 1, kept);
	for (uint32_t i = 0; i < chunk->counts[row]; i++)
	{
		chosen[left] = chosen[i];
		left += chosen[i] != near;
	}
	chunk->counts[row] = left;
}

static void
count_row(Chunk *chunk, uint32_t row)
{
	const uint16_t *chosen = chosen_of(chunk, row);

	for (uint32_t i = 0; i < chunk->counts[row]; i++)
		chunk->ends[chosen[i]]++;
}

/* The same of all rows; "ends" become how many rows each block has. */
static void
choose_all(Chunk *chunk, const Kept *kept, uint32_t n)
{
	const VdbCentroids *means = chunk->set->means;
	const VdbRow *rows = kept->rows;

	memset(chunk->ends, 0, chunk->blocks * sizeof(*chunk->ends));
	for (uint32_t i = 0; i < n; i += VDB_GEMM_ROWS)
	{
		VdbTile tile = {.count = 0};

		for (uint32_t j = i; j < n && tile.count < VDB_GEMM_ROWS; j++)
			vdb_tile_add(&tile, vdb_row_at(rows, j, means->dim), INFINITY);
		for (uint32_t g = 0; g * VDB_GROUP < chunk->blocks; g++)
			vdb_nearest_keys(means, g, &tile,
							 chunk->keys +
								 (size_t) g * VDB_GEMM_ROWS * VDB_GROUP);
		for (uint32_t j = 0; j < tile.count; j++)
		{
			uint32_t near;

			vdb_screen_row(vdb_row_at(rows, i + j, means->dim), means->dim,
						   &chunk->screens[i + j]);
			choose_blocks(chunk, i + j, j, &near);
			begin_row(chunk, kept, i + j, near);
			count_row(chunk, i + j);
		}
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
	{
		const uint16_t *chosen = chosen_of(chunk, row);

		for (uint32_t i = 0; i < chunk->counts[row]; i++)
			chunk->members[chunk->ends[chosen[i]]++] = row;
	}
}

static void
search_chunk(const Chunk *chunk, const Kept *kept)
{
	uint32_t begin = 0;

	for (uint32_t b = 0; b < chunk->blocks; b++)
		while (begin < chunk->ends[b])
		{
			uint32_t n = chunk->ends[b] - begin;

			n = n < VDB_GEMM_ROWS ? n : VDB_GEMM_ROWS;
			search_rows(chunk, b, chunk->members + begin, n, kept);
			begin += n;
		}
}

void
vdb_blocks_nearest(const VdbBlocks *blocks, uint32_t first, const VdbRow *rows,
				   size_t n, size_t room, uint32_t *nearest, float *keys)
{
	Chunk chunk = chunk_of(blocks);

	for (size_t i = 0; i < n; i += chunk.rows)
	{
		uint32_t part = n - i < chunk.rows ? n - i : chunk.rows;
		Kept kept = {vdb_row_at(rows, i, blocks->centroids->dim), room,
					 nearest + i * room, keys + i * room, first};

		choose_all(&chunk, &kept, part);
		sort_rows(&chunk, part);
		search_chunk(&chunk, &kept);
	}
}
