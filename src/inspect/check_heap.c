/*
 * check_heap.c: rows: each at most once in the index (I9), and every row of
 * the table in it, with the code that it has to have (I11).
 *
 * The index's rows are sorted by TID.  A scan of the table in the order of its
 * blocks then meets them as in a merge join; all rows of one block of the
 * table are at hand at a time, since the scan names a row by the root of its
 * HOT chain, which may lie behind it.
 */
#include "compat.h"

#include <math.h>

#include "access/tableam.h"
#include "access/transam.h"
#include "catalog/index.h"
#include "catalog/pg_operator_d.h"
#include "catalog/pg_type_d.h"
#include "executor/tuptable.h"
#include "inspect/check.h"
#include "ivf/space/tree.h"
#include "ivf/space/vector.h"
#include "miscadmin.h"
#include "nodes/execnodes.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

/*
 * Codes are the same to the byte where the same instruction set made them.
 * Elsewhere they may differ, and then have to tell the same: this is the part
 * of their size by which numbers may be off, for halves and for sums.
 */
#define TOLERANCE 4e-3

/* As math/space.h has it, with room for rounding. */
#define MAX_ERROR_RATIO (VDB_MAX_ERROR_RATIO * 1.01)

/* A row of the index together with its content. */
typedef struct IndexedRow
{
	IvfCheckRow row;
	bool found; /* in the table */
	IvfEntry *entry;
} IndexedRow;

typedef struct HeapCheck
{
	IvfCheck *check;
	bool exhausted; /* no row is left in the sort */
	bool started;
	IvfCheckRow ahead; /* the sort's current row */
	bytea *payload;	   /* of it, until the sort moves on */

	BlockNumber block;			 /* of the table */
	MemoryContext block_context; /* of what follows */
	IndexedRow *rows;			 /* by offset */
	uint32 nrows;
	uint32 room;

	MemoryContext row_context;
	float *x;
	float *y;
	float *centroid;
	IvfCoder coder;
	IvfEntry *entry;
} HeapCheck;

/* The sort --------------------------------------------------------------- */

static TupleDesc
row_descriptor(void)
{
	TupleDesc descriptor = CreateTemplateTupleDesc(2);

	TupleDescInitEntry(descriptor, 1, "tid", INT8OID, -1, 0);
	TupleDescInitEntry(descriptor, 2, "row", BYTEAOID, -1, 0);
	return descriptor;
}

void
ivf_check_rows_begin(IvfCheck *check)
{
	AttrNumber attributes[] = {1};
	Oid operators[] = {Int8LessOperator};
	Oid collations[] = {InvalidOid};
	bool nulls_first[] = {false};
	TupleDesc descriptor = row_descriptor();

	check->rows =
		tuplesort_begin_heap(descriptor, 1, attributes, operators, collations,
							 nulls_first, maintenance_work_mem / 2, NULL, 0);
	check->row_slot = MakeSingleTupleTableSlot(descriptor, &TTSOpsVirtual);
}

static int64
tid_key(ItemPointer tid)
{
	return (int64) ItemPointerGetBlockNumber(tid) << 16 |
		   ItemPointerGetOffsetNumber(tid);
}

void
ivf_check_rows_add(IvfCheck *check, const IvfCheckRow *row,
				   const IvfEntry *entry, Size entry_size)
{
	TupleTableSlot *slot = check->row_slot;
	Size size = sizeof(IvfCheckRow) + (check->heapallindexed ? entry_size : 0);
	bytea *payload = palloc(VARHDRSZ + size);
	ItemPointerData tid = row->tid;

	SET_VARSIZE(payload, VARHDRSZ + size);
	memcpy(VARDATA(payload), row, sizeof(IvfCheckRow));
	memcpy(VARDATA(payload) + sizeof(IvfCheckRow), entry,
		   size - sizeof(IvfCheckRow));

	ExecClearTuple(slot);
	slot->tts_values[0] = Int64GetDatum(tid_key(&tid));
	slot->tts_isnull[0] = false;
	slot->tts_values[1] = PointerGetDatum(payload);
	slot->tts_isnull[1] = false;
	ExecStoreVirtualTuple(slot);
	tuplesort_puttupleslot(check->rows, slot);
	ExecClearTuple(slot);
	pfree(payload);
}

