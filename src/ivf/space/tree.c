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
#include "shortcut/size.h"

/*
 * Coarse codes look for so many times the lists that are wanted on average, and
 * for so many at least; not where they are more than that part of all.  Of ten
 * million rows, 2, 3, 4 and 5 times as many find 0.942, 0.947, 0.948 and 0.948
 * with 79,900, 86,300, 88,200 and 88,400 codes: unseen lists that are rather
 * near count too much among all (space/shares.c).
 */
#define NEAR_OF_WANTED 4
#define LEAST_NEAR 64
#define MOST_NEAR (1.0 / 12)

typedef struct ProbeCollector
{
	const IvfFilter *filter; /* or NULL */
	IvfProbes *probes;
} ProbeCollector;

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
	const VdbSummary *summaries[IVF_MOST_COLUMNS];

	if (collector->filter == NULL)
		return group->lanes;
	for (uint32 i = 0; i < layout->columns; i++)
		summaries[i] =
			(const VdbSummary *) ivf_column_lanes(layout, group->head, i);
	return ivf_filter_lists(collector->filter, summaries, group->lanes);
}

static void
collect_group(void *arg, const IvfGroup *group)
{
	ProbeCollector *collector = arg;

	ivf_probes_add(collector->probes, group, passing_lists(collector, group));
}

/* Coarse codes, where few of very many lists are wanted; or NULL. */
static const IvfCoarse *
coarse_of(Relation index, const IvfState *state, double near)
{
	const IvfMetaPage *meta = &state->meta;

	if (meta->height == 0 || meta->lists < IVF_COARSE_LEAST ||
		near > meta->lists * MOST_NEAR ||
		state->centroid_format->bits != IVF_CENTROID_BITS)
		return NULL;
	return ivf_coarse_find(index, state);
}

void
ivf_tree_probes(Relation index, const IvfQuery *query, const IvfFilter *filter,
				double wanted, IvfProbes *probes)
{
	const IvfState *state = query->state;
	double near = Max(wanted * NEAR_OF_WANTED, LEAST_NEAR);
	const IvfCoarse *coarse = filter ? NULL : coarse_of(index, state, near);
	ProbeCollector collector = {filter, probes};

	ivf_probes_reset(probes, index, query);
	if (coarse && ivf_probes_foresee(probes, coarse, near))
		return;
	if (state->meta.height == 0)
		ivf_probes_add_only(probes);
	else
		ivf_tree_visit_root(index, query, &(IvfRootReading){.bytes = 2},
							collect_group, &collector);
	ivf_probes_added(probes);
}

void
ivf_tree_require_leaf(Relation index, BlockNumber head)
{
	BlockNumber blocks = 0;

	if (!vdb_has_page(index, head, &blocks))
		ivf_page_corrupted(index, head,
						   "list lies behind the end of the index");
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
