/*
 * ahead.c: see ahead.h.
 */
#include "compat.h"

#include "shortcut/ahead.h"
#include "shortcut/mixed.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "port/pg_bitutils.h"
#include "shortcut/shortcuts.h"
#include "storage/buf_internals.h"
#include "storage/fd.h"
#include "utils/memutils.h"

/* Sets of two places that there are at most: 512 kB a backend. */
#define MOST_SETS 65536

/* Pages that are asked of the disk at a time: 2 MB. */
#define MOST_ASKED 256

/*
 * Where pages were found last, in sets of two that pages compete for.  A page
 * comes into the second place of its set, and into the first when it is found
 * there again: so those that every query reads are kept beside a table of many
 * times as many pages, each of which is read once and not again for long.
 *
 * A place is the number of a buffer and, above it, as much of the page's name
 * as there is room for.  That it means another page is possible, and only
 * costs a look-up: whoever pins the buffer sees what it holds.
 */
typedef uint32 Place; /* 0: free */

static Place *firsts = NULL; /* of each set */
static Place *seconds;
static uint32 nsets;	   /* a power of two */
static uint32 buffer_mask; /* bits of a place that are the buffer's */

static void
create_places(void)
{
	nsets = 1024;
	while (nsets < MOST_SETS && nsets < NBuffers)
		nsets *= 2;
	buffer_mask = pg_nextpower2_32(NBuffers + 1) - 1;
	firsts =
		MemoryContextAllocZero(TopMemoryContext, 2 * nsets * sizeof(Place));
	seconds = firsts + nsets;
}

/* The number of the page's set. */
static inline uint32
set_of(uint32 page)
{
	if (unlikely(firsts == NULL))
		create_places();
	return page & (nsets - 1);
}

/* Pages of one set, whose low bits are the same, differ in the high ones. */
static inline Place
name_of(uint32 page)
{
	return page * UINT32_C(0x9E3779B1) & ~buffer_mask;
}

static inline bool
is_of(Place place, uint32 page)
{
	return (place & ~buffer_mask) == name_of(page);
}

static inline void
remember(uint32 page, Buffer buffer)
{
	uint32 set = set_of(page);
	Place place = name_of(page) | (uint32) buffer;

	if (buffer <= InvalidBuffer)
		return;
	if (firsts[set] == 0 || is_of(firsts[set], page))
		firsts[set] = place;
	else
		seconds[set] = place;
}

/* The buffer of the page as far as is known, or InvalidBuffer. */
static inline Buffer
remembered(uint32 page)
{
	uint32 set = set_of(page);
	Place place = firsts[set];

	if (!is_of(place, page))
	{
		place = seconds[set];
		if (!is_of(place, page))
			return InvalidBuffer;
		seconds[set] = firsts[set];
		firsts[set] = place;
	}
	return place & buffer_mask;
}

void
vdb_ahead_expect(Relation relation, BlockNumber block)
{
	uint32 set;

	if (!vdb_shortcut(VDB_SHORTCUT_AHEAD))
		return;
	set = set_of(vdb_mixed(relation, block));
	__builtin_prefetch(&firsts[set]);
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
