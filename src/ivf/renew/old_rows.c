/*
 * old_rows.c: see old_rows.h.
 *
 * Rows are sorted by their place in the table and fetched in that order.  Of a
 * chain of heap-only tuples any member has the index's values, but for chains
 * older than the index: there the last one counts, which is what the snapshot
 * sees.  Where it sees none, a row is too new, or deleted and still seen by an
 * older snapshot than ours.
 */
#include "compat.h"

#include "access/heapam.h"
#include "access/transam.h"
#include "catalog/index.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_type.h"
#include "commands/vacuum.h"
#include "executor/executor.h"
#include "ivf/build/memory.h"
#include "ivf/renew/old_rows.h"
#include "ivf/disk/list_end.h"
#include "ivf/space/tree.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/tuplesort.h"

/* A list of the old tree, and up to where it was visited. */
typedef struct OldList
{
	BlockNumber head;
	const IvfLayout *layout;
	uint32 slots;
} OldList;

struct IvfOldRows
{
	Relation heap;
	Relation index;
	IndexInfo *info;
	Snapshot snapshot;
	OldList *lists;
	uint32 nlists;
	IvfState *state;

	EState *estate;
	TupleTableSlot *slot; /* the row in work */
	TupleTableSlot *next; /* a further member of its chain */
	IndexFetchTableData *fetch;
};

