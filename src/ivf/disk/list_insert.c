/*
 * list_insert.c: an entry into a list: a free slot, or a new one at the end.
 *
 * The list's first page is locked exclusively from beginning to end.  An insert
 * logs the pages of its group one by one, the page with the slot last: a crash
 * in between leaves bytes in a slot that is still free.
 */
#include "compat.h"

#include "access/generic_xlog.h"
#include "ivf/disk/list_change.h"
#include "ivf/disk/open_list.h"
#include "shortcut/ahead.h"
#include "shortcut/locked.h"
#include "utils/rel.h"

/*
 * Every function here has the list's first page locked exclusively, by
 * ivf_list_insert(), and locks further pages of the chain under it, one at a
 * time, or two where a page is linked.  Nobody else adds to the list meanwhile;
 * vacuum may free slots on the other pages, and scans read them.
 */

/* The neighbour of a page in the chain. */
static BlockNumber
neighbour(const IvfOpenList *list, BlockNumber block, uint32 number,
		  bool forward)
{
	Buffer buffer = ivf_open_page(list, block, number, BUFFER_LOCK_SHARE);
	IvfPageTail *tail = ivf_tail(BufferGetPage(buffer));
	BlockNumber result = forward ? tail->next : tail->prev;

	ivf_close_page(list, buffer);
	return result;
}

