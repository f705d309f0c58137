/*
 * check_rows.c: the rows of the index in a sort by TID, which is where those
 * that stand in it twice become neighbours: I9, I17.
 */
#include "compat.h"

#include "catalog/pg_operator_d.h"
#include "catalog/pg_type_d.h"
#include "executor/tuptable.h"
#include "inspect/check_rows.h"
#include "miscadmin.h"

/* Filling ---------------------------------------------------------------- */

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
	IvfCheckRows *rows = palloc0(sizeof(IvfCheckRows));

	rows->sort =
		tuplesort_begin_heap(descriptor, 1, attributes, operators, collations,
							 nulls_first, maintenance_work_mem / 2, NULL, 0);
	rows->slot = MakeSingleTupleTableSlot(descriptor, &TTSOpsVirtual);
	check->rows = rows;
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
	TupleTableSlot *slot = check->rows->slot;
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
	tuplesort_puttupleslot(check->rows->sort, slot);
	vdb_free_int64(slot->tts_values[0]);
	ExecClearTuple(slot);
	pfree(payload);
}

/* Reading ---------------------------------------------------------------- */

static void
take_row(IvfCheckRows *rows)
{
	bool isnull;
	bytea *payload =
		(bytea *) DatumGetPointer(slot_getattr(rows->slot, 2, &isnull));
	const char *data = VARDATA_ANY(payload);

	memcpy(&rows->row, data, sizeof(IvfCheckRow));
	rows->entry = data + sizeof(IvfCheckRow);
	rows->entry_size = VARSIZE_ANY_EXHDR(payload) - sizeof(IvfCheckRow);
}

/* A TID that was the one before, too: I9, or of two entries I17. */
static void
check_again(IvfCheck *check, const IvfCheckRow *before)
{
	IvfCheckRows *rows = check->rows;
	const IvfCheckRow *row = &rows->row;
	bool two = (before->flags & row->flags & IVF_ROW_TWICE) && !rows->paired;
	bool second = (row->flags & IVF_ROW_SECOND) != 0;
	ItemPointerData tid = row->tid;

	rows->paired = true;
	if (!two)
		ivf_check_found(check, I9_ONCE, row->block, row->slot,
						"row (%u,%u) is in block %u, slot %u too",
						ItemPointerGetBlockNumber(&tid),
						ItemPointerGetOffsetNumber(&tid), before->block,
						before->slot);
	else if (row->child == before->child)
		ivf_check_found(check, I17_TWICE, row->block, row->slot,
						"both entries of row (%u,%u) are in one list",
						ItemPointerGetBlockNumber(&tid),
						ItemPointerGetOffsetNumber(&tid));
	else if (second == ((before->flags & IVF_ROW_SECOND) != 0))
		ivf_check_found(check, I17_TWICE, row->block, row->slot,
						"%s entry of row (%u,%u) is its second one",
						second ? "either" : "no",
						ItemPointerGetBlockNumber(&tid),
						ItemPointerGetOffsetNumber(&tid));
}

void
ivf_check_rows_next(IvfCheck *check)
{
	IvfCheckRows *rows = check->rows;
	IvfCheckRow before = rows->row;

	CHECK_FOR_INTERRUPTS();
	rows->exhausted =
		!tuplesort_gettupleslot(rows->sort, true, false, rows->slot, NULL);
	if (rows->exhausted)
		return;
	take_row(rows);
	if (rows->started && ItemPointerEquals(&before.tid, &rows->row.tid))
		check_again(check, &before);
	else
		rows->paired = false;
	rows->started = true;
}

void
ivf_check_rows_sort(IvfCheck *check)
{
	IvfCheckRows *rows = check->rows;
	TupleDesc descriptor = rows->slot->tts_tupleDescriptor;

	/* The sort gives out tuples of another kind than it takes. */
	ExecDropSingleTupleTableSlot(rows->slot);
	rows->slot = MakeSingleTupleTableSlot(descriptor, &TTSOpsMinimalTuple);
	tuplesort_performsort(rows->sort);
	ivf_check_rows_next(check);
}

void
ivf_check_rows_end(IvfCheck *check)
{
	IvfCheckRows *rows = check->rows;

	while (!rows->exhausted && !ivf_check_full(check))
		ivf_check_rows_next(check);
	ExecDropSingleTupleTableSlot(rows->slot);
	tuplesort_end(rows->sort);
	check->rows = NULL;
}
