/*
 * list_change.c: lists that live: insertion, and vacuum.
 *
 * Whoever adds to a list holds its first page locked exclusively, so there is
 * one inserter a list at a time; further pages are locked one by one under
 * it.  Vacuum frees slots page by page without the first page's lock, and
 * takes it at the end to change the list's counters and its length.  Scans
 * hold one share lock at a time and wait for nobody with one held, so there is
 * no deadlock.
 *
 * An insert logs the pages of its group one by one, the page with the slot
 * last: a crash in between leaves bytes in a slot that is still free.
 */
#include "compat.h"

#include "access/generic_xlog.h"
#include "ivf/list.h"
#include "utils/rel.h"

/* Insertion -------------------------------------------------------------- */

/* A list under change; its first page is locked exclusively. */
typedef struct OpenList
{
	Relation index;
	const IvfLayout *layout;
	BlockNumber head;
	Buffer head_buffer;
} OpenList;

/*
 * Page "number" of the list, by its block; anything else there is an error.
 * The first page is locked already.
 */
static Buffer
open_page(const OpenList *list, BlockNumber block, uint32 number, int lockmode)
{
	if (block == list->head && number == 0)
		return list->head_buffer;
	if (block == list->head)
		ivf_page_corrupted(list->index, block,
						   "page has another place in its list");
	return ivf_page_read(list->index, block, lockmode, list->layout->kind,
						 list->head, number);
}

static void
close_page(const OpenList *list, Buffer buffer)
{
	if (buffer != list->head_buffer)
		UnlockReleaseBuffer(buffer);
}

static IvfPageTail *
head_tail(const OpenList *list)
{
	return ivf_tail(BufferGetPage(list->head_buffer));
}

/* The neighbour of a page in the chain. */
static BlockNumber
neighbour(const OpenList *list, BlockNumber block, uint32 number, bool forward)
{
	Buffer buffer = open_page(list, block, number, BUFFER_LOCK_SHARE);
	IvfPageTail *tail = ivf_tail(BufferGetPage(buffer));
	BlockNumber result = forward ? tail->next : tail->prev;

	close_page(list, buffer);
	return result;
}

/* The number of the chain's last page, which the tail names. */
static uint32
last_number(const OpenList *list, BlockNumber last)
{
	Buffer buffer;
	IvfPageTail *tail;
	uint32 number;

	if (last == list->head)
		return 0;
	if (last == InvalidBlockNumber)
		ivf_page_corrupted(list->index, list->head, "list has no last page");
	buffer = ReadBuffer(list->index, last);
	LockBuffer(buffer, BUFFER_LOCK_SHARE);
	tail = ivf_tail(BufferGetPage(buffer));
	number = PageIsNew(BufferGetPage(buffer)) ? 0 : tail->number;
	if (ivf_page_fault(BufferGetPage(buffer), list->layout->kind, list->head,
					   number) ||
		number == 0)
		ivf_page_corrupted(list->index, last, "not the last page of its list");
	UnlockReleaseBuffer(buffer);
	return number;
}

/* Append an empty page to the chain, in one WAL record. */
static void
extend_chain(const OpenList *list, uint32 number)
{
	BlockNumber last = head_tail(list)->last;
	Buffer last_buffer =
		open_page(list, last, number - 1, BUFFER_LOCK_EXCLUSIVE);
	Buffer buffer = ivf_page_allocate(list->index);
	BlockNumber block = BufferGetBlockNumber(buffer);
	GenericXLogState *wal = GenericXLogStart(list->index);
	Page page;

	page = GenericXLogRegisterBuffer(wal, buffer, GENERIC_XLOG_FULL_IMAGE);
	ivf_page_init(page, list->layout->kind, list->head, number, last);
	page = GenericXLogRegisterBuffer(wal, last_buffer, 0);
	ivf_tail(page)->next = block;
	page = GenericXLogRegisterBuffer(wal, list->head_buffer, 0);
	ivf_tail(page)->last = block;
	GenericXLogFinish(wal);

	UnlockReleaseBuffer(buffer);
	close_page(list, last_buffer);
}

