/*
 * list_end.c: see list_end.h.
 *
 * New slots lie at the chain's end, so it is walked from there.
 */
#include "compat.h"

#include "access/generic_xlog.h"
#include "commands/vacuum.h"
#include "ivf/disk/list_end.h"
#include "ivf/disk/open_list.h"

void
ivf_list_end(Relation index, BlockNumber head, const IvfLayout *layout,
			 IvfListEnd *end)
{
	IvfOpenList list;
	IvfPageTail *tail;

	ivf_open_list(&list, index, layout, head);
	tail = ivf_open_tail(&list);
	end->slots = tail->slots;
	end->inserted = ivf_rows_added(tail);
	end->last = tail->last;
	if (tail->dead > 0)
	{
		GenericXLogState *wal = GenericXLogStart(index);

		tail = ivf_tail(GenericXLogRegisterBuffer(wal, list.head_buffer, 0));
		tail->dead = 0;
		tail->free_block = InvalidBlockNumber;
		GenericXLogFinish(wal);
	}
	ivf_close_list(&list);
}

/* Slots of one page, copied under its lock. */
typedef struct PageRows
{
	IvfSlot slots[IVF_PAGE_LINES * IVF_LINE_SLOTS];
	uint32 count;
	uint32 first;	  /* the lowest slot of the page, if it has any */
	BlockNumber prev; /* of the page before */
} PageRows;

static void
copy_rows(Page page, const IvfLayout *layout, uint32 number, uint32 begin,
		  uint32 end, PageRows *rows)
{
	rows->count = 0;
	rows->first = PG_UINT32_MAX;
	rows->prev = ivf_tail(page)->prev;
	for (uint32 line = 0; line < IVF_PAGE_LINES; line++)
	{
		uint32 first;
		IvfSlot *slots = ivf_line_slots(layout, page, number, line, &first);

		if (!slots)
			continue;
		rows->first = Min(rows->first, first);
		for (uint32 i = 0; i < IVF_LINE_SLOTS; i++)
			if (first + i >= begin && first + i < end &&
				ItemPointerIsValid(&slots[i].tid))
				rows->slots[rows->count++] = slots[i];
	}
}

/* The page at a block of the chain, whose number only it knows. */
static uint32
read_rows(Relation index, BlockNumber block, BlockNumber head,
		  const IvfLayout *layout, uint32 begin, uint32 end, PageRows *rows)
{
	Buffer buffer;
	Page page;
	uint32 number;
	const char *fault;

	if (block == InvalidBlockNumber)
		ivf_page_corrupted(index, head, "chain ends before its first page");
	buffer = ReadBuffer(index, block);
	LockBuffer(buffer, BUFFER_LOCK_SHARE);
	page = BufferGetPage(buffer);
	number = PageIsNew(page) ? 0 : ivf_tail(page)->number;
	fault = ivf_page_fault(page, layout->kind, head, number);
	if (fault == NULL && (block == head) != (number == 0))
		fault = "page has another place in its list";
	if (fault)
		ivf_page_corrupted(index, block, fault);
	copy_rows(page, layout, number, begin, end, rows);
	UnlockReleaseBuffer(buffer);
	return number;
}

void
ivf_list_rows(Relation index, BlockNumber head, const IvfLayout *layout,
			  uint32 begin, const IvfListEnd *end, IvfRowVisit visit, void *arg)
{
	PageRows *rows;
	BlockNumber block = end->last;
	uint32 number;

	if (begin >= end->slots)
		return;
	rows = palloc(sizeof(PageRows));
	do
	{
		vdb_vacuum_delay_point();
		number = read_rows(index, block, head, layout, begin, end->slots, rows);
		for (uint32 i = 0; i < rows->count; i++)
			visit(arg, &rows->slots[i]);
		block = rows->prev;
	} while (number > 0 && rows->first > begin);
	pfree(rows);
}
