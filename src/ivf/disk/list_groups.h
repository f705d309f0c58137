/*
 * list_groups.h: what a walk along a list finds on a page, for the files of
 * list.h alone.
 */
#ifndef VECDB_IVF_DISK_LIST_GROUPS_H
#define VECDB_IVF_DISK_LIST_GROUPS_H

#include "compat.h"

#include "ivf/disk/list.h"

static inline void
ivf_walk_clear(IvfListWalk *walk)
{
	for (int i = 0; i < walk->reading.nqueries; i++)
		for (int lane = 0; lane < VDB_GROUP; lane++)
			walk->dots[i][lane] = 0;
}

/* Groups of the list, the last of which may not be full. */
static inline uint32
ivf_walk_groups(const IvfListWalk *walk)
{
	return walk->cursor.slots / VDB_GROUP +
		   (walk->cursor.slots % VDB_GROUP != 0);
}

/* Is the next group one of the list's? */
static inline bool
ivf_walk_has_group(const IvfListWalk *walk)
{
	return walk->group.number < ivf_walk_groups(walk);
}

/* The first group from a number on that is looked at, if the list has it. */
static inline uint32
ivf_walk_looked_at(const IvfListWalk *walk, uint32 number)
{
	const IvfReading *reading = &walk->reading;
	const IvfStretch *stretch = &walk->stretch;

	if (reading->groups)
	{
		int next = bms_next_member(reading->groups, (int) number - 1);

		return next < 0 ? PG_UINT32_MAX : next;
	}
	if (number < stretch->begin)
		number = stretch->begin;
	return number >= stretch->end && number < stretch->rest ? stretch->rest
															: number;
}

/*
 * Read the groups that lie on the walk's page, which is locked.  What of a
 * group lies behind it is read with the next one.
 */
extern void ivf_walk_read_page(IvfListWalk *walk, Page page);

#endif /* VECDB_IVF_DISK_LIST_GROUPS_H */
