/*
 * list_end.h: what is added to a list from some moment on.
 */
#ifndef VECDB_IVF_DISK_LIST_END_H
#define VECDB_IVF_DISK_LIST_END_H

#include "compat.h"

#include "ivf/disk/layout.h"

/* A list as it was at some moment: slots so far, the last page. */
typedef struct IvfListEnd
{
	uint32 slots;
	uint32 inserted; /* rows so far, since the list was written */
	BlockNumber last;
} IvfListEnd;

/*
 * Where the list ends now.  From now on, until the next vacuum, inserts take
 * slots behind it: the list's free slots are forgotten, WAL-logged.
 */
extern void ivf_list_end(Relation index, BlockNumber head,
						 const IvfLayout *layout, IvfListEnd *end);

typedef void (*IvfRowVisit)(void *arg, const IvfSlot *slot);

/*
 * Visit the rows in slots from "begin" up to an end, in no order; with no page
 * locked.  No vacuum may cut the list meanwhile.
 */
extern void ivf_list_rows(Relation index, BlockNumber head,
						  const IvfLayout *layout, uint32 begin,
						  const IvfListEnd *end, IvfRowVisit visit, void *arg);

#endif /* VECDB_IVF_DISK_LIST_END_H */
