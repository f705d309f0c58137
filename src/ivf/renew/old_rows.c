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
#include "access/sysattr.h"
#include "access/transam.h"
#include "access/xact.h"
#include "catalog/index.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_type.h"
#include "commands/vacuum.h"
#include "executor/executor.h"
#include "ivf/build/memory.h"
#include "ivf/disk/list_end.h"
#include "ivf/renew/old_rows.h"
#include "ivf/space/tree.h"
#include "optimizer/optimizer.h"
#include "shortcut/toast.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/tuplesort.h"

/* Kilobytes that the sort of the rows' places has. */
#define SORT_MEMORY ivf_sort_memory(8)

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
	bool listed;	 /* once at least */
	double inserted; /* rows, from when it was made until then */

	EState *estate;
	Bitmapset *indexed; /* attributes that the index is made of, as
						 * pull_varattnos() has them */
	VdbToast *toast;
	TupleTableSlot *slot; /* the row in work */
	TupleTableSlot *next; /* a further member of its chain */
	IndexFetchTableData *fetch;
};

static Bitmapset *
find_indexed(const IndexInfo *info)
{
	Bitmapset *indexed = NULL;

	pull_varattnos((Node *) info->ii_Expressions, 1, &indexed);
	for (int i = 0; i < info->ii_NumIndexAttrs; i++)
		if (info->ii_IndexAttrNumbers[i] != 0)
			indexed =
				bms_add_member(indexed, info->ii_IndexAttrNumbers[i] -
											FirstLowInvalidHeapAttributeNumber);
	return indexed;
}

/* An expression of the whole row has them all. */
static bool
is_indexed(const IvfOldRows *rows, AttrNumber attribute)
{
	return bms_is_member(attribute - FirstLowInvalidHeapAttributeNumber,
						 rows->indexed) ||
		   bms_is_member(0 - FirstLowInvalidHeapAttributeNumber, rows->indexed);
}

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

	rows->indexed = find_indexed(info);
	rows->toast = vdb_toast_create(heap);
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
	vdb_toast_destroy(rows->toast);
	bms_free(rows->indexed);
	ExecDropSingleTupleTableSlot(rows->slot);
	ExecDropSingleTupleTableSlot(rows->next);
	FreeExecutorState(rows->estate);
	rows->info->ii_ExpressionsState = NIL;
	pfree(rows->lists);
	pfree(rows);
}

/* Listing ---------------------------------------------------------------- */

/* Each row once: its first entry is there before the second one. */
static void
list_row(void *arg, const IvfSlot *slot)
{
	Tuplesortstate *sort = arg;
	ItemPointerData tid = slot->tid;
	Datum encoded;

	if (slot->detail & IVF_ROW_SECOND)
		return;
	encoded = Int64GetDatum(itemptr_encode(&tid));
	tuplesort_putdatum(sort, encoded, false);
	vdb_free_int64(encoded);
}

/* The rows from where each list was visited to where it ends now, sorted. */
static Tuplesortstate *
list_rows(IvfOldRows *rows)
{
	Tuplesortstate *sort = tuplesort_begin_datum(
		INT8OID, Int8LessOperator, InvalidOid, false, SORT_MEMORY, NULL, 0);

	for (uint32 i = 0; i < rows->nlists; i++)
	{
		OldList *list = &rows->lists[i];
		IvfListEnd end;

		ivf_list_end(rows->index, list->head, list->layout, &end);
		ivf_list_rows(rows->index, list->head, list->layout, list->slots, &end,
					  list_row, sort);
		list->slots = end.slots;
		if (!rows->listed)
			rows->inserted += end.inserted;
	}
	rows->listed = true;
	tuplesort_performsort(sort);
	return sort;
}

/* Fetching --------------------------------------------------------------- */

static HeapTupleHeader
header(TupleTableSlot *slot)
{
	return ((BufferHeapTupleTableSlot *) slot)->base.tuple->t_data;
}

