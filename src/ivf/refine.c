/*
 * refine.c: the exact distance of a table's row.
 *
 * The row is fetched with the scan's snapshot, so what the snapshot does not
 * see is dropped here and costs nobody a result.
 *
 * Rows of an ordinary heap are fetched from its pages directly: with some
 * hundred rows a query in as many pages, what counts is that pages which are
 * asked for ahead are in the CPU's cache when their turn comes.  Rows of other
 * table access methods go through their own functions.
 */
#include "compat.h"

#include <math.h>

#include "access/heapam.h"
#include "access/tableam.h"
#include "catalog/index.h"
#include "executor/executor.h"
#include "ivf/ahead.h"
#include "ivf/ivf.h"
#include "utils/memutils.h"
#include "utils/rel.h"

/* Rows that can be asked for ahead; a power of two. */
#define PLACES_AHEAD 64

/* Bytes of a row that are brought into the cache: what a short vector has. */
#define TOUCHED_BYTES 512

struct IvfRefiner
{
	Relation heap;
	const IvfIndex *ivf;
	IvfToast *toast;
	AttrNumber attribute; /* the indexed column, or 0: expression */
	IndexInfo *info;	  /* for expressions, with what they need */
	EState *estate;
	TupleTableSlot *slot;
	Snapshot snapshot;
	const float *query;
	MemoryContext row_context; /* of detoasted values */

	bool plain; /* an ordinary heap */
	HeapTupleData tuple;
	Buffer buffer; /* pinned: the page of the row that was fetched last, */
	Buffer next;   /* and of the one that will probably be */
	BlockNumber next_block;
	IvfAhead ahead[PLACES_AHEAD]; /* by block */

	IndexFetchTableData *fetch; /* for other tables */
};