/* The next row of the index; I9. */
static void
next_indexed(HeapCheck *heap)
{
	IvfCheck *check = heap->check;
	IvfCheckRow before = heap->ahead;
	bool isnull;

	CHECK_FOR_INTERRUPTS();
	if (!tuplesort_gettupleslot(check->rows, true, false, check->row_slot,
								NULL))
	{
		heap->exhausted = true;
		return;
	}
	heap->payload =
		(bytea *) DatumGetPointer(slot_getattr(check->row_slot, 2, &isnull));
	memcpy(&heap->ahead, VARDATA_ANY(heap->payload), sizeof(IvfCheckRow));
	if (heap->started && ItemPointerEquals(&before.tid, &heap->ahead.tid))
		ivf_check_found(check, I9_ONCE, heap->ahead.block, heap->ahead.slot,
						"row (%u,%u) is in block %u, slot %u too",
						ItemPointerGetBlockNumber(&before.tid),
						ItemPointerGetOffsetNumber(&before.tid), before.block,
						before.slot);
	heap->started = true;
}

/* The rows of one block ---------------------------------------------------- */

/* Keep the current row; of one that is there twice, the first. */
static void
keep_row(HeapCheck *heap)
{
	Size size = VARSIZE_ANY_EXHDR(heap->payload) - sizeof(IvfCheckRow);
	IndexedRow *row;

	if (heap->nrows > 0 &&
		ItemPointerEquals(&heap->rows[heap->nrows - 1].row.tid,
						  &heap->ahead.tid))
		return;
	if (heap->nrows == heap->room)
	{
		heap->room *= 2;
		heap->rows = repalloc(heap->rows, heap->room * sizeof(IndexedRow));
	}
	row = &heap->rows[heap->nrows++];
	row->row = heap->ahead;
	row->found = false;
	row->entry = MemoryContextAlloc(heap->block_context, Max(size, 1));
	memcpy(row->entry, VARDATA_ANY(heap->payload) + sizeof(IvfCheckRow), size);
}

static void
load_block(HeapCheck *heap, BlockNumber block)
{
	MemoryContextReset(heap->block_context);
	heap->nrows = 0;
	heap->block = block;
	while (!heap->exhausted &&
		   ItemPointerGetBlockNumber(&heap->ahead.tid) <= block)
	{
		if (ItemPointerGetBlockNumber(&heap->ahead.tid) == block)
			keep_row(heap);
		next_indexed(heap);
	}
}

static IndexedRow *
find_row(HeapCheck *heap, ItemPointer tid)
{
	OffsetNumber offset = ItemPointerGetOffsetNumber(tid);
	uint32 low = 0;
	uint32 high = heap->nrows;

	while (low < high)
	{
		uint32 middle = low + (high - low) / 2;

		if (ItemPointerGetOffsetNumber(&heap->rows[middle].row.tid) < offset)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < heap->nrows &&
		ItemPointerGetOffsetNumber(&heap->rows[low].row.tid) == offset)
		return &heap->rows[low];
	return NULL;
}

/* Codes ------------------------------------------------------------------ */

static void
row_found(HeapCheck *heap, const IndexedRow *row, const char *fault)
{
	ItemPointerData tid = row->row.tid;

	ivf_check_found(heap->check, I11_HEAP, row->row.block, row->row.slot,
					"row (%u,%u) %s", ItemPointerGetBlockNumber(&tid),
					ItemPointerGetOffsetNumber(&tid), fault);
}

static const float *
list_centroid(HeapCheck *heap, uint32 child)
{
	IvfCheck *check = heap->check;
	uint32 dim = check->meta.padded;

	if (child < check->centroids_room)
		return check->centroids + (Size) child * dim;
	ivf_tree_centroid(check->index, check->ivf, check->children[child].slot,
					  heap->centroid);
	return heap->centroid;
}

/* What a code says of a residual, in double precision. */
typedef struct CodeFigures
{
	double residual2;		/* |r|^2 */
	double code2;			/* |o|^2 */
	double code_residual;	/* <o, r> */
	double code_centroid;	/* <o, c> */
	double residual_origin; /* <r, c + m> */
	double origin2;			/* |c + m|^2, or |c|^2 */
} CodeFigures;

