/*
 * wal.h: small changes of pages, logged as one record.
 *
 * GenericXLogStart() copies every page, compares the copies byte by byte to
 * see what has changed, and copies them back: of an insert that writes some
 * dozen words, that took a fifth of the time.  Here the caller says what it
 * writes.  The record is the same, generic WAL, and so is its replay.
 */
#ifndef VECDB_SHORTCUT_WAL_H
#define VECDB_SHORTCUT_WAL_H

#include "compat.h"

#include "storage/bufmgr.h"
#include "utils/rel.h"

/* Pages of a change, and bytes that describe what changes on one of them. */
#define VDB_WAL_PAGES 2
#define VDB_WAL_BYTES (BLCKSZ / 4)

typedef struct VdbWalPage
{
	Buffer buffer;
	uint32 bytes;
	uint8 delta[VDB_WAL_BYTES];
} VdbWalPage;

typedef struct VdbWal
{
	Relation index;
	int npages;
	VdbWalPage page[VDB_WAL_PAGES];
} VdbWal;

extern void vdb_wal_begin(VdbWal *wal, Relation index);

/*
 * The buffer, locked exclusively, is to get so many bytes at this address of
 * its page.  Nothing is written yet.
 */
extern void vdb_wal_put(VdbWal *wal, Buffer buffer, const void *address,
						const void *data, Size bytes);

/* Write and log it all, if there is anything. */
extern void vdb_wal_finish(VdbWal *wal);

#endif /* VECDB_SHORTCUT_WAL_H */