IvfOldRows *
ivf_old_rows_begin(Relation heap, Relation index, IndexInfo *info,
				   const IvfState *state, Snapshot snapshot)
{
	IvfOldRows *rows = palloc0(sizeof(IvfOldRows));
	IvfLeaf *leaves;
	uint32 nleaves = ivf_tree_leaves(index, state, &leaves);

	rows->heap = heap;
	rows->index = index;
	rows->info = info;
	rows->snapshot = snapshot;
	rows->nlists = nleaves + 1;
	rows->lists = palloc_extended(rows->nlists * sizeof(OldList),
								  MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	for (uint32 i = 0; i < nleaves; i++)
		rows->lists[i] = (OldList){leaves[i].head, &state->leaf, 0};
	rows->lists[nleaves] = (OldList){state->meta.unplaced, &state->unplaced, 0};
	pfree(leaves);

	rows->estate = CreateExecutorState();
	rows->slot = table_slot_create(heap, NULL);
	rows->next = table_slot_create(heap, NULL);
	rows->fetch = table_index_fetch_begin(heap);
	GetPerTupleExprContext(rows->estate)->ecxt_scantuple = rows->slot;
	return rows;
}

void
ivf_old_rows_end(IvfOldRows *rows)
{
	table_index_fetch_end(rows->fetch);
	ExecDropSingleTupleTableSlot(rows->slot);
	ExecDropSingleTupleTableSlot(rows->next);
	FreeExecutorState(rows->estate);
	rows->info->ii_ExpressionsState = NIL;
	pfree(rows->lists);
	pfree(rows);
}

/* Listing ---------------------------------------------------------------- */

typedef struct Listing
{
	Tuplesortstate *sort;
	double count;
} Listing;

static void
list_row(void *arg, const IvfSlot *slot)
{
	Listing *listing = arg;
	ItemPointerData tid = slot->tid;

	tuplesort_putdatum(listing->sort, Int64GetDatum(itemptr_encode(&tid)),
					   false);
	listing->count++;
}

/* The rows from where each list was visited to where it ends now. */
static void
list_rows(IvfOldRows *rows, Listing *listing)
{
	listing->count = 0;
	listing->sort =
		tuplesort_begin_datum(INT8OID, Int8LessOperator, InvalidOid, false,
							  ivf_build_memory() / 8192, NULL, 0);
	for (uint32 i = 0; i < rows->nlists; i++)
	{
		OldList *list = &rows->lists[i];
		IvfListEnd end;

		ivf_list_end(rows->index, list->head, list->layout, &end);
		ivf_list_rows(rows->index, list->head, list->layout, list->slots, &end,
					  list_row, listing);
		list->slots = end.slots;
	}
	tuplesort_performsort(listing->sort);
}

/* Fetching --------------------------------------------------------------- */

static HeapTupleHeader
header(TupleTableSlot *slot)
{
	return ((BufferHeapTupleTableSlot *) slot)->base.tuple->t_data;
}

static bool
is_aborted(TupleTableSlot *slot)
{
	HeapTupleHeader tuple = header(slot);

	return HeapTupleHeaderXminInvalid(tuple) ||
		   (!HeapTupleHeaderXminCommitted(tuple) &&
			TransactionIdDidAbort(HeapTupleHeaderGetXmin(tuple)));
}

/* Deleted by a transaction that committed: somebody may see it, no new one. */
static bool
is_deleted(TupleTableSlot *slot)
{
	HeapTupleHeader tuple = header(slot);
	TransactionId deleter;

	if ((tuple->t_infomask & HEAP_XMAX_INVALID) ||
		HEAP_XMAX_IS_LOCKED_ONLY(tuple->t_infomask))
		return false;
	deleter = HeapTupleHeaderGetUpdateXid(tuple);
	return (tuple->t_infomask & HEAP_XMAX_COMMITTED) ||
		   TransactionIdDidCommit(deleter);
}

/* The last member of a row's chain that did not abort. */
static bool
fetch_any(IvfOldRows *rows, ItemPointerData tid)
{
	bool again = false;
	bool all_dead = false;
	bool found = false;

	do
	{
		if (!table_index_fetch_tuple(rows->fetch, &tid, SnapshotAny, rows->next,
									 &again, &all_dead))
			break;
		if (is_aborted(rows->next))
			continue;
		ExecCopySlot(rows->slot, rows->next);
		found = true;
	} while (again);
	return found;
}

/*
 * Fetch a row; *lost where its value may be gone: a deleted row's value out of
 * line goes when nobody sees it any more, which may be before the row itself.
 */
static bool
fetch(IvfOldRows *rows, ItemPointerData tid, bool *lost)
{
	ItemPointerData copy = tid;
	bool again = false;
	bool all_dead = false;

	*lost = false;
	if (table_index_fetch_tuple(rows->fetch, &copy, rows->snapshot, rows->slot,
								&again, &all_dead))
		return true;
	if (!fetch_any(rows, tid))
		return false;
	*lost = HeapTupleHeaderHasExternal(header(rows->slot)) &&
			is_deleted(rows->slot);
	return true;
}

/* Of a row whose values out of line may be gone: the others. */
static void
take_what_is_left(IvfOldRows *rows, Datum *values, bool *isnulls)
{
	for (int i = 0; i < rows->info->ii_NumIndexAttrs; i++)
	{
		AttrNumber number = rows->info->ii_IndexAttrNumbers[i];

		isnulls[i] = true;
		if (number <= 0)
			continue;
		values[i] = slot_getattr(rows->slot, number, &isnulls[i]);
		if (!isnulls[i] &&
			TupleDescAttr(RelationGetDescr(rows->heap), number - 1)->attlen ==
				-1 &&
			VARATT_IS_EXTERNAL(DatumGetPointer(values[i])))
			isnulls[i] = true;
	}
}

double
ivf_old_rows_visit(void *of, IndexBuildCallback callback, void *arg)
{
	IvfOldRows *rows = of;
	Listing listing;
	double count = 0;
	Datum encoded;
	bool isnull;

	list_rows(rows, &listing);
	while (vdb_tuplesort_getdatum(listing.sort, &encoded, &isnull))
	{
		Datum values[INDEX_MAX_KEYS];
		bool isnulls[INDEX_MAX_KEYS];
		ItemPointerData tid;
		bool lost;

		vdb_vacuum_delay_point();
		itemptr_decode(&tid, DatumGetInt64(encoded));
		if (!fetch(rows, tid, &lost))
			continue;
		if (lost)
			take_what_is_left(rows, values, isnulls);
		else
			FormIndexDatum(rows->info, rows->slot, rows->estate, values,
						   isnulls);
		callback(rows->index, &tid, values, isnulls, true, arg);
		ResetPerTupleExprContext(rows->estate);
		count++;
	}
	table_index_fetch_reset(rows->fetch);
	ExecClearTuple(rows->slot);
	ExecClearTuple(rows->next);
	tuplesort_end(listing.sort);
	return count;
}
