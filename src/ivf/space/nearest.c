/*
 * nearest.c: see nearest.h.
 *
 * Nearly all lists of the root are not among the few.  So a group's gaps are
 * computed lane by lane, as vectors, and only then looked at.
 */
#include "compat.h"

#include "ivf/space/nearest.h"
#include "ivf/space/tree.h"

/* |y - c|^2 of the lists in a group. */
static inline void
group_gaps(const IvfQuery *row, const IvfGroup *group, float gaps[VDB_GROUP])
{
	const VdbQuery *code = &row->z.code;
	const IvfInnerFactors *factors = group->factors;
	const int32 *dot = group->dot[0];

	for (int i = 0; i < VDB_GROUP; i++)
	{
		float inner =
			factors->gain[i] * vdb_query_inner(code, row->z.lists, dot[i]);
		float gap2 = factors->norm2[i] + code->norm2 - 2 * inner;

		gaps[i] = gap2 > 0 ? gap2 : 0;
	}
}

typedef struct Collector
{
	const IvfQuery *row;
	IvfNearest *lists; /* sorted, the nearest first */
	uint32 count;
	uint32 most;
} Collector;

/* A list from where on others are no nearer; the last one may fall out. */
static void
keep_list(Collector *collector, const IvfNearest *list)
{
	uint32 place = collector->count;

	while (place > 0 && list->gap2 < collector->lists[place - 1].gap2)
		place--;
	if (place == collector->most)
		return;
	collector->count = Min(collector->count + 1, collector->most);
	memmove(&collector->lists[place + 1], &collector->lists[place],
			(collector->count - 1 - place) * sizeof(IvfNearest));
	collector->lists[place] = *list;
}

/* Lists beyond this are not among the nearest. */
static inline float
farthest(const Collector *collector)
{
	return collector->count < collector->most
			   ? INFINITY
			   : collector->lists[collector->most - 1].gap2;
}

static void
collect_group(void *arg, const IvfGroup *group)
{
	Collector *collector = arg;
	float gaps[VDB_GROUP];
	float limit = farthest(collector);

	group_gaps(collector->row, group, gaps);
	for (uint32 i = 0; i < group->slots; i++)
	{
		const ItemPointerData *tid = &group->slot[i].tid;

		if (gaps[i] > limit || !ItemPointerIsValid(tid))
			continue;
		keep_list(collector,
				  &(IvfNearest){gaps[i], ItemPointerGetBlockNumberNoCheck(tid),
								group->number * VDB_GROUP + i});
		limit = farthest(collector);
	}
}

uint32
ivf_nearest(Relation index, const IvfQuery *row, uint32 most, IvfNearest *lists)
{
	Collector collector = {row, lists, 0, most};

	ivf_tree_visit_root(index, row, &(IvfRootReading){.bytes = 1},
						collect_group, &collector);
	if (collector.count == 0)
		ivf_page_corrupted(index, row->state->meta.root, "root has no lists");
	return collector.count;
}

/* Some lists again -------------------------------------------------------- */

/* The groups that lists are in. */
static Bitmapset *
groups_of(const IvfNearest *lists, uint32 count)
{
	Bitmapset *groups = NULL;

	for (uint32 i = 0; i < count; i++)
		groups = bms_add_member(groups, lists[i].slot / VDB_GROUP);
	return groups;
}

static void
measure_group(void *arg, const IvfGroup *group)
{
	Collector *collector = arg;
	float gaps[VDB_GROUP];

	group_gaps(collector->row, group, gaps);
	for (uint32 i = 0; i < collector->count; i++)
		if (collector->lists[i].slot / VDB_GROUP == group->number)
			collector->lists[i].gap2 =
				gaps[collector->lists[i].slot % VDB_GROUP];
}

void
ivf_nearest_measure(Relation index, const IvfQuery *row, IvfNearest *lists,
					uint32 count)
{
	Collector collector = {row, lists, count, count};
	Bitmapset *groups = groups_of(lists, count);

	ivf_tree_visit_root(index, row, &(IvfRootReading){1, groups}, measure_group,
						&collector);
	bms_free(groups);
}
