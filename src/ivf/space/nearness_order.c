/*
 * nearness_order.c: which lists are looked at one by one, and in what order;
 * see nearness.h.
 */
#include "compat.h"

#include <math.h>

#include "ivf/space/nearness_order.h"
#include "ivf/space/tree.h"
#include "math/coarse.h"
#include "port/pg_bitutils.h"

/*
 * Of more lists than MANY_LISTS, some NEAR_LISTS are within the limit, by the
 * distances of so many: a search probes some dozens to some hundreds.
 */
#define MANY_LISTS 2048
#define NEAR_LISTS 1024
#define LIMIT_SAMPLE 512

/*
 * Lists count as within the limit where so many standard errors of their coarse
 * codes would still bring them into a group that is read: of 20,000 lists and
 * the 1,500 nearest by these codes, 740 are, less 0.15 %, and it is half of the
 * groups.  Where fewer than one in so many is within, or more are wanted, some
 * times as many by the codes are looked for; or all, if that is a large part.
 * So it is at once where the nearest one is no nearer than that part of the
 * limit; such queries want twice as many as the mean.  Those that are so very
 * flat want five times as many, and no unseen lists.
 */
#define COARSE_ERRORS 1.5f
#define FLAT 0.6f
#define VERY_FLAT 0.75f
#define ONE_WITHIN 8
#define MORE_NEAR 3
#define MOST_NEAR (1.0 / 6)

/* Lists of a group go into the order, by their slots. */
static inline void
order_group(IvfProbes *probes, uint32 group, uint32 lists)
{
	probes->order = ivf_probes_grow(probes->order, &probes->order_room,
									probes->within + VDB_GROUP, sizeof(uint64));
	for (; lists; lists &= lists - 1)
	{
		uint32 slot = group * VDB_GROUP + pg_rightmost_one_pos32(lists);

		probes->order[probes->within++] =
			vdb_least_key(probes->distance[slot], slot);
	}
}

/* The lanes of a group that a limit has within it. */
static inline uint32
lanes_within(const IvfProbes *probes, uint32 group, float limit)
{
	if (limit == INFINITY)
		return UINT32_MAX;
	return vdb_least_lanes(probes->distance + group * VDB_GROUP, limit);
}

