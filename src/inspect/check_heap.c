/*
 * check_heap.c: every row of the table is in the index, in its place, with the
 * code and the keys that it has to have: I11 and I14; and both of two entries,
 * if it has two: I17.
 *
 * The index's rows come sorted by TID, those of a block of the table at a time
 * (check_block.c).  A scan of the table in the order of its blocks then meets
 * them as in a merge join.
 */
#include "compat.h"

#include "access/tableam.h"
#include "access/transam.h"
#include "catalog/index.h"
#include "inspect/check_block.h"
#include "inspect/check_code.h"
#include "inspect/check_heap.h"
#include "ivf/space/attempt.h"
#include "ivf/space/keys.h"
#include "ivf/space/vector.h"
#include "nodes/execnodes.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

typedef struct HeapCheck
{
	IvfCheck *check;
	IvfCheckBlock block;
	MemoryContext row_context;
	float *x;
	IvfCodeCheck code;
} HeapCheck;

/* Rows of the table ------------------------------------------------------ */

static void
row_found(HeapCheck *heap, IvfInvariant invariant, const IvfIndexedRow *row,
		  const char *fault)
{
	ItemPointerData tid = row->row.tid;

	ivf_check_found(heap->check, invariant, row->row.block, row->row.slot,
					"row (%u,%u) %s", ItemPointerGetBlockNumber(&tid),
					ItemPointerGetOffsetNumber(&tid), fault);
}

typedef struct Reading
{
	const IvfState *state;
	Datum value;
	const float *raw;
} Reading;

static void
read_raw(void *arg)
{
	Reading *reading = arg;

	reading->raw = ivf_raw(reading->state, reading->value);
}

/*
 * The value's floats, or NULL for one that cannot be read, such as one whose
 * chunks are lost: the check goes on with the other rows.  Only reading is done
 * in the subtransaction, so that no file of a sort is born in it.
 */
static const float *
read_value(HeapCheck *heap, const IvfIndexedRow *row, Datum value)
{
	Reading reading = {heap->check->state, value, NULL};
	ErrorData *error = ivf_attempt(read_raw, &reading);

	if (error == NULL)
		return reading.raw;
	/* That memory is full says nothing of the value. */
	if (ERRCODE_TO_CATEGORY(error->sqlerrcode) ==
		ERRCODE_INSUFFICIENT_RESOURCES)
		ReThrowError(error);
	row_found(heap, I11_HEAP, row,
			  psprintf("has a value that cannot be read: %s", error->message));
	return NULL;
}

/* Where the row belongs: I11. */
static void
check_place(HeapCheck *heap, IvfIndexedRow *row, Datum value, bool isnull)
{
	const IvfState *state = heap->check->state;
	const float *raw = isnull ? NULL : read_value(heap, row, value);
	bool unplaced = row->row.kind == IVF_UNPLACED;
	bool null_flag = unplaced && (row->entry->slot.detail & IVF_ROW_NULL) != 0;

	if (isnull != null_flag)
		row_found(heap, I11_HEAP, row,
				  isnull ? "is NULL, but not marked so"
						 : "is marked as NULL, but has a value");
	else if (raw == NULL)
		return;
	else if (ivf_normalize(state, raw, heap->x) == unplaced)
		row_found(heap, I11_HEAP, row,
				  unplaced ? "has a distance, but is among those without"
						   : "has no distance, but is among those with one");
	else if (!unplaced && !ivf_check_code(&heap->code, row->row.child, value,
										  heap->x, row->entry))
		row_found(heap, I11_HEAP, row, "has a code that is not its vector's");
}

/* The scalar columns: I14. */
static void
check_keys(HeapCheck *heap, IvfIndexedRow *row, Datum *values, bool *isnull)
{
	const IvfState *state = heap->check->state;
	const IvfLayout *layout =
		row->row.kind == IVF_UNPLACED ? &state->unplaced : &state->leaf;
	IvfKeys keys;

	ivf_keys_make(state, values, isnull, &keys);
	for (uint32 i = 0; i < layout->columns; i++)
	{
		bool null;
		uint64 key = ivf_entry_key(layout, row->entry, i, &null);

		if (null != keys.null[i])
			row_found(heap, I14_KEYS, row,
					  psprintf(null ? "is marked as NULL in scalar column %d, "
									  "but has a value"
									: "is NULL in scalar column %d, but not "
									  "marked so",
							   i + 1));
		else if (key != keys.key[i])
			row_found(heap, I14_KEYS, row,
					  psprintf("has a key in scalar column %d that is not "
							   "its value's",
							   i + 1));
	}
}