static void
measure_code(HeapCheck *heap, const IvfEntry *entry, const float *centroid,
			 CodeFigures *figures)
{
	const IvfIndex *ivf = heap->check->ivf;
	const float *mean = ivf_mean(ivf);
	bool at_origin = vdb_space_mean(ivf->space) != 0;
	uint8 *fields = heap->coder.code.fields;

	memset(figures, 0, sizeof(*figures));
	for (uint32 line = 0; line < ivf->leaf.code_lines; line++)
		vdb_code_get(ivf->format, (const uint8 *) &entry->lanes[line], line, 0,
					 fields);
	for (uint32 i = 0; i < ivf->meta.padded; i++)
	{
		double r = (double) heap->y[i] - centroid[i];
		double o = fields[i] - ivf->format->center;
		double origin = (double) centroid[i] + (at_origin ? mean[i] : 0);

		figures->residual2 += r * r;
		figures->code2 += o * o;
		figures->code_residual += o * r;
		figures->code_centroid += o * centroid[i];
		figures->residual_origin += r * origin;
		figures->origin2 += origin * origin;
	}
}

/* Is the stored "add" what belongs to the code and the gain? */
static bool
add_fits(const IvfIndex *ivf, const CodeFigures *figures, double add,
		 double gain)
{
	const VdbSpace *space = ivf->space;
	double expected = space->norm * figures->residual2 -
					  vdb_space_mean(space) * figures->residual_origin +
					  space->inner * gain * figures->code_centroid;
	double size =
		space->norm * figures->residual2 +
		space->inner * (gain * sqrt(figures->code2 * figures->origin2) +
						sqrt(figures->residual2 * figures->origin2));

	return fabs(add - expected) <= TOLERANCE * size + 1e-6;
}

/* Does another code than ours serve as well? */
static bool
code_serves(HeapCheck *heap, const IvfEntry *entry, const float *centroid)
{
	const IvfIndex *ivf = heap->check->ivf;
	double add = vdb_f16_to_f32(entry->factors.half[0]);
	double gain = vdb_f16_to_f32(entry->factors.half[1]);
	CodeFigures figures;
	double rest;

	/* Minus infinity bounds everything. */
	if (isinf(add) && add < 0)
		return true;
	measure_code(heap, entry, centroid, &figures);
	if (!add_fits(ivf, &figures, add, gain))
		return false;
	if (fabs(gain * figures.code_residual - figures.residual2) >
		TOLERANCE * (figures.residual2 +
					 gain * sqrt(figures.code2 * figures.residual2)) +
			1e-6)
		return false;

	/* |o|^2 (1 - cos^2) / (D - 1), the square of the code's error */
	if (figures.residual2 <= 1e-6)
		return true;
	rest = figures.code2 -
		   figures.code_residual * figures.code_residual / figures.residual2;
	return sqrt(Max(rest, 0) / (ivf->meta.padded - 1)) <=
		   MAX_ERROR_RATIO * ivf->format->error;
}

static void
check_code(HeapCheck *heap, IndexedRow *row)
{
	const IvfIndex *ivf = heap->check->ivf;
	Size size = ivf_entry_size(&ivf->leaf);
	const float *centroid;

	/* Where the centroid is wrong, all codes of its list would be. */
	if (!heap->check->children[row->row.child].centroid_sound)
		return;
	centroid = list_centroid(heap, row->row.child);
	ivf_project(ivf, heap->x, heap->y);
	memset(heap->entry, 0, size);
	ivf_code_row(&heap->coder, heap->y, centroid, &row->row.tid, heap->entry);
	if (memcmp(&heap->entry->factors.half, &row->entry->factors.half,
			   sizeof(heap->entry->factors.half)) == 0 &&
		memcmp(heap->entry->lanes, row->entry->lanes,
			   size - offsetof(IvfEntry, lanes)) == 0)
		return;
	if (!code_serves(heap, row->entry, centroid))
		row_found(heap, row, "has a code that is not its vector's");
}

/* Rows of the table ------------------------------------------------------ */

