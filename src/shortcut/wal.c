/*
 * wal.c: see wal.h.
 *
 * A page's change is described as replay of generic WAL wants it (see
 * access/transam/generic_xlog.c): pieces of an offset, a length, and the
 * bytes.  A server that might read them otherwise gets the change by the
 * server's own functions.
 */
#include "compat.h"

#include "access/generic_xlog.h"
#include "access/xloginsert.h"
#include "shortcut/locked.h"
#include "shortcut/shortcuts.h"
#include "shortcut/wal.h"
#include "miscadmin.h"
#include "storage/off.h"

typedef struct Piece
{
	OffsetNumber offset; /* from the page's begin, in bytes */
	OffsetNumber length;
} Piece;

void
vdb_wal_begin(VdbWal *wal, Relation index)
{
	wal->index = index;
	wal->npages = 0;
}

static VdbWalPage *
page_of(VdbWal *wal, Buffer buffer)
{
	VdbWalPage *page;

	for (int i = 0; i < wal->npages; i++)
		if (wal->page[i].buffer == buffer)
			return &wal->page[i];
	if (wal->npages == VDB_WAL_PAGES)
		elog(ERROR, "too many pages in a change of index \"%s\"",
			 RelationGetRelationName(wal->index));
	page = &wal->page[wal->npages++];
	page->buffer = buffer;
	page->bytes = 0;
	return page;
}

void
vdb_wal_put(VdbWal *wal, Buffer buffer, const void *address, const void *data,
			Size bytes)
{
	VdbWalPage *page = page_of(wal, buffer);
	Size offset = (const char *) address - (char *) BufferGetPage(buffer);
	Piece piece = {offset, bytes};

	if (offset + bytes > BLCKSZ ||
		page->bytes + sizeof(piece) + bytes > sizeof(page->delta))
		elog(ERROR, "change of index \"%s\" does not fit",
			 RelationGetRelationName(wal->index));
	memcpy(page->delta + page->bytes, &piece, sizeof(piece));
	page->bytes += sizeof(piece);
	memcpy(page->delta + page->bytes, data, bytes);
	page->bytes += bytes;
}

/* What replay does. */
static void
apply(const VdbWalPage *change, Page page)
{
	uint32 done = 0;
	Piece piece;

	while (done < change->bytes)
	{
		memcpy(&piece, change->delta + done, sizeof(piece));
		done += sizeof(piece);
		memcpy((char *) page + piece.offset, change->delta + done,
			   piece.length);
		done += piece.length;
	}
}

/* By the server's own functions, which compare whole pages. */
static void
finish_generic(VdbWal *wal)
{
	GenericXLogState *generic = GenericXLogStart(wal->index);

	for (int i = 0; i < wal->npages; i++)
		apply(&wal->page[i],
			  GenericXLogRegisterBuffer(generic, wal->page[i].buffer, 0));
	GenericXLogFinish(generic);
}

static void
log_change(VdbWal *wal)
{
	XLogRecPtr lsn;

	XLogBeginInsert();
	for (int i = 0; i < wal->npages; i++)
	{
		VdbWalPage *page = &wal->page[i];

		XLogRegisterBuffer(i, page->buffer, REGBUF_STANDARD);
		XLogRegisterBufData(i, (char *) page->delta, page->bytes);
	}
	lsn = XLogInsert(RM_GENERIC_ID, 0);
	for (int i = 0; i < wal->npages; i++)
		PageSetLSN(BufferGetPage(wal->page[i].buffer), lsn);
}

void
vdb_wal_finish(VdbWal *wal)
{
	/* This page has nothing of what is written: there is no such record. */
	if (wal->npages == 0)
		return;
	if (!VDB_GENERIC_DELTA || !vdb_shortcut(VDB_SHORTCUT_WAL))
	{
		finish_generic(wal);
		return;
	}
	START_CRIT_SECTION();
	for (int i = 0; i < wal->npages; i++)
	{
		Assert(vdb_locked_exclusively(wal->page[i].buffer));
		apply(&wal->page[i], BufferGetPage(wal->page[i].buffer));
		MarkBufferDirty(wal->page[i].buffer);
	}
	if (RelationNeedsWAL(wal->index))
		log_change(wal);
	END_CRIT_SECTION();
}
