/*
 * spill.c: see spill.h.
 */
#include "compat.h"

#include "ivf/space/nearest.h"
#include "ivf/space/spill.h"
#include "math/spill.h"

/*
 * So many of a row's nearest lists are looked at, its own first.  A build looks
 * at VDB_SPILL_LISTS: of package descriptions with a second list, all but 2.5 %
 * have it among the first eight that can be, and 0.5 % get none by these.
 */
#define MOST_LISTS 9

/*
 * The lists that can be a row's second one, its own first: those whose distance
 * alone does not make the loss too large come before all others.  Returns how
 * many they are with its own.
 */
static uint32
count_possible(const IvfState *state, const IvfNearest *lists, uint32 count)
{
	uint32 possible = 1;

	while (possible < count &&
		   vdb_spill_ratio_least(lists[0].gap2, lists[possible].gap2) <=
			   state->meta.spill.limit)
		possible++;
	return possible;
}

/*
 * Rounding makes a row err by nearly as much for all lists that are near each
 * other.  So what it is for one whose gap is known comes off all of them.
 */
static void
set_gap(IvfNearest *lists, uint32 count, float gap2)
{
	float error = lists[0].gap2 - gap2;

	for (uint32 i = 0; i < count; i++)
		lists[i].gap2 -= error;
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
	float least = INFINITY;
	const IvfNearest *second = NULL;
	IvfNearest beside[MOST_LISTS];

	count = count_possible(state, nearest, count);
	if (count == 1)
		return NULL;
	ivf_query_set(query, centroid);
	memcpy(beside, nearest, count * sizeof(IvfNearest));
	ivf_nearest_measure(index, query, beside, count);
	set_gap(beside, count, 0);
	for (uint32 i = 1; i < count; i++)
	{
		float ratio = vdb_spill_ratio_apart(nearest[0].gap2, nearest[i].gap2,
											beside[i].gap2);

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
		  IvfRowPlace *place)
{
	ivf_tree_require_leaf(index, list->head);
	place->head = list->head;
	place->slot = list->slot;
	place->centroid = palloc(state->meta.padded * sizeof(float));
	ivf_tree_centroid(index, state, list->slot, place->centroid);
}

uint32
ivf_spill_places(Relation index, const IvfState *state, const float *y,
				 IvfRowPlace places[2])
{
	uint32 most = ivf_spills(&state->meta) ? MOST_LISTS : 1;
	IvfNearest nearest[MOST_LISTS] = {{.head = state->meta.root}};
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
	if (count == 1)
		return 1;
	set_gap(nearest, count,
			vdb_kernel()->l2sq_f32(y, places[0].centroid, state->meta.padded));
	second =
		choose_second(index, state, places[0].centroid, nearest, count, &query);
	if (second == NULL)
		return 1;
	set_place(index, state, second, &places[1]);
	return 2;
}
