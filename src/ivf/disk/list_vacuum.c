/*
 * list_vacuum.c: dead rows out of a list, and pages behind the last live one.
 *
 * The pass over the list holds one page at a time, exclusively, and not the
 * first page beside it; what it has seen is settled under the first page's
 * lock, and only if nobody inserted meanwhile.
 */
#include "compat.h"

#include "access/generic_xlog.h"
#include "ivf/disk/cursor.h"
#include "ivf/disk/list_change.h"
#include "ivf/disk/open_list.h"
#include "shortcut/locked.h"
#include "utils/rel.h"

/* What one pass over a list sees. */
typedef struct VacuumPass
{
	Relation index;
	const IvfLayout *layout;
	IvfDead dead;
	void *arg;
	uint32 slots; /* of the list when the pass began */
	uint32 changes;
	uint32 removed; /* slots that this pass freed */
	uint32 live;
	uint32 removed_second; /* of these, second entries of rows */
	uint32 live_second;
	uint32 used;			/* behind the last live slot */
	BlockNumber free_block; /* the first page with a free slot */
	uint32 free_number;
	BlockNumber *blocks; /* the chain */
	uint32 nblocks;
	uint32 room;
} VacuumPass;

static inline bool
is_second(const IvfSlot *slot)
{
	return (slot->detail & IVF_ROW_SECOND) != 0;
}

/* Free the dead slots of one line; returns how many there were. */
static uint32
free_dead_slots(VacuumPass *pass, IvfSlot *slots, uint32 first)
{
	uint32 removed = 0;

	for (uint32 i = 0; i < IVF_LINE_SLOTS && first + i < pass->slots; i++)
		if (ItemPointerIsValid(&slots[i].tid) &&
			pass->dead(&slots[i].tid, pass->arg))
		{
			ItemPointerSetInvalid(&slots[i].tid);
			pass->removed_second += is_second(&slots[i]);
			removed++;
		}
	return removed;
}

/* Count what is left on the page. */
static void
count_slots(VacuumPass *pass, const IvfCursor *cursor, IvfSlot *slots,
			uint32 first)
{
	for (uint32 i = 0; i < IVF_LINE_SLOTS && first + i < pass->slots; i++)
	{
		if (ItemPointerIsValid(&slots[i].tid))
		{
			pass->live++;
			pass->live_second += is_second(&slots[i]);
			pass->used = first + i + 1;
		}
		else if (pass->free_block == InvalidBlockNumber)
		{
			pass->free_block = cursor->block;
			pass->free_number = cursor->number;
		}
	}
}

/*
 * One page, which the cursor has locked exclusively, in a record of its own: a
 * slot that is freed needs nothing else to be so.  Until settle(), the list's
 * counters know nothing of it: they count less than there is, which costs an
 * insert a new slot and nothing more.
 */
static void
vacuum_page(VacuumPass *pass, const IvfCursor *cursor)
{
	GenericXLogState *wal = GenericXLogStart(pass->index);
	Page page = GenericXLogRegisterBuffer(wal, cursor->buffer, 0);
	uint32 removed = 0;

	Assert(vdb_locked_exclusively(cursor->buffer));
	for (uint32 line = 0; line < IVF_PAGE_LINES; line++)
	{
		uint32 first;
		IvfSlot *slots =
			ivf_line_slots(pass->layout, page, cursor->number, line, &first);

		if (!slots)
			continue;
		removed += free_dead_slots(pass, slots, first);
		count_slots(pass, cursor, slots, first);
	}

	if (removed > 0)
		GenericXLogFinish(wal);
	else
		GenericXLogAbort(wal);
	pass->removed += removed;
}

static void
remember_block(VacuumPass *pass, BlockNumber block)
{
	if (pass->nblocks == pass->room)
	{
		pass->room = pass->room ? pass->room * 2 : 64;
		pass->blocks =
			pass->blocks
				? repalloc_huge(pass->blocks, pass->room * sizeof(BlockNumber))
				: palloc(pass->room * sizeof(BlockNumber));
	}
	pass->blocks[pass->nblocks++] = block;
}

