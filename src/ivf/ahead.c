/*
 * ahead.c: see ahead.h.
 */
#include "compat.h"

#include "ivf/ahead.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "storage/buf_internals.h"
#include "utils/memutils.h"

/* Places that are remembered at most: 768 kB a backend. */
#define MOST_PLACES 65536

/* Where a page was found last; several pages may compete for an entry. */
typedef struct Place
{
	uint32 relation; /* its file's number */
	BlockNumber block;
	Buffer buffer; /* InvalidBuffer: the entry is free */
} Place;

static Place *places = NULL;
static uint32 nplaces; /* a power of two */

static Place *
place_of(Relation relation, BlockNumber block)
{
	uint32 file = vdb_file_number(relation);

	if (places == NULL)
	{
		nplaces = 1024;
		while (nplaces < MOST_PLACES && nplaces < NBuffers)
			nplaces *= 2;
		places =
			MemoryContextAllocZero(TopMemoryContext, nplaces * sizeof(Place));
	}

	/* Neighbouring blocks get neighbouring entries, relations other ones. */
	return &places[(block + file * UINT32_C(0x9E3779B1)) & (nplaces - 1)];
}

static void
remember(Relation relation, BlockNumber block, Buffer buffer)
{
	if (buffer > InvalidBuffer)
		*place_of(relation, block) =
			(Place){vdb_file_number(relation), block, buffer};
}

IvfAhead
ivf_ahead(Relation relation, BlockNumber block)
{
	const Place *place = place_of(relation, block);
	IvfAhead ahead = {block, InvalidBuffer};

	if (place->block == block && place->buffer != InvalidBuffer &&
		place->relation == vdb_file_number(relation))
	{
		ahead.recent = place->buffer;
		__builtin_prefetch(GetBufferDescriptor(ahead.recent - 1));
		return ahead;
	}
	ahead.recent = PrefetchBuffer(relation, MAIN_FORKNUM, block).recent_buffer;
	remember(relation, block, ahead.recent);
	return ahead;
}

void
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

Buffer
ivf_ahead_read(Relation relation, BlockNumber block, const IvfAhead *ahead)
{
	Buffer buffer;

	if (ahead->block == block && vdb_pin_recent(relation, block, ahead->recent))
	{
		pgstat_count_buffer_read(relation);
		pgstat_count_buffer_hit(relation);
		return ahead->recent;
	}
	buffer = ReadBuffer(relation, block);
	remember(relation, block, buffer);
	return buffer;
}
