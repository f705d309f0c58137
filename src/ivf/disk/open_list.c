/*
 * open_list.c: see open_list.h.
 */
#include "compat.h"

#include "ivf/disk/open_list.h"
#include "shortcut/locked.h"

void
ivf_open_list(IvfOpenList *list, Relation index, const IvfLayout *layout,
			  BlockNumber head)
{
	list->index = index;
	list->layout = layout;
	list->head = head;
	list->head_buffer = ivf_page_read(index, head, BUFFER_LOCK_EXCLUSIVE,
									  layout->kind, head, 0);
}

void
ivf_close_list(IvfOpenList *list)
{
	Assert(vdb_locked_exclusively(list->head_buffer));
	UnlockReleaseBuffer(list->head_buffer);
	list->head_buffer = InvalidBuffer;
}

Buffer
ivf_open_page(const IvfOpenList *list, BlockNumber block, uint32 number,
			  int lockmode)
{
	Assert(vdb_locked_exclusively(list->head_buffer));
	if (block == list->head && number == 0)
		return list->head_buffer;
	if (block == list->head)
		ivf_page_corrupted(list->index, block,
						   "page has another place in its list");
	return ivf_page_read(list->index, block, lockmode, list->layout->kind,
						 list->head, number);
}

void
ivf_close_page(const IvfOpenList *list, Buffer buffer)
{
	if (buffer != list->head_buffer)
		UnlockReleaseBuffer(buffer);
}

IvfPageTail *
ivf_open_tail(const IvfOpenList *list)
{
	Assert(vdb_locked_exclusively(list->head_buffer));
	return ivf_tail(BufferGetPage(list->head_buffer));
}
