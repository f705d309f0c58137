/*
 * list.c: see list.h.
 */
#include "compat.h"

#include "ivf/disk/list.h"
#include "utils/rel.h"

/* Bytes of a page's lines that are brought into the cache ahead. */
#define TOUCHED_BYTES 1024

/* Groups shorter than that many bytes are asked for two ahead, others one. */
#define SHORT_GROUP 1024

/* Groups ahead of which columns are, if others are selected by them. */
#define GROUPS_TOUCHED 3

static void
touch_page(const VdbAhead *ahead)
{
	vdb_ahead_touch(ahead, BLCKSZ - sizeof(IvfPageTail), 1);
	vdb_ahead_touch(ahead, 0, TOUCHED_BYTES);
}

/* Visiting groups -------------------------------------------------------- */

static inline void
clear_dots(IvfListWalk *walk)
{
	for (int i = 0; i < walk->reading.nqueries; i++)
		for (int lane = 0; lane < VDB_GROUP; lane++)
			walk->dots[i][lane] = 0;
}

/* Lines one by one: for so few, a string instruction takes longer to start. */
static inline void
copy_lines(uint8 *to, const uint8 *from, uint32 n)
{
	for (uint32 i = 0; i < n; i++)
		memcpy(to + i * VDB_LINE, from + i * VDB_LINE, VDB_LINE);
}

/*
 * All of the group's head lies at "head", under the lock of its page (or, over
 * two pages, of the second one); its codes may still be to come.  What is seen
 * of each page was true when that was locked.  Slots are taken as they are
 * found: see "Scans against inserts" in README.md.
 */
static inline void
enter_group(IvfListWalk *walk, const uint8 *head)
{
	IvfGroup *group = &walk->group;

	group->head = head;
	group->factors = head;
	group->slot =
		(const IvfSlot *) (head + walk->layout->factor_lines * VDB_LINE);
	group->slots =
		Min(walk->cursor.slots - group->number * VDB_GROUP, VDB_GROUP);
	group->lanes = (UINT32_C(1) << group->slots) - 1;
	if (walk->reading.select)
		group->lanes &= walk->reading.select(walk->arg, group);
}

/* Its codes were read as well. */
static inline void
leave_group(IvfListWalk *walk)
{
	const IvfBounding *bounding = walk->reading.bounding;
	IvfGroup *group = &walk->group;

	if (group->lanes)
	{
		if (bounding)
			group->lanes &= walk->kernel->bound_f16(
				group->factors, group->dot[0], &bounding->bound,
				bounding->threshold, walk->bounds);
		if (group->lanes)
			walk->visit(walk->arg, group);
		clear_dots(walk);
	}
	group->number++;
	walk->position = 0;
}

static inline uint32
groups_of(const IvfListWalk *walk)
{
	return walk->cursor.slots / VDB_GROUP +
		   (walk->cursor.slots % VDB_GROUP != 0);
}

/* Is the next group one of the list's? */
static inline bool
has_group(const IvfListWalk *walk)
{
	return walk->group.number < groups_of(walk);
}

/* The first group from a number on that is looked at, if the list has it. */
static inline uint32
group_looked_at(const IvfListWalk *walk, uint32 number)
{
	const IvfReading *reading = &walk->reading;
	const IvfStretch *stretch = &walk->stretch;

	for (uint32 i = 0; i < reading->ngroups; i++)
		if (reading->groups[i] >= number)
			return reading->groups[i];
	if (reading->ngroups > 0)
		return PG_UINT32_MAX;
	if (number < stretch->begin)
		number = stretch->begin;
	return number >= stretch->end && number < stretch->rest ? stretch->rest
															: number;
}

/* Is the group behind the current one looked at, too? */
static inline bool
next_follows(const IvfListWalk *walk)
{
	uint32 next = walk->group.number + 1;

	return !walk->partly || group_looked_at(walk, next) == next;
}