/* The number of the chain's last page, which the tail names. */
static uint32
last_number(const IvfOpenList *list, BlockNumber last)
{
	Buffer buffer;
	IvfPageTail *tail;
	uint32 number;

	if (last == list->head)
		return 0;
	if (last == InvalidBlockNumber)
		ivf_page_corrupted(list->index, list->head, "list has no last page");
	buffer = vdb_ahead_read(list->index, last, &VDB_NO_AHEAD);
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

/*
 * Append an empty page to the chain: the page, the link to it and the first
 * page's word for where the chain ends, in one WAL record, so that no crash
 * separates them.  Two pages beside the first one are locked: the last, then a
 * new one, which nobody else waits for.
 */
static void
extend_chain(const IvfOpenList *list, uint32 number)
{
	BlockNumber last = ivf_open_tail(list)->last;
	Buffer last_buffer =
		ivf_open_page(list, last, number - 1, BUFFER_LOCK_EXCLUSIVE);
	Buffer buffer = ivf_page_allocate(list->index);
	BlockNumber block = BufferGetBlockNumber(buffer);
	GenericXLogState *wal = GenericXLogStart(list->index);
	Page page;

	Assert(number > 0 && block != last && block != list->head);
	Assert(vdb_locked_exclusively(buffer));
	Assert(vdb_locked_exclusively(last_buffer));
	page = GenericXLogRegisterBuffer(wal, buffer, GENERIC_XLOG_FULL_IMAGE);
	ivf_page_init(page, ivf_open_tail(list)->tree, list->layout->kind,
				  list->head, number, last);
	page = GenericXLogRegisterBuffer(wal, last_buffer, 0);
	ivf_tail(page)->next = block;
	page = GenericXLogRegisterBuffer(wal, list->head_buffer, 0);
	ivf_tail(page)->last = block;
	GenericXLogFinish(wal);

	UnlockReleaseBuffer(buffer);
	ivf_close_page(list, last_buffer);
}

/* Make the chain long enough for so many slots; the last page's number. */
static uint32
extend_for(const IvfOpenList *list, uint32 slots)
{
	uint32 number = last_number(list, ivf_open_tail(list)->last);
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
free_slot_on_page(const IvfOpenList *list, Page page, uint32 number,
				  uint32 *slot)
{
	uint32 limit = ivf_open_tail(list)->slots;

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
find_free_slot(const IvfOpenList *list, ChosenSlot *place)
{
	BlockNumber block = ivf_open_tail(list)->free_block;
	uint32 number = ivf_open_tail(list)->free_number;

	if (ivf_open_tail(list)->dead == 0)
		return false;
	while (block != InvalidBlockNumber)
	{
		Buffer buffer = ivf_open_page(list, block, number, BUFFER_LOCK_SHARE);
		BlockNumber next = ivf_tail(BufferGetPage(buffer))->next;
		bool found = free_slot_on_page(list, BufferGetPage(buffer), number,
									   &place->slot);

		ivf_close_page(list, buffer);
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
choose_slot(const IvfOpenList *list, ChosenSlot *place)
{
	if (find_free_slot(list, place))
		return;

	place->slot = ivf_open_tail(list)->slots;
	if (place->slot == PG_UINT32_MAX - VDB_GROUP)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("a list of index \"%s\" is full",
							   RelationGetRelationName(list->index)),
						errhint("Use REINDEX to build it with more lists.")));
	place->number = extend_for(list, place->slot + 1);
	place->block = ivf_open_tail(list)->last;
}

/* The counters of the list once the slot is taken. */
static void
count_insert(IvfPageTail *tail, const IvfEntry *entry, const ChosenSlot *place)
{
	tail->changes++;
	if ((entry->slot.detail & IVF_ROW_SECOND) && tail->seconds < PG_UINT16_MAX)
		tail->seconds++;
	tail->sorted = Min(tail->sorted, place->slot);
	if (place->slot >= tail->slots)
	{
		Assert(place->slot == tail->slots);
		/* Looking for a free slot in vain means that there is none. */
		tail->slots = place->slot + 1;
		tail->dead = 0;
		tail->free_block = InvalidBlockNumber;
		return;
	}
	Assert(tail->dead > 0);
	tail->dead--;
	tail->free_block = place->block;
	tail->free_number = place->number;
}

/* The lines of the slot's group that lie on this page, locked exclusively. */
static void
log_lines(const IvfOpenList *list, const IvfEntry *entry, uint32 slot,
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
log_counters(const IvfOpenList *list, const IvfEntry *entry,
			 const ChosenSlot *place, VdbWal *wal)
{
	IvfPageTail *tail = ivf_open_tail(list);
	IvfPageTail next = *tail;

	count_insert(&next, entry, place);
	if (list->layout->kind == IVF_LEAF)
	{
		next.residual += entry->factors.row.residual;
		vdb_wal_put(wal, list->head_buffer, &tail->residual, &next.residual,
					sizeof(next.residual));
	}
	vdb_wal_put(wal, list->head_buffer, &tail->slots, &next.slots,
				offsetof(IvfPageTail, cuts) - offsetof(IvfPageTail, slots));
	if (next.seconds != tail->seconds)
		vdb_wal_put(wal, list->head_buffer, &tail->seconds, &next.seconds,
					sizeof(next.seconds));
	if (next.sorted != tail->sorted)
		vdb_wal_put(wal, list->head_buffer, &tail->sorted, &next.sorted,
					sizeof(next.sorted));
}

/*
 * One page of the group, and the list's counters where "place" is given: in one
 * record, so that the slot and the count of slots never disagree.
 */
static void
write_page(const IvfOpenList *list, const IvfEntry *entry, uint32 slot,
		   BlockNumber block, uint32 number, const ChosenSlot *place)
{
	Buffer buffer = ivf_open_page(list, block, number, BUFFER_LOCK_EXCLUSIVE);
	VdbWal wal;

	vdb_wal_begin(&wal, list->index);
	log_lines(list, entry, slot, buffer, number, &wal);
	if (place)
		log_counters(list, entry, place, &wal);
	vdb_wal_finish(&wal);
	ivf_close_page(list, buffer);
}

/* Blocks of the pages begin .. end of the chain, from one that is known. */
static BlockNumber *
group_blocks(const IvfOpenList *list, const ChosenSlot *place, uint32 begin,
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

/*
 * The slot becomes one that is read when its TID is written: so the page with
 * it comes last.  After a crash before that, and for a scan meanwhile, what the
 * other pages hold belongs to a free slot, or to one behind the last.
 */
static void
write_slot(const IvfOpenList *list, const IvfEntry *entry,
		   const ChosenSlot *place)
{
	const IvfLayout *layout = list->layout;
	uint64 line = (uint64) (place->slot / VDB_GROUP) * layout->lines;
	uint64 slot_line =
		line + layout->factor_lines + place->slot % VDB_GROUP / IVF_LINE_SLOTS;
	uint32 begin = line / IVF_PAGE_LINES;
	uint32 end = (line + layout->lines - 1) / IVF_PAGE_LINES;
	uint32 slot_number = slot_line / IVF_PAGE_LINES;
	BlockNumber *blocks = group_blocks(list, place, begin, end);

	Assert(begin <= slot_number && slot_number <= end);
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
				const IvfEntry *entry, const IvfParent *parent)
{
	IvfOpenList list;
	ChosenSlot place;

	ivf_open_list(&list, index, layout, head);
	if (parent)
		ivf_summaries_widen(index, parent, layout, entry);
	choose_slot(&list, &place);
	write_slot(&list, entry, &place);
	ivf_close_list(&list);
}
