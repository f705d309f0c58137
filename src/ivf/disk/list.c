/*
 * list.c: see list.h.
 */
#include "compat.h"

#include "ivf/disk/list_groups.h"
#include "utils/rel.h"

/* Bytes of a page's lines that are brought into the cache ahead. */
#define TOUCHED_BYTES 1024

/* Groups ahead of which columns are, if others are selected by them. */
#define GROUPS_TOUCHED 3

/* Tail and header, and what begins with a line. */
static void
touch_page(const VdbAhead *ahead, uint32 line)
{
	vdb_ahead_touch(ahead, BLCKSZ - sizeof(IvfPageTail), 1);
	if (line > 0)
		vdb_ahead_touch(ahead, 0, 1);
	vdb_ahead_touch(ahead, line * VDB_LINE, TOUCHED_BYTES);
}

/*
 * The first line after this page that is looked at; 0: none is.  Known as soon
 * as the first page is.
 */
static uint64
next_line(const IvfListWalk *walk)
{
	uint64 lines = walk->layout->lines;
	uint64 line = (uint64) (walk->cursor.number + 1) * IVF_PAGE_LINES;
	uint64 end = ivf_walk_groups(walk);

	line = Max(line, ivf_walk_looked_at(walk, line / lines) * lines);
	return line < end * lines ? line : 0;
}

/*
 * While the lines of a page are computed with, the next one that is looked at
 * is on its way.  Its header and tail are looked at first, then its first
 * lines.
 */
static void
look_ahead(IvfListWalk *walk)
{
	IvfCursor *cursor = &walk->cursor;
	uint64 line = walk->partly ? next_line(walk) : 0;

	if (walk->partly && line == 0)
		return;
	if (line / IVF_PAGE_LINES > cursor->number + 1)
		ivf_cursor_leap(cursor, line / IVF_PAGE_LINES);
	if (cursor->next == InvalidBlockNumber)
		return;
	cursor->ahead = vdb_ahead(cursor->index, cursor->next);
	touch_page(&cursor->ahead, line % IVF_PAGE_LINES);
}

/* Which kernel reads codes, and what it leaves to be asked for. */
static void
choose_kernel(IvfListWalk *walk)
{
	const IvfLayout *layout = walk->layout;
	int nqueries = walk->reading.nqueries;

	walk->kernel = vdb_kernel();
	if (nqueries > 0)
		walk->dot = vdb_code_dot(walk->kernel, layout->format);
	walk->ahead =
		nqueries == 1 && !walk->reading.few && layout->format->bits == 2;
	walk->two = nqueries == 2 && layout->format->bits == 8;
	walk->runs = walk->ahead && walk->reading.bounding &&
				 walk->reading.select == NULL && !walk->partly;
	walk->touch_begin = layout->lines;
	walk->touch_end =
		layout->lines + (nqueries > 0 && !walk->ahead && !walk->two
							 ? layout->lines
							 : layout->head_lines);
	if (walk->reading.few)
	{
		walk->touch_begin =
			GROUPS_TOUCHED * layout->lines + layout->column_line;
		walk->touch_end = GROUPS_TOUCHED * layout->lines + layout->head_lines;
	}
}

void
ivf_list_begin(IvfListWalk *walk, Relation index, BlockNumber head,
			   const IvfLayout *layout, const IvfReading *reading,
			   IvfVisit visit, void *arg)
{
	walk->layout = layout;
	walk->reading = reading ? *reading : (IvfReading){.first = VDB_NO_AHEAD};
	walk->visit = visit;
	walk->arg = arg;
	walk->partly = walk->reading.range || walk->reading.groups;
	walk->stretch = (IvfStretch){0, 0, 0};
	walk->position = 0;
	walk->group.layout = layout;
	walk->group.number = 0;
	walk->group.dot = walk->dots;
	walk->group.bounds = walk->bounds;
	choose_kernel(walk);
	ivf_walk_clear(walk);
	ivf_cursor_init(&walk->cursor, index, layout->tree, layout->kind, head,
					BUFFER_LOCK_SHARE);
	walk->cursor.ahead = walk->reading.first;
	walk->cursor.snapshot = walk->reading.snapshot;
}

bool
ivf_list_next(IvfListWalk *walk)
{
	IvfCursor *cursor = &walk->cursor;
	bool started = cursor->started;

	if (started && !ivf_walk_has_group(walk))
		return false;
	if (!ivf_cursor_next(cursor))
	{
		if (!ivf_cursor_cut(cursor))
			ivf_page_corrupted(cursor->index, cursor->head,
							   "list is shorter than its slots");
		return false;
	}
	if (!started && walk->reading.range)
		walk->stretch =
			ivf_fences_find(cursor->page, walk->layout, walk->reading.range);
	look_ahead(walk);
	ivf_walk_read_page(walk, cursor->page);
	ivf_cursor_release(cursor);
	return true;
}

uint32
ivf_list_visit(Relation index, BlockNumber head, const IvfLayout *layout,
			   const IvfReading *reading, IvfVisit visit, void *arg)
{
	IvfListWalk walk;

	ivf_list_begin(&walk, index, head, layout, reading, visit, arg);
	while (ivf_list_next(&walk))
		;
	return ivf_listed_rows(walk.cursor.slots, walk.cursor.dead);
}

VdbAhead
ivf_list_ahead(Relation index, BlockNumber head)
{
	VdbAhead ahead = vdb_ahead(index, head);

	touch_page(&ahead, 0);
	return ahead;
}
