/*
 * writer.c: see writer.h.
 */
#include "compat.h"

#include "access/xloginsert.h"
#include "ivf/disk/cursor.h"
#include "ivf/disk/writer.h"
#include "miscadmin.h"
#include "utils/rel.h"

/* Where the next page goes. */
static BlockNumber
choose_block(IvfSite *site)
{
	while (site->next_free < site->nfree)
	{
		BlockNumber block = site->free[site->next_free++];

		if (ivf_page_claim(site->index, block, site->tree))
			return block;
	}
	return ivf_page_extend(site->index, site->fork);
}

/* Change a page that nobody else sees, and log it where others log theirs. */
static void
log_page(IvfSite *site, Buffer buffer)
{
	MarkBufferDirty(buffer);
	if (site->live && RelationNeedsWAL(site->index))
		log_newpage_buffer(buffer, true);
}

static void
put_page(IvfSite *site, BlockNumber block, const char *page)
{
	Buffer buffer = ReadBufferExtended(site->index, site->fork, block,
									   RBM_ZERO_AND_LOCK, NULL);

	START_CRIT_SECTION();
	memcpy(BufferGetPage(buffer), page, BLCKSZ);
	log_page(site, buffer);
	END_CRIT_SECTION();
	UnlockReleaseBuffer(buffer);
}

/* The next page of the stream, linked to the one before it. */
static void
start_page(IvfWriter *writer)
{
	BlockNumber prev = writer->block;
	BlockNumber block = choose_block(writer->site);

	ivf_tail(writer->page)->next = block;
	if (writer->number == 0)
		writer->other = palloc(BLCKSZ);
	else
		put_page(writer->site, prev, writer->page);
	writer->page = writer->other;
	writer->block = block;
	writer->line = 0;
	ivf_page_init(writer->page, writer->site->tree, writer->kind, writer->head,
				  ++writer->number, prev);
}

void
ivf_writer_begin(IvfWriter *writer, IvfSite *site, IvfPageKind kind,
				 const IvfLayout *layout)
{
	memset(writer, 0, sizeof(*writer));
	writer->site = site;
	writer->kind = kind;
	writer->layout = layout;
	if (layout)
		writer->group = palloc0(layout->lines * VDB_LINE);
	writer->head = writer->block = choose_block(site);
	writer->first = writer->page = palloc(BLCKSZ);
	ivf_page_init(writer->page, site->tree, kind, writer->head, 0,
				  InvalidBlockNumber);
}

void
ivf_writer_lines(IvfWriter *writer, const void *lines, uint32 nlines)
{
	const uint8 *from = lines;

	while (nlines > 0)
	{
		uint32 n;

		if (writer->line == IVF_PAGE_LINES)
			start_page(writer);
		n = Min(nlines, IVF_PAGE_LINES - writer->line);
		memcpy(ivf_line(writer->page, writer->line), from, n * VDB_LINE);
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

/* Are there rows that may be in the order of a scalar column? */
static inline bool
has_order(const IvfWriter *writer)
{
	return writer->kind == IVF_LEAF && writer->layout->columns > 0;
}

void
ivf_writer_add(IvfWriter *writer, const IvfEntry *entry)
{
	int lane = writer->slots % VDB_GROUP;

	for (uint32 line = 0; line < writer->layout->lines; line++)
		ivf_entry_put_line(writer->layout, entry, lane, line,
						   writer->group + line * VDB_LINE);
	if (has_order(writer))
		ivf_order_add(&writer->order, writer->layout, entry);
	writer->slots++;
	if (lane == VDB_GROUP - 1)
		flush_group(writer);
}

uint32
ivf_writer_end(IvfWriter *writer)
{
	IvfPageTail *tail = ivf_tail(writer->first);

	if (writer->slots % VDB_GROUP != 0)
		flush_group(writer);
	if (writer->number > 0)
		put_page(writer->site, writer->block, writer->page);
	tail->slots = writer->slots;
	tail->last = writer->block;
	ivf_order_end(&writer->order, writer->layout, writer->first);
	put_page(writer->site, writer->head, writer->first);
	if (writer->group)
		pfree(writer->group);
	if (writer->other)
		pfree(writer->other);
	pfree(writer->first);
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
ivf_list_set_children(IvfSite *site, BlockNumber head, const IvfLayout *layout,
					  const IvfWritten *children, uint32 count)
{
	IvfEntry *entry = ivf_entry_create(layout);
	IvfCursor cursor;

	ivf_cursor_init(&cursor, site->index, site->tree, layout->kind, head,
					BUFFER_LOCK_EXCLUSIVE);
	while (ivf_cursor_next(&cursor))
	{
		START_CRIT_SECTION();
		for (uint32 line = 0; line < IVF_PAGE_LINES; line++)
		{
			set_slots(&cursor, layout, line, children, count);
			set_summaries(&cursor, layout, line, children, count, entry);
		}
		log_page(site, cursor.buffer);
		END_CRIT_SECTION();
	}
	ivf_cursor_release(&cursor);
	pfree(entry);
}