/* Make the chain long enough for so many slots; the last page's number. */
static uint32
extend_for(const OpenList *list, uint32 slots)
{
	uint32 number = last_number(list, head_tail(list)->last);
	uint32 wanted = ivf_list_pages(list->layout, slots) - 1;

	/* Do not believe a number that would fill the disk. */
	if (ivf_list_pages(list->layout, slots - 1) - 1 > number)
		ivf_page_corrupted(list->index, list->head,
						   "list is shorter than its slots");
	while (number < wanted)
		extend_chain(list, ++number);
	return number;
}

/* A free slot on a page, below the list's number of slots. */
static bool
free_slot_on_page(const OpenList *list, Page page, uint32 number, uint32 *slot)
{
	uint32 limit = head_tail(list)->slots;

	for (uint32 line = 0; line < IVF_PAGE_LINES; line++)
	{
		uint32 first;
		IvfSlot *slots =
			ivf_line_slots(list->layout, page, number, line, &first);

		for (uint32 i = 0; slots && i < IVF_LINE_SLOTS && first + i < limit;
			 i++)
			if (!ItemPointerIsValid(&slots[i].tid))
			{
				*slot = first + i;
				return true;
			}
	}
	return false;
}

/* Where in the chain a group is known to be. */
typedef struct ChosenSlot
{
	uint32 slot;
	BlockNumber block; /* a page that holds part of its group */
	uint32 number;	   /* the number of that page */
} ChosenSlot;

/* Look for a free slot from where vacuum left one. */
static bool
find_free_slot(const OpenList *list, ChosenSlot *place)
{
	BlockNumber block = head_tail(list)->free_block;
	uint32 number = head_tail(list)->free_number;

	if (head_tail(list)->dead == 0)
		return false;
	while (block != InvalidBlockNumber)
	{
		Buffer buffer = open_page(list, block, number, BUFFER_LOCK_SHARE);
		BlockNumber next = ivf_tail(BufferGetPage(buffer))->next;
		bool found = free_slot_on_page(list, BufferGetPage(buffer), number,
									   &place->slot);

		close_page(list, buffer);
		place->block = block;
		place->number = number;
		if (found)
			return true;
		block = next;
		number++;
	}
	return false;
}

/* A free slot, or a new one behind all others. */
static void
choose_slot(const OpenList *list, ChosenSlot *place)
{
	if (find_free_slot(list, place))
		return;

	place->slot = head_tail(list)->slots;
	if (place->slot == PG_UINT32_MAX - VDB_GROUP)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("a list of index \"%s\" is full",
							   RelationGetRelationName(list->index)),
						errhint("Use REINDEX to build it with more lists.")));
	place->number = extend_for(list, place->slot + 1);
	place->block = head_tail(list)->last;
}

/* The counters of the list once the slot is taken. */
static void
count_insert(IvfPageTail *tail, const ChosenSlot *place)
{
	tail->changes++;
	if (place->slot >= tail->slots)
	{
		/* Looking for a free slot in vain means that there is none. */
		tail->slots = place->slot + 1;
		tail->dead = 0;
		tail->free_block = InvalidBlockNumber;
		return;
	}
	tail->dead--;
	tail->free_block = place->block;
	tail->free_number = place->number;
}

/* The lines of the slot's group that lie on this page. */
static void
log_lines(const OpenList *list, const IvfEntry *entry, uint32 slot,
		  Buffer buffer, uint32 number, VdbWal *wal)
{
	const IvfLayout *layout = list->layout;
	Page page = BufferGetPage(buffer);
	uint64 group_begin = (uint64) (slot / VDB_GROUP) * layout->lines;
	uint64 page_begin = (uint64) number * IVF_PAGE_LINES;
	uint64 begin = Max(group_begin, page_begin);
	uint64 end = Min(group_begin + layout->lines, page_begin + IVF_PAGE_LINES);

	for (uint64 line = begin; line < end; line++)
		ivf_entry_log_line(layout, entry, slot % VDB_GROUP, line - group_begin,
						   wal, buffer, ivf_line(page, line - page_begin));
}

