/*
 * ahead.c: see ahead.h.
 */
#include "compat.h"

#include "shortcut/ahead.h"
#include "shortcut/mixed.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "shortcut/shortcuts.h"
#include "storage/buf_internals.h"
#include "storage/fd.h"
#include "utils/memutils.h"

/* Places that are remembered at most: 512 kB a backend. */
#define MOST_PLACES 65536

/* Pages that are asked of the disk at a time: 2 MB. */
#define MOST_ASKED 256

/*
 * Where a page was found last; several pages may compete for an entry.  That
 * an entry names another page which mixes to the same number is possible, and
 * only costs a look-up: whoever pins the buffer sees what it holds.
 */
typedef struct Place
{
	uint32 page;   /* its block, mixed with its file's number */
	Buffer buffer; /* InvalidBuffer: the entry is free */
} Place;

static Place *places = NULL;
static uint32 nplaces; /* a power of two */

static void
create_places(void)
{
	nplaces = 1024;
	while (nplaces < MOST_PLACES && nplaces < NBuffers)
		nplaces *= 2;
	places = MemoryContextAllocZero(TopMemoryContext, nplaces * sizeof(Place));
}

static inline Place *
place_of(uint32 page)
{
	if (unlikely(places == NULL))
		create_places();
	return &places[page & (nplaces - 1)];
}

static inline void
remember(uint32 page, Buffer buffer)
{
	if (buffer > InvalidBuffer)
		*place_of(page) = (Place){page, buffer};
}

/* The buffer of the page as far as the table knows, or InvalidBuffer. */
static inline Buffer
remembered(uint32 page)
{
	Place place = *place_of(page);

	return place.page == page ? place.buffer : InvalidBuffer;
}

void
vdb_ahead_expect(Relation relation, BlockNumber block)
{
	__builtin_prefetch(place_of(vdb_mixed(relation, block)));
}

VdbAhead
vdb_ahead(Relation relation, BlockNumber block)
{
	uint32 page = vdb_mixed(relation, block);
	VdbAhead ahead = {block, InvalidBuffer};

	if (!vdb_shortcut(VDB_SHORTCUT_AHEAD))
		return ahead;
	ahead.recent = remembered(page);
	if (BufferIsValid(ahead.recent))
	{
		__builtin_prefetch(GetBufferDescriptor(ahead.recent - 1));
		return ahead;
	}
	ahead.recent = PrefetchBuffer(relation, MAIN_FORKNUM, block).recent_buffer;
	remember(page, ahead.recent);
	return ahead;
}

void
vdb_ahead_touch(const VdbAhead *ahead, Size offset, Size bytes)
{
	const char *page;
	Size end = Min(offset + bytes, BLCKSZ);

	/* A backend's own buffers have negative numbers and move. */
	if (ahead->recent <= InvalidBuffer)
		return;
	page = BufferGetBlock(ahead->recent);
	for (; offset < end; offset += PG_CACHE_LINE_SIZE / 2)
		__builtin_prefetch(page + offset);
}

/* Reading runs ----------------------------------------------------------- */

#if VDB_PREFETCH_RUNS
/* Is the page in shared buffers?  It may come or go at any time. */
static bool
is_shared(Relation relation, BlockNumber block)
{
	BufferTag tag;
	LWLock *partition;
	uint32 hash;
	Buffer buffer;

	InitBufferTag(&tag, &relation->rd_locator, MAIN_FORKNUM, block);
	hash = BufTableHashCode(&tag);
	partition = BufMappingPartitionLock(hash);
	LWLockAcquire(partition, LW_SHARED);
	buffer = BufTableLookup(&tag, hash) + 1;
	LWLockRelease(partition);
	remember(vdb_mixed(relation, block), buffer);
	return BufferIsValid(buffer);
}

/*
 * What of the run is not in memory is asked for in as few calls as it takes.
 * Runs are read as a whole, so if its first page is there, the others are.
 */
static void
ask_run(Relation relation, BlockNumber first, BlockNumber end)
{
	BlockNumber absent = first;

	if (RelationUsesLocalBuffers(relation) ||
		(io_direct_flags & IO_DIRECT_DATA) != 0 || is_shared(relation, first))
		return;
	for (BlockNumber block = first + 1; block <= end; block++)
	{
		if (block < end && !is_shared(relation, block))
			continue;
		if (block > absent)
			smgrprefetch(RelationGetSmgr(relation), MAIN_FORKNUM, absent,
						 block - absent);
		absent = block + 1;
	}
}
#else
static void
ask_run(Relation relation, BlockNumber first, BlockNumber end)
{
	for (BlockNumber block = first; block < end; block++)
		PrefetchBuffer(relation, MAIN_FORKNUM, block);
}
#endif

int
vdb_ahead_runs(Relation relation, const VdbRun *runs, int nruns)
{
	BlockNumber blocks = RelationGetNumberOfBlocks(relation);
	uint32 left = MOST_ASKED;
	int asked = 0;

	if (!vdb_shortcut(VDB_SHORTCUT_AHEAD))
		return nruns;
	for (; asked < nruns && left > 0; asked++)
	{
		BlockNumber first = Min(runs[asked].first, blocks);
		uint32 pages = Min(Min(runs[asked].pages, left), blocks - first);

		if (pages > 0)
			ask_run(relation, first, first + pages);
		left -= pages;
	}
	return asked;
}

/*
 * The page is pinned and was used: ReadRecentBuffer() does not say so to the
 * sweep that looks for buffers to give away, which would take those first that
 * every query reads.  A count that is lost to somebody else's is no harm.
 */
static inline void
count_use(Buffer buffer)
{
	BufferDesc *descriptor;
	uint32 state;

	if (BufferIsLocal(buffer))
		return;
	descriptor = GetBufferDescriptor(buffer - 1);
	state = pg_atomic_read_u32(&descriptor->state);
	if (unlikely(BUF_STATE_GET_USAGECOUNT(state) < BM_MAX_USAGE_COUNT) &&
		(state & BM_LOCKED) == 0)
		pg_atomic_compare_exchange_u32(&descriptor->state, &state,
									   state + BUF_USAGECOUNT_ONE);
}

Buffer
vdb_ahead_read(Relation relation, BlockNumber block, const VdbAhead *ahead)
{
	uint32 page = vdb_mixed(relation, block);
	bool asked = ahead->block == block && BufferIsValid(ahead->recent);
	Buffer recent = asked ? ahead->recent : remembered(page);
	Buffer buffer;

	if (!vdb_shortcut(VDB_SHORTCUT_AHEAD))
		return ReadBuffer(relation, block);
	if (vdb_pin_recent(relation, block, recent))
	{
		count_use(recent);
		pgstat_count_buffer_read(relation);
		pgstat_count_buffer_hit(relation);
		return recent;
	}
	buffer = ReadBuffer(relation, block);
	remember(page, buffer);
	return buffer;
}
