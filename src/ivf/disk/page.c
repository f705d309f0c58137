/*
 * page.c: single pages: make, verify, read, allocate, free.
 *
 * What a page holds is the business of list.c and meta.c.
 */
#include "compat.h"

#include "access/generic_xlog.h"
#include "ivf/disk/page.h"
#include "shortcut/ahead.h"
#include "storage/indexfsm.h"
#include "storage/lmgr.h"
#include "utils/rel.h"

void
ivf_page_init(Page page, uint32 tree, IvfPageKind kind, BlockNumber head,
			  uint32 number, BlockNumber prev)
{
	IvfPageTail *tail;

	Assert(kind >= IVF_META && kind <= IVF_CLAIMED);
	Assert((number == 0) == (prev == InvalidBlockNumber));
	PageInit(page, BLCKSZ, sizeof(IvfPageTail));

	((PageHeader) page)->pd_lower = ivf_page_lower(kind);

	tail = ivf_tail(page);
	tail->page_id = IVF_PAGE_ID;
	tail->version = IVF_VERSION;
	tail->kind = kind;
	tail->head = head;
	tail->number = number;
	tail->prev = prev;
	tail->next = InvalidBlockNumber;
	tail->last = head;
	tail->free_block = InvalidBlockNumber;
	tail->tree = tree;
}

/* Is there a page of ours at all, of whatever version? */
static const char *
mark_fault(Page page)
{
	if (PageIsNew(page))
		return "page is all zeros";
	if (((PageHeader) page)->pd_special != BLCKSZ - sizeof(IvfPageTail))
		return "special space has a wrong size";
	if (ivf_tail(page)->page_id != IVF_PAGE_ID)
		return "page has a wrong mark";
	return NULL;
}

uint32
ivf_page_version(Page page)
{
	return mark_fault(page) ? 0 : ivf_tail(page)->version;
}

static const char *
layout_fault(Page page)
{
	const char *fault = mark_fault(page);

	if (fault)
		return fault;
	if (ivf_tail(page)->version != IVF_VERSION)
		return "page has a version that this extension does not know";
	return NULL;
}

const char *
ivf_page_fault(Page page, IvfPageKind kind, BlockNumber head, uint32 number)
{
	const char *fault = layout_fault(page);

	if (fault)
		return fault;
	if (ivf_tail(page)->kind != kind)
		return "page is of another kind";
	if (ivf_tail(page)->head != head)
		return "page belongs to another list";
	if (ivf_tail(page)->number != number)
		return "page has another place in its list";
	return NULL;
}

void
ivf_page_corrupted(Relation index, BlockNumber block, const char *fault)
{
	ereport(ERROR, (errcode(ERRCODE_INDEX_CORRUPTED),
					errmsg("index \"%s\" is corrupted",
						   RelationGetRelationName(index)),
					errdetail("Block %u: %s.", block, fault),
					errhint("Use REINDEX to build it anew.")));
}

void
ivf_require_row(Relation index, BlockNumber block, OffsetNumber offset,
				bool within)
{
	if (within && block != InvalidBlockNumber && offset <= MaxOffsetNumber)
		return;
	ereport(ERROR, (errcode(ERRCODE_INDEX_CORRUPTED),
					errmsg("index \"%s\" is corrupted",
						   RelationGetRelationName(index)),
					errdetail("It points to row (%u,%u), which cannot exist.",
							  block, offset),
					errhint("Use REINDEX to build it anew.")));
}

Buffer
ivf_page_read(Relation index, BlockNumber block, int lockmode, IvfPageKind kind,
			  BlockNumber head, uint32 number)
{
	Buffer buffer;
	const char *fault;

	/* ReadBuffer would take InvalidBlockNumber for a request to extend. */
	if (block == InvalidBlockNumber)
		ivf_page_corrupted(index, head, "chain ends before its last page");

	Assert(lockmode == BUFFER_LOCK_SHARE || lockmode == BUFFER_LOCK_EXCLUSIVE);
	buffer = vdb_ahead_read(index, block, &VDB_NO_AHEAD);
	LockBuffer(buffer, lockmode);
	fault = ivf_page_fault(BufferGetPage(buffer), kind, head, number);
	if (fault)
		ivf_page_corrupted(index, block, fault);
	return buffer;
}

