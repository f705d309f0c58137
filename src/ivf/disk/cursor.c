/*
 * cursor.c: see cursor.h.
 */
#include "compat.h"

#include "ivf/disk/cursor.h"
#include "miscadmin.h"
#include "shortcut/locked.h"
#include "utils/rel.h"

void
ivf_cursor_init(IvfCursor *cursor, Relation index, IvfPageKind kind,
				BlockNumber head, int lockmode)
{
	memset(cursor, 0, sizeof(*cursor));
	cursor->index = index;
	cursor->kind = kind;
	cursor->lockmode = lockmode;
	cursor->head = head;
	cursor->next = head;
	cursor->ahead = VDB_NO_AHEAD;
	cursor->buffer = InvalidBuffer;
}

void
ivf_cursor_release(IvfCursor *cursor)
{
	if (BufferIsValid(cursor->buffer))
		UnlockReleaseBuffer(cursor->buffer);
	cursor->buffer = InvalidBuffer;
}

/* Locks the first page, so the walk must hold none. */
bool
ivf_cursor_cut(const IvfCursor *cursor)
{
	Buffer buffer =
		ivf_page_read(cursor->index, cursor->head, BUFFER_LOCK_SHARE,
					  cursor->kind, cursor->head, 0);
	bool cut = ivf_tail(BufferGetPage(buffer))->cuts != cursor->cuts;

	UnlockReleaseBuffer(buffer);
	return cut;
}

/*
 * The page before is let go first: a walk holds one page at a time, and none
 * while it checks for interrupts.  Between the two, the next page can be freed
 * and used again, which its tail shows.
 */
bool
ivf_cursor_next(IvfCursor *cursor)
{
	bool first = !cursor->started;
	BlockNumber block = cursor->next;
	uint32 number = first ? 0 : cursor->number + 1;
	const char *fault;
	IvfPageTail *tail;

	Assert(!BufferIsValid(cursor->buffer) || vdb_locked(cursor->buffer));
	ivf_cursor_release(cursor);
	if (block == InvalidBlockNumber)
	{
		if (first)
			ivf_page_corrupted(cursor->index, block, "link to no list");
		return false;
	}
	CHECK_FOR_INTERRUPTS();

	cursor->buffer = vdb_ahead_read(cursor->index, block, &cursor->ahead);
	LockBuffer(cursor->buffer, cursor->lockmode);
	cursor->page = BufferGetPage(cursor->buffer);
	fault = ivf_page_fault(cursor->page, cursor->kind, cursor->head, number);
	if (fault)
	{
		ivf_cursor_release(cursor);
		if (!first && ivf_cursor_cut(cursor))
			return false;
		ivf_page_corrupted(cursor->index, block, fault);
	}
	vdb_test_old_snapshot(cursor->snapshot, cursor->index, cursor->page);

	tail = ivf_tail(cursor->page);
	cursor->started = true;
	cursor->block = block;
	cursor->number = number;
	cursor->next = tail->next;
	if (first)
	{
		cursor->slots = tail->slots;
		cursor->changes = tail->changes;
		cursor->cuts = tail->cuts;
	}
	return true;
}

void
ivf_lines_read(Relation index, BlockNumber head, IvfPageKind kind, void *lines,
			   uint32 nlines)
{
	IvfCursor cursor;
	uint32 done = 0;

	ivf_cursor_init(&cursor, index, kind, head, BUFFER_LOCK_SHARE);
	while (done < nlines && ivf_cursor_next(&cursor))
	{
		uint32 n = Min(nlines - done, IVF_PAGE_LINES);

		memcpy((uint8 *) lines + done * VDB_LINE, ivf_line(cursor.page, 0),
			   n * VDB_LINE);
		done += n;
	}
	ivf_cursor_release(&cursor);
	if (done < nlines)
		ivf_page_corrupted(index, head, "stream is too short");
}