IvfRefiner *
ivf_refiner_create(Relation heap, Relation index, const IvfIndex *ivf)
{
	IvfRefiner *refiner = palloc0(sizeof(IvfRefiner));

	refiner->heap = heap;
	refiner->ivf = ivf;
	refiner->plain = heap->rd_tableam == GetHeapamTableAmRoutine();
	if (!refiner->plain)
		refiner->fetch = table_index_fetch_begin(heap);
	for (int i = 0; i < PLACES_AHEAD; i++)
		refiner->ahead[i] = IVF_NO_AHEAD;
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

static void
release(Buffer *buffer)
{
	if (BufferIsValid(*buffer))
		ReleaseBuffer(*buffer);
	*buffer = InvalidBuffer;
}

void
ivf_refiner_destroy(IvfRefiner *refiner)
{
	if (refiner->estate)
		FreeExecutorState(refiner->estate);
	ExecDropSingleTupleTableSlot(refiner->slot);
	ivf_toast_destroy(refiner->toast);
	release(&refiner->buffer);
	release(&refiner->next);
	if (refiner->fetch)
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

/* Ahead ------------------------------------------------------------------ */

static IvfAhead *
place_ahead(IvfRefiner *refiner, BlockNumber block)
{
	return &refiner->ahead[block % PLACES_AHEAD];
}

bool
ivf_refiner_ahead(IvfRefiner *refiner, BlockNumber block, OffsetNumber offset)
{
	IvfAhead *ahead = place_ahead(refiner, block);

	*ahead = ivf_ahead(refiner->heap, block);
	ivf_ahead_touch(ahead, 0, 1);
	ivf_ahead_touch(
		ahead, SizeOfPageHeaderData + (Size) offset * sizeof(ItemIdData), 1);
	return BufferIsValid(ahead->recent);
}

/*
 * The page is looked at with a pin but without a lock: whatever the line
 * pointer says meanwhile, only the cache depends on it.
 */
void
ivf_refiner_next(IvfRefiner *refiner, BlockNumber block, OffsetNumber offset)
{
	const IvfAhead *ahead = place_ahead(refiner, block);
	ItemIdData item;

	if (ahead->block != block || !BufferIsValid(ahead->recent) ||
		offset > MaxHeapTuplesPerPage)
		return;
	release(&refiner->next);
	refiner->next = ivf_ahead_read(refiner->heap, block, ahead);
	refiner->next_block = block;
	item = *PageGetItemId(BufferGetPage(refiner->next), offset);
	ivf_ahead_touch(ahead, ItemIdGetOffset(&item), TOUCHED_BYTES);
}

/* Fetching --------------------------------------------------------------- */

/*
 * Pin the page in refiner->buffer.  As in the server's own index scans, a page
 * that is come to anew gives up its dead rows: where rows are updated and
 * searched, nobody else may come by for long.
 */
static void
pin_page(IvfRefiner *refiner, BlockNumber block)
{
	if (BufferIsValid(refiner->buffer) &&
		BufferGetBlockNumber(refiner->buffer) == block)
		return;
	release(&refiner->buffer);
	if (BufferIsValid(refiner->next) && refiner->next_block == block)
	{
		refiner->buffer = refiner->next;
		refiner->next = InvalidBuffer;
	}
	else
		refiner->buffer =
			ivf_ahead_read(refiner->heap, block, place_ahead(refiner, block));
	heap_page_prune_opt(refiner->heap, refiner->buffer);
}

/* A row of an ordinary heap into refiner->tuple, its page pinned. */
static bool
fetch_plain(IvfRefiner *refiner, ItemPointer tid)
{
	bool found;

	pin_page(refiner, ItemPointerGetBlockNumber(tid));
	LockBuffer(refiner->buffer, BUFFER_LOCK_SHARE);
	found =
		heap_hot_search_buffer(tid, refiner->heap, refiner->buffer,
							   refiner->snapshot, &refiner->tuple, NULL, true);
	LockBuffer(refiner->buffer, BUFFER_LOCK_UNLOCK);
	return found;
}

static bool
fetch_row(IvfRefiner *refiner, ItemPointer tid)
{
	bool call_again = false;

	if (refiner->plain)
		return fetch_plain(refiner, tid);
	return table_index_fetch_tuple(refiner->fetch, tid, refiner->snapshot,
								   refiner->slot, &call_again, NULL);
}

static Datum
column_value(IvfRefiner *refiner, bool *isnull)
{
	if (refiner->plain)
		return heap_getattr(&refiner->tuple, refiner->attribute,
							RelationGetDescr(refiner->heap), isnull);
	return slot_getattr(refiner->slot, refiner->attribute, isnull);
}

/*
 * The server fetches an answer's row once more.  Of an ordinary heap, its
 * fetch keeps the page of the row before pinned: put the right page there, and
 * it is spared a look-up.  It then does not prune the page, which fetch_plain()
 * has done.
 */
void
ivf_refiner_hand_over(IvfRefiner *refiner, IndexFetchTableData *fetch,
					  ItemPointer tid)
{
	IndexFetchHeapData *heap = (IndexFetchHeapData *) fetch;
	BlockNumber block = ItemPointerGetBlockNumber(tid);

	if (!refiner->plain || fetch == NULL)
		return;
	if (BufferIsValid(heap->xs_cbuf))
	{
		if (BufferGetBlockNumber(heap->xs_cbuf) == block)
			return;
		ReleaseBuffer(heap->xs_cbuf);
	}
	heap->xs_cbuf = InvalidBuffer;
	heap->xs_cbuf = ivf_ahead_read(refiner->heap, block, &IVF_NO_AHEAD);
}

/* The indexed value of the row in the slot. */
static Datum
indexed_value(IvfRefiner *refiner, bool *isnull)
{
	Datum values[INDEX_MAX_KEYS];
	bool isnulls[INDEX_MAX_KEYS];

	if (refiner->attribute > 0)
		return column_value(refiner, isnull);

	if (refiner->plain)
		ExecStoreBufferHeapTuple(&refiner->tuple, refiner->slot,
								 refiner->buffer);
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
	bool isnull;
	Datum value;

	if (!fetch_row(refiner, &row))
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
