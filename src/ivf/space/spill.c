/*
 * spill.c: see spill.h.
 */
#include "compat.h"

#include "ivf/space/spill.h"
#include "math/spill.h"

typedef struct Centroids
{
	Relation index;
	const IvfState *state;
} Centroids;

static const float *
centroid_of(void *arg, uint32 list, float *memory)
{
	const Centroids *centroids = arg;

	ivf_tree_centroid(centroids->index, centroids->state, list, memory);
	return memory;
}

/* The lists whose centroids are nearest, in order: a row belongs to these. */
typedef struct Nearest
{
	const IvfProbe *probe[VDB_SPILL_LISTS];
	uint32 count;
} Nearest;

static void
add_nearest(Nearest *nearest, const IvfProbe *probe)
{
	uint32 place = Min(nearest->count, VDB_SPILL_LISTS - 1);

	if (nearest->count == VDB_SPILL_LISTS &&
		!(probe->near.gap < nearest->probe[place]->near.gap))
		return;
	for (; place > 0 && nearest->probe[place - 1]->near.gap > probe->near.gap;
		 place--)
		nearest->probe[place] = nearest->probe[place - 1];
	nearest->probe[place] = probe;
	nearest->count = Min(nearest->count + 1, VDB_SPILL_LISTS);
}

static bool
choose_second(Relation index, const IvfState *state, const float *y,
			  const Nearest *nearest, IvfProbe *second)
{
	uint32 padded = state->meta.padded;
	float *memory = palloc(2 * padded * sizeof(float));
	Centroids centroids = {index, state};
	uint32 slots[VDB_SPILL_LISTS];
	VdbSecond found;

	for (uint32 i = 0; i < nearest->count; i++)
		slots[i] = nearest->probe[i]->slot;
	found = vdb_spill_second(y, padded, slots, nearest->count, centroid_of,
							 &centroids, memory);
	pfree(memory);
	if (!(found.ratio <= state->meta.spill.limit))
		return false;
	for (uint32 i = 0; i < nearest->count; i++)
		if (slots[i] == found.list)
			*second = *nearest->probe[i];
	return true;
}

bool
ivf_spill_place(Relation index, const IvfState *state, const float *y,
				IvfProbe *probe, IvfProbe *second)
{
	Nearest nearest = {.count = 0};
	IvfProbes probes = {0};
	IvfQuery query;

	ivf_query_init(&query, state);
	ivf_query_set(&query, y);
	if (!ivf_spills(&state->meta))
	{
		*probe = ivf_tree_nearest(index, &query);
		return false;
	}
	ivf_tree_probes(index, &query, NULL, &probes);
	if (probes.count == 0)
		ivf_page_corrupted(index, state->meta.root, "root has no lists");
	for (uint32 i = 0; i < probes.count; i++)
		add_nearest(&nearest, &probes.lists[i]);
	*probe = *nearest.probe[0];
	return choose_second(index, state, y, &nearest, second);
}
