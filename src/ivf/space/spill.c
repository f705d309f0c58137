/*
 * spill.c: see spill.h.
 */
#include "compat.h"

#include "ivf/space/spill.h"
#include "math/spill.h"

/*
 * Those of a row's nearest lists, its own first, that can be its second one:
 * whose distance alone does not make the loss too large.  They go to the front;
 * returns how many.
 */
static uint32
keep_possible(const IvfState *state, float own, IvfProbe *probes, uint32 count)
{
	uint32 kept = 0;

	for (uint32 i = 1; i < count; i++)
		if (vdb_spill_ratio_least(own, probes[i].near.gap2) <=
			state->meta.spill.limit)
			probes[kept++] = probes[i];
	return kept;
}

/*
 * The centroid of a row's own list is a query of its own: what the root says of
 * its distance to the other ones is all that the loss asks for.
 */
static bool
choose_second(Relation index, const IvfState *state, IvfProbe *nearest,
			  uint32 count, IvfQuery *query, IvfProbe *second)
{
	float own = nearest[0].near.gap2;
	uint32 slot = nearest[0].slot;
	float least = INFINITY;
	IvfProbe beside[VDB_SPILL_LISTS];
	float *centroid;

	count = keep_possible(state, own, nearest, count);
	if (count == 0)
		return false;
	centroid = palloc(state->meta.padded * sizeof(float));
	ivf_tree_centroid(index, state, slot, centroid);
	ivf_query_set(query, centroid);
	memcpy(beside, nearest, count * sizeof(IvfProbe));
	ivf_tree_measure(index, query, beside, count);
	for (uint32 i = 0; i < count; i++)
	{
		float ratio = vdb_spill_ratio_apart(own, nearest[i].near.gap2,
											beside[i].near.gap2);

		if (ratio < least)
		{
			least = ratio;
			*second = nearest[i];
		}
	}
	pfree(centroid);
	return least <= state->meta.spill.limit;
}

bool
ivf_spill_place(Relation index, const IvfState *state, const float *y,
				IvfProbe *probe, IvfProbe *second)
{
	uint32 most = ivf_spills(&state->meta) ? VDB_SPILL_LISTS : 1;
	IvfProbe nearest[VDB_SPILL_LISTS];
	IvfQuery query;
	uint32 count;

	/* One list needs no search, as a bulk insert into a new index notices. */
	if (ivf_tree_centroids(&state->meta) == 0)
	{
		*probe = (IvfProbe){.head = state->meta.root};
		return false;
	}
	ivf_query_init(&query, state);
	ivf_query_set(&query, y);
	count = ivf_tree_nearest(index, &query, most, nearest);
	*probe = nearest[0];
	return choose_second(index, state, nearest, count, &query, second);
}