static void
log_counters(const OpenList *list, const ChosenSlot *place, VdbWal *wal)
{
	IvfPageTail *tail = head_tail(list);
	IvfPageTail next = *tail;

	count_insert(&next, place);
	vdb_wal_put(wal, list->head_buffer, &tail->slots, &next.slots,
				offsetof(IvfPageTail, cuts) - offsetof(IvfPageTail, slots));
}

/* One page of the group, and the list's counters where "place" is given. */
static void
write_page(const OpenList *list, const IvfEntry *entry, uint32 slot,
		   BlockNumber block, uint32 number, const ChosenSlot *place)
{
	Buffer buffer = open_page(list, block, number, BUFFER_LOCK_EXCLUSIVE);
	VdbWal wal;

	vdb_wal_begin(&wal, list->index);
	log_lines(list, entry, slot, buffer, number, &wal);
	if (place)
		log_counters(list, place, &wal);
	vdb_wal_finish(&wal);
	close_page(list, buffer);
}

/* Blocks of the pages begin .. end of the chain, from one that is known. */
static BlockNumber *
group_blocks(const OpenList *list, const ChosenSlot *place, uint32 begin,
			 uint32 end)
{
	BlockNumber *blocks = palloc((end - begin + 1) * sizeof(BlockNumber));
	BlockNumber block = place->block;
	uint32 number = place->number;

	while (number > end)
		block = neighbour(list, block, number--, false);
	for (uint32 n = number, b = block;; b = neighbour(list, b, n++, true))
	{
		blocks[n - begin] = b;
		if (n == end)
			break;
	}
	while (number > begin)
	{
		block = neighbour(list, block, number--, false);
		blocks[number - begin] = block;
	}
	return blocks;
}

static void
write_slot(const OpenList *list, const IvfEntry *entry, const ChosenSlot *place)
{
	const IvfLayout *layout = list->layout;
	uint64 line = (uint64) (place->slot / VDB_GROUP) * layout->lines;
	uint64 slot_line =
		line + layout->factor_lines + place->slot % VDB_GROUP / IVF_LINE_SLOTS;
	uint32 begin = line / IVF_PAGE_LINES;
	uint32 end = (line + layout->lines - 1) / IVF_PAGE_LINES;
	uint32 slot_number = slot_line / IVF_PAGE_LINES;
	BlockNumber *blocks = group_blocks(list, place, begin, end);

	for (uint32 number = begin; number <= end; number++)
		if (number != slot_number)
			write_page(list, entry, place->slot, blocks[number - begin], number,
					   NULL);
	write_page(list, entry, place->slot, blocks[slot_number - begin],
			   slot_number, place);
	pfree(blocks);
}

void
ivf_list_insert(Relation index, BlockNumber head, const IvfLayout *layout,
				const IvfEntry *entry)
{
	OpenList list = {index, layout, head, InvalidBuffer};
	ChosenSlot place;

	list.head_buffer = ivf_page_read(index, head, BUFFER_LOCK_EXCLUSIVE,
									 layout->kind, head, 0);
	choose_slot(&list, &place);
	write_slot(&list, entry, &place);
	UnlockReleaseBuffer(list.head_buffer);
}

/* Vacuum ----------------------------------------------------------------- */

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
	uint32 used;			/* behind the last live slot */
	BlockNumber free_block; /* the first page with a free slot */
	uint32 free_number;
	BlockNumber *blocks; /* the chain */
	uint32 nblocks;
	uint32 room;
} VacuumPass;

