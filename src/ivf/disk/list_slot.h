/*
 * list_slot.h: single slots and groups of a list, by their number.
 */
#ifndef VECDB_IVF_DISK_LIST_SLOT_H
#define VECDB_IVF_DISK_LIST_SLOT_H

#include "compat.h"

#include "ivf/disk/layout.h"
#include "utils/relcache.h"

/* The entry in a slot of a list; its code makes the centroid of a child. */
extern void ivf_list_read_entry(Relation index, BlockNumber head,
								const IvfLayout *layout, uint32 slot,
								IvfEntry *entry);

/* All lines of a group: layout->lines of them. */
extern void ivf_list_read_group(Relation index, BlockNumber head,
								const IvfLayout *layout, uint32 group,
								uint8 *lines);

/* What belongs to scalar columns in a slot; the entry's rest stays as it is. */
extern void ivf_list_read_columns(Relation index, BlockNumber head,
								  const IvfLayout *layout, uint32 slot,
								  IvfEntry *entry);

/*
 * Write that, WAL-logged: a record for each page that the group's columns lie
 * on.  Nobody else may write to that slot meanwhile.  The caller may hold the
 * lock of another list's page, if whoever has locked a page of this list never
 * waits for that.
 */
extern void ivf_list_write_columns(Relation index, BlockNumber head,
								   const IvfLayout *layout, uint32 slot,
								   const IvfEntry *entry);

#endif /* VECDB_IVF_DISK_LIST_SLOT_H */
