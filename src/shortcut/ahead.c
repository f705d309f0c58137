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

typedef struct RunReader
{
	const VdbRun *runs;
	int nruns;
	BlockNumber blocks; /* of the relation */
	uint32 left;		/* to ask for at most */
	int run;			/* the next page: its run, */
	uint32 page;		/* and its number in it */
} RunReader;

static BlockNumber
next_of_runs(RunReader *reader)
{
	while (reader->run < reader->nruns && reader->left > 0)
	{
		const VdbRun *run = &reader->runs[reader->run];
		BlockNumber block = run->first + reader->page;

		if (reader->page++ < run->pages && block < reader->blocks)
		{
			reader->left--;
			return block;
		}
		reader->run++;
		reader->page = 0;
	}
	return InvalidBlockNumber;
}

#ifdef VDB_READ_STREAM
static BlockNumber
next_of_stream(ReadStream *stream, void *arg, void *per_buffer)
{
	return next_of_runs(arg);
}

/* Neighbours are read together. */
static void
read_runs(Relation relation, RunReader reader)
{
	ReadStream *stream =
		read_stream_begin_relation(READ_STREAM_DEFAULT, NULL, relation,
								   MAIN_FORKNUM, next_of_stream, &reader, 0);
	Buffer buffer;

	while (BufferIsValid(buffer = read_stream_next_buffer(stream, NULL)))
	{
		remember(vdb_mixed(relation, BufferGetBlockNumber(buffer)), buffer);
		ReleaseBuffer(buffer);
	}
	read_stream_end(stream);
}
#endif

void
vdb_ahead_runs(Relation relation, const VdbRun *runs, int nruns)
{
	RunReader reader = {
		.runs = runs,
		.nruns = nruns,
		.blocks = RelationGetNumberOfBlocks(relation),
		.left = Min(MOST_ASKED, NBuffers / 8),
	};
	RunReader pages = reader;
	BlockNumber block;

	if (!vdb_shortcut(VDB_SHORTCUT_AHEAD))
		return;
	while ((block = next_of_runs(&pages)) != InvalidBlockNumber)
		PrefetchBuffer(relation, MAIN_FORKNUM, block);
#ifdef VDB_READ_STREAM
	read_runs(relation, reader);
#endif
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
		pgstat_count_buffer_read(relation);
		pgstat_count_buffer_hit(relation);
		return recent;
	}
	buffer = ReadBuffer(relation, block);
	remember(page, buffer);
	return buffer;
}
