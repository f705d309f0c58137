/*
 * list.c: see list.h.
 */
#include "compat.h"

#include "ivf/disk/list.h"
#include "utils/rel.h"

/* Bytes of a page's lines that are brought into the cache ahead. */
#define TOUCHED_BYTES 1024

static void
touch_page(const VdbAhead *ahead)
{
	vdb_ahead_touch(ahead, BLCKSZ - sizeof(IvfPageTail), 1);
	vdb_ahead_touch(ahead, 0, TOUCHED_BYTES);
}

/* Visiting groups -------------------------------------------------------- */

/* Puts groups together from the lines of page after page. */
typedef struct GroupReader
{
	const IvfLayout *layout;
	const IvfReading *reading; /* or NULL */
	VdbCodeDot dot;
	IvfVisit visit;
	void *arg;
	uint32 slots_left;
	uint32 position; /* line within the group */
	IvfGroup group;
	int32 dots[2][VDB_GROUP];
	uint8 head[IVF_HEAD_LINES_MAX * VDB_LINE] pg_attribute_aligned(VDB_LINE);
} GroupReader;

static inline void
clear_dots(GroupReader *reader)
{
	for (int i = 0; reader->reading && i < reader->reading->nqueries; i++)
		for (int lane = 0; lane < VDB_GROUP; lane++)
			reader->dots[i][lane] = 0;
}

/* Lines one by one: for so few, a string instruction takes longer to start. */
static inline void
copy_lines(uint8 *to, const uint8 *from, uint32 n)
{
	for (uint32 i = 0; i < n; i++)
		memcpy(to + i * VDB_LINE, from + i * VDB_LINE, VDB_LINE);
}

/*
 * Visit the group whose factors and slots lie at "head", under the page's lock
 * (or, of a group over two pages, the second one's): what the visit sees was
 * true when its page was locked.  Slots are taken as they are found: see
 * "Scans against inserts" in README.md.
 */
static void
finish_group(GroupReader *reader, const uint8 *head)
{
	const IvfLayout *layout = reader->layout;
	IvfGroup *group = &reader->group;

	group->factors = head;
	group->slot = (const IvfSlot *) (head + layout->factor_lines * VDB_LINE);
	group->slots = Min(reader->slots_left, VDB_GROUP);
	reader->visit(reader->arg, group);

	reader->slots_left -= group->slots;
	group->number++;
	reader->position = 0;
	clear_dots(reader);
}

/* Take n lines of the current group's code, from line "first" of it on. */
static inline void
read_codes(GroupReader *reader, const uint8 *lines, uint32 first, uint32 n)
{
	const IvfReading *reading = reader->reading;
	uint32 done = first * reader->layout->format->line_query;

	for (int i = 0; reading && i < reading->nqueries; i++)
		reader->dot(lines, reading->queries[i] + done, n, reader->dots[i]);
}

/* Take what the page holds of the current group's head or code. */
static uint32
read_lines(GroupReader *reader, const uint8 *lines, uint32 available)
{
	const IvfLayout *layout = reader->layout;
	uint32 position = reader->position;
	uint32 n;

	if (position < layout->head_lines)
	{
		n = Min(layout->head_lines - position, available);
		copy_lines(reader->head + position * VDB_LINE, lines, n);
		return n;
	}
	n = Min(layout->lines - position, available);
	read_codes(reader, lines, position - layout->head_lines, n);
	return n;
}

static inline void
touch_lines(const uint8 *lines, uint32 n)
{
	for (uint32 i = 0; i < n; i++)
		__builtin_prefetch(lines + i * VDB_LINE);
}

/* Groups that lie in one page whole are read where they are. */
static void
read_page(GroupReader *reader, Page page)
{
	const IvfLayout *layout = reader->layout;
	uint32 line = 0;

	while (line < IVF_PAGE_LINES && reader->slots_left > 0)
	{
		const uint8 *lines = ivf_line(page, line);
		uint32 available = IVF_PAGE_LINES - line;

		if (reader->position == 0 && available >= layout->lines)
		{
			touch_lines(lines + layout->lines * VDB_LINE,
						Min(layout->lines, available - layout->lines));
			if (layout->code_lines > 0)
				read_codes(reader, lines + layout->head_lines * VDB_LINE, 0,
						   layout->code_lines);
			finish_group(reader, lines);
			line += layout->lines;
		}
		else
		{
			uint32 n = read_lines(reader, lines, available);

			line += n;
			reader->position += n;
			if (reader->position == layout->lines)
				finish_group(reader, reader->head);
		}
	}
}

/*
 * While the lines of a page are computed with, the next page is on its way.
 * Its header and tail are looked at first, then its first lines.
 */
