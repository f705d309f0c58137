/*
 * spill.c: see spill.h.
 */
#include "compat.h"

#include "ivf/space/nearest.h"
#include "ivf/space/spill.h"
#include "math/spill.h"

/*
 * Those of a row's nearest lists, its own first, that can be its second one:
 * whose distance alone does not make the loss too large.  They go to the front;
 * returns how many.
 */
static uint32
keep_possible(const IvfState *state, float own, IvfNearest *lists, uint32 count)
{
	uint32 kept = 0;

	for (uint32 i = 1; i < count; i++)
		if (vdb_spill_ratio_least(own, lists[i].gap2) <=
			state->meta.spill.limit)
			lists[kept++] = lists[i];
	return kept;
}

/*
 * The centroid of a row's own list is a query of its own: what the root says of
 * its distance to the other ones is all that the loss asks for.  NULL where the
 * row gets no second list.
 */
static const IvfNearest *
choose_second(Relation index, const IvfState *state, const float *centroid,
			  IvfNearest *nearest, uint32 count, IvfQuery *query)
{
	float own = nearest[0].gap2;
	float least = INFINITY;
	const IvfNearest *second = NULL;
	IvfNearest beside[VDB_SPILL_LISTS];

	count = keep_possible(state, own, nearest, count);
	if (count == 0)
		return NULL;
	ivf_query_set(query, centroid);
	memcpy(beside, nearest, count * sizeof(IvfNearest));
	ivf_nearest_measure(index, query, beside, count);
	for (uint32 i = 0; i < count; i++)
	{
		float ratio =
			vdb_spill_ratio_apart(own, nearest[i].gap2, beside[i].gap2);

		if (ratio < least)
		{
			least = ratio;
			second = &nearest[i];
		}
	}
	return least <= state->meta.spill.limit ? second : NULL;
}

static void
set_place(Relation index, const IvfState *state, const IvfNearest *list,
		  IvfPlace *place)
{
	place->head = list->head;
	place->slot = list->slot;
	place->centroid = palloc(state->meta.padded * sizeof(float));
	ivf_tree_centroid(index, state, list->slot, place->centroid);
}

uint32
ivf_spill_places(Relation index, const IvfState *state, const float *y,
				 IvfPlace places[2])
{
	uint32 most = ivf_spills(&state->meta) ? VDB_SPILL_LISTS : 1;
	IvfNearest nearest[VDB_SPILL_LISTS] = {{.head = state->meta.root}};
	const IvfNearest *second;
	IvfQuery query;
	uint32 count = 1;

	/* One list needs no search, as a bulk insert into a new index notices. */
	if (ivf_tree_centroids(&state->meta) > 0)
	{
		ivf_query_init(&query, state);
		ivf_query_set(&query, y);
		count = ivf_nearest(index, &query, most, nearest);
	}
	set_place(index, state, &nearest[0], &places[0]);
	second =
		choose_second(index, state, places[0].centroid, nearest, count, &query);
	if (second == NULL)
		return 1;
	set_place(index, state, second, &places[1]);
	return 2;
}
