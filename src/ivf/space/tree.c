/*
 * tree.c: see tree.h.
 *
 * The root's codes of 8 bits are the centroids (ivf_code_centroid), so that
 * the only error of a list's distance is the query's own quantization; with
 * both bytes of it, hi and lo, that is some 1e-5 of |z| |c|.
 */
#include "compat.h"

#include <math.h>

#include "ivf/disk/list.h"
#include "ivf/disk/list_slot.h"
#include "ivf/space/tree.h"
#include "ivf/space/vector.h"
#include "math/least.h"

/* So many lists stand for all that are left out, some of which are near. */
#define LEFT_SAMPLE 64

typedef struct ProbeCollector
{
	const IvfQuery *query;
	const IvfFilter *filter; /* or NULL */
	IvfProbes *probes;
} ProbeCollector;

static void
make_room(IvfProbes *probes, uint32 room)
{
	if (room <= probes->room)
		return;
	room = Max(room, 2 * probes->room);
	if (probes->room == 0)
	{
		probes->lists = palloc(room * sizeof(IvfProbe));
		probes->order = palloc(room * sizeof(uint64));
	}
	else
	{
		probes->lists = repalloc_huge(probes->lists, room * sizeof(IvfProbe));
		probes->order = repalloc_huge(probes->order, room * sizeof(uint64));
	}
	probes->room = room;
}

/* The list of the next entry is known. */
static inline void
add_probe(IvfProbes *probes)
{
	const IvfProbe *probe = &probes->lists[probes->held];

	if (probes->all == 0 ||
		probe->near.distance < probes->nearest.near.distance)
		probes->nearest = *probe;
	if (probe->passed != IVF_PASSED_NONE)
		probes->order[probes->count++] =
			vdb_least_key(probe->near.distance, probes->held++);
	else if (probes->all % probes->left_step == 0)
		probes->held++;
	probes->all++;
}

/* The list in a slot of a group, as the query sees it. */
static inline void
set_near(const VdbSpaceQuery *query, const IvfGroup *group, uint32 slot,
		 VdbNear *near)
{
	const IvfInnerFactors *factors = group->factors;
	float dot = vdb_space_list_dot(query, factors->gain[slot],
								   group->dot[0][slot], group->dot[1][slot]);

	vdb_space_near(query, factors->norm2[slot], factors->mean_dot[slot], dot,
				   near);
}

/* Which list it is; nothing is known of its rows. */
static inline void
set_place(const IvfGroup *group, uint32 slot, IvfProbe *probe)
{
	probe->head = ItemPointerGetBlockNumberNoCheck(&group->slot[slot].tid);
	probe->slot = group->number * VDB_GROUP + slot;
	probe->pages = group->slot[slot].detail;
	probe->passed = IVF_PASSED_UNKNOWN;
}

/* The only list, whose centroid is zero. */
static void
set_only(const IvfQuery *query, IvfProbe *probe)
{
	vdb_space_near(&query->z, 0, 0, 0, &probe->near);
	probe->head = query->state->meta.root;
	probe->slot = 0;
	probe->pages = 0;
	probe->passed = IVF_PASSED_UNKNOWN;
}

void
ivf_tree_visit_root(Relation index, const IvfQuery *query,
					const IvfRootReading *root, IvfVisit visit, void *arg)
{
	const IvfState *state = query->state;
	IvfReading reading = {
		.queries = {query->z.code.hi, query->z.code.lo},
		.nqueries = root->bytes,
		.first = VDB_NO_AHEAD,
		.groups = root->groups,
		.ngroups = root->ngroups,
	};

	Assert(state->meta.height > 0);
	ivf_list_visit(index, state->meta.root, &state->inner, &reading, visit,
				   arg);
}

/* The lists in a group that may have a row that passes the filter. */
static uint32
passing_lists(const ProbeCollector *collector, const IvfGroup *group)
{
	const IvfLayout *layout = group->layout;
	VdbSummary summaries[IVF_MOST_COLUMNS];
	uint32 lanes = 0;

	if (collector->filter == NULL)
		return group->lanes;
	for (uint32 slot = 0; slot < group->slots; slot++)
	{
		for (uint32 i = 0; i < layout->columns; i++)
			memcpy(&summaries[i],
				   ivf_column_lanes(layout, group->head, i) +
					   slot * sizeof(VdbSummary),
				   sizeof(VdbSummary));
		if (ivf_filter_list(collector->filter, summaries))
			lanes |= UINT32_C(1) << slot;
	}
	return lanes;
}

