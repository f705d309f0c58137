/*
 * insert.c: one row into the list of its nearest centroid.
 */
#include "compat.h"

#include "ivf/callbacks.h"
#include "ivf/disk/list_change.h"
#include "ivf/space/keys.h"
#include "ivf/space/tree.h"
#include "ivf/space/vector.h"
#include "types/distance.h"
#include "utils/memutils.h"
#include "utils/rel.h"

/* A row as it comes. */
typedef struct Row
{
	const Datum *values; /* the vector, then the scalar columns */
	const bool *isnull;
	ItemPointer tid;
} Row;

static void
set_keys(const IvfState *state, const IvfLayout *layout, const Row *row,
		 IvfEntry *entry)
{
	IvfKeys keys;

	ivf_keys_make(state, row->values, row->isnull, &keys);
	ivf_keys_put(layout, &keys, entry);
}

/* A row without a place among centroids. */
static void
insert_unplaced(Relation index, const IvfState *state, const Row *row,
				uint16 detail)
{
	IvfEntry *entry = ivf_entry_create(&state->unplaced);

	entry->slot.tid = *row->tid;
	entry->slot.detail = detail;
	set_keys(state, &state->unplaced, row, entry);
	ivf_list_insert(index, state->meta.unplaced, &state->unplaced, entry, NULL);
}

/* The first row of an index that was built empty decides on the scale. */
static void
ensure_scale(Relation index, IvfState *state, const float *x)
{
	if (state->meta.scale > 0)
		return;
	ivf_meta_set_scale(
		index, vdb_space_scale(vdb_norm(x, ivf_view_dim(&state->meta))));
	ivf_index_update_scale(index, state);
}

static void
insert_placed(Relation index, const IvfState *state, const float *x,
			  const Row *row)
{
	Size bytes = state->meta.padded * sizeof(float);
	float *y = palloc(bytes);
	float *centroid = palloc(bytes);
	IvfEntry *entry = ivf_entry_create(&state->leaf);
	IvfQuery query;
	IvfProbe probe;
	IvfParent parent;
	IvfCoder coder;

	ivf_project(state, x, y);
	ivf_query_init(&query, state);
	ivf_query_set(&query, y);
	probe = ivf_tree_nearest(index, &query);
	ivf_tree_centroid(index, state, probe.slot, centroid);

	ivf_coder_init(&coder, state);
	ivf_code_row(&coder, y, centroid, row->tid, entry);
	set_keys(state, &state->leaf, row, entry);
	parent = ivf_tree_parent(state, probe.slot);
	ivf_list_insert(index, probe.head, &state->leaf, entry, &parent);
}

static void
insert_row(Relation index, IvfState *state, const Row *row)
{
	const float *raw;
	float *x;

	if (row->isnull[0])
	{
		insert_unplaced(index, state, row, IVF_ROW_NULL);
		return;
	}

	raw = ivf_raw(state, row->values[0]);
	x = palloc(ivf_view_dim(&state->meta) * sizeof(float));
	if (!ivf_normalize(state, raw, x))
	{
		insert_unplaced(index, state, row, 0);
		return;
	}
	ensure_scale(index, state, x);
	insert_placed(index, state, x, row);
}

/*
 * The index's state, one for all rows of a statement.  What it says does not
 * change while the statement holds its lock, but for a scale that is still to
 * be chosen.
 */
static IvfState *
statement_state(Relation index, IndexInfo *info)
{
	if (info->ii_AmCache == NULL)
		info->ii_AmCache = ivf_index_open(index, info->ii_Context);
	return info->ii_AmCache;
}

bool
ivf_insert(Relation index, Datum *values, bool *isnull, ItemPointer tid,
		   Relation heap, IndexUniqueCheck check,
		   IVF_INSERT_UNCHANGED IndexInfo *info)
{
	IvfState *state = statement_state(index, info);
	MemoryContext context = AllocSetContextCreate(
		CurrentMemoryContext, "ivfflat insert", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old_context = MemoryContextSwitchTo(context);

	ivf_index_update_scale(index, state);
	insert_row(index, state, &(Row){values, isnull, tid});

	MemoryContextSwitchTo(old_context);
	MemoryContextDelete(context);
	return false;
}
