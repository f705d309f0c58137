/*
 * open_list.h: a list under change, for list_insert.c and list_vacuum.c.
 */
#ifndef VECDB_IVF_DISK_OPEN_LIST_H
#define VECDB_IVF_DISK_OPEN_LIST_H

#include "compat.h"

#include "ivf/disk/layout.h"

/* A list under change; its first page is locked exclusively. */
typedef struct IvfOpenList
{
	Relation index;
	const IvfLayout *layout;
	BlockNumber head;
	Buffer head_buffer;
} IvfOpenList;

/*
 * Lock the list's first page exclusively, with no other page locked: whoever
 * waits for a first page holds nothing, so there is no deadlock.
 */
extern void ivf_open_list(IvfOpenList *list, Relation index,
						  const IvfLayout *layout, BlockNumber head);
extern void ivf_close_list(IvfOpenList *list);

/* The first page's tail, with the list's counters. */
extern IvfPageTail *ivf_open_tail(const IvfOpenList *list);

/*
 * Page "number" of the list, by its block, locked; anything else there is an
 * error.  The first page is locked already, whatever the mode.
 */
extern Buffer ivf_open_page(const IvfOpenList *list, BlockNumber block,
							uint32 number, int lockmode);
extern void ivf_close_page(const IvfOpenList *list, Buffer buffer);

#endif /* VECDB_IVF_DISK_OPEN_LIST_H */
