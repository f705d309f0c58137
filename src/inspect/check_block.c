/*
 * check_block.c: see check_block.h.
 */
#include "compat.h"

#include "inspect/check_block.h"
#include "utils/memutils.h"

/* How many of the rows kept last are those of a TID. */
static uint32
entries_kept(const IvfCheckBlock *at, ItemPointer tid)
{
	uint32 n = 0;

	while (n < at->nrows &&
		   ItemPointerEquals(&at->rows[at->nrows - 1 - n].row.tid, tid))
		n++;
	return n;
}

/*
 * Keep the current row; of one that is there more often than it may be, what
 * came first.
 */
static void
keep_row(IvfCheckBlock *at)
{
	const IvfCheckRows *rows = at->check->rows;
	ItemPointerData tid = rows->row.tid;
	IvfIndexedRow *row;

	if (entries_kept(at, &tid) >= ((rows->row.flags & IVF_ROW_TWICE) ? 2 : 1))
		return;
	if (at->nrows == at->room)
	{
		at->room *= 2;
		at->rows = repalloc(at->rows, at->room * sizeof(IvfIndexedRow));
	}
	row = &at->rows[at->nrows++];
	row->row = rows->row;
	row->found = false;
	row->entry = MemoryContextAlloc(at->context, Max(rows->entry_size, 1));
	memcpy(row->entry, rows->entry, rows->entry_size);
}

static void
load_block(IvfCheckBlock *at, BlockNumber block)
{
	const IvfCheckRows *rows = at->check->rows;

	MemoryContextReset(at->context);
	at->nrows = 0;
	at->block = block;
	while (!rows->exhausted &&
		   ItemPointerGetBlockNumber(&rows->row.tid) <= block)
	{
		if (ItemPointerGetBlockNumber(&rows->row.tid) == block)
			keep_row(at);
		ivf_check_rows_next(at->check);
	}
}

void
ivf_check_block_init(IvfCheckBlock *at, IvfCheck *check)
{
	at->check = check;
	at->block = InvalidBlockNumber;
	at->context = AllocSetContextCreate(
		CurrentMemoryContext, "ivfflat check block", ALLOCSET_DEFAULT_SIZES);
	at->nrows = 0;
	at->room = 256;
	at->rows = palloc(at->room * sizeof(IvfIndexedRow));
}

IvfIndexedRow *
ivf_check_block_find(IvfCheckBlock *at, ItemPointer tid)
{
	OffsetNumber offset = ItemPointerGetOffsetNumber(tid);
	uint32 low = 0;
	uint32 high;

	if (ItemPointerGetBlockNumber(tid) != at->block)
		load_block(at, ItemPointerGetBlockNumber(tid));
	high = at->nrows;
	while (low < high)
	{
		uint32 middle = low + (high - low) / 2;

		if (ItemPointerGetOffsetNumber(&at->rows[middle].row.tid) < offset)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < at->nrows &&
		ItemPointerGetOffsetNumber(&at->rows[low].row.tid) == offset)
		return &at->rows[low];
	return NULL;
}

IvfIndexedRow *
ivf_check_block_second(const IvfCheckBlock *at, IvfIndexedRow *row)
{
	if (row + 1 < at->rows + at->nrows &&
		ItemPointerEquals(&row[1].row.tid, &row->row.tid))
		return row + 1;
	return NULL;
}
