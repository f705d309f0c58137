/*
 * list_slot.c: see list_slot.h.
 */
#include "compat.h"

#include "ivf/disk/cursor.h"
#include "ivf/disk/list_slot.h"
#include "shortcut/ahead.h"
#include "shortcut/size.h"

/*
 * Begin the walk at a page further on.  Since the build, pages of a list lie
 * one behind the other until it grows: look there, and walk if it is not so.
 */
static void
seek_page(IvfCursor *cursor, uint32 number)
{
	BlockNumber block = cursor->head + number;
	BlockNumber blocks = 0;
	Buffer buffer;
	bool found;

	if (number == 0 || !vdb_has_page(cursor->index, block, &blocks))
		return;
	buffer = vdb_ahead_read(cursor->index, block, &VDB_NO_AHEAD);
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

/* Some lines of a group. */
typedef struct GroupLines
{
	const IvfLayout *layout;
	uint32 group;
	uint32 begin; /* in the group */
	uint32 end;
} GroupLines;

/*
 * Called with those of them that lie on a page, which is locked: n, of which
 * the first is the group's line "line".
 */
typedef void (*LinesVisit)(void *arg, const IvfCursor *cursor, uint32 line,
						   uint8 *data, uint32 n);

static void
visit_lines(Relation index, BlockNumber head, const GroupLines *lines,
			int lockmode, LinesVisit visit, void *arg)
{
	uint64 group_begin = (uint64) lines->group * lines->layout->lines;
	uint64 done = group_begin + lines->begin;
	uint64 end = group_begin + lines->end;
	IvfCursor cursor;

	ivf_cursor_init(&cursor, index, lines->layout->tree, lines->layout->kind,
					head, lockmode);
	seek_page(&cursor, done / IVF_PAGE_LINES);
	while (done < end && ivf_cursor_next(&cursor))
	{
		uint64 page_begin = (uint64) cursor.number * IVF_PAGE_LINES;
		uint64 page_end = Min(page_begin + IVF_PAGE_LINES, end);

		if (done >= page_end)
			continue;
		visit(arg, &cursor, done - group_begin,
			  ivf_line(cursor.page, done - page_begin), page_end - done);
		done = page_end;
	}
	ivf_cursor_release(&cursor);
	if (done < end)
		ivf_page_corrupted(index, head, "list is too short");
}

/* Reading ---------------------------------------------------------------- */

typedef struct EntryReader
{
	const IvfLayout *layout;
	IvfEntry *entry;
	int lane;
} EntryReader;

static void
read_entry_lines(void *arg, const IvfCursor *cursor, uint32 line, uint8 *data,
				 uint32 n)
{
	EntryReader *reader = arg;

	for (uint32 i = 0; i < n; i++)
		ivf_entry_get_line(reader->layout, reader->entry, reader->lane,
						   line + i, data + i * VDB_LINE);
}

void
ivf_list_read_entry(Relation index, BlockNumber head, const IvfLayout *layout,
					uint32 slot, IvfEntry *entry)
{
	EntryReader reader = {layout, entry, slot % VDB_GROUP};
	GroupLines lines = {layout, slot / VDB_GROUP, 0, layout->lines};

	visit_lines(index, head, &lines, BUFFER_LOCK_SHARE, read_entry_lines,
				&reader);
}

static void
copy_group_lines(void *arg, const IvfCursor *cursor, uint32 line, uint8 *data,
				 uint32 n)
{
	memcpy((uint8 *) arg + line * VDB_LINE, data, n * VDB_LINE);
}

void
ivf_list_read_group(Relation index, BlockNumber head, const IvfLayout *layout,
					uint32 group, uint8 *copy)
{
	GroupLines lines = {layout, group, 0, layout->lines};

	visit_lines(index, head, &lines, BUFFER_LOCK_SHARE, copy_group_lines, copy);
}

/* Columns ---------------------------------------------------------------- */

static GroupLines
column_lines(const IvfLayout *layout, uint32 slot)
{
	return (GroupLines){layout, slot / VDB_GROUP, layout->column_line,
						layout->head_lines};
}

void
ivf_list_read_columns(Relation index, BlockNumber head, const IvfLayout *layout,
					  uint32 slot, IvfEntry *entry)
{
	EntryReader reader = {layout, entry, slot % VDB_GROUP};
	GroupLines lines = column_lines(layout, slot);

	visit_lines(index, head, &lines, BUFFER_LOCK_SHARE, read_entry_lines,
				&reader);
}

typedef struct EntryWriter
{
	Relation index;
	const IvfLayout *layout;
	const IvfEntry *entry;
	int lane;
} EntryWriter;

static void
write_column_lines(void *arg, const IvfCursor *cursor, uint32 line, uint8 *data,
				   uint32 n)
{
	EntryWriter *writer = arg;
	VdbWal wal;

	vdb_wal_begin(&wal, writer->index);
	for (uint32 i = 0; i < n; i++)
		ivf_entry_log_line(writer->layout, writer->entry, writer->lane,
						   line + i, &wal, cursor->buffer, data + i * VDB_LINE);
	vdb_wal_finish(&wal);
}

void
ivf_list_write_columns(Relation index, BlockNumber head,
					   const IvfLayout *layout, uint32 slot,
					   const IvfEntry *entry)
{
	EntryWriter writer = {index, layout, entry, slot % VDB_GROUP};
	GroupLines lines = column_lines(layout, slot);

	visit_lines(index, head, &lines, BUFFER_LOCK_EXCLUSIVE, write_column_lines,
				&writer);
}