/* Page by page, with nothing locked in "pause". */
static void
walk_list(VacuumPass *pass, BlockNumber head, void (*pause)(void))
{
	IvfCursor cursor;

	ivf_cursor_init(&cursor, pass->index, pass->layout->tree,
					pass->layout->kind, head, BUFFER_LOCK_EXCLUSIVE);
	while (ivf_cursor_next(&cursor))
	{
		if (cursor.number == 0)
		{
			pass->slots = cursor.slots;
			pass->changes = cursor.changes;
		}
		vacuum_page(pass, &cursor);
		remember_block(pass, cursor.block);
		ivf_cursor_release(&cursor);
		pause();
	}
}

/* Nobody inserted since the pass began: what it saw is all there is. */
static bool
undisturbed(const VacuumPass *pass, const IvfPageTail *tail)
{
	return tail->changes == pass->changes;
}

/* Where the next insert looks for a free slot. */
static void
settle_free_block(const VacuumPass *pass, IvfPageTail *tail)
{
	if (tail->dead == 0)
		tail->free_block = InvalidBlockNumber;
	else if (pass->free_block != InvalidBlockNumber &&
			 (undisturbed(pass, tail) ||
			  tail->free_block == InvalidBlockNumber ||
			  pass->free_number < tail->free_number))
	{
		tail->free_block = pass->free_block;
		tail->free_number = pass->free_number;
	}
}

/*
 * The list's counters after a pass.  Where somebody inserted meanwhile, only
 * what the pass freed is added.
 */
static void
settle_counters(const VacuumPass *pass, IvfPageTail *tail)
{
	if (undisturbed(pass, tail))
	{
		Assert(pass->used >= pass->live);
		tail->slots = pass->used;
		tail->dead = pass->used - pass->live;
	}
	else
		tail->dead += pass->removed;
	settle_free_block(pass, tail);
}

/*
 * Counters and, where nobody inserted meanwhile, the list's new end; returns
 * how many pages it keeps.
 *
 * The first page is locked, and under it the page that becomes the last.  The
 * cut is one record with the counter that tells of it: a scan that comes to a
 * page behind the cut and finds it free or used again looks there.
 */
static uint32
settle(const VacuumPass *pass, BlockNumber head)
{
	uint32 keep = pass->nblocks;
	Buffer last_buffer = InvalidBuffer;
	IvfOpenList list;
	GenericXLogState *wal;
	IvfPageTail *tail;

	ivf_open_list(&list, pass->index, pass->layout, head);
	if (undisturbed(pass, ivf_open_tail(&list)))
		keep = Min(keep, ivf_list_pages(pass->layout, pass->used));
	if (keep < pass->nblocks)
		last_buffer = ivf_open_page(&list, pass->blocks[keep - 1], keep - 1,
									BUFFER_LOCK_EXCLUSIVE);

	wal = GenericXLogStart(pass->index);
	tail = ivf_tail(GenericXLogRegisterBuffer(wal, list.head_buffer, 0));
	settle_counters(pass, tail);
	if (BufferIsValid(last_buffer))
	{
		tail->last = pass->blocks[keep - 1];
		tail->cuts++;
		ivf_tail(GenericXLogRegisterBuffer(wal, last_buffer, 0))->next =
			InvalidBlockNumber;
	}
	GenericXLogFinish(wal);

	if (BufferIsValid(last_buffer))
		ivf_close_page(&list, last_buffer);
	ivf_close_list(&list);
	return keep;
}

void
ivf_list_vacuum(Relation index, BlockNumber head, const IvfLayout *layout,
				IvfDead dead, void *arg, void (*pause)(void),
				IvfVacuumCount *count)
{
	VacuumPass pass = {
		.index = index,
		.layout = layout,
		.dead = dead,
		.arg = arg,
		.free_block = InvalidBlockNumber,
	};
	uint32 keep;

	walk_list(&pass, head, pause);
	keep = settle(&pass, head);
	/* Cut off and logged as such: they are nobody's now. */
	for (uint32 i = keep; i < pass.nblocks; i++)
		ivf_page_free(index, pass.blocks[i]);

	count->live += pass.live - pass.live_second;
	count->removed += pass.removed - pass.removed_second;
	count->freed_slots += pass.removed;
	count->freed_pages += pass.nblocks - keep;
	pfree(pass.blocks);
}