/* Of lists that were seen, those beyond the limit of now up to another one. */
static void
order_lists(IvfProbes *probes, float limit)
{
	for (uint32 group = 0; group < probes->groups; group++)
		if (probes->passing[group] != 0)
			order_group(probes, group,
						probes->passing[group] &
							lanes_within(probes, group, limit) &
							~lanes_within(probes, group, probes->limit));
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

		if (ivf_probe_passes(probes, slot) || ivf_probe_unseen(probes, slot))
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

static void
add_unseen(void *arg, const IvfGroup *group)
{
	ivf_probes_add(arg, group, group->lanes);
}

/*
 * See the groups that have an unseen list which may be within a limit by its
 * coarse code, and what of them is within one by the distance.
 */
static void
see_groups(IvfProbes *probes, float coarse_limit, float limit)
{
	Bitmapset *groups = NULL;
	int group = -1;

	for (uint32 i = 0; i < probes->groups; i++)
		if (probes->passing[i] == 0 && lanes_within(probes, i, coarse_limit))
			groups = bms_add_member(groups, i);
	if (groups)
		ivf_tree_visit_root(probes->index, probes->query,
							&(IvfRootReading){2, groups}, add_unseen, probes);
	while ((group = bms_next_member(groups, group)) >= 0)
		order_group(probes, group,
					probes->passing[group] &
						lanes_within(probes, group, limit));
	bms_free(groups);
}

/* The unseen lists, too. */
static void
see_all(IvfProbes *probes)
{
	see_groups(probes, INFINITY, INFINITY);
	ivf_coarse_in_vain(probes->index, probes->query->state);
	probes->unseen = false;
	if (probes->within != probes->count)
		ivf_page_corrupted(probes->index, probes->query->state->meta.root,
						   "root has lost lists");
}

void
ivf_probes_complete(IvfProbes *probes)
{
	if (probes->within < probes->count)
		order_lists(probes, INFINITY);
	if (probes->unseen)
		see_all(probes);
	probes->limit = INFINITY;
}

/*
 * A greater limit, if not all lists are within: of unseen ones the few that it
 * should have had before come late.
 */
static void
look_further(IvfProbes *probes)
{
	const VdbSpaceQuery *z = &probes->query->z;
	float coarse_limit;
	float limit;

	if (!probes->unseen || probes->near > probes->count * MOST_NEAR)
	{
		ivf_probes_complete(probes);
		return;
	}
	coarse_limit = find_limit(probes, probes->near);
	limit =
		coarse_limit - COARSE_ERRORS * vdb_coarse_error(z, probes->coarse_gain);
	if (limit < probes->limit)
		limit = probes->limit;
	order_lists(probes, limit);
	see_groups(probes, coarse_limit, limit);
	probes->limit = limit;
	probes->near *= MORE_NEAR;
}

/* Lane by lane, so that a compiler makes vectors of it. */
static float
least_distance(const IvfProbes *probes)
{
	float lanes[VDB_GROUP];
	float least = INFINITY;

	for (int v = 0; v < VDB_GROUP; v++)
		lanes[v] = INFINITY;
	for (uint32 group = 0; group < probes->groups; group++)
		for (int v = 0; v < VDB_GROUP; v++)
		{
			float distance = probes->distance[group * VDB_GROUP + v];

			lanes[v] = distance < lanes[v] ? distance : lanes[v];
		}
	for (int v = 0; v < VDB_GROUP; v++)
		least = Min(least, lanes[v]);
	return least;
}

bool
ivf_probes_foresee(IvfProbes *probes, const IvfCoarse *coarse, uint32 near)
{
	const VdbSpaceQuery *z = &probes->query->z;
	float limit;
	float least;

	probes->unseen = true;
	probes->coarse_gain = coarse->gain;
	probes->near = near;
	probes->count = probes->all = probes->query->state->meta.lists;
	probes->groups = coarse->ngroups;
	ivf_probes_make_room(probes, coarse->ngroups);
	memset(probes->passing, 0, coarse->ngroups * sizeof(uint16));
	vdb_coarse_distances(z, coarse->groups, coarse->ngroups, probes->distance);
	limit = find_limit(probes, near);
	least = least_distance(probes);
	if (least > VERY_FLAT * limit)
	{
		ivf_probes_reset(probes, probes->index, probes->query);
		return false;
	}
	if (least > FLAT * limit)
		probes->near *= MORE_NEAR;
	do
		look_further(probes);
	while (probes->unseen && probes->within < near / ONE_WITHIN);
	find_nearest(probes);
	return true;
}

void
ivf_probes_added(IvfProbes *probes)
{
	float limit =
		probes->count > MANY_LISTS ? find_limit(probes, NEAR_LISTS) : INFINITY;

	order_lists(probes, limit);
	probes->limit = limit;
	if (probes->within == 0)
		ivf_probes_complete(probes);
	if (probes->all > 0)
		find_nearest(probes);
}

void
ivf_probes_sort(IvfProbes *probes, uint32 n)
{
	uint32 sorted = probes->sorted;

	Assert(n <= probes->count);
	if (n <= sorted)
		return;
	while (n > probes->within)
		look_further(probes);
	vdb_sort_least(probes->order + sorted, probes->within - sorted, n - sorted);
	probes->lists = ivf_probes_grow(probes->lists, &probes->lists_room, n,
									sizeof(IvfProbe));
	for (uint32 rank = sorted; rank < n; rank++)
		probes->lists[rank] = ivf_probe_at(probes, rank);
	probes->sorted = n;
}
