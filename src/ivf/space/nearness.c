/*
 * nearness.c: see nearness.h.
 */
#include "compat.h"

#include "ivf/space/nearness.h"

/* So many lists stand for all that are left out, some of which are near. */
#define LEFT_SAMPLE 64

/* Lists that there is room to sort at first. */
#define FIRST_ROOM 256

/* More room for elements of an array, which may be NULL. */
static void *
grow(void *array, uint32 *room, uint32 wanted, Size size)
{
	if (wanted <= *room)
		return array;
	*room = Max(wanted, 2 * *room);
	return array ? repalloc_huge(array, *room * size)
				 : palloc_extended(*room * size, MCXT_ALLOC_HUGE);
}

static void
make_room(IvfProbes *probes, uint32 groups)
{
	uint32 room = probes->seen_room;

	probes->order =
		grow(probes->order, &room, groups, VDB_GROUP * sizeof(uint64));
	probes->seen =
		grow(probes->seen, &probes->seen_room, groups, sizeof(IvfSeen));
}

void
ivf_probes_reset(IvfProbes *probes, uint32 lists)
{
	probes->count = probes->all = probes->left_count = 0;
	probes->left_step = Max(lists / LEFT_SAMPLE, 1);
	probes->rate = 0;
	probes->even = 1;
	probes->sorted = 0;
	memset(probes->asked, 0, sizeof(probes->asked));
	for (int depth = 0; depth < IVF_DEPTHS; depth++)
		probes->sums[depth] = (IvfShareSums){.left_out = -1, .others = -1};
	/* A damaged metapage may say anything. */
	make_room(probes, Min(lists, IVF_MAX_LISTS) / VDB_GROUP + 1);
	probes->lists =
		grow(probes->lists, &probes->lists_room, FIRST_ROOM, sizeof(IvfProbe));
	probes->left =
		grow(probes->left, &probes->left_room, LEFT_SAMPLE, sizeof(IvfProbe));
}

/* The list whose key stands behind those of all others, as yet of no order. */
static void
leave_out(IvfProbes *probes)
{
	if (probes->all % probes->left_step != 0)
		return;
	probes->left = grow(probes->left, &probes->left_room,
						probes->left_count + 1, sizeof(IvfProbe));
	probes->left[probes->left_count] = ivf_probe_at(probes, probes->count);
	probes->left[probes->left_count++].passed = IVF_PASSED_NONE;
}

/* A list that was seen. */
static inline void
add_list(IvfProbes *probes, uint32 slot, float distance, bool passes)
{
	probes->order[probes->count] = vdb_least_key(distance, slot);
	if (probes->all == 0 || distance < probes->nearest.near.distance)
	{
		probes->nearest = ivf_probe_at(probes, probes->count);
		if (!passes)
			probes->nearest.passed = IVF_PASSED_NONE;
	}
	if (passes)
		probes->count++;
	else
		leave_out(probes);
	probes->all++;
}

BlockNumber
ivf_probes_add(IvfProbes *probes, const IvfQuery *query, const IvfGroup *group,
			   uint32 passing)
{
	const IvfInnerFactors *factors = group->factors;
	float distance[VDB_GROUP];
	BlockNumber most = 0;
	IvfSeen *seen;

	make_room(probes, group->number + 1);
	seen = &probes->seen[group->number];
	vdb_space_near_group(&query->z, factors->gain, factors->norm2,
						 factors->mean_dot, group->dot[0], group->dot[1],
						 seen->gap2, distance);
	memcpy(seen->norm2, factors->norm2, sizeof(seen->norm2));
	memcpy(seen->slot, group->slot, sizeof(seen->slot));
	for (uint32 lane = 0; lane < group->slots; lane++)
	{
		ItemPointer tid = &seen->slot[lane].tid;

		if (!ItemPointerIsValid(tid))
			continue;
		most = Max(most, ItemPointerGetBlockNumberNoCheck(tid));
		add_list(probes, group->number * VDB_GROUP + lane, distance[lane],
				 passing >> lane & 1);
	}
	return most;
}

void
ivf_probes_add_only(IvfProbes *probes, const IvfQuery *query)
{
	IvfSeen *seen = probes->seen;
	VdbNear near;

	vdb_space_near(&query->z, 0, 0, 0, &near);
	seen->gap2[0] = near.gap2;
	seen->norm2[0] = near.norm2;
	ItemPointerSet(&seen->slot[0].tid, query->state->meta.root, 1);
	seen->slot[0].detail = 0;
	add_list(probes, 0, near.distance, true);
}

void
ivf_probes_sort(IvfProbes *probes, uint32 n)
{
	uint32 sorted = probes->sorted;

	Assert(n <= probes->count);
	if (n <= sorted)
		return;
	vdb_sort_least(probes->order + sorted, probes->count - sorted, n - sorted);
	probes->lists =
		grow(probes->lists, &probes->lists_room, n, sizeof(IvfProbe));
	for (uint32 rank = sorted; rank < n; rank++)
		probes->lists[rank] = ivf_probe_at(probes, rank);
	probes->sorted = n;
}
