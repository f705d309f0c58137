/*
 * fences.h: where in a list the rows lie that have some keys.
 *
 * A list is written in the order of its scalar columns.  Its first page tells
 * how many slots are in that of the first one, and on that page, between header
 * and lines, are keys of it at regular places, the fences: a reader that wants
 * keys of a range knows which groups have them without a look at the others.
 * What is inserted later has no order, and an insert into a slot in between
 * ends the order there.
 */
#ifndef VECDB_IVF_DISK_FENCES_H
#define VECDB_IVF_DISK_FENCES_H

#include "compat.h"

#include "ivf/disk/layout.h"

#define IVF_FENCE_BYTES 36

/* On a list's first page, between its header and its first line. */
typedef struct IvfFences
{
	uint32 slots; /* in order when the list was written */
	uint8 keys[IVF_FENCE_BYTES];
} IvfFences;

StaticAssertDecl(SizeOfPageHeaderData + sizeof(IvfFences) == VDB_LINE,
				 "fences fill the page's first line");

static inline IvfFences *
ivf_fences(Page page)
{
	return (IvfFences *) ((uint8 *) page + SizeOfPageHeaderData);
}

/* The width of those keys; the layout has scalar columns. */
static inline uint32
ivf_fence_width(const IvfLayout *layout)
{
	return layout->sections[layout->column[0]].lane;
}

/* How many fences there are, by the width of a key. */
static inline uint32
ivf_fence_count(uint32 width)
{
	return IVF_FENCE_BYTES / width;
}

/* The group whose first key fence i is, of a list with "slots" in order. */
static inline uint32
ivf_fence_group(uint32 i, uint32 width, uint32 slots)
{
	uint64 groups = ((uint64) slots + VDB_GROUP - 1) / VDB_GROUP;

	return (i + 1) * groups / (ivf_fence_count(width) + 1);
}

/* Groups of a list, from begin to before end, and all from "rest" on. */
typedef struct IvfStretch
{
	uint32 begin;
	uint32 end;
	uint32 rest;
} IvfStretch;

/*
 * The groups that may have keys of the range, by the list's first page, which
 * is locked.  All of them where it tells nothing.
 */
extern IvfStretch ivf_fences_find(Page page, const IvfLayout *layout,
								  const VdbRange *range);

/* A list's order while it is written.  Zeros are that of an empty one. */
typedef struct IvfOrder
{
	uint64 *firsts; /* keys of the groups' first slots; palloc'd */
	uint32 room;
	uint32 slots; /* in order */
	bool broken;
	uint64 last; /* key */
} IvfOrder;

/* The next slot has this entry; of a layout that has scalar columns. */
extern void ivf_order_add(IvfOrder *order, const IvfLayout *layout,
						  const IvfEntry *entry);

/* Write it to the list's first page, and free what it took. */
extern void ivf_order_end(IvfOrder *order, const IvfLayout *layout, Page page);

#endif /* VECDB_IVF_DISK_FENCES_H */
