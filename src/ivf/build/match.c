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

static void
clear_ranking(IvfRanked *ranking, int room)
{
	for (int i = 0; i < room; i++)
		ranking[i].key = INFINITY;
}

void
ivf_neighbours_reset(IvfNeighbours *neighbours, uint32 queries)
{
	for (uint32 i = 0; i < queries; i++)
	{
		clear_ranking(neighbours[i].near, IVF_NEAR);
		clear_ranking(neighbours[i].far, IVF_FAR);
	}
}

/* A row that is nearer than the last one, which it drives out. */
static void
add_ranked(IvfRanked *ranking, int room, float key, uint32 list)
{
	int i = room - 1;

	for (; i > 0 && ranking[i - 1].key > key; i--)
		ranking[i] = ranking[i - 1];
	ranking[i] = (IvfRanked){key, list};
}

static void
merge_ranking(IvfRanked *into, const IvfRanked *from, int room)
{
	for (int i = 0; i < room; i++)
		if (from[i].key < into[room - 1].key)
			add_ranked(into, room, from[i].key, from[i].list);
}

void
ivf_neighbours_merge(IvfNeighbours *into, const IvfNeighbours *from,
					 uint32 queries)
{
	for (uint32 i = 0; i < queries; i++)
	{
		merge_ranking(into[i].near, from[i].near, IVF_NEAR);
		merge_ranking(into[i].far, from[i].far, IVF_FAR);
	}
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

/* Which of a query's two rankings rows may get into. */
typedef enum Range
{
	NEAR,
	FAR,
} Range;

static IvfRanked *
ranking_of(IvfMatcher *matcher, Range range, uint32 query, int *room)
{
	IvfNeighbours *neighbours = &matcher->neighbours[query];

	*room = range == NEAR ? IVF_NEAR : IVF_FAR;
	return range == NEAR ? neighbours->near : neighbours->far;
}

static float *
wanted_of(IvfMatcher *matcher, Range range)
{
	return range == NEAR ? matcher->codes.half : matcher->far_half;
}

/*
 * A query wants what is below its worst neighbour so far.  An own distance d
 * becomes the metric's key: |y|^2 / 2 - <y, z> = (|y - z|^2 - |z|^2) / 2.
 */
static void
set_wanted(IvfMatcher *matcher, Range range, uint32 query)
{
	int room;
	IvfRanked *ranking = ranking_of(matcher, range, query, &room);
	float worst = ranking[room - 1].key;

	if (matcher->queries)
		worst = (worst - matcher->norm2[query]) / 2;
	wanted_of(matcher, range)[query] = -worst;
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
	matcher->far_half = palloc(matcher->codes.count * sizeof(float));
	memcpy(matcher->far_half, matcher->codes.half,
		   matcher->codes.count * sizeof(float));
	for (uint32 i = 0; i < count; i++)
	{
		const float *column = matcher->columns + (Size) i * padded;

		vdb_centroid_set(&matcher->codes, i, column);
		matcher->row_error =
			Max(matcher->row_error,
				sqrtf(vdb_kernel()->dot_f32(column, column, padded) / 12));
		matcher->column_error =
			Max(matcher->column_error, matcher->codes.gain[i] / sqrtf(12));
		set_wanted(matcher, NEAR, i);
		set_wanted(matcher, FAR, i);
	}
}

/* The own distance of a row to a query, over its unit. */
static float
own_key(IvfMatcher *matcher, uint32 query, const float *y)
{
	const IvfState *state = matcher->state;
	Size offset = (Size) query * state->meta.padded;

	ivf_unproject(state, y, matcher->row);
	return state->type->own(matcher->queries + offset, matcher->row,
							state->meta.dim) /
		   ivf_unit(state, false);
}

/* What a row is to one group of queries that may want it. */
static void
match_group(IvfMatcher *matcher, Range range, uint32 first, const float *y,
			float half, uint32 list, const float *keys, float limit)
{
	uint32 padded = matcher->state->meta.padded;

	for (uint32 query = first; query < first + VDB_GROUP; query++)
	{
		float key;
		int room;
		IvfRanked *ranking;

		if (!(keys[query - first] < limit))
			continue;
		ranking = ranking_of(matcher, range, query, &room);
		key = half - vdb_kernel()->dot_f32(
						 y, matcher->columns + (Size) query * padded, padded);
		if (matcher->queries)
			key = key < -wanted_of(matcher, range)[query]
					  ? own_key(matcher, query, y)
					  : INFINITY;
		if (key < ranking[room - 1].key)
		{
			add_ranked(ranking, room, key, list);
			set_wanted(matcher, range, query);
		}
	}
}

/*
 * Rows of these numbers.  A query whose worst key is w wants a row of key
 * h - <y, z> below w, that is of -w - <y, z> below -h; here with a margin for
 * errors, of which one in some hundred is beyond it.
 */
static void
match_tile(IvfMatcher *matcher, Range range, const IvfBatch *batch,
		   const uint32 *numbers, uint32 count)
{
	uint32 padded = matcher->state->meta.padded;
	float *wanted = wanted_of(matcher, range);
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
				match_group(matcher, range, first,
							batch->rows + (Size) numbers[i] * padded, half[i],
							batch->lists[numbers[i]], keys + i * VDB_GROUP,
							tile.limit[i]);
	}
}

/* Each "step"-th row of the batch, from "begin" on. */
static void
match_every(IvfMatcher *matcher, Range range, const IvfBatch *batch,
			uint32 begin, uint32 step)
{
	uint32 numbers[VDB_GEMM_ROWS];
	uint32 count = 0;

	for (uint32 row = begin; row < batch->count; row += step)
	{
		numbers[count++] = row;
		if (count == VDB_GEMM_ROWS || row + step >= batch->count)
		{
			match_tile(matcher, range, batch, numbers, count);
			count = 0;
		}
	}
}

void
ivf_match_rows(IvfMatcher *matcher, const IvfBatch *batch)
{
	uint32 passed = matcher->rows % IVF_FAR_STEP;

	match_every(matcher, NEAR, batch, 0, 1);
	match_every(matcher, FAR, batch, passed == 0 ? 0 : IVF_FAR_STEP - passed,
				IVF_FAR_STEP);
	matcher->rows += batch->count;
}
