/*
 * refine.c: the exact distance of a heap row.
 *
 * The row is fetched through the table's access method with the scan's
 * snapshot, so what the snapshot does not see is dropped here and costs nobody
 * a result.  The slot keeps its buffer pinned until the next row: neighbours
 * on a page cost one pin.
 */
#include "compat.h"

#include <math.h>

#include "access/tableam.h"
#include "catalog/index.h"
#include "executor/executor.h"
#include "ivf/ivf.h"
#include "utils/memutils.h"
#include "utils/rel.h"

struct IvfRefiner
{
	Relation heap;
	const IvfIndex *ivf;
	IndexFetchTableData *fetch;
	IvfToast *toast;
	TupleTableSlot *slot;
	AttrNumber attribute; /* the indexed column, or 0: expression */
	IndexInfo *info;	  /* for expressions, with what they need */
	EState *estate;
	Snapshot snapshot;
	const float *query;
	MemoryContext row_context; /* of detoasted values */
};

IvfRefiner *
ivf_refiner_create(Relation heap, Relation index, const IvfIndex *ivf)
{
	IvfRefiner *refiner = palloc0(sizeof(IvfRefiner));

	refiner->heap = heap;
	refiner->ivf = ivf;
	refiner->fetch = table_index_fetch_begin(heap);
	refiner->toast = ivf_toast_create(heap);
	refiner->slot = table_slot_create(heap, NULL);
	refiner->attribute = index->rd_index->indkey.values[0];
	refiner->row_context = AllocSetContextCreate(
		CurrentMemoryContext, "ivfflat row", ALLOCSET_DEFAULT_SIZES);
	if (refiner->attribute == 0)
	{
		refiner->info = BuildIndexInfo(index);
		refiner->estate = CreateExecutorState();
		GetPerTupleExprContext(refiner->estate)->ecxt_scantuple = refiner->slot;
	}
	return refiner;
}

void
ivf_refiner_destroy(IvfRefiner *refiner)
{
	if (refiner->estate)
		FreeExecutorState(refiner->estate);
	ExecDropSingleTupleTableSlot(refiner->slot);
	ivf_toast_destroy(refiner->toast);
	table_index_fetch_end(refiner->fetch);
	MemoryContextDelete(refiner->row_context);
	pfree(refiner);
}

void
ivf_refiner_set_query(IvfRefiner *refiner, Snapshot snapshot,
					  const float *query)
{
	refiner->snapshot = snapshot;
	refiner->query = query;
}

/*
 * Begin to bring a row's page: from disk, or, where it is in shared buffers,
 * its first bytes and the row's line pointer into the CPU's cache.  The buffer
 * is not pinned; that its content may change meanwhile does no harm.
 */
void
ivf_refiner_prefetch(IvfRefiner *refiner, BlockNumber block,
					 OffsetNumber offset)
{
	PrefetchBufferResult result =
		PrefetchBuffer(refiner->heap, MAIN_FORKNUM, block);

	if (BufferIsValid(result.recent_buffer))
	{
		const char *page = BufferGetBlock(result.recent_buffer);

		__builtin_prefetch(page);
		__builtin_prefetch(page + SizeOfPageHeaderData +
						   (offset - FirstOffsetNumber) * sizeof(ItemIdData));
	}
}

/* The indexed value of the row in the slot. */
static Datum
indexed_value(IvfRefiner *refiner, bool *isnull)
{
	Datum values[INDEX_MAX_KEYS];
	bool isnulls[INDEX_MAX_KEYS];

	if (refiner->attribute > 0)
		return slot_getattr(refiner->slot, refiner->attribute, isnull);

	ResetPerTupleExprContext(refiner->estate);
	FormIndexDatum(refiner->info, refiner->slot, refiner->estate, values,
				   isnulls);
	*isnull = isnulls[0];
	return values[0];
}

bool
ivf_refine(IvfRefiner *refiner, ItemPointer tid, double *distance)
{
	const IvfIndex *ivf = refiner->ivf;
	MemoryContext old_context;
	ItemPointerData row = *tid;
	bool call_again = false;
	bool isnull;
	Datum value;

	if (!table_index_fetch_tuple(refiner->fetch, &row, refiner->snapshot,
								 refiner->slot, &call_again, NULL))
		return false;

	old_context = MemoryContextSwitchTo(refiner->row_context);
	value = indexed_value(refiner, &isnull);
	if (!isnull)
		value = ivf_toast_fetch(refiner->toast, value);
	if (!isnull)
		*distance = ivf->type->distance(ivf_raw(ivf, value), refiner->query,
										ivf->meta.dim);
	MemoryContextSwitchTo(old_context);
	MemoryContextReset(refiner->row_context);

	if (!isnull && isnan(*distance))
		*distance = INFINITY;
	return !isnull;
}
