/*
 * spill.c: see spill.h.
 */
#include "compat.h"

#include "ivf/space/spill.h"
#include "math/spill.h"

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
		!(probe->near.gap2 < nearest->probe[place]->near.gap2))
		return;
	for (; place > 0 && nearest->probe[place - 1]->near.gap2 > probe->near.gap2;
		 place--)
		nearest->probe[place] = nearest->probe[place - 1];
	nearest->probe[place] = probe;
	nearest->count = Min(nearest->count + 1, VDB_SPILL_LISTS);
}

/*
 * The centroid of a row's own list is a query of its own: what the root says of
 * its distance to the other ones is all that the loss asks for.
 */
static bool
choose_second(Relation index, const IvfState *state, const IvfProbes *probes,
			  const Nearest *nearest, IvfQuery *query, IvfProbe *second)
{
	float *centroid = palloc(state->meta.padded * sizeof(float));
	float own = nearest->probe[0]->near.gap2;
	float least = INFINITY;
	IvfProbes beside = {0};

	ivf_tree_centroid(index, state, nearest->probe[0]->slot, centroid);
	ivf_query_set(query, centroid);
	ivf_tree_probes(index, query, NULL, &beside);
	if (beside.count != probes->count)
		ivf_page_corrupted(index, state->meta.root, "root has other lists");
	for (uint32 i = 1; i < nearest->count; i++)
	{
		const IvfProbe *probe = nearest->probe[i];
		Size place = probe - probes->lists; /* the same in either order */
		float ratio = vdb_spill_ratio_apart(own, probe->near.gap2,
											beside.lists[place].near.gap2);

		if (ratio < least)
		{
			least = ratio;
			*second = *probe;
		}
	}
	pfree(centroid);
	return least <= state->meta.spill.limit;
}

bool
ivf_spill_place(Relation index, const IvfState *state, const float *y,
				IvfProbe *probe, IvfProbe *second)
{
	Nearest nearest = {.count = 0};
	IvfProbes probes = {0};
	IvfQuery query;

	/* One list needs no search, as a bulk insert into a new index notices. */
	if (ivf_tree_centroids(&state->meta) == 0)
	{
		*probe = (IvfProbe){.head = state->meta.root};
		return false;
	}
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
	return choose_second(index, state, &probes, &nearest, &query, second);
}
