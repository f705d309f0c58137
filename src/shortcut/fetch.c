/*
 * fetch.c: see fetch.h.
 */
#include "compat.h"

#include "access/heapam.h"
#include "access/tableam.h"
#include "shortcut/fetch.h"
#include "shortcut/shortcuts.h"
#include "shortcut/size.h"

/* Pages that can be asked for ahead; a power of two. */
#define PLACES_AHEAD 64

/* Bytes of a row that are brought into the cache: what a short vector has. */
#define TOUCHED_BYTES 512

struct VdbFetch
{
	Relation table;
	TupleTableSlot *slot;

	bool heap;			/* numbers its pages, so that it has an end */
	BlockNumber blocks; /* that the table has at least */

	bool plain; /* an ordinary heap, read without its functions */
	HeapTupleData tuple;
	Buffer buffer; /* pinned: the page of the row that was fetched last, */
	Buffer next;   /* and of the one that will probably be */
	BlockNumber next_block;
	VdbAhead ahead[PLACES_AHEAD]; /* by block */

	IndexFetchTableData *scan; /* for other tables */
};

VdbFetch *
vdb_fetch_create(Relation table)
{
	VdbFetch *fetch = palloc0(sizeof(VdbFetch));

	fetch->table = table;
	fetch->slot = table_slot_create(table, NULL);
	fetch->heap = table->rd_tableam == GetHeapamTableAmRoutine();
	fetch->plain = fetch->heap && vdb_shortcut(VDB_SHORTCUT_FETCH);
	if (!fetch->plain)
		fetch->scan = table_index_fetch_begin(table);
	for (int i = 0; i < PLACES_AHEAD; i++)
		fetch->ahead[i] = VDB_NO_AHEAD;
	return fetch;
}

static void
release(Buffer *buffer)
{
	if (BufferIsValid(*buffer))
		ReleaseBuffer(*buffer);
	*buffer = InvalidBuffer;
}

void
vdb_fetch_destroy(VdbFetch *fetch)
{
	ExecDropSingleTupleTableSlot(fetch->slot);
	release(&fetch->buffer);
	release(&fetch->next);
	if (fetch->scan)
		table_index_fetch_end(fetch->scan);
	pfree(fetch);
}

bool
vdb_fetch_within(VdbFetch *fetch, BlockNumber block)
{
	return !fetch->heap || vdb_has_page(fetch->table, block, &fetch->blocks);
}

/* Ahead ------------------------------------------------------------------ */

static VdbAhead *
place_ahead(VdbFetch *fetch, BlockNumber block)
{
	return &fetch->ahead[block % PLACES_AHEAD];
}

bool
vdb_fetch_ahead(VdbFetch *fetch, BlockNumber block, OffsetNumber offset)
{
	VdbAhead *ahead = place_ahead(fetch, block);

	if (!vdb_fetch_within(fetch, block))
		return true;
	*ahead = vdb_ahead(fetch->table, block);
	vdb_ahead_touch(ahead, 0, 1);
	vdb_ahead_touch(
		ahead, SizeOfPageHeaderData + (Size) offset * sizeof(ItemIdData), 1);
	return BufferIsValid(ahead->recent);
}

/*
 * The page is looked at with a pin but without a lock: whatever the line
 * pointer says meanwhile, only the cache depends on it.
 */
void
vdb_fetch_next(VdbFetch *fetch, BlockNumber block, OffsetNumber offset)
{
	const VdbAhead *ahead = place_ahead(fetch, block);
	ItemIdData item;

	if (!fetch->plain || ahead->block != block ||
		!BufferIsValid(ahead->recent) || offset > MaxHeapTuplesPerPage)
		return;
	release(&fetch->next);
	fetch->next = vdb_ahead_read(fetch->table, block, ahead);
	fetch->next_block = block;
	item = *PageGetItemId(BufferGetPage(fetch->next), offset);
	vdb_ahead_touch(ahead, ItemIdGetOffset(&item), TOUCHED_BYTES);
}

bool
vdb_fetch_in_order(const VdbFetch *fetch)
{
	return fetch->plain;
}

/* Fetching --------------------------------------------------------------- */

/*
 * Pin the page in fetch->buffer.  As in the server's own index scans, a page
 * that is come to anew gives up its dead rows: where rows are updated and
 * searched, nobody else may come by for long.
 */
static void
pin_page(VdbFetch *fetch, BlockNumber block)
{
	if (BufferIsValid(fetch->buffer) &&
		BufferGetBlockNumber(fetch->buffer) == block)
		return;
	release(&fetch->buffer);
	if (BufferIsValid(fetch->next) && fetch->next_block == block)
	{
		fetch->buffer = fetch->next;
		fetch->next = InvalidBuffer;
	}
	else
		fetch->buffer =
			vdb_ahead_read(fetch->table, block, place_ahead(fetch, block));
	heap_page_prune_opt(fetch->table, fetch->buffer);
}

/* A row of an ordinary heap into fetch->tuple, its page pinned. */
static bool
fetch_plain(VdbFetch *fetch, ItemPointer tid, Snapshot snapshot)
{
	bool found;

	pin_page(fetch, ItemPointerGetBlockNumber(tid));
	LockBuffer(fetch->buffer, BUFFER_LOCK_SHARE);
	found = heap_hot_search_buffer(tid, fetch->table, fetch->buffer, snapshot,
								   &fetch->tuple, NULL, true);
	LockBuffer(fetch->buffer, BUFFER_LOCK_UNLOCK);
	return found;
}

bool
vdb_fetch_row(VdbFetch *fetch, ItemPointer tid, Snapshot snapshot)
{
	ItemPointerData row = *tid; /* is moved along the chain of versions */
	bool call_again = false;

	if (fetch->plain)
		return fetch_plain(fetch, &row, snapshot);
	return table_index_fetch_tuple(fetch->scan, &row, snapshot, fetch->slot,
								   &call_again, NULL);
}

Datum
vdb_fetch_column(VdbFetch *fetch, AttrNumber attribute, bool *isnull)
{
	if (fetch->plain)
		return heap_getattr(&fetch->tuple, attribute,
							RelationGetDescr(fetch->table), isnull);
	return slot_getattr(fetch->slot, attribute, isnull);
}

TupleTableSlot *
vdb_fetch_slot(VdbFetch *fetch)
{
	return fetch->slot;
}

void
vdb_fetch_into_slot(VdbFetch *fetch)
{
	if (fetch->plain)
		ExecStoreBufferHeapTuple(&fetch->tuple, fetch->slot, fetch->buffer);
}

/*
 * An ordinary heap's fetch keeps the page of the row before pinned: put the
 * right page there, and it is spared a look-up.  It then does not prune the
 * page, which pin_page() has done.
 */
void
vdb_fetch_hand_over(VdbFetch *fetch, IndexFetchTableData *scan, ItemPointer tid)
{
	IndexFetchHeapData *heap = (IndexFetchHeapData *) scan;
	BlockNumber block = ItemPointerGetBlockNumber(tid);

	if (!fetch->plain || scan == NULL)
		return;
	if (BufferIsValid(heap->xs_cbuf))
	{
		if (BufferGetBlockNumber(heap->xs_cbuf) == block)
			return;
		ReleaseBuffer(heap->xs_cbuf);
	}
	heap->xs_cbuf = InvalidBuffer;
	heap->xs_cbuf = vdb_ahead_read(fetch->table, block, &VDB_NO_AHEAD);
}
