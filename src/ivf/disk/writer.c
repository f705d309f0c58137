/*
 * writer.c: see writer.h.
 */
#include "compat.h"

#include "ivf/disk/cursor.h"
#include "ivf/disk/writer.h"
#include "shortcut/locked.h"
#include "utils/rel.h"

/*
 * The next page of the stream, linked to the one before it.  Both are locked
 * only while they are changed, against the checkpointer and the background
 * writer: a build has the index to itself, and logs it whole at its end
 * (log_newpage_range), so no order of these changes matters to a crash.
 */
static void
start_page(IvfWriter *writer, uint32 number)
{
	BlockNumber prev = InvalidBlockNumber;
	BlockNumber block;
	Buffer buffer = ReadBufferExtended(writer->index, writer->fork, P_NEW,
									   RBM_ZERO_AND_LOCK, NULL);

	block = BufferGetBlockNumber(buffer);
	if (number == 0)
		writer->head = block;
	else
	{
		prev = BufferGetBlockNumber(writer->buffer);
		LockBuffer(writer->buffer, BUFFER_LOCK_EXCLUSIVE);
		ivf_tail(BufferGetPage(writer->buffer))->next = block;
		MarkBufferDirty(writer->buffer);
		UnlockReleaseBuffer(writer->buffer);
	}
	ivf_page_init(BufferGetPage(buffer), writer->kind, writer->head, number,
				  prev);
	MarkBufferDirty(buffer);
	LockBuffer(buffer, BUFFER_LOCK_UNLOCK);

	writer->buffer = buffer;
	writer->number = number;
	writer->line = 0;
}

void
ivf_writer_begin(IvfWriter *writer, Relation index, ForkNumber fork,
				 IvfPageKind kind, const IvfLayout *layout)
{
	memset(writer, 0, sizeof(*writer));
	writer->index = index;
	writer->fork = fork;
	writer->kind = kind;
	writer->layout = layout;
	if (layout)
		writer->group = palloc0(layout->lines * VDB_LINE);
	start_page(writer, 0);
}

void
ivf_writer_lines(IvfWriter *writer, const void *lines, uint32 nlines)
{
	const uint8 *from = lines;

	while (nlines > 0)
	{
		uint32 n;

		if (writer->line == IVF_PAGE_LINES)
			start_page(writer, writer->number + 1);
		n = Min(nlines, IVF_PAGE_LINES - writer->line);

		LockBuffer(writer->buffer, BUFFER_LOCK_EXCLUSIVE);
		memcpy(ivf_line(BufferGetPage(writer->buffer), writer->line), from,
			   n * VDB_LINE);
		MarkBufferDirty(writer->buffer);
		LockBuffer(writer->buffer, BUFFER_LOCK_UNLOCK);

		writer->line += n;
		from += n * VDB_LINE;
		nlines -= n;
	}
}

static void
flush_group(IvfWriter *writer)
{
	Size bytes = writer->layout->lines * VDB_LINE;

	ivf_writer_lines(writer, writer->group, writer->layout->lines);
	memset(writer->group, 0, bytes);
}

void
ivf_writer_add(IvfWriter *writer, const IvfEntry *entry)
{
	int lane = writer->slots % VDB_GROUP;

	for (uint32 line = 0; line < writer->layout->lines; line++)
		ivf_entry_put_line(writer->layout, entry, lane, line,
						   writer->group + line * VDB_LINE);
	writer->slots++;
	if (lane == VDB_GROUP - 1)
		flush_group(writer);
}

uint32
ivf_writer_end(IvfWriter *writer)
{
	BlockNumber last;
	Buffer buffer;
	IvfPageTail *tail;

	if (writer->slots % VDB_GROUP != 0)
		flush_group(writer);
	last = BufferGetBlockNumber(writer->buffer);
	ReleaseBuffer(writer->buffer);
	if (writer->group)
		pfree(writer->group);

	buffer = ReadBufferExtended(writer->index, writer->fork, writer->head,
								RBM_NORMAL, NULL);
	LockBuffer(buffer, BUFFER_LOCK_EXCLUSIVE);
	tail = ivf_tail(BufferGetPage(buffer));
	tail->slots = writer->slots;
	tail->last = last;
	MarkBufferDirty(buffer);
	UnlockReleaseBuffer(buffer);

	return writer->number + 1;
}

/* The slots of a line, if there are any. */
static void
set_slots(const IvfCursor *cursor, const IvfLayout *layout, uint32 line,
		  const IvfWritten *children, uint32 count)
{
	uint32 first;
	IvfSlot *slots =
		ivf_line_slots(layout, cursor->page, cursor->number, line, &first);

	for (uint32 i = 0; slots && i < IVF_LINE_SLOTS && first + i < count; i++)
	{
		ItemPointerSet(&slots[i].tid, children[first + i].head, 1);
		slots[i].detail = Min(children[first + i].pages, PG_UINT16_MAX);
	}
}

/* The summaries on a line; "entry" is room for one. */
static void
set_summaries(const IvfCursor *cursor, const IvfLayout *layout, uint32 line,
			  const IvfWritten *children, uint32 count, IvfEntry *entry)
{
	uint64 stream_line = (uint64) cursor->number * IVF_PAGE_LINES + line;
	uint32 position = stream_line % layout->lines;
	uint32 first = stream_line / layout->lines * VDB_GROUP;

	if (position < layout->column_line || position >= layout->head_lines)
		return;
	for (uint32 i = 0; i < VDB_GROUP && first + i < count; i++)
	{
		ivf_entry_set_summaries(layout, entry, children[first + i].summaries);
		ivf_entry_put_line(layout, entry, i, position,
						   ivf_line(cursor->page, line));
	}
}

/* Page by page, locked exclusively as anything that changes one. */
void
ivf_list_set_children(Relation index, BlockNumber head, const IvfLayout *layout,
					  const IvfWritten *children, uint32 count)
{
	IvfEntry *entry = ivf_entry_create(layout);
	IvfCursor cursor;

	ivf_cursor_init(&cursor, index, layout->kind, head, BUFFER_LOCK_EXCLUSIVE);
	while (ivf_cursor_next(&cursor))
	{
		for (uint32 line = 0; line < IVF_PAGE_LINES; line++)
		{
			set_slots(&cursor, layout, line, children, count);
			set_summaries(&cursor, layout, line, children, count, entry);
		}
		MarkBufferDirty(cursor.buffer);
	}
	ivf_cursor_release(&cursor);
	pfree(entry);
}
