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

void
ivf_neighbours_reset(IvfNeighbours *neighbours, uint32 queries)
{
	for (uint32 i = 0; i < queries; i++)
		for (int j = 0; j < IVF_NEIGHBOURS; j++)
			neighbours[i].key[j] = INFINITY;
}

static void
add_neighbour(IvfNeighbours *neighbours, float key, uint32 list)
{
	int i = IVF_NEIGHBOURS - 1;

	for (; i > 0 && neighbours->key[i - 1] > key; i--)
	{
		neighbours->key[i] = neighbours->key[i - 1];
		neighbours->list[i] = neighbours->list[i - 1];
	}
	neighbours->key[i] = key;
	neighbours->list[i] = list;
}

void
ivf_neighbours_merge(IvfNeighbours *into, const IvfNeighbours *from,
					 uint32 queries)
{
	for (uint32 i = 0; i < queries; i++)
		for (int j = 0; j < IVF_NEIGHBOURS; j++)
			if (from[i].key[j] < into[i].key[IVF_NEIGHBOURS - 1])
				add_neighbour(&into[i], from[i].key[j], from[i].list[j]);
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

/*
 * A query wants what is below its worst neighbour so far.  An own distance d
 * becomes the metric's key: |y|^2 / 2 - <y, z> = (|y - z|^2 - |z|^2) / 2.
 */
static void
set_wanted(IvfMatcher *matcher, uint32 query)
{
	float worst = matcher->neighbours[query].key[IVF_NEIGHBOURS - 1];

	if (matcher->queries)
		worst = (worst - matcher->norm2[query]) / 2;
	matcher->codes.half[query] = -worst;
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
	matcher->queries = NULL;
	if (build->state->type->own)
		init_own(matcher, build);
	vdb_centroids_place(&matcher->codes,
						palloc(vdb_centroids_bytes(count, padded)), count,
						padded);
	vdb_centroids_clear(&matcher->codes);
	for (uint32 i = 0; i < count; i++)
	{
		const float *column = matcher->columns + (Size) i * padded;

		vdb_centroid_set(&matcher->codes, i, column);
		matcher->row_error =
			Max(matcher->row_error,
				sqrtf(vdb_kernel()->dot_f32(column, column, padded) / 12));
		matcher->column_error =
			Max(matcher->column_error, matcher->codes.gain[i] / sqrtf(12));
		set_wanted(matcher, i);
	}
}

/* The own distance, over its unit, of a row whose key in the metric is "key".
 */
static float
own_key(IvfMatcher *matcher, uint32 query, const float *y, float key)
{
	const IvfState *state = matcher->state;
	Size offset = (Size) query * state->meta.padded;

	if (!(key < -matcher->codes.half[query]))
		return INFINITY;
	ivf_unproject(state, y, matcher->row);
	return state->type->own(matcher->queries + offset, matcher->row,
							state->meta.dim) /
		   ivf_unit(state);
}

/* What a row is to one group of queries that may want it. */
static void
match_group(IvfMatcher *matcher, uint32 first, const float *y, float half,
			uint32 list, const float *keys, float limit)
{
	uint32 padded = matcher->state->meta.padded;

	for (uint32 v = 0; v < VDB_GROUP; v++)
	{
		IvfNeighbours *neighbours = &matcher->neighbours[first + v];
		float key;

		if (!(keys[v] < limit))
			continue;
		key = half -
			  vdb_kernel()->dot_f32(
				  y, matcher->columns + (Size) (first + v) * padded, padded);
		if (matcher->queries)
			key = own_key(matcher, first + v, y, key);
		if (key < neighbours->key[IVF_NEIGHBOURS - 1])
		{
			add_neighbour(neighbours, key, list);
			set_wanted(matcher, first + v);
		}
	}
}

/*
 * A query whose worst key is w wants a row of key h - <y, z> below w, that is
 * of -w - <y, z> below -h; here with a margin for errors, of which one in
 * some hundred is beyond it.
 */
static void
match_tile(IvfMatcher *matcher, const float *rows, const VdbRow *quantized,
		   const uint32 *lists, uint32 count)
{
	uint32 padded = matcher->state->meta.padded;
	float keys[VDB_GEMM_ROWS * VDB_GROUP];
	float half[VDB_GEMM_ROWS];
	VdbTile tile = {.count = count};

	for (uint32 i = 0; i < count; i++)
	{
		const float *y = rows + (Size) i * padded;
		const VdbRow *row = vdb_row_at(quantized, i, padded);
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
			vdb_nearest_lines(padded), &tile, matcher->codes.half + first,
			matcher->codes.gain + first, keys);

		for (uint32 i = 0; below != 0; i++, below >>= 1)
			if (below & 1)
				match_group(matcher, first, rows + (Size) i * padded, half[i],
							lists[i], keys + i * VDB_GROUP, tile.limit[i]);
	}
}

void
ivf_match_rows(IvfMatcher *matcher, const float *rows, const VdbRow *quantized,
			   const uint32 *lists, uint32 count)
{
	uint32 padded = matcher->state->meta.padded;

	for (uint32 row = 0; row < count; row += VDB_GEMM_ROWS)
		match_tile(matcher, rows + (Size) row * padded,
				   vdb_row_at(quantized, row, padded), lists + row,
				   Min(count - row, VDB_GEMM_ROWS));
}
