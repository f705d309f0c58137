/*
 * memory_index.c: searches the index in memory; src/math/space.h has the
 * formulas, memory_parts.h what lies where.
 */
#include "memory_index.h"

#include <stdlib.h>
#include <string.h>

#include "kernel/kernel.h"
#include "math/least.h"
#include "memory_parts.h"

size_t
memory_index_size(const MemoryIndex *index)
{
	return index->first[index->lists] * memory_index_group_bytes(index) +
		   index->lists * (index->dim + 3 * sizeof(float));
}

/* The distances of all lists, of which so many are sorted. */
static void
rank_lists(MemoryIndex *index, uint32_t probes)
{
	const VdbSpaceQuery *query = &index->query;
	const VdbCentroids *root = &index->root;
	size_t lines = vdb_nearest_lines(index->dim);
	for (uint32_t i = 0; i < index->lists; i += VDB_GROUP)
	{
		const uint8_t *codes = vdb_centroids_group(root, i / VDB_GROUP);
		const int8_t *const halves[2] = {query->code.hi, query->code.lo};
		int32_t dot[2][VDB_GROUP] = {{0}};

		vdb_kernel()->code_dot8_fine(codes, halves, lines,
									 codes + lines * VDB_LINE, dot);
		for (uint32_t j = 0; j < VDB_GROUP && i + j < index->lists; j++)
		{
			VdbNear *near = &index->near[i + j];
			float inner = vdb_space_list_dot(query, root->gain[i + j],
											 dot[0][j], dot[1][j]);

			vdb_space_near(query, 2 * root->half[i + j], index->mean_dot[i + j],
						   inner, near);
			index->order[i + j] = vdb_least_key(near->distance, i + j);
		}
	}
	vdb_sort_least(index->order, index->lists, probes);
}

/* Queue the rows of a group that the mask has. */
static void
queue_rows(MemoryIndex *index, const uint8_t *group, uint32_t mask,
		   const float *bounds)
{
	for (; mask; mask &= mask - 1)
	{
		int lane = __builtin_ctz(mask);
		uint32_t id;

		memcpy(&id, group + VDB_LINE + 4 * lane, 4);
		vdb_queue_add(&index->queue, bounds[lane], id, 0, false);
	}
}

/* Queue the rows whose bounds are low enough. */
static void
scan_list(MemoryIndex *index, uint32_t list)
{
	const VdbSpaceQuery *query = &index->query;
	uint32_t rows = index->rows[list];
	uint32_t groups = (rows + VDB_GROUP - 1) / VDB_GROUP;
	VdbGroups form = vdb_groups(memory_index_group_bytes(index) / VDB_LINE, 2);
	VdbBound bound;

	vdb_space_bound(query, &index->near[list], index->epsilon, &bound);
	for (uint32_t i = 0; i < groups; i++)
	{
		const uint8_t *group = memory_index_group(index, list, i * VDB_GROUP);
		float bounds[VDB_GROUP];
		uint32_t mask = 0;
		uint32_t left;

		i += vdb_kernel()->code_bounds2(
			group, groups - i, &form, query->code.hi, &bound,
			vdb_queue_threshold(&index->queue), bounds, &mask);
		if (i == groups)
			break;
		left = rows - i * VDB_GROUP;
		if (left < VDB_GROUP)
			mask &= (UINT32_C(1) << left) - 1;
		queue_rows(index, memory_index_group(index, list, i * VDB_GROUP), mask,
				   bounds);
	}
}

static void
scan_lists(MemoryIndex *index, uint32_t probes, MemoryStats *stats)
{
	for (uint32_t i = 0; i < probes; i++)
	{
		uint32_t list = (uint32_t) index->order[i];

		scan_list(index, list);
		stats->codes += index->rows[list];
	}
}

/*
 * Pass over the same codes again with a queue of four times the length: of this
 * search alone, since the next one begins with a short one, in the room that
 * there is by then.
 */
static void
resume(MemoryIndex *index, uint32_t probes, MemoryStats *stats)
{
	size_t limit = 4 * index->queue.limit;

	if (limit > index->room)
	{
		index->room = limit;
		index->items = realloc(index->items, limit * sizeof(VdbCandidate));
		if (index->items == NULL)
			die("out of memory");
	}
	vdb_queue_resume(&index->queue, index->items, limit);
	scan_lists(index, probes, stats);
}

/* The exact distance of a row, in the unit of the bounds. */
static double
refine(const MemoryIndex *index, const float *query, uint32_t row)
{
	return vdb_space_exact(index->query.space, vecs_row(index->base, row),
						   query, index->base->dim) /
		   (index->scale * index->scale);
}

size_t
memory_index_search(MemoryIndex *index, const float *query, uint32_t probes,
					size_t k, int32_t *rows, MemoryStats *stats)
{
	size_t found = 0;
	VdbCandidate candidate;

	if (probes > index->lists)
		probes = index->lists;
	vdb_space_query(&index->query, memory_index_project(index, query),
					index->mean, index->mean_norm2, index->dim);
	rank_lists(index, probes);
	vdb_queue_reset(&index->queue, index->items, MEMORY_QUEUE_LIMIT);
	scan_lists(index, probes, stats);
	while (found < k)
	{
		switch (vdb_queue_take(&index->queue, &candidate))
		{
			case VDB_TAKE_REFINE:
				stats->refined++;
				vdb_queue_refined(&index->queue, &candidate,
								  refine(index, query, candidate.high));
				break;
			case VDB_TAKE_ANSWER:
				rows[found++] = candidate.high;
				break;
			case VDB_TAKE_RESUME:
				resume(index, probes, stats);
				break;
			case VDB_TAKE_END:
				return found;
		}
	}
	return found;
}