/* One of the row's entries. */
static void
check_entry(HeapCheck *heap, IvfIndexedRow *row, Datum *values, bool *isnull)
{
	check_place(heap, row, values[0], isnull[0]);
	check_keys(heap, row, values, isnull);
}

static void
check_heap_row(Relation index, ItemPointer tid, Datum *values, bool *isnull,
			   bool alive, void *arg)
{
	HeapCheck *heap = arg;
	MemoryContext old;
	IvfIndexedRow *row;
	IvfIndexedRow *second;

	if (ivf_check_full(heap->check))
		return;
	row = ivf_check_block_find(&heap->block, tid);
	if (row == NULL || row->found)
	{
		ivf_check_found(
			heap->check, I11_HEAP, InvalidBlockNumber, IVF_CHECK_NO_SLOT,
			"row (%u,%u) of the table is not in the index",
			ItemPointerGetBlockNumber(tid), ItemPointerGetOffsetNumber(tid));
		return;
	}
	row->found = true;

	old = MemoryContextSwitchTo(heap->row_context);
	check_entry(heap, row, values, isnull);
	second = ivf_check_block_second(&heap->block, row);
	if (second)
		check_entry(heap, second, values, isnull);
	else if (row->row.flags & IVF_ROW_TWICE)
		row_found(heap, I17_TWICE, row,
				  (row->row.flags & IVF_ROW_SECOND)
					  ? "has its second entry alone"
					  : "has its first entry alone");
	MemoryContextSwitchTo(old);
	MemoryContextReset(heap->row_context);
}

/*
 * An index that was built over HOT chains with different values of its column
 * has no rows for snapshots older than itself.
 */
static void
require_usable_by(Relation index, Snapshot snapshot)
{
	if (index->rd_index->indcheckxmin &&
		!TransactionIdPrecedes(
			HeapTupleHeaderGetXmin(index->rd_indextuple->t_data),
			snapshot->xmin))
		ereport(ERROR,
				(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
				 errmsg("index \"%s\" cannot be compared with its table in "
						"this transaction",
						RelationGetRelationName(index)),
				 errhint("Older transactions may still be running: try again "
						 "when they have ended.")));
}

/* Every row that the check's snapshot sees and the index should hold. */
static void
scan_heap(HeapCheck *heap)
{
	IvfCheck *check = heap->check;
	IndexInfo *info = BuildIndexInfo(check->index);
	TableScanDesc scan;

	require_usable_by(check->index, check->snapshot);
	/*
	 * Through the snapshot's eyes, and from the first block on, which is this
	 * scan's affair: whoever brings one has to allow a synchronized scan to
	 * table_index_build_scan, or it would set limits to what it did not begin.
	 */
	scan = table_beginscan_strat(check->heap, check->snapshot, 0, NULL, true,
								 false);
	info->ii_Concurrent = true;
	table_index_build_scan(check->heap, check->index, info, true, false,
						   check_heap_row, heap, scan);
}

static void
init_heap_check(HeapCheck *heap, IvfCheck *check)
{
	memset(heap, 0, sizeof(*heap));
	heap->check = check;
	ivf_check_block_init(&heap->block, check);
	heap->row_context = AllocSetContextCreate(
		CurrentMemoryContext, "ivfflat check row", ALLOCSET_DEFAULT_SIZES);
	heap->x = palloc(check->meta.padded * sizeof(float));
	ivf_check_code_init(&heap->code, check);
}

void
ivf_check_heap(IvfCheck *check)
{
	HeapCheck heap;

	/* Without all of the lists, every row would seem to be missing. */
	if (!check->heapallindexed || check->state == NULL || check->broken)
		return;
	init_heap_check(&heap, check);
	scan_heap(&heap);
}
