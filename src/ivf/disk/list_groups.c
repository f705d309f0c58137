/*
 * list_groups.c: see list_groups.h.
 */
#include "compat.h"

#include "ivf/disk/list_groups.h"

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
		ivf_walk_clear(walk);
	}
	group->number++;
	walk->position = 0;
}

/* Lines from the current group to the next one that is looked at. */
static inline uint64
lines_to_next(const IvfListWalk *walk)
{
	uint32 number = walk->group.number;
	uint32 next = number + 1;

	if (walk->partly)
		next = ivf_walk_looked_at(walk, next);
	return (uint64) (next - number) * walk->layout->lines;
}

/* Pass to it; returns its first line in the list. */
static inline uint64
pass_to_line(IvfListWalk *walk)
{
	walk->group.number = ivf_walk_looked_at(walk, walk->group.number);
	return (uint64) walk->group.number * walk->layout->lines;
}

/*
 * Multiply n lines of the current group's code, from line "first" of it on.  A
 * kernel that asks for lines does so for as many from "ahead" on.
 */
static inline void
multiply(IvfListWalk *walk, const uint8 *lines, uint32 first, uint32 n,
		 const uint8 *ahead)
{
	const VdbKernel *kernel = walk->kernel;
	const int8 *queries[2];
	uint32 skipped;

	if (n == 0)
		return;
	skipped = first * walk->layout->format->line_query;
	for (int i = 0; i < walk->reading.nqueries; i++)
		queries[i] = walk->reading.queries[i] + skipped;
	if (walk->two)
		kernel->code_dot8_fine(lines, queries, n, ahead, walk->dots);
	else if (walk->ahead)
		kernel->code_dot2_ahead(lines, queries[0], n, ahead, walk->dots[0]);
	else
		for (int i = 0; i < walk->reading.nqueries; i++)
			walk->dot(lines, queries[i], n, walk->dots[i]);
}

/*
 * Take n lines of the current group's code, from line "first" of it on, where
 * the page has so many.  With as many of these as it has of the next group, so
 * many lines further on, the latter come into the cache on the way, if the
 * kernel asks for lines.
 */
static inline void
read_codes(IvfListWalk *walk, const uint8 *lines, uint32 first, uint32 n,
		   uint32 available, uint64 next)
{
	const uint8 *rest;
	uint32 both = 0;

	if (!walk->group.lanes)
		return;
	if ((walk->ahead || walk->two) && available > next)
		both = Min(available - next, n);
	rest = lines + both * VDB_LINE;
	multiply(walk, lines, first, both, lines + next * VDB_LINE);
	multiply(walk, rest, first + both, n - both, rest);
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
	read_codes(walk, lines, position - layout->head_lines, n, available,
			   lines_to_next(walk));
	return n;
}

/*
 * Lines of a group further on, if they lie on the page: of the next one, so
 * many lines on, all that is going to be read, except for what a kernel asks
 * for; where that is little, of one after it.
 */
static inline void
touch_lines(const IvfListWalk *walk, const uint8 *lines, uint32 available,
			uint64 next)
{
	uint64 skipped = next - walk->layout->lines;
	uint64 end = Min(walk->touch_end + skipped, available);

	for (uint64 i = walk->touch_begin + skipped; i < end; i++)
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
	uint32 n = Min(available / layout->lines, ivf_walk_groups(walk) - first);
	VdbGroups form = vdb_groups(layout->lines, layout->head_lines);

	for (uint32 i = 0; i < n; i++)
	{
		const uint8 *rest = lines + i * form.stride;
		uint32 below = 0;

		i += walk->kernel->code_bounds2(
			rest, n - i, &form, walk->reading.queries[0], &bounding->bound,
			bounding->threshold, walk->bounds, &below);
		if (i == n)
			break;
		group->number = first + i;
		enter_group(walk, lines + i * form.stride);
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
void
ivf_walk_read_page(IvfListWalk *walk, Page page)
{
	const IvfLayout *layout = walk->layout;
	uint64 begin = (uint64) walk->cursor.number * IVF_PAGE_LINES;
	uint64 line = 0;

	if (walk->position == 0)
		line = pass_to_line(walk) - begin;
	while (line < IVF_PAGE_LINES && ivf_walk_has_group(walk))
	{
		const uint8 *lines = ivf_line(page, line);
		uint32 available = IVF_PAGE_LINES - line;

		if (walk->position == 0 && available >= layout->lines && walk->runs)
			line += read_run(walk, lines, available);
		else if (walk->position == 0 && available >= layout->lines)
		{
			uint64 next = lines_to_next(walk);

			touch_lines(walk, lines, available, next);
			enter_group(walk, lines);
			read_codes(walk, lines + layout->head_lines * VDB_LINE, 0,
					   layout->code_lines, available - layout->head_lines,
					   next);
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