/* Where the row belongs: I11. */
static void
check_place(HeapCheck *heap, IndexedRow *row, Datum value, bool isnull)
{
	const IvfIndex *ivf = heap->check->ivf;
	bool unplaced = row->row.kind == IVF_UNPLACED;
	bool null_flag = unplaced && (row->entry->slot.detail & IVF_ROW_NULL) != 0;

	if (isnull != null_flag)
		row_found(heap, row,
				  isnull ? "is NULL, but not marked so"
						 : "is marked as NULL, but has a value");
	else if (isnull)
		return;
	else if (ivf_normalize(ivf, ivf_raw(ivf, value), heap->x) == unplaced)
		row_found(heap, row,
				  unplaced ? "has a distance, but is among those without"
						   : "has no distance, but is among those with one");
	else if (!unplaced)
		check_code(heap, row);
}

static void
check_heap_row(Relation index, ItemPointer tid, Datum *values, bool *isnull,
			   bool alive, void *arg)
{
	HeapCheck *heap = arg;
	BlockNumber block = ItemPointerGetBlockNumber(tid);
	MemoryContext old;
	IndexedRow *row;

	if (ivf_check_full(heap->check))
		return;
	if (block != heap->block)
		load_block(heap, block);
	row = find_row(heap, tid);
	if (row == NULL || row->found)
	{
		ivf_check_found(heap->check, I11_HEAP, InvalidBlockNumber,
						IVF_CHECK_NO_SLOT,
						"row (%u,%u) of the table is not in the index", block,
						ItemPointerGetOffsetNumber(tid));
		return;
	}
	row->found = true;

	old = MemoryContextSwitchTo(heap->row_context);
	check_place(heap, row, values[0], isnull[0]);
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

/* Every row that a snapshot sees and the index should hold. */
static void
scan_heap(HeapCheck *heap)
{
	IvfCheck *check = heap->check;
	Snapshot snapshot = RegisterSnapshot(GetTransactionSnapshot());
	IndexInfo *info = BuildIndexInfo(check->index);
	TableScanDesc scan;

	require_usable_by(check->index, snapshot);
	/*
	 * Through the snapshot's eyes, and from the first block on, which is this
	 * scan's affair: whoever brings one has to allow a synchronized scan to
	 * table_index_build_scan, or it would set limits to what it did not begin.
	 */
	scan = table_beginscan_strat(check->heap, snapshot, 0, NULL, true, false);
	info->ii_Concurrent = true;
	table_index_build_scan(check->heap, check->index, info, true, false,
						   check_heap_row, heap, scan);
	UnregisterSnapshot(snapshot);
}

static void
init_heap_check(HeapCheck *heap, IvfCheck *check)
{
	uint32 dim = check->meta.padded;

	memset(heap, 0, sizeof(*heap));
	heap->check = check;
	heap->block = InvalidBlockNumber;
	heap->block_context = AllocSetContextCreate(
		CurrentMemoryContext, "ivfflat check block", ALLOCSET_DEFAULT_SIZES);
	heap->row_context = AllocSetContextCreate(
		CurrentMemoryContext, "ivfflat check row", ALLOCSET_DEFAULT_SIZES);
	heap->room = 256;
	heap->rows = palloc(heap->room * sizeof(IndexedRow));
	heap->x = palloc(dim * sizeof(float));
	heap->y = palloc(dim * sizeof(float));
	heap->centroid = palloc(dim * sizeof(float));
	heap->entry = ivf_entry_create(&check->leaf);
	if (check->ivf)
		ivf_coder_init(&heap->coder, check->ivf);
}

void
ivf_check_rows(IvfCheck *check)
{
	TupleDesc descriptor = check->row_slot->tts_tupleDescriptor;
	HeapCheck heap;

	ExecDropSingleTupleTableSlot(check->row_slot);
	check->row_slot = MakeSingleTupleTableSlot(descriptor, &TTSOpsMinimalTuple);
	tuplesort_performsort(check->rows);
	init_heap_check(&heap, check);
	next_indexed(&heap);

	/* Without all of the lists, every row would seem to be missing. */
	if (check->heapallindexed && check->ivf && !check->broken)
		scan_heap(&heap);
	while (!heap.exhausted && !ivf_check_full(check))
		next_indexed(&heap);

	ExecDropSingleTupleTableSlot(check->row_slot);
	tuplesort_end(check->rows);
}
