/*
 * match.c: see match.h.
 *
 * Rows meet the queries as further columns of the matrix product of bytes that
 * assigns them; where the product says that a row may be among a query's
 * nearest, the exact one decides.  Under a class's own distance, which with its
 * unit is hardly ever below the metric's, the metric says so as well, and then
 * the own distance decides.
 */
#include "compat.h"

#include <math.h>

#include "ivf/build/match.h"
#include "ivf/space/vector.h"
#include "math/rng.h"

const IvfRanking ivf_rankings[IVF_RANKINGS] = {
	{0, 11, 11, 1}, {11, 64, 7, 16}, {75, 64, 0, 256}};

void
ivf_neighbours_reset(IvfNeighbours *neighbours, uint32 queries)
{
	for (uint32 i = 0; i < queries; i++)
		for (int j = 0; j < IVF_RANKED_ROWS; j++)
			neighbours[i].rows[j].key = INFINITY;
}

/* A row that is nearer than the last one, which it drives out. */
static void
add_ranked(IvfRanked *ranking, int room, IvfRanked row)
{
	int begin = 0;
	int end = room - 1;

	/* Behind all that are as near. */
	while (begin < end)
	{
		int middle = (begin + end) / 2;

		if (ranking[middle].key > row.key)
			end = middle;
		else
			begin = middle + 1;
	}
	memmove(ranking + begin + 1, ranking + begin,
			(room - 1 - begin) * sizeof(IvfRanked));
	ranking[begin] = row;
}

static void
merge_ranking(IvfRanked *into, const IvfRanked *from, int room)
{
	for (int i = 0; i < room; i++)
		if (from[i].key < into[room - 1].key)
			add_ranked(into, room, from[i]);
}

void
ivf_neighbours_merge(IvfNeighbours *into, const IvfNeighbours *from,
					 uint32 queries)
{
	for (uint32 i = 0; i < queries; i++)
		for (int j = 0; j < IVF_RANKINGS; j++)
			merge_ranking(into[i].rows + ivf_rankings[j].begin,
						  from[i].rows + ivf_rankings[j].begin,
						  ivf_ranking_room(&ivf_rankings[j], i, queries));
}

/* What a row is multiplied with for a query: see vdb_space_column(). */
void
ivf_query_columns(const IvfBuild *build, float *columns)
{
	const IvfState *state = build->state;
	Size floats = (Size) build->queries * state->meta.padded;
	const float *mean = ivf_mean(state);
	float weight = vdb_space_column(state->space);

	for (Size i = 0; i < floats; i++)
		columns[i] =
			build->query_rows[i] + weight * mean[i % state->meta.padded];
}

static IvfRanked *
ranked_rows(IvfMatcher *matcher, int ranking, uint32 query)
{
	return matcher->neighbours[query].rows + ivf_rankings[ranking].begin;
}

static uint32
room_of(const IvfMatcher *matcher, int ranking, uint32 query)
{
	return ivf_ranking_room(&ivf_rankings[ranking], query,
							matcher->codes.count);
}

/* The key of the worst row that a ranking has; none is below it without any. */
static float
worst_key(IvfMatcher *matcher, int ranking, uint32 query)
{
	uint32 room = room_of(matcher, ranking, query);

	return room > 0 ? ranked_rows(matcher, ranking, query)[room - 1].key
					: -INFINITY;
}

/*
 * A query wants what is below its worst neighbour so far.  An own distance d
 * becomes the metric's key: |y|^2 / 2 - <y, z> = (|y - z|^2 - |z|^2) / 2.
 */
static void
set_wanted(IvfMatcher *matcher, int ranking, uint32 query)
{
	float worst = worst_key(matcher, ranking, query);

	if (matcher->queries)
		worst = (worst - matcher->norm2[query]) / 2;
	matcher->wanted[ranking][query] = -worst;
}

/* Columns are the queries themselves, since L2 has no weight for the mean. */
static void
init_own(IvfMatcher *matcher, const IvfBuild *build)
{
	const IvfState *state = build->state;
	uint32 padded = state->meta.padded;

	Assert(vdb_space_mean(state->space) == 0 && !state->space->normalize);
	matcher->queries = palloc_extended(
		(Size) build->queries * padded * sizeof(float), MCXT_ALLOC_HUGE);
	matcher->norm2 = palloc(build->queries * sizeof(float));
	matcher->row = palloc(padded * sizeof(float));
	for (uint32 i = 0; i < build->queries; i++)
	{
		const float *z = matcher->columns + (Size) i * padded;

		ivf_unproject(state, z, matcher->queries + (Size) i * padded);
		matcher->norm2[i] = vdb_kernel()->dot_f32(z, z, padded);
	}
}

/*
 * The errors of rounding are even within half a step: the product of a row's
 * error with a column has a standard deviation of step / sqrt(12) * |column|.
 */
