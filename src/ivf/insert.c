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
insert_unplaced(Relation index, const IvfIndex *ivf, ItemPointer tid,
				uint16 detail)
{
	IvfEntry *entry = ivf_entry_create(&ivf->unplaced);

	entry->slot.tid = *tid;
	entry->slot.detail = detail;
	ivf_list_insert(index, ivf->meta.unplaced, &ivf->unplaced, entry);
}

/* The first row of an index that was built empty decides on the scale. */
static void
ensure_scale(Relation index, IvfIndex *ivf, const float *x)
{
	if (ivf->meta.scale > 0)
		return;
	ivf_meta_set_scale(index, vdb_space_scale(vdb_norm(x, ivf->meta.dim)));
	ivf_index_update_scale(index, ivf);
}

static void
insert_placed(Relation index, const IvfIndex *ivf, const float *x,
			  ItemPointer tid)
{
	Size bytes = ivf->meta.padded * sizeof(float);
	float *y = palloc(bytes);
	float *centroid = palloc(bytes);
	IvfEntry *entry = ivf_entry_create(&ivf->leaf);
	IvfQuery query;
	IvfProbe probe;
	IvfCoder coder;

	ivf_project(ivf, x, y);
	ivf_query_init(&query, ivf);
	ivf_query_set(&query, y);
	probe = ivf_tree_nearest(index, &query);
	ivf_tree_centroid(index, ivf, probe.slot, centroid);

	ivf_coder_init(&coder, ivf);
	ivf_code_row(&coder, y, centroid, tid, entry);
	ivf_list_insert(index, probe.head, &ivf->leaf, entry);
}

static void
insert_row(Relation index, IvfIndex *ivf, Datum value, bool isnull,
		   ItemPointer tid)
{
	const float *raw;
	float *x;

	if (isnull)
	{
		insert_unplaced(index, ivf, tid, IVF_ROW_NULL);
		return;
	}

	raw = ivf_raw(ivf, value);
	x = palloc(ivf->meta.dim * sizeof(float));
	if (!ivf_normalize(ivf, raw, x))
	{
		insert_unplaced(index, ivf, tid, 0);
		return;
	}
	ensure_scale(index, ivf, x);
	insert_placed(index, ivf, x, tid);
}

/*
 * The index's state, one for all rows of a statement.  What it says does not
 * change while the statement holds its lock, but for a scale that is still to
 * be chosen.
 */
static IvfIndex *
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
	IvfIndex *ivf = statement_state(index, info);
	MemoryContext context = AllocSetContextCreate(
		CurrentMemoryContext, "ivfflat insert", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old_context = MemoryContextSwitchTo(context);

	ivf_index_update_scale(index, ivf);
	insert_row(index, ivf, values[0], isnull[0], tid);

	MemoryContextSwitchTo(old_context);
	MemoryContextDelete(context);
	return false;
}
