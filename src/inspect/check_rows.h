/*
 * check_rows.h: the rows of the index, sorted by TID.
 */
#ifndef VECDB_INSPECT_CHECK_ROWS_H
#define VECDB_INSPECT_CHECK_ROWS_H

#include "inspect/check_report.h"
#include "utils/tuplesort.h"

/* A row as the index has it.  In the sort, the entry lies behind it. */
typedef struct IvfCheckRow
{
	ItemPointerData tid;
	uint16 kind;	   /* IVF_LEAF or IVF_UNPLACED */
	BlockNumber block; /* of the slot */
	uint32 slot;
	uint32 child; /* which of the leaf lists */
	uint16 flags; /* IVF_ROW_TWICE, IVF_ROW_SECOND */
} IvfCheckRow;

typedef struct IvfCheckRows
{
	Tuplesortstate *sort;
	TupleTableSlot *slot;

	/* While they are read: the current row, if there is one, and its entry. */
	bool started;
	bool exhausted;
	bool paired; /* the current row is the second one of its TID */
	IvfCheckRow row;
	const void *entry; /* an IvfEntry where it happens to lie, unaligned */
	Size entry_size;   /* 0 where codes are not compared */
} IvfCheckRows;

/* Make check->rows, to take rows. */
extern void ivf_check_rows_begin(IvfCheck *check);

/* A live slot; "entry" is its content. */
extern void ivf_check_rows_add(IvfCheck *check, const IvfCheckRow *row,
							   const IvfEntry *entry, Size entry_size);

/* All rows are there: read the first one. */
extern void ivf_check_rows_sort(IvfCheck *check);

/* Read the next one; I9, I17. */
extern void ivf_check_rows_next(IvfCheck *check);

/* Read what is left, for these, and let go of the sort. */
extern void ivf_check_rows_end(IvfCheck *check);

#endif /* VECDB_INSPECT_CHECK_ROWS_H */
