/*
 * check_entry.h: what one entry of a list has to be.
 */
#ifndef VECDB_INSPECT_CHECK_ENTRY_H
#define VECDB_INSPECT_CHECK_ENTRY_H

#include "inspect/check_report.h"

/* An entry under check, put together from its group's lines. */
typedef struct IvfEntryCheck
{
	IvfCheck *check;
	const IvfLayout *layout; /* of its list */
	uint32 child;			 /* which one that is, of the leaf lists */
	IvfEntry *entry;
} IvfEntryCheck;

/*
 * A live entry of a leaf list or of the unplaced rows, in slot number "slot" of
 * its list, whose TID is on the block of the index: findings are reported, and
 * the row goes to check->rows unless its TID cannot be one of the table's.
 */
extern void ivf_check_row(const IvfEntryCheck *of, BlockNumber block,
						  int64 slot);

#endif /* VECDB_INSPECT_CHECK_ENTRY_H */
