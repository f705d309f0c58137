/*
 * stream.c: see stream.h.
 *
 * A page's rows are copied under its lock, and given out with none held.
 */
#include "compat.h"

#include "ivf/disk/stream.h"

void
ivf_stream_open(IvfStream *stream, Relation index, Snapshot snapshot,
				BlockNumber head, const IvfLayout *layout,
				IvfStreamFilter filter)
{
	ivf_cursor_init(&stream->cursor, index, layout->kind, head,
					BUFFER_LOCK_SHARE);
	stream->cursor.snapshot = snapshot;
	stream->layout = layout;
	stream->filter = filter;
	stream->count = stream->next = 0;
	stream->open = true;
}

static bool
is_wanted(const IvfStream *stream, const IvfSlot *slot)
{
	bool null = (slot->detail & IVF_ROW_NULL) != 0;

	if (!ItemPointerIsValid(&slot->tid))
		return false;
	return stream->filter == IVF_STREAM_ALL ||
		   null == (stream->filter == IVF_STREAM_NULL);
}

/* Copy the rows of the next page; false at the end. */
static bool
read_page_rows(IvfStream *stream)
{
	IvfCursor *cursor = &stream->cursor;

	if (!ivf_cursor_next(cursor))
		return false;
	stream->count = stream->next = 0;
	for (uint32 line = 0; line < IVF_PAGE_LINES; line++)
	{
		uint32 first;
		IvfSlot *slots = ivf_line_slots(stream->layout, cursor->page,
										cursor->number, line, &first);

		for (uint32 i = 0;
			 slots && i < IVF_LINE_SLOTS && first + i < cursor->slots; i++)
			if (is_wanted(stream, &slots[i]))
				stream->tids[stream->count++] = slots[i].tid;
	}
	ivf_cursor_release(cursor);
	return true;
}

bool
ivf_stream_next(IvfStream *stream, ItemPointer tid)
{
	while (stream->open)
	{
		if (stream->next < stream->count)
		{
			*tid = stream->tids[stream->next++];
			return true;
		}
		stream->open = read_page_rows(stream);
	}
	return false;
}
