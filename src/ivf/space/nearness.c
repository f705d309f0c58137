/*
 * nearness.c: see nearness.h.
 */
#include "compat.h"

#include <math.h>

#include "ivf/space/nearness.h"
#include "port/pg_bitutils.h"

/* So many lists stand for all that are left out, some of which are near. */
#define LEFT_SAMPLE 64

/* Lists that there is room to sort at first. */
#define FIRST_ROOM 256

/*
 * Of more lists than MANY_LISTS, some NEAR_LISTS are within the limit, by the
 * distances of so many: a search probes some dozens to some hundreds.
 */
#define MANY_LISTS 2048
#define NEAR_LISTS 1024
#define LIMIT_SAMPLE 512

/* An array, which may be NULL, of another size. */
static void *
resize(void *array, Size size)
{
	return array ? repalloc_huge(array, size)
				 : palloc_extended(size, MCXT_ALLOC_HUGE);
}

/* More room for elements of an array. */
static void *
grow(void *array, uint32 *room, uint32 wanted, Size size)
{
	if (wanted <= *room)
		return array;
	*room = Max(wanted, 2 * *room);
	return resize(array, *room * size);
}

/*
 * For so many groups.  As little as can be: what a scan gives back to the
 * system at its end, the next one takes page by page.
 */
static void
make_room(IvfProbes *probes, const VdbSpace *space, uint32 groups)
{
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
ivf_probes_reset(IvfProbes *probes, const IvfQuery *query, uint32 lists)
{
	probes->groups = probes->count = probes->all = probes->left_count = 0;
	probes->left_step = Max(lists / LEFT_SAMPLE, 1);
	probes->rate = 0;
	probes->even = 1;
	probes->within = probes->sorted = 0;
	probes->limit = INFINITY;
	probes->left_key = PG_UINT64_MAX;
	memset(probes->asked, 0, sizeof(probes->asked));
	for (int depth = 0; depth < IVF_DEPTHS; depth++)
		probes->sums[depth] = (IvfShareSums){.left_out = -1, .others = -1};
	/* A damaged metapage may say anything. */
	make_room(probes, query->z.space,
			  Min(lists, IVF_MAX_LISTS) / VDB_GROUP + 1);
	probes->lists =
		grow(probes->lists, &probes->lists_room, FIRST_ROOM, sizeof(IvfProbe));
	probes->left =
		grow(probes->left, &probes->left_room, LEFT_SAMPLE, sizeof(IvfProbe));
}

/* The list in a slot is left out: of all slots, every so many stays. */
static void
leave_out(IvfProbes *probes, uint32 slot)
{
	uint64 key = vdb_least_key(probes->distance[slot], slot);

	probes->left_key = Min(probes->left_key, key);
	if (slot % probes->left_step != 0)
		return;
	probes->left = grow(probes->left, &probes->left_room,
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
	uint32 lists = 0;

	if (group->slots == VDB_GROUP && !has_free(group->slot))
		return (UINT32_C(1) << VDB_GROUP) - 1;
	for (uint32 lane = 0; lane < group->slots; lane++)
		lists |= (uint32) ItemPointerIsValid(&group->slot[lane].tid) << lane;
	return lists;
}

void
ivf_probes_add(IvfProbes *probes, const IvfQuery *query, const IvfGroup *group,
			   uint32 passing)
{
	const IvfInnerFactors *factors = group->factors;
	uint32 first = group->number * VDB_GROUP;
	uint32 lists = lists_of(group);
	IvfSeen *seen;

	Assert(group->number == probes->groups);
	make_room(probes, query->z.space, group->number + 1);
	seen = &probes->seen[group->number];
	vdb_space_near_group(&query->z, factors->gain, factors->norm2,
						 factors->mean_dot, group->dot[0], group->dot[1],
						 &probes->gap2[first], &probes->distance[first]);
	memcpy(seen->norm2, factors->norm2, sizeof(seen->norm2));
	memcpy(seen->slot, group->slot, sizeof(seen->slot));
	probes->passing[probes->groups++] = lists & passing;
	count_lists(probes, first, lists, passing);
}

void
ivf_probes_add_only(IvfProbes *probes, const IvfQuery *query)
{
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

/* Lists within the limit, or all others, go into the order, by their slots. */
static void
order_lists(IvfProbes *probes, bool within)
{
	for (uint32 group = 0; group < probes->groups; group++)
	{
		uint32 first = group * VDB_GROUP;
		uint32 near = vdb_least_lanes(probes->distance + first, probes->limit);
		uint32 lists = probes->passing[group] & (within ? near : ~near);

		probes->order = grow(probes->order, &probes->order_room,
							 probes->within + VDB_GROUP, sizeof(uint64));
		for (; lists; lists &= lists - 1)
		{
			uint32 slot = first + pg_rightmost_one_pos32(lists);

			probes->order[probes->within++] =
				vdb_least_key(probes->distance[slot], slot);
		}
	}
}

/* That so many of the lists, a few more or less, are within. */
static float
find_limit(const IvfProbes *probes, uint32 wanted)
{
	float sample[LIMIT_SAMPLE];
	uint32 n = 0;

	for (uint32 i = 0; i < LIMIT_SAMPLE; i++)
	{
		uint32 slot = (uint64) i * probes->groups * VDB_GROUP / LIMIT_SAMPLE;

		if (ivf_probe_passes(probes, slot))
			sample[n++] = probes->distance[slot];
	}
	if (n == 0)
		return INFINITY;
	return vdb_least_limit(sample, n, (uint64) n * wanted / probes->count + 1);
}

static void
find_nearest(IvfProbes *probes)
{
	uint64 key = probes->left_key;

	for (uint32 i = 0; i < probes->within; i++)
		key = Min(key, probes->order[i]);
	probes->nearest = ivf_probe_of(probes, (uint32) key);
	if (key == probes->left_key)
		probes->nearest.passed = IVF_PASSED_NONE;
}

void
ivf_probes_added(IvfProbes *probes)
{
	if (probes->count > MANY_LISTS)
		probes->limit = find_limit(probes, NEAR_LISTS);
	order_lists(probes, true);
	if (probes->within == 0)
		ivf_probes_complete(probes);
	if (probes->all > 0)
		find_nearest(probes);
}

void
ivf_probes_complete(IvfProbes *probes)
{
	if (probes->within < probes->count)
		order_lists(probes, false);
	probes->limit = INFINITY;
}

void
ivf_probes_sort(IvfProbes *probes, uint32 n)
{
	uint32 sorted = probes->sorted;

	Assert(n <= probes->count);
	if (n <= sorted)
		return;
	if (n > probes->within)
		ivf_probes_complete(probes);
	vdb_sort_least(probes->order + sorted, probes->within - sorted, n - sorted);
	probes->lists =
		grow(probes->lists, &probes->lists_room, n, sizeof(IvfProbe));
	for (uint32 rank = sorted; rank < n; rank++)
		probes->lists[rank] = ivf_probe_at(probes, rank);
	probes->sorted = n;
}
