/*
 * insert.c: one row into the list of its nearest centroid.
 */
#include "compat.h"

#include "ivf/callbacks.h"
#include "ivf/disk/list_change.h"
#include "ivf/space/tree.h"
#include "ivf/space/vector.h"
#include "types/distance.h"
#include "utils/memutils.h"
#include "utils/rel.h"

/* A row without a place among centroids. */
static void
insert_unplaced(Relation index, const IvfState *state, ItemPointer tid,
				uint16 detail)
{
	IvfEntry *entry = ivf_entry_create(&state->unplaced);

	entry->slot.tid = *tid;
	entry->slot.detail = detail;
	ivf_list_insert(index, state->meta.unplaced, &state->unplaced, entry);
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
insert_placed(Relation index, const IvfState *state, Datum value,
			  const float *x, ItemPointer tid)
{
	Size bytes = state->meta.padded * sizeof(float);
	float *y = palloc(bytes);
	float *centroid = palloc(bytes);
	uint8 *bits = NULL;
	IvfEntry *entry = ivf_entry_create(&state->leaf);
	IvfQuery query;
	IvfProbe probe;
	IvfCoder coder;

	ivf_project(state, x, y);
	ivf_query_init(&query, state);
	ivf_query_set(&query, y);
	probe = ivf_tree_nearest(index, &query);
	ivf_tree_centroid(index, state, probe.slot, centroid);

	if (state->format->verbatim)
	{
		bits = palloc(ivf_bits_size(state));
		ivf_bits(state, value, bits);
	}
	ivf_coder_init(&coder, state);
	ivf_code_row(&coder, y, bits, centroid, tid, entry);
	ivf_list_insert(index, probe.head, &state->leaf, entry);
}

static void
insert_row(Relation index, IvfState *state, Datum value, bool isnull,
		   ItemPointer tid)
{
	const float *raw;
	float *x;

	if (isnull)
	{
		insert_unplaced(index, state, tid, IVF_ROW_NULL);
		return;
	}

	raw = ivf_raw(state, value);
	x = palloc(ivf_view_dim(&state->meta) * sizeof(float));
	if (!ivf_normalize(state, raw, x))
	{
		insert_unplaced(index, state, tid, 0);
		return;
	}
	ensure_scale(index, state, x);
	insert_placed(index, state, value, x, tid);
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
	insert_row(index, state, values[0], isnull[0], tid);

	MemoryContextSwitchTo(old_context);
	MemoryContextDelete(context);
	return false;
}