/* Pass to it; returns its first line in the list. */
static inline uint64
pass_to_line(IvfListWalk *walk)
{
	walk->group.number = group_looked_at(walk, walk->group.number);
	return (uint64) walk->group.number * walk->layout->lines;
}

/* A kernel for both queries; "ahead" are lines that come into the cache. */
static inline void
read_both(IvfListWalk *walk, const uint8 *lines, uint32 first, uint32 n,
		  const uint8 *ahead)
{
	const IvfReading *reading = &walk->reading;
	const uint32 skipped = first * walk->layout->format->line_query;
	const int8 *const queries[2] = {reading->queries[0] + skipped,
									reading->queries[1] + skipped};

	if (n > 0)
		walk->kernel->code_dot8_fine(lines, queries, n, ahead, walk->dots);
}

/*
 * Take n lines of the current group's code, from line "first" of it on, where
 * the page has so many.
 */
static inline void
read_codes(IvfListWalk *walk, const uint8 *lines, uint32 first, uint32 n,
		   uint32 available)
{
	const IvfReading *reading = &walk->reading;
	const uint32 next = walk->layout->lines;
	const uint32 skipped = first * walk->layout->format->line_query;

	if (!walk->group.lanes)
		return;
	if (walk->two)
	{
		/* Meanwhile the same lines of the next group, as far as it is there. */
		uint32 both = available > next && next_follows(walk)
						  ? Min(available - next, n)
						  : 0;
		const uint8 *rest = lines + both * VDB_LINE;

		read_both(walk, lines, first, both, lines + next * VDB_LINE);
		read_both(walk, rest, first + both, n - both, rest);
		return;
	}
	for (int i = 0; i < reading->nqueries; i++)
		walk->dot(lines, reading->queries[i] + skipped, n, walk->dots[i]);
}

/*
 * The code of a group that lies on the page whole, as does so much from its
 * first line on; what of the next group's code is there comes into the cache on
 * the way.
 */
static inline void
read_codes_ahead(IvfListWalk *walk, const uint8 *lines, uint32 available)
{
	const IvfLayout *layout = walk->layout;
	const uint8 *codes = lines + layout->head_lines * VDB_LINE;
	uint32 next = layout->lines + layout->head_lines;
	uint32 n = available > next ? Min(available - next, layout->code_lines) : 0;

	if (!walk->group.lanes)
		return;
	if (!next_follows(walk))
		n = 0;
	if (n > 0)
		walk->kernel->code_dot2_ahead(codes, walk->reading.queries[0], n,
									  lines + next * VDB_LINE, walk->dots[0]);
	if (n < layout->code_lines)
		read_codes(walk, codes + n * VDB_LINE, n, layout->code_lines - n, 0);
}

/* Take what the page holds of the current group's head or code. */
static uint32
read_lines(IvfListWalk *walk, const uint8 *lines, uint32 available)
{
	const IvfLayout *layout = walk->layout;
	uint32 position = walk->position;
	uint32 n;

	if (position < layout->head_lines)
	{
		n = Min(layout->head_lines - position, available);
		copy_lines(walk->head + position * VDB_LINE, lines, n);
		if (position + n == layout->head_lines)
			enter_group(walk, walk->head);
		return n;
	}
	n = Min(layout->lines - position, available);
	read_codes(walk, lines, position - layout->head_lines, n, available);
	return n;
}

/*
 * Lines of a group further on, if they lie on the page: of the next one all
 * that is going to be read, except for what a kernel asks for; where that is
 * little, of one after it.
 */
static inline void
touch_lines(const IvfListWalk *walk, const uint8 *lines, uint32 available)
{
	uint32 end = Min(walk->touch_end, available);

	if (!next_follows(walk))
		return;
	for (uint32 i = walk->touch_begin; i < end; i++)
		__builtin_prefetch(lines + i * VDB_LINE);
}

/*
 * All groups that lie on the page whole, of which "available" lines are left,
 * by a kernel that stops where rows are near.  Returns how many lines that are.
 */
