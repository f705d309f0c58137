/*
 * list_change.h: lists that live: insertion, and vacuum.
 *
 * Whoever adds to a list holds its first page locked exclusively, so there is
 * one inserter a list at a time; further pages are locked one by one under
 * it.  Vacuum frees slots page by page without the first page's lock, and
 * takes it at the end to change the list's counters and its length.  Scans
 * hold one share lock at a time and wait for nobody with one held, so there is
 * no deadlock.
 */
#ifndef VECDB_IVF_DISK_LIST_CHANGE_H
#define VECDB_IVF_DISK_LIST_CHANGE_H

#include "compat.h"

#include "ivf/disk/layout.h"
#include "ivf/disk/list_summary.h"

/*
 * Put an entry into a free slot or at the end, WAL-logged.  The parent, if it
 * is not NULL, gets room for it in its summaries before.
 */
extern void ivf_list_insert(Relation index, BlockNumber head,
							const IvfLayout *layout, const IvfEntry *entry,
							const IvfParent *parent);

/* True where the row is to be deleted. */
typedef bool (*IvfDead)(ItemPointer tid, void *arg);

/* Of one or more lists. */
typedef struct IvfVacuumCount
{
	double live; /* rows: without their second entries */
	double removed;
	double freed_slots;
	double freed_pages;
} IvfVacuumCount;

/*
 * Free the slots of dead rows and the pages behind the last live one.  "pause"
 * is called with no lock held, after each page.
 */
extern void ivf_list_vacuum(Relation index, BlockNumber head,
							const IvfLayout *layout, IvfDead dead, void *arg,
							void (*pause)(void), IvfVacuumCount *count);

#endif /* VECDB_IVF_DISK_LIST_CHANGE_H */