static bool
is_free(Page page)
{
	return PageIsNew(page) ||
		   (layout_fault(page) == NULL && ivf_tail(page)->kind == IVF_FREE);
}

/*
 * A page that the free space map offers, locked, or InvalidBuffer.  The map is
 * only a hint, and it is not WAL-logged: what is not free is passed over.
 *
 * The caller may hold pages of its list, so a page that somebody else holds is
 * not waited for.
 */
static Buffer
allocate_from_map(Relation index)
{
	for (;;)
	{
		BlockNumber block = GetFreeIndexPage(index);
		Buffer buffer;

		if (block == InvalidBlockNumber)
			return InvalidBuffer;

		buffer = ReadBuffer(index, block);
		if (!ConditionalLockBuffer(buffer))
		{
			ReleaseBuffer(buffer);
			continue;
		}
		if (is_free(BufferGetPage(buffer)))
			return buffer;
		UnlockReleaseBuffer(buffer);
	}
}

/*
 * The page stays all zeros, or marked as free, until the record that links it
 * is written: after a crash in between, vacuum finds it (ivf_vacuum_cleanup).
 * The lock on the page is taken before the extension lock goes, so that
 * whoever has that lock afterwards cannot take the page for a forgotten one.
 */
Buffer
ivf_page_allocate(Relation index)
{
	Buffer buffer = allocate_from_map(index);

	if (BufferIsValid(buffer))
		return buffer;

	LockRelationForExtension(index, ExclusiveLock);
	buffer = ReadBuffer(index, P_NEW);
	LockBuffer(buffer, BUFFER_LOCK_EXCLUSIVE);
	UnlockRelationForExtension(index, ExclusiveLock);
	return buffer;
}

BlockNumber
ivf_page_extend(Relation index, ForkNumber fork)
{
	Buffer buffer;
	BlockNumber block;

	LockRelationForExtension(index, ExclusiveLock);
	buffer = ReadBufferExtended(index, fork, P_NEW, RBM_NORMAL, NULL);
	UnlockRelationForExtension(index, ExclusiveLock);
	block = BufferGetBlockNumber(buffer);
	ReleaseBuffer(buffer);
	return block;
}

bool
ivf_page_claim(Relation index, BlockNumber block, uint32 tree)
{
	Buffer buffer = ReadBuffer(index, block);
	bool claimed;

	LockBuffer(buffer, BUFFER_LOCK_EXCLUSIVE);
	claimed = is_free(BufferGetPage(buffer));
	if (claimed)
	{
		GenericXLogState *wal = GenericXLogStart(index);
		Page page =
			GenericXLogRegisterBuffer(wal, buffer, GENERIC_XLOG_FULL_IMAGE);

		ivf_page_init(page, tree, IVF_CLAIMED, block, 0, InvalidBlockNumber);
		GenericXLogFinish(wal);
	}
	UnlockReleaseBuffer(buffer);
	return claimed;
}

/*
 * No link leads to the page any more, and that is logged: after a crash before
 * this record it is in no chain, and lost until the next tree.  The free space
 * map comes last, when nobody who takes the page from it can find it in use.
 */
void
ivf_page_free(Relation index, BlockNumber block)
{
	Buffer buffer = ReadBuffer(index, block);
	GenericXLogState *wal;

	Assert(block != IVF_META_BLOCK);
	LockBuffer(buffer, BUFFER_LOCK_EXCLUSIVE);
	wal = GenericXLogStart(index);
	ivf_page_init(
		GenericXLogRegisterBuffer(wal, buffer, GENERIC_XLOG_FULL_IMAGE), 0,
		IVF_FREE, block, 0, InvalidBlockNumber);
	GenericXLogFinish(wal);
	UnlockReleaseBuffer(buffer);

	RecordFreeIndexPage(index, block);
}