static void
look_ahead(IvfCursor *cursor)
{
	if (cursor->next == InvalidBlockNumber)
		return;
	cursor->ahead = vdb_ahead(cursor->index, cursor->next);
	touch_page(&cursor->ahead);
}

static uint32
visit_groups(GroupReader *reader, Relation index, BlockNumber head)
{
	const IvfLayout *layout = reader->layout;
	IvfCursor cursor;

	reader->group.dot = reader->dots;

	ivf_cursor_init(&cursor, index, layout->kind, head, BUFFER_LOCK_SHARE);
	if (reader->reading)
	{
		cursor.ahead = reader->reading->first;
		cursor.snapshot = reader->reading->snapshot;
	}
	while (ivf_cursor_next(&cursor))
	{
		if (cursor.number == 0)
			reader->slots_left = cursor.slots;
		look_ahead(&cursor);
		read_page(reader, cursor.page);
		if (reader->slots_left == 0)
			break;
	}
	ivf_cursor_release(&cursor);
	if (reader->slots_left > 0 && !ivf_cursor_cut(&cursor))
		ivf_page_corrupted(index, head, "list is shorter than its slots");
	return cursor.slots;
}

uint32
ivf_list_visit(Relation index, BlockNumber head, const IvfLayout *layout,
			   const IvfReading *reading, IvfVisit visit, void *arg)
{
	GroupReader reader = {
		.layout = layout,
		.reading = reading,
		.visit = visit,
		.arg = arg,
	};

	if (reading && reading->nqueries > 0)
		reader.dot = vdb_code_dot(vdb_kernel(), layout->format);
	return visit_groups(&reader, index, head);
}

VdbAhead
ivf_list_ahead(Relation index, BlockNumber head)
{
	VdbAhead ahead = vdb_ahead(index, head);

	touch_page(&ahead);
	return ahead;
}

/*
 * Begin the walk at a page further on.  Since the build, pages of a list lie
 * one behind the other until it grows: look there, and walk if it is not so.
 */
static void
seek_page(IvfCursor *cursor, uint32 number)
{
	BlockNumber block = cursor->head + number;
	Buffer buffer;
	bool found;

	if (number == 0 || block >= RelationGetNumberOfBlocks(cursor->index))
		return;
	buffer = ReadBuffer(cursor->index, block);
	LockBuffer(buffer, BUFFER_LOCK_SHARE);
	found = ivf_page_fault(BufferGetPage(buffer), cursor->kind, cursor->head,
						   number) == NULL;
	UnlockReleaseBuffer(buffer);
	if (found)
	{
		cursor->started = true;
		cursor->number = number - 1;
		cursor->next = block;
	}
}

/* Called with a line of a group, by its number there. */
typedef void (*LineVisit)(void *arg, uint32 line, const uint8 *data);

static void
visit_lines(Relation index, BlockNumber head, const IvfLayout *layout,
			uint32 group, LineVisit visit, void *arg)
{
	uint64 begin = (uint64) group * layout->lines;
	uint64 end = begin + layout->lines;
	uint64 done = begin;
	IvfCursor cursor;

	ivf_cursor_init(&cursor, index, layout->kind, head, BUFFER_LOCK_SHARE);
	seek_page(&cursor, begin / IVF_PAGE_LINES);
	while (done < end && ivf_cursor_next(&cursor))
	{
		uint64 page_begin = (uint64) cursor.number * IVF_PAGE_LINES;
		uint64 page_end = Min(page_begin + IVF_PAGE_LINES, end);

		for (; done < page_end; done++)
			visit(arg, done - begin, ivf_line(cursor.page, done - page_begin));
	}
	ivf_cursor_release(&cursor);
	if (done < end)
		ivf_page_corrupted(index, head, "list is too short");
}

typedef struct EntryReader
{
	const IvfLayout *layout;
	IvfEntry *entry;
	int lane;
} EntryReader;

static void
read_entry_line(void *arg, uint32 line, const uint8 *data)
{
	EntryReader *reader = arg;

	ivf_entry_get_line(reader->layout, reader->entry, reader->lane, line, data);
}

void
ivf_list_read_entry(Relation index, BlockNumber head, const IvfLayout *layout,
					uint32 slot, IvfEntry *entry)
{
	EntryReader reader = {layout, entry, slot % VDB_GROUP};

	visit_lines(index, head, layout, slot / VDB_GROUP, read_entry_line,
				&reader);
}

static void
copy_line(void *arg, uint32 line, const uint8 *data)
{
	memcpy((uint8 *) arg + line * VDB_LINE, data, VDB_LINE);
}

void
ivf_list_read_group(Relation index, BlockNumber head, const IvfLayout *layout,
					uint32 group, uint8 *lines)
{
	visit_lines(index, head, layout, group, copy_line, lines);
}