void
ivf_matcher_init(IvfMatcher *matcher, const IvfBuild *build,
				 IvfNeighbours *neighbours)
{
	uint32 padded = build->state->meta.padded;
	uint32 count = build->queries;

	matcher->state = build->state;
	matcher->neighbours = neighbours;
	matcher->columns = build->query_columns;
	matcher->row_error = matcher->column_error = 0;
	matcher->rows = 0;
	matcher->queries = NULL;
	if (build->state->type->own)
		init_own(matcher, build);
	vdb_centroids_place(&matcher->codes,
						palloc(vdb_centroids_bytes(count, padded)), count,
						padded);
	vdb_centroids_clear(&matcher->codes);
	for (int j = 0; j < IVF_RANKINGS; j++)
	{
		matcher->wanted[j] = palloc(matcher->codes.count * sizeof(float));
		memcpy(matcher->wanted[j], matcher->codes.half,
			   matcher->codes.count * sizeof(float));
	}
	for (uint32 i = 0; i < count; i++)
	{
		const float *column = matcher->columns + (Size) i * padded;

		vdb_centroid_set(&matcher->codes, i, column);
		matcher->row_error =
			Max(matcher->row_error,
				sqrtf(vdb_kernel()->dot_f32(column, column, padded) / 12));
		matcher->column_error =
			Max(matcher->column_error, matcher->codes.gain[i] / sqrtf(12));
		for (int j = 0; j < IVF_RANKINGS; j++)
			set_wanted(matcher, j, i);
	}
}

/* The own distance of a row to a query, over its unit. */
static float
own_key(IvfMatcher *matcher, uint32 query, const float *y)
{
	const IvfState *state = matcher->state;
	Size offset = (Size) query * state->meta.padded;

	ivf_unproject(state, y, matcher->row);
	return ivf_own(state, matcher->queries + offset, matcher->row) /
		   ivf_unit(state, false);
}

/* What a row is to one group of queries that may want it. */
static void
match_group(IvfMatcher *matcher, int ranking, uint32 first, const float *y,
			float half, IvfRanked row, const float *keys, float limit)
{
	uint32 padded = matcher->state->meta.padded;

	for (uint32 query = first; query < first + VDB_GROUP; query++)
	{
		if (!(keys[query - first] < limit))
			continue;
		row.key =
			half - vdb_kernel()->dot_f32(
					   y, matcher->columns + (Size) query * padded, padded);
		if (matcher->queries)
			row.key = row.key < -matcher->wanted[ranking][query]
						  ? own_key(matcher, query, y)
						  : INFINITY;
		if (row.key < worst_key(matcher, ranking, query))
		{
			add_ranked(ranked_rows(matcher, ranking, query),
					   room_of(matcher, ranking, query), row);
			set_wanted(matcher, ranking, query);
		}
	}
}

/*
 * Rows of these numbers.  A query whose worst key is w wants a row of key
 * h - <y, z> below w, that is of -w - <y, z> below -h; here with a margin for
 * errors, of which one in some hundred is beyond it.
 */
static void
match_tile(IvfMatcher *matcher, int ranking, const IvfBatch *batch,
		   const uint32 *numbers, uint32 count)
{
	uint32 padded = matcher->state->meta.padded;
	float *wanted = matcher->wanted[ranking];
	float keys[VDB_GEMM_ROWS * VDB_GROUP];
	float half[VDB_GEMM_ROWS];
	VdbTile tile = {.count = count};

	for (uint32 i = 0; i < count; i++)
	{
		const float *y = batch->rows + (Size) numbers[i] * padded;
		const VdbRow *row = vdb_row_at(batch->quantized, numbers[i], padded);
		float norm2 = vdb_kernel()->dot_f32(y, y, padded);

		half[i] = vdb_space_half(matcher->state->space, norm2);
		tile.rows[i] = row->bytes;
		tile.scale[i] = row->step;
		tile.bias[i] = row->sum * VDB_FIELD_CENTER;
		tile.limit[i] = 3 * (row->step * matcher->row_error +
							 sqrtf(norm2) * matcher->column_error) -
						half[i];
	}
	for (uint32 first = 0; first < matcher->codes.count; first += VDB_GROUP)
	{
		uint32 below = vdb_kernel()->code_keys(
			vdb_centroids_group(&matcher->codes, first / VDB_GROUP),
			vdb_nearest_lines(padded), &tile, wanted + first,
			matcher->codes.gain + first, keys);

		for (uint32 i = 0; below != 0; i++, below >>= 1)
			if (below & 1)
				match_group(matcher, ranking, first,
							batch->rows + (Size) numbers[i] * padded, half[i],
							(IvfRanked){0, batch->lists[numbers[i]],
										batch->second[numbers[i]]},
							keys + i * VDB_GROUP, tile.limit[i]);
	}
}

/*
 * The row that a ranking has of a number of steps, counted over all rows; by
 * chance, since tables may repeat themselves every so many rows.
 */
static uint64
chosen_row(uint64 number, uint32 step)
{
	VdbRng rng = {number};

	return number * step + vdb_rng_below(&rng, step);
}

/* The rows of the batch that a ranking is of. */
static void
match_every(IvfMatcher *matcher, int ranking, const IvfBatch *batch)
{
	uint32 step = ivf_rankings[ranking].step;
	uint64 end = matcher->rows + batch->count;
	uint32 numbers[VDB_GEMM_ROWS];
	uint32 count = 0;

	for (uint64 number = matcher->rows / step; number * step < end; number++)
	{
		uint64 row = chosen_row(number, step);

		if (row < matcher->rows || row >= end)
			continue;
		numbers[count++] = row - matcher->rows;
		if (count == VDB_GEMM_ROWS)
		{
			match_tile(matcher, ranking, batch, numbers, count);
			count = 0;
		}
	}
	if (count > 0)
		match_tile(matcher, ranking, batch, numbers, count);
}

void
ivf_match_rows(IvfMatcher *matcher, const IvfBatch *batch)
{
	for (int j = 0; j < IVF_RANKINGS; j++)
		match_every(matcher, j, batch);
	matcher->rows += batch->count;
}
