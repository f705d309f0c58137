/*
 * nearness.c: see nearness.h.
 */
#include "compat.h"

#include <math.h>

#include "ivf/space/nearness_order.h"
#include "port/pg_bitutils.h"

/* So many lists stand for all that are left out, some of which are near. */
#define LEFT_SAMPLE 64

/* Lists that there is room to sort at first. */
#define FIRST_ROOM 256

/* An array, which may be NULL, of another size. */
static void *
resize(void *array, Size size)
{
	return array ? repalloc_huge(array, size)
				 : palloc_extended(size, MCXT_ALLOC_HUGE);
}

void *
ivf_probes_grow(void *array, uint32 *room, uint32 wanted, Size size)
{
	if (wanted <= *room)
		return array;
	*room = Max(wanted, 2 * *room);
	return resize(array, *room * size);
}

/*
 * As little as can be: what a scan gives back to the system at its end, the
 * next one takes page by page.
 */
void
ivf_probes_make_room(IvfProbes *probes, uint32 groups)
{
	const VdbSpace *space = probes->query->z.space;
	bool gaps = vdb_space_mean(space) != 0 || space->norm != 1;
	Size room = Max(groups, 2 * probes->room);

	if (groups <= probes->room)
		return;
	probes->seen = resize(probes->seen, room * sizeof(IvfSeen));
	probes->passing = resize(probes->passing, room * sizeof(uint16));
	probes->distance =
		resize(probes->distance, room * VDB_GROUP * sizeof(float));
	probes->gap2 = gaps ? resize(probes->gap2, room * VDB_GROUP * sizeof(float))
						: probes->distance;
	probes->room = room;
}

void
ivf_probes_reset(IvfProbes *probes, Relation index, const IvfQuery *query)
{
	uint32 lists = query->state->meta.lists;

	probes->index = index;
	probes->query = query;
	probes->unseen = false;
	probes->groups = probes->count = probes->all = probes->left_count = 0;
	probes->left_step = Max(lists / LEFT_SAMPLE, 1);
	probes->rate = 0;
	probes->even = 1;
	probes->within = probes->sorted = 0;
	probes->limit = NAN;
	probes->left_key = PG_UINT64_MAX;
	memset(probes->asked, 0, sizeof(probes->asked));
	for (int depth = 0; depth < IVF_DEPTHS; depth++)
		probes->sums[depth] = (IvfShareSums){.left_out = -1, .others = -1};
	/* A damaged metapage may say anything. */
	ivf_probes_make_room(probes, Min(lists, IVF_MAX_LISTS) / VDB_GROUP + 1);
	probes->lists = ivf_probes_grow(probes->lists, &probes->lists_room,
									FIRST_ROOM, sizeof(IvfProbe));
	probes->left = ivf_probes_grow(probes->left, &probes->left_room,
								   LEFT_SAMPLE, sizeof(IvfProbe));
}

/* The list in a slot is left out: of all slots, every so many stays. */
static void
leave_out(IvfProbes *probes, uint32 slot)
{
	uint64 key = vdb_least_key(probes->distance[slot], slot);

	probes->left_key = Min(probes->left_key, key);
	if (slot % probes->left_step != 0)
		return;
	probes->left = ivf_probes_grow(probes->left, &probes->left_room,
								   probes->left_count + 1, sizeof(IvfProbe));
	probes->left[probes->left_count] = ivf_probe_of(probes, slot);
	probes->left[probes->left_count++].passed = IVF_PASSED_NONE;
}

/* Count the lists of a group, of which some do not pass. */
static void
count_lists(IvfProbes *probes, uint32 first, uint32 lists, uint32 passing)
{
	probes->all += pg_popcount32(lists);
	probes->count += pg_popcount32(lists & passing);
	for (lists &= ~passing; lists; lists &= lists - 1)
		leave_out(probes, first + pg_rightmost_one_pos32(lists));
}

/*
 * Has one of a group's slots no list?  Some words at a time: slot by slot took
 * a twentieth of a search over 20,000 lists.
 */
static inline bool
has_free(const IvfSlot *slot)
{
	const IvfSlot ends = {.tid.ip_posid = 0xFFFF};
	uint64 mask;
	bool some = false;

	StaticAssertStmt(sizeof(IvfSlot) == sizeof(uint64), "a slot is a word");
	memcpy(&mask, &ends, sizeof(mask));
	for (int lane = 0; lane < VDB_GROUP; lane++)
	{
		uint64 word;

		memcpy(&word, &slot[lane], sizeof(word));
		some |= (word & mask) == 0;
	}
	return some;
}

/* The lists of a group: slots of the root that are not free. */
static inline uint32
lists_of(const IvfGroup *group)
{
	if (group->slots == VDB_GROUP && !has_free(group->slot))
		return (UINT32_C(1) << VDB_GROUP) - 1;
	return ivf_taken_slots(group->slot, group->slots);
}

void
ivf_probes_add(IvfProbes *probes, const IvfGroup *group, uint32 passing)
{
	const VdbSpaceQuery *z = &probes->query->z;
	const IvfInnerFactors *factors = group->factors;
	uint32 first = group->number * VDB_GROUP;
	uint32 lists = lists_of(group);
	IvfSeen *seen;

	ivf_probes_make_room(probes, group->number + 1);
	seen = &probes->seen[group->number];
	vdb_space_near_group(z, factors->gain, factors->norm2, factors->mean_dot,
						 group->dot[0], group->dot[1], &probes->gap2[first],
						 &probes->distance[first]);
	memcpy(seen->norm2, factors->norm2, sizeof(seen->norm2));
	memcpy(seen->slot, group->slot, sizeof(seen->slot));
	probes->passing[group->number] = lists & passing;
	if (probes->unseen)
		return;
	Assert(group->number == probes->groups);
	probes->groups++;
	count_lists(probes, first, lists, passing);
}

void
ivf_probes_add_only(IvfProbes *probes)
{
	const IvfQuery *query = probes->query;
	IvfSeen *seen = probes->seen;
	VdbNear near;

	vdb_space_near(&query->z, 0, 0, 0, &near);
	probes->distance[0] = near.distance;
	probes->gap2[0] = near.gap2;
	seen->norm2[0] = near.norm2;
	ItemPointerSet(&seen->slot[0].tid, query->state->meta.root, 1);
	seen->slot[0].detail = 0;
	probes->passing[0] = 1;
	probes->groups = probes->count = probes->all = 1;
}
