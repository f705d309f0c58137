/*
 * ahead.h: pages that will be read soon.
 *
 * A scan reads some hundred pages in random places, so where they are in
 * memory already it is bound by misses of the CPU's cache.  Asking for a page
 * ahead starts its read from disk if it is not in shared buffers; if it is,
 * the bytes that will be read first are brought into the cache.  Where a page
 * was found is remembered in a small table of the backend's own, which spares
 * most look-ups in the shared buffer table.  Nothing is pinned meanwhile: a
 * buffer that was given to another page is noticed when the page is read.
 */
#ifndef VECDB_SHORTCUT_AHEAD_H
#define VECDB_SHORTCUT_AHEAD_H

#include "compat.h"

#include "storage/bufmgr.h"
#include "utils/rel.h"

typedef struct VdbAhead
{
	BlockNumber block; /* InvalidBlockNumber: nothing was asked for */
	Buffer recent;	   /* where it probably is, or InvalidBuffer */
} VdbAhead;

#define VDB_NO_AHEAD ((VdbAhead){InvalidBlockNumber, InvalidBuffer})

/* Where it may be is asked for soon: bring what is remembered of that near. */
extern void vdb_ahead_expect(Relation relation, BlockNumber block);

/* Ask for a page. */
extern VdbAhead vdb_ahead(Relation relation, BlockNumber block);

/* Bring some bytes of the page into the CPU's cache, if it is in memory. */
extern void vdb_ahead_touch(const VdbAhead *ahead, Size offset, Size bytes);

/* Pages that lie one behind the other. */
typedef struct VdbRun
{
	BlockNumber first;
	uint32 pages;
} VdbRun;

/*
 * Ask for pages that come from disk.  What lies behind the end of the relation
 * is left out, and so is what is too much at once: returns how many runs are
 * not, in whole or in part.
 */
extern int vdb_ahead_runs(Relation relation, const VdbRun *runs, int nruns);

/*
 * Pin a page, with the help of what was found when it was asked for, or, if it
 * was not, read before.
 */
extern Buffer vdb_ahead_read(Relation relation, BlockNumber block,
							 const VdbAhead *ahead);

#endif /* VECDB_SHORTCUT_AHEAD_H */
