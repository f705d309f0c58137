/*
 * sort.c: see sort.h.
 *
 * What goes into the sort is an IvfEntry as bytea: some tens of bytes a row.
 */
#include "compat.h"

#include "catalog/pg_operator_d.h"
#include "catalog/pg_type_d.h"
#include "ivf/build/sort.h"
#include "miscadmin.h"
#include "utils/rel.h"

TupleDesc
ivf_sort_descriptor(void)
{
	TupleDesc descriptor = CreateTemplateTupleDesc(2);

	TupleDescInitEntry(descriptor, 1, "list", INT4OID, -1, 0);
	TupleDescInitEntry(descriptor, 2, "entry", BYTEAOID, -1, 0);
	return descriptor;
}

Tuplesortstate *
ivf_sort_begin(int memory_kb, SortCoordinate coordinate)
{
	AttrNumber attributes[] = {1};
	Oid operators[] = {Int4LessOperator};
	Oid collations[] = {InvalidOid};
	bool nulls_first[] = {false};

	return tuplesort_begin_heap(ivf_sort_descriptor(), 1, attributes, operators,
								collations, nulls_first, Max(memory_kb, 64),
								coordinate, 0);
}

void
ivf_sorted_begin(IvfSorted *sorted, Tuplesortstate *sort)
{
	memset(sorted, 0, sizeof(*sorted));
	sorted->sort = sort;
	sorted->slot =
		MakeSingleTupleTableSlot(ivf_sort_descriptor(), &TTSOpsMinimalTuple);
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
	sorted->list = DatumGetInt32(slot_getattr(sorted->slot, 1, &isnull));
	copy_entry(sorted, (bytea *) DatumGetPointer(
						   slot_getattr(sorted->slot, 2, &isnull)));
}

void
ivf_sorted_end(IvfSorted *sorted)
{
	ExecDropSingleTupleTableSlot(sorted->slot);
	if (sorted->entry)
		pfree(sorted->entry);
}