static void
collect_group(void *arg, const IvfGroup *group)
{
	ProbeCollector *collector = arg;
	IvfProbes *probes = collector->probes;
	uint32 passing = passing_lists(collector, group);

	make_room(probes, probes->held + VDB_GROUP);
	for (uint32 i = 0; i < group->slots; i++)
	{
		IvfProbe *probe = &probes->lists[probes->held];

		if (!ItemPointerIsValid(&group->slot[i].tid))
			continue;
		set_near(&collector->query->z, group, i, &probe->near);
		set_place(group, i, probe);
		if (!(passing & (UINT32_C(1) << i)))
			probe->passed = IVF_PASSED_NONE;
		add_probe(probes);
	}
}

/* Lists have to lie in the index, or reading one gives a puzzling error. */
static void
check_heads(Relation index, const IvfProbes *probes)
{
	BlockNumber blocks = RelationGetNumberOfBlocks(index);

	for (uint32 i = 0; i < probes->held; i++)
		if (probes->lists[i].head >= blocks)
			ivf_page_corrupted(index, probes->lists[i].head,
							   "list lies behind the end of the index");
}

void
ivf_tree_probes(Relation index, const IvfQuery *query, const IvfFilter *filter,
				IvfProbes *probes)
{
	const IvfMetaPage *meta = &query->state->meta;
	ProbeCollector collector = {query, filter, probes};

	probes->count = probes->all = probes->held = 0;
	probes->left_step = Max(meta->lists / LEFT_SAMPLE, 1);
	probes->rate = 0;
	probes->even = 1;
	probes->sorted = 0;
	memset(probes->asked, 0, sizeof(probes->asked));
	for (int depth = 0; depth < IVF_DEPTHS; depth++)
		probes->left_out[depth] = -1;
	if (meta->height == 0)
	{
		make_room(probes, 1);
		set_only(query, &probes->lists[0]);
		add_probe(probes);
		return;
	}
	ivf_tree_visit_root(index, query, &(IvfRootReading){.bytes = 2},
						collect_group, &collector);
	check_heads(index, probes);
}

void
ivf_probes_sort(IvfProbes *probes, uint32 n)
{
	Assert(n <= probes->count);
	if (n <= probes->sorted)
		return;
	vdb_sort_least(probes->order + probes->sorted,
				   probes->count - probes->sorted, n - probes->sorted);
	probes->sorted = n;
}

void
ivf_tree_centroid(Relation index, const IvfState *state, uint32 slot,
				  float *centroid)
{
	IvfEntry *entry;
	uint8 *fields;

	if (state->meta.height == 0)
	{
		memset(centroid, 0, state->meta.padded * sizeof(float));
		return;
	}
	entry = ivf_entry_create(&state->inner);
	fields = palloc(state->meta.padded);
	ivf_list_read_entry(index, state->meta.root, &state->inner, slot, entry);
	ivf_centroid_decode(state, entry, fields, centroid);
	pfree(fields);
	pfree(entry);
}

/* Leaves ----------------------------------------------------------------- */

typedef struct LeafCollector
{
	IvfLeaf *leaves;
	uint32 count;
	uint32 room;
} LeafCollector;

static void
collect_leaves(void *arg, const IvfGroup *group)
{
	LeafCollector *collector = arg;

	if (collector->count + VDB_GROUP > collector->room)
	{
		collector->room = Max(collector->room * 2, 16 * VDB_GROUP);
		collector->leaves =
			repalloc(collector->leaves, collector->room * sizeof(IvfLeaf));
	}
	for (uint32 i = 0; i < group->slots; i++)
		if (ItemPointerIsValid(&group->slot[i].tid))
			collector->leaves[collector->count++] =
				(IvfLeaf){ItemPointerGetBlockNumberNoCheck(&group->slot[i].tid),
						  group->number * VDB_GROUP + i};
}

uint32
ivf_tree_leaves(Relation index, const IvfState *state, IvfLeaf **leaves)
{
	LeafCollector collector = {.room = VDB_GROUP};

	collector.leaves = palloc(collector.room * sizeof(IvfLeaf));
	if (state->meta.height == 0)
		collector.leaves[collector.count++] = (IvfLeaf){state->meta.root, 0};
	else
		ivf_list_visit(index, state->meta.root, &state->inner, NULL,
					   collect_leaves, &collector);
	*leaves = collector.leaves;
	return collector.count;
}

IvfParent
ivf_tree_parent(const IvfState *state, uint32 slot)
{
	bool leaf = state->meta.height == 0;

	return (IvfParent){leaf ? InvalidBlockNumber : state->meta.root,
					   &state->inner, slot};
}

void
ivf_tree_set_root(IvfMetaPage *meta, BlockNumber head)
{
	meta->height = 1;
	meta->root = head;
}

void
ivf_tree_set_leaves(IvfSite *site, IvfState *state, const IvfWritten *leaves,
					uint32 count)
{
	if (state->meta.height == 0)
		state->meta.root = leaves[0].head;
	else
		ivf_list_set_children(site, state->meta.root, &state->inner, leaves,
							  count);
}
