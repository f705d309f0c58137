/*
 * list.h: reading lists, group by group.
 *
 * A reader holds one share lock at a time, on the page that it looks at, and no
 * pin between pages; a caller's visit runs under that lock and must be short.
 */
#ifndef VECDB_IVF_DISK_LIST_H
#define VECDB_IVF_DISK_LIST_H

#include "compat.h"

#include "ivf/disk/cursor.h"
#include "ivf/disk/layout.h"

/* A whole group; the pointers serve until the visit ends. */
typedef struct IvfGroup
{
	uint32 number; /* in the list */
	uint32 slots;  /* slots of it that were ever filled, 1 .. 16 */
	const void *factors;
	const IvfSlot *slot;
	int32 (*dot)[VDB_GROUP]; /* one array a query */
} IvfGroup;

typedef void (*IvfVisit)(void *arg, const IvfGroup *group);

/* What the codes are multiplied with, and what is known of the list. */
typedef struct IvfReading
{
	const int8 *queries[2]; /* as the codes want them: D bytes, or bits */
	int nqueries;			/* 0 to 2 */
	Snapshot snapshot;		/* that rows are read for, or NULL */
	VdbAhead first;			/* of the list's first page */
} IvfReading;

/*
 * Visit the groups of a list in order, with the dot products of their codes.
 * "reading" may be NULL: no queries.  Checks for interrupts between pages.
 * Returns the list's number of slots.
 */
extern uint32 ivf_list_visit(Relation index, BlockNumber head,
							 const IvfLayout *layout, const IvfReading *reading,
							 IvfVisit visit, void *arg);

/* Ask for a list's first page; the result helps to read it. */
extern VdbAhead ivf_list_ahead(Relation index, BlockNumber head);

/* The entry in a slot of a list; its code makes the centroid of a child. */
extern void ivf_list_read_entry(Relation index, BlockNumber head,
								const IvfLayout *layout, uint32 slot,
								IvfEntry *entry);

/* All lines of a group: layout->lines of them. */
extern void ivf_list_read_group(Relation index, BlockNumber head,
								const IvfLayout *layout, uint32 group,
								uint8 *lines);

#endif /* VECDB_IVF_DISK_LIST_H */