static bool
is_committed(TupleTableSlot *slot)
{
	HeapTupleHeader tuple = header(slot);

	return HeapTupleHeaderXminCommitted(tuple) ||
		   TransactionIdDidCommit(HeapTupleHeaderGetXmin(tuple));
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
 * May a value out of line go?  That of a row that only an older snapshot than
 * ours sees, or that nobody will see: its transaction may abort.
 */
static bool
may_be_lost(TupleTableSlot *slot)
{
	return HeapTupleHeaderHasExternal(header(slot)) &&
		   (!is_committed(slot) || is_deleted(slot));
}

/*
 * Bring what the index has of a row to memory; false where it is gone.  There
 * may be workers of VACUUM, beside which no error can be caught.
 */
static bool
take_values(IvfOldRows *rows)
{
	TupleTableSlot *slot = rows->slot;

	slot_getallattrs(slot);
	for (int i = 0; i < slot->tts_nvalid; i++)
		if (is_indexed(rows, i + 1) && !slot->tts_isnull[i] &&
			TupleDescAttr(slot->tts_tupleDescriptor, i)->attlen == -1 &&
			!vdb_toast_take(rows->toast, &slot->tts_values[i]))
			return false;
	return true;
}

/*
 * A row's values; false for a row that nobody can see.  A deleted row's value
 * out of line goes when no snapshot sees it any more, and that of a row whose
 * transaction aborts at once, which may be before the row itself.
 */
static bool
fetch_values(IvfOldRows *rows, ItemPointerData tid, Datum *values, bool *isnull)
{
	ItemPointerData copy = tid;
	bool again = false;
	bool all_dead = false;

	if (!table_index_fetch_tuple(rows->fetch, &copy, rows->snapshot, rows->slot,
								 &again, &all_dead))
	{
		if (!fetch_any(rows, tid))
			return false;
		if (may_be_lost(rows->slot) && !take_values(rows))
			return false;
	}
	FormIndexDatum(rows->info, rows->slot, rows->estate, values, isnull);
	return true;
}

/* The next one in the sort, which may copy numbers that are no Datum. */
static bool
next_row(Tuplesortstate *sort, MemoryContext row_context, ItemPointer tid)
{
	MemoryContext old = MemoryContextSwitchTo(row_context);
	Datum encoded;
	bool isnull;
	bool found = vdb_tuplesort_getdatum(sort, &encoded, &isnull);

	if (found)
		itemptr_decode(tid, DatumGetInt64(encoded));
	MemoryContextSwitchTo(old);
	return found;
}

/* The sort writes each number with its length. */
double
ivf_old_rows_files(double rows)
{
	return ivf_sort_files(rows, sizeof(uint32) + sizeof(int64), SORT_MEMORY);
}

double
ivf_old_rows_inserted(const IvfOldRows *rows)
{
	return rows->inserted;
}

double
ivf_old_rows_visit(void *of, IndexBuildCallback callback, void *arg)
{
	IvfOldRows *rows = of;
	Tuplesortstate *sort = list_rows(rows);
	MemoryContext row_context = GetPerTupleMemoryContext(rows->estate);
	double count = 0;
	ItemPointerData tid;

	while (next_row(sort, row_context, &tid))
	{
		Datum values[INDEX_MAX_KEYS];
		bool isnulls[INDEX_MAX_KEYS];
		MemoryContext old;
		bool there;

		vdb_vacuum_delay_point();
		old = MemoryContextSwitchTo(row_context);
		there = fetch_values(rows, tid, values, isnulls);
		MemoryContextSwitchTo(old);
		if (there)
			callback(rows->index, &tid, values, isnulls, true, arg);
		ResetPerTupleExprContext(rows->estate);
		count += there;
	}
	table_index_fetch_reset(rows->fetch);
	ExecClearTuple(rows->slot);
	ExecClearTuple(rows->next);
	tuplesort_end(sort);
	return count;
}