/* Free the dead slots of one line; true where there was one. */
static bool
free_dead_slots(const VacuumPass *pass, IvfSlot *slots, uint32 first,
				uint32 *removed)
{
	bool any = false;

	for (uint32 i = 0; i < IVF_LINE_SLOTS && first + i < pass->slots; i++)
		if (ItemPointerIsValid(&slots[i].tid) &&
			pass->dead(&slots[i].tid, pass->arg))
		{
			ItemPointerSetInvalid(&slots[i].tid);
			(*removed)++;
			any = true;
		}
	return any;
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
			pass->used = first + i + 1;
		}
		else if (pass->free_block == InvalidBlockNumber)
		{
			pass->free_block = cursor->block;
			pass->free_number = cursor->number;
		}
	}
}

static void
vacuum_page(VacuumPass *pass, const IvfCursor *cursor)
{
	GenericXLogState *wal = GenericXLogStart(pass->index);
	Page page = GenericXLogRegisterBuffer(wal, cursor->buffer, 0);
	uint32 removed = 0;

	for (uint32 line = 0; line < IVF_PAGE_LINES; line++)
	{
		uint32 first;
		IvfSlot *slots =
			ivf_line_slots(pass->layout, page, cursor->number, line, &first);

		if (!slots)
			continue;
		free_dead_slots(pass, slots, first, &removed);
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

static void
walk_list(VacuumPass *pass, BlockNumber head, void (*pause)(void))
{
	IvfCursor cursor;

	ivf_cursor_init(&cursor, pass->index, pass->layout->kind, head,
					BUFFER_LOCK_EXCLUSIVE);
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

/*
 * The list's counters after a pass, and its new end.  Where somebody inserted
 * meanwhile, only what the pass freed is added, and nothing is cut.
 */
static uint32
settle(VacuumPass *pass, BlockNumber head)
{
	OpenList list = {pass->index, pass->layout, head, InvalidBuffer};
	uint32 keep = pass->nblocks;
	Buffer last_buffer = InvalidBuffer;
	GenericXLogState *wal;
	IvfPageTail *tail;

	list.head_buffer = ivf_page_read(pass->index, head, BUFFER_LOCK_EXCLUSIVE,
									 pass->layout->kind, head, 0);
	if (head_tail(&list)->changes == pass->changes)
		keep = ivf_list_pages(pass->layout, pass->used);
	if (keep < pass->nblocks)
		last_buffer = open_page(&list, pass->blocks[keep - 1], keep - 1,
								BUFFER_LOCK_EXCLUSIVE);

	wal = GenericXLogStart(pass->index);
	tail = ivf_tail(GenericXLogRegisterBuffer(wal, list.head_buffer, 0));
	if (tail->changes == pass->changes)
	{
		tail->slots = pass->used;
		tail->dead = pass->used - pass->live;
	}
	else
		tail->dead += pass->removed;
	if (tail->dead == 0)
		tail->free_block = InvalidBlockNumber;
	else if (pass->free_block != InvalidBlockNumber &&
			 (tail->changes == pass->changes ||
			  tail->free_block == InvalidBlockNumber ||
			  pass->free_number < tail->free_number))
	{
		tail->free_block = pass->free_block;
		tail->free_number = pass->free_number;
	}
	if (BufferIsValid(last_buffer))
	{
		tail->last = pass->blocks[keep - 1];
		tail->cuts++;
		ivf_tail(GenericXLogRegisterBuffer(wal, last_buffer, 0))->next =
			InvalidBlockNumber;
	}
	GenericXLogFinish(wal);

	if (BufferIsValid(last_buffer))
		close_page(&list, last_buffer);
	UnlockReleaseBuffer(list.head_buffer);
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
	for (uint32 i = keep; i < pass.nblocks; i++)
		ivf_page_free(index, pass.blocks[i]);

	count->live += pass.live;
	count->removed += pass.removed;
	count->freed_pages += pass.nblocks - keep;
	pfree(pass.blocks);
}
