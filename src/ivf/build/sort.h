/*
 * sort.h: coded rows on their way into lists: a sort by list.
 */
#ifndef VECDB_IVF_BUILD_SORT_H
#define VECDB_IVF_BUILD_SORT_H

#include "compat.h"

#include "executor/tuptable.h"
#include "ivf/disk/layout.h"
#include "utils/tuplesort.h"

/*
 * The sort that assigners fill, with so many kilobytes of memory: by list, then
 * by the keys of the scalar columns, NULL first; without any in no order.
 * "coordinate" is that of a parallel sort, or NULL.
 */
extern Tuplesortstate *ivf_sort_begin(const IvfLayout *layout, int memory_kb,
									  SortCoordinate coordinate);

/* Bytes of an entry in the sort's temporary files, or a little fewer. */
extern Size ivf_sort_entry_bytes(const IvfLayout *layout);

/* Sorted rows, one by one. */
typedef struct IvfSorted
{
	Tuplesortstate *sort;
	TupleTableSlot *slot;
	bool valid;	 /* there is a current row */
	uint32 list; /* its list; lists for unplaced rows */
	IvfEntry *entry;
	Size room; /* of the entry */
} IvfSorted;

/* The sort is done: the first row is the current one. */
extern void ivf_sorted_begin(IvfSorted *sorted, const IvfLayout *layout,
							 Tuplesortstate *sort);
extern void ivf_sorted_next(IvfSorted *sorted);
/* Free what ivf_sorted_begin() took; the sort is the caller's to end. */
extern void ivf_sorted_end(IvfSorted *sorted);

/*
 * What goes into the sort of rows with that layout: (list int4, entry bytea),
 * and a key, int8, for each scalar column.
 */
extern TupleDesc ivf_sort_descriptor(const IvfLayout *layout);

/* Fill in a virtual tuple of that kind. */
extern void ivf_sort_fill(TupleTableSlot *slot, const IvfLayout *layout,
						  uint32 list, const bytea *payload);

#endif /* VECDB_IVF_BUILD_SORT_H */
