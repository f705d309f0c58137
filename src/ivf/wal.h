/*
 * wal.h: small changes of pages, logged as one record.
 *
 * GenericXLogStart() copies every page, compares the copies byte by byte to
 * see what has changed, and copies them back: of an insert that writes some
 * dozen words, that took a fifth of the time.  Here the caller says what it
 * writes.  The record is the same, generic WAL, and so is its replay.
 */
#ifndef VECDB_IVF_WAL_H
#define VECDB_IVF_WAL_H

#include "compat.h"

#include "ivf/page.h"
#include "storage/bufmgr.h"
#include "utils/rel.h"

/* Pages of a change, and bytes that describe what changes on one of them. */
#define IVF_WAL_PAGES 2
#define IVF_WAL_BYTES (IVF_PAGE_LINES * 16)

typedef struct IvfWalPage
{
	Buffer buffer;
	uint32 bytes;
	uint8 delta[IVF_WAL_BYTES];
} IvfWalPage;

typedef struct IvfWal
{
	Relation index;
	int npages;
	IvfWalPage page[IVF_WAL_PAGES];
} IvfWal;

extern void ivf_wal_begin(IvfWal *wal, Relation index);

/*
 * The buffer, locked exclusively, is to get so many bytes at this address of
 * its page.  Nothing is written yet.
 */
extern void ivf_wal_put(IvfWal *wal, Buffer buffer, const void *address,
						const void *data, Size bytes);

/* Write and log it all. */
extern void ivf_wal_finish(IvfWal *wal);

#endif /* VECDB_IVF_WAL_H */
