/*
 * match.c: see match.h.
 *
 * Rows meet the queries as further columns of the matrix product of bytes that
 * assigns them; where the product says that a row may be among a query's
 * nearest, the exact one decides.
 */
#include "compat.h"

#include <math.h>

#include "ivf/build/match.h"

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
	const IvfIndex *ivf = build->ivf;
	Size floats = (Size) build->queries * ivf->meta.padded;
	const float *mean = ivf_mean(ivf);
	float weight = vdb_space_column(ivf->space);

	for (Size i = 0; i < floats; i++)
		columns[i] = build->query_rows[i] + weight * mean[i % ivf->meta.padded];
}

/* A query wants what is below its worst neighbour so far. */
static void
set_wanted(IvfMatcher *matcher, uint32 query)
{
	matcher->codes.half[query] =
		-matcher->neighbours[query].key[IVF_NEIGHBOURS - 1];
}

/*
 * The errors of rounding are even within half a step: the product of a row's
 * error with a column has a standard deviation of step / sqrt(12) * |column|.
 */
void
ivf_matcher_init(IvfMatcher *matcher, const IvfBuild *build,
				 IvfNeighbours *neighbours)
{
	uint32 padded = build->ivf->meta.padded;
	uint32 count = build->queries;

	matcher->ivf = build->ivf;
	matcher->neighbours = neighbours;
	matcher->columns = build->query_columns;
	matcher->row_error = matcher->column_error = 0;
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

/* What a row is to one group of queries that may want it. */
static void
match_group(IvfMatcher *matcher, uint32 first, const float *y, float half,
			uint32 list, const float *keys, float limit)
{
	uint32 padded = matcher->ivf->meta.padded;

	for (uint32 v = 0; v < VDB_GROUP; v++)
	{
		IvfNeighbours *neighbours = &matcher->neighbours[first + v];
		float key;

		if (!(keys[v] < limit))
			continue;
		key = half -
			  vdb_kernel()->dot_f32(
				  y, matcher->columns + (Size) (first + v) * padded, padded);
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
	uint32 padded = matcher->ivf->meta.padded;
	float keys[VDB_GEMM_ROWS * VDB_GROUP];
	float half[VDB_GEMM_ROWS];
	VdbTile tile = {.count = count};

	for (uint32 i = 0; i < count; i++)
	{
		const float *y = rows + (Size) i * padded;
		const VdbRow *row = vdb_row_at(quantized, i, padded);
		float norm2 = vdb_kernel()->dot_f32(y, y, padded);

		half[i] = vdb_space_half(matcher->ivf->space, norm2);
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
	uint32 padded = matcher->ivf->meta.padded;

	for (uint32 row = 0; row < count; row += VDB_GEMM_ROWS)
		match_tile(matcher, rows + (Size) row * padded,
				   vdb_row_at(quantized, row, padded), lists + row,
				   Min(count - row, VDB_GEMM_ROWS));
}
