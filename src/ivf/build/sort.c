/*
 * sort.c: see sort.h.
 *
 * What goes into the sort is an IvfEntry as bytea: some tens of bytes a row.
 */
#include "compat.h"

#include "access/htup_details.h"
#include "catalog/pg_operator_d.h"
#include "catalog/pg_type_d.h"
#include "ivf/build/sort.h"
#include "miscadmin.h"
#include "utils/rel.h"

/* Columns of the sort: behind these two the keys of each scalar column. */
#define LIST 1
#define ENTRY 2
#define KEYS 3

TupleDesc
ivf_sort_descriptor(const IvfLayout *layout)
{
	TupleDesc descriptor = CreateTemplateTupleDesc(ENTRY + layout->columns);

	TupleDescInitEntry(descriptor, LIST, "list", INT4OID, -1, 0);
	TupleDescInitEntry(descriptor, ENTRY, "entry", BYTEAOID, -1, 0);
	for (uint32 i = 0; i < layout->columns; i++)
		TupleDescInitEntry(descriptor, KEYS + i, "key", INT8OID, -1, 0);
	return descriptor;
}

void
ivf_sort_fill(TupleTableSlot *slot, const IvfLayout *layout, uint32 list,
			  const bytea *payload)
{
	slot->tts_values[LIST - 1] = Int32GetDatum(list);
	slot->tts_isnull[LIST - 1] = false;
	slot->tts_values[ENTRY - 1] = PointerGetDatum(payload);
	slot->tts_isnull[ENTRY - 1] = false;
	for (uint32 i = 0; i < layout->columns; i++)
	{
		bool *null = &slot->tts_isnull[KEYS - 1 + i];
		uint64 key =
			ivf_entry_key(layout, (const IvfEntry *) VARDATA(payload), i, null);

		/* Signed integers have the order of unsigned ones by that. */
		slot->tts_values[KEYS - 1 + i] =
			Int64GetDatum(key ^ (UINT64_C(1) << 63));
	}
}

Tuplesortstate *
ivf_sort_begin(const IvfLayout *layout, int memory_kb,
			   SortCoordinate coordinate)
{
	AttrNumber attributes[1 + IVF_MOST_COLUMNS] = {LIST};
	Oid operators[1 + IVF_MOST_COLUMNS] = {Int4LessOperator};
	Oid collations[1 + IVF_MOST_COLUMNS] = {InvalidOid};
	bool nulls_first[1 + IVF_MOST_COLUMNS] = {false};

	for (uint32 i = 0; i < layout->columns; i++)
	{
		attributes[1 + i] = KEYS + i;
		operators[1 + i] = Int8LessOperator;
		nulls_first[1 + i] = true; /* their keys are zero (layout.h) */
	}
	return tuplesort_begin_heap(
		ivf_sort_descriptor(layout), 1 + layout->columns, attributes, operators,
		collations, nulls_first, Max(memory_kb, 64), coordinate, 0);
}

Size
ivf_sort_entry_bytes(const IvfLayout *layout)
{
	return SizeofMinimalTupleHeader + sizeof(int32) + VARHDRSZ +
		   ivf_entry_size(layout) + layout->columns * sizeof(int64);
}

void
ivf_sorted_begin(IvfSorted *sorted, const IvfLayout *layout,
				 Tuplesortstate *sort)
{
	memset(sorted, 0, sizeof(*sorted));
	sorted->sort = sort;
	sorted->slot = MakeSingleTupleTableSlot(ivf_sort_descriptor(layout),
											&TTSOpsMinimalTuple);
	ivf_sorted_next(sorted);
}

/* The entry is copied since its place in the tuple is not aligned. */
static void
copy_entry(IvfSorted *sorted, bytea *payload)
{
	Size size = VARSIZE_ANY_EXHDR(payload);

	if (size > sorted->room)
	{
		if (sorted->entry)
			pfree(sorted->entry);
		sorted->entry = palloc(size);
		sorted->room = size;
	}
	memcpy(sorted->entry, VARDATA_ANY(payload), size);
}

void
ivf_sorted_next(IvfSorted *sorted)
{
	bool isnull;

	CHECK_FOR_INTERRUPTS();
	sorted->valid =
		tuplesort_gettupleslot(sorted->sort, true, false, sorted->slot, NULL);
	if (!sorted->valid)
		return;
	sorted->list = DatumGetInt32(slot_getattr(sorted->slot, LIST, &isnull));
	copy_entry(sorted, (bytea *) DatumGetPointer(
						   slot_getattr(sorted->slot, ENTRY, &isnull)));
}

void
ivf_sorted_end(IvfSorted *sorted)
{
	ExecDropSingleTupleTableSlot(sorted->slot);
	if (sorted->entry)
		pfree(sorted->entry);
}