static uint32
read_run(IvfListWalk *walk, const uint8 *lines, uint32 available)
{
	const IvfBounding *bounding = walk->reading.bounding;
	const IvfLayout *layout = walk->layout;
	IvfGroup *group = &walk->group;
	uint32 first = group->number;
	uint32 n = Min(available / layout->lines, groups_of(walk) - first);
	Size stride = layout->lines * VDB_LINE;
	VdbGroups form = {.stride = stride,
					  .codes = layout->head_lines * VDB_LINE,
					  .nlines = layout->code_lines,
					  .ahead = stride < SHORT_GROUP ? 2 * stride : stride};

	for (uint32 i = 0; i < n; i++)
	{
		const uint8 *rest = lines + i * stride;
		uint32 below = 0;

		i += walk->kernel->code_bounds2(
			rest, n - i, &form, walk->reading.queries[0], &bounding->bound,
			bounding->threshold, walk->bounds, &below);
		if (i == n)
			break;
		group->number = first + i;
		enter_group(walk, lines + i * stride);
		group->lanes &= below;
		if (group->lanes)
			walk->visit(walk->arg, group);
	}
	group->number = first + n;
	return n * layout->lines;
}

/*
 * Groups that lie in one page whole are read where they are.  A page that is
 * before the next group has none.
 */
static void
read_page(IvfListWalk *walk, Page page)
{
	const IvfLayout *layout = walk->layout;
	uint64 begin = (uint64) walk->cursor.number * IVF_PAGE_LINES;
	uint64 line = 0;

	if (walk->position == 0)
		line = pass_to_line(walk) - begin;
	while (line < IVF_PAGE_LINES && has_group(walk))
	{
		const uint8 *lines = ivf_line(page, line);
		uint32 available = IVF_PAGE_LINES - line;

		if (walk->position == 0 && available >= layout->lines && walk->runs)
			line += read_run(walk, lines, available);
		else if (walk->position == 0 && available >= layout->lines)
		{
			touch_lines(walk, lines, available);
			enter_group(walk, lines);
			if (walk->ahead)
				read_codes_ahead(walk, lines, available);
			else if (layout->code_lines > 0)
				read_codes(walk, lines + layout->head_lines * VDB_LINE, 0,
						   layout->code_lines, available - layout->head_lines);
			leave_group(walk);
			line += layout->lines;
		}
		else
		{
			uint32 n = read_lines(walk, lines, available);

			line += n;
			walk->position += n;
			if (walk->position == layout->lines)
				leave_group(walk);
		}
		if (walk->partly && walk->position == 0)
			line = pass_to_line(walk) - begin;
	}
}

/*
 * The number of the page after this one that has lines which are looked at; 0:
 * none has.  Known as soon as the first page is.
 */
static uint32
next_page(const IvfListWalk *walk)
{
	uint64 lines = walk->layout->lines;
	uint64 line = (uint64) (walk->cursor.number + 1) * IVF_PAGE_LINES;
	uint64 end = groups_of(walk);

	line = Max(line, group_looked_at(walk, line / lines) * lines);
	return line < end * lines ? line / IVF_PAGE_LINES : 0;
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
	uint32 number = walk->partly ? next_page(walk) : 0;

	if (walk->partly && number == 0)
		return;
	if (number > cursor->number + 1)
		ivf_cursor_leap(cursor, number);
	if (cursor->next == InvalidBlockNumber)
		return;
	cursor->ahead = vdb_ahead(cursor->index, cursor->next);
	touch_page(&cursor->ahead);
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
	clear_dots(walk);
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

	if (started && !has_group(walk))
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
	read_page(walk, cursor->page);
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
	return walk.cursor.slots;
}

VdbAhead
ivf_list_ahead(Relation index, BlockNumber head)
{
	VdbAhead ahead = vdb_ahead(index, head);

	touch_page(&ahead);
	return ahead;
}
