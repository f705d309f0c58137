/*
 * ahead.h: pages that will be read soon.
 *
 * Asking for a page ahead starts its read from disk if it is not in shared
 * buffers.  If it is, the answer says in which buffer, which spares the second
 * look-up in the buffer table, and the bytes that will be read first are
 * brought into the CPU's cache: a scan over hundreds of pages in random places
 * is bound by such misses.  Nothing is pinned meanwhile; a buffer that was
 * given to another page is noticed when the page is read.
 */
#ifndef VECDB_IVF_AHEAD_H
#define VECDB_IVF_AHEAD_H

#include "compat.h"

#include "pgstat.h"
#include "storage/bufmgr.h"
#include "utils/rel.h"

typedef struct IvfAhead
{
	BlockNumber block; /* InvalidBlockNumber: nothing was asked for */
	Buffer recent;	   /* where it was then, or InvalidBuffer */
} IvfAhead;

#define IVF_NO_AHEAD ((IvfAhead){InvalidBlockNumber, InvalidBuffer})

static inline IvfAhead
ivf_ahead(Relation relation, BlockNumber block)
{
	PrefetchBufferResult result = PrefetchBuffer(relation, MAIN_FORKNUM, block);

	return (IvfAhead){block, result.recent_buffer};
}

/* Bring some bytes of the page into the CPU's cache, if it is in memory. */
static inline void
ivf_ahead_touch(const IvfAhead *ahead, Size offset, Size bytes)
{
	const char *page;

	/* A backend's own buffers have negative numbers and move. */
	if (ahead->recent <= InvalidBuffer)
		return;
	page = BufferGetBlock(ahead->recent);
	for (Size i = 0; i < bytes; i += PG_CACHE_LINE_SIZE / 2)
		__builtin_prefetch(page + Min(offset + i, BLCKSZ - 1));
}

/* Pin a page, with the help of what was found when it was asked for. */
static inline Buffer
ivf_ahead_read(Relation relation, BlockNumber block, const IvfAhead *ahead)
{
	if (ahead->block == block && vdb_pin_recent(relation, block, ahead->recent))
		return ahead->recent;
	return ReadBuffer(relation, block);
}

#endif /* VECDB_IVF_AHEAD_H */
