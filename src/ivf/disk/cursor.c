/*
 * cursor.c: see cursor.h.
 */
#include "compat.h"

#include "access/xlog.h"
#include "ivf/disk/cursor.h"
#include "ivf/disk/meta.h"
#include "miscadmin.h"
#include "shortcut/locked.h"
#include "utils/rel.h"

void
ivf_cursor_init(IvfCursor *cursor, Relation index, uint32 tree,
				IvfPageKind kind, BlockNumber head, int lockmode)
{
	memset(cursor, 0, sizeof(*cursor));
	cursor->index = index;
	cursor->tree = tree;
	cursor->kind = kind;
	cursor->lockmode = lockmode;
	cursor->head = head;
	cursor->next = head;
	cursor->last = InvalidBlockNumber;
	cursor->link = InvalidBlockNumber;
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

/* Why a page cannot be that of the chain, or NULL. */
static const char *
page_fault(const IvfCursor *cursor, Page page, uint32 number)
{
	const char *fault =
		ivf_page_fault(page, cursor->kind, cursor->head, number);

	if (fault == NULL && ivf_tail(page)->tree != cursor->tree)
		fault = "page belongs to another tree";
	return fault;
}

/*
 * The primary frees a tree's pages when nobody there reads them; on a standby
 * they change under whoever does.
 */
static VDB_NORETURN void
refuse_page(const IvfCursor *cursor, BlockNumber block, const char *fault)
{
	if (RecoveryInProgress() && ivf_meta_tree(cursor->index) != cursor->tree)
		ereport(ERROR,
				(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
				 errmsg("canceling statement due to conflict with recovery"),
				 errdetail("Index \"%s\" was trained anew, and pages that the "
						   "statement was reading are gone.",
						   RelationGetRelationName(cursor->index)),
				 errhint("Try again. With hot_standby_feedback, pages stay "
						 "as long as a standby reads them.")));
	ivf_page_corrupted(cursor->index, block, fault);
}

/* Locks the first page, so the walk must hold none. */
bool
ivf_cursor_cut(const IvfCursor *cursor)
{
	Buffer buffer = ReadBuffer(cursor->index, cursor->head);
	const char *fault;
	bool cut;

	LockBuffer(buffer, BUFFER_LOCK_SHARE);
	fault = page_fault(cursor, BufferGetPage(buffer), 0);
	cut = ivf_tail(BufferGetPage(buffer))->cuts != cursor->cuts;
	UnlockReleaseBuffer(buffer);
	if (fault)
		refuse_page(cursor, cursor->head, fault);
	return cut;
}

void
ivf_cursor_leap(IvfCursor *cursor, uint32 number)
{
	if (cursor->last < cursor->head || number > cursor->last - cursor->head ||
		number <= cursor->number)
		return;
	cursor->link = cursor->next;
	cursor->next = cursor->head + number;
}

/* What the list's first page tells of it. */
static void
read_counters(IvfCursor *cursor, const IvfPageTail *tail)
{
	cursor->slots = tail->slots;
	cursor->dead = tail->dead;
	cursor->changes = tail->changes;
	cursor->cuts = tail->cuts;
	cursor->last = tail->last == InvalidBlockNumber ? cursor->head : tail->last;
}

/* The page's fault; the walk is at no page before the first one. */
static const char *
lock_next(IvfCursor *cursor, uint32 number)
{
	cursor->buffer =
		vdb_ahead_read(cursor->index, cursor->next, &cursor->ahead);
	LockBuffer(cursor->buffer, cursor->lockmode);
	cursor->page = BufferGetPage(cursor->buffer);
	return page_fault(cursor, cursor->page, number);
}

/*
 * Lock the page that comes, or say what is wrong with it.  The tail of a page
 * that is not the one that a leap was for shows that: then the link leads on.
 * *number is the page's in the chain.
 */
static const char *
lock_leap_or_next(IvfCursor *cursor, uint32 *number)
{
	bool leap = cursor->link != InvalidBlockNumber;
	const char *fault;

	*number = leap				? cursor->next - cursor->head
			  : cursor->started ? cursor->number + 1
								: 0;
	fault = lock_next(cursor, *number);
	if (fault && leap)
	{
		ivf_cursor_release(cursor);
		cursor->next = cursor->link;
		*number = cursor->number + 1;
		fault = lock_next(cursor, *number);
	}
	cursor->link = InvalidBlockNumber;
	return fault;
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
	uint32 number;
	const char *fault;

	Assert(!BufferIsValid(cursor->buffer) || vdb_locked(cursor->buffer));
	ivf_cursor_release(cursor);
	if (cursor->next == InvalidBlockNumber)
	{
		if (first)
			ivf_page_corrupted(cursor->index, cursor->next, "link to no list");
		return false;
	}
	CHECK_FOR_INTERRUPTS();

	fault = lock_leap_or_next(cursor, &number);
	if (fault)
	{
		BlockNumber block = cursor->next;

		ivf_cursor_release(cursor);
		if (!first && ivf_cursor_cut(cursor))
			return false;
		refuse_page(cursor, block, fault);
	}
	vdb_test_old_snapshot(cursor->snapshot, cursor->index, cursor->page);

	cursor->started = true;
	cursor->block = cursor->next;
	cursor->number = number;
	cursor->next = ivf_tail(cursor->page)->next;
	if (first)
		read_counters(cursor, ivf_tail(cursor->page));
	return true;
}

void
ivf_lines_read(Relation index, uint32 tree, BlockNumber head, IvfPageKind kind,
			   void *lines, uint32 nlines)
{
	IvfCursor cursor;
	uint32 done = 0;

	ivf_cursor_init(&cursor, index, tree, kind, head, BUFFER_LOCK_SHARE);
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
