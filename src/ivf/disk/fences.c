/*
 * fences.c: see fences.h.
 */
#include "compat.h"

#include "ivf/disk/fences.h"

static inline uint64
fence_key(Page page, uint32 i, uint32 width)
{
	return vdb_key_load(ivf_fences(page)->keys + i * width, width);
}

/*
 * Groups that are in order as a whole: the last one that is begun counts only
 * as long as nothing was added to it.
 */
static uint32
ordered_groups(const IvfPageTail *tail)
{
	if (tail->sorted >= tail->slots)
		return tail->slots / VDB_GROUP + (tail->slots % VDB_GROUP != 0);
	return tail->sorted / VDB_GROUP;
}

/*
 * Equal keys may lie on both sides of a fence, so it rules out what is before
 * it only where it is less than the range.
 */
IvfStretch
ivf_fences_find(Page page, const IvfLayout *layout, const VdbRange *range)
{
	const IvfPageTail *tail = ivf_tail(page);
	IvfStretch stretch = {0, 0, ordered_groups(tail)};
	uint32 width;
	uint32 n;

	if (layout->columns == 0 || tail->sorted == 0)
		return (IvfStretch){0, 0, 0};
	width = ivf_fence_width(layout);
	n = ivf_fence_count(width);
	stretch.end = stretch.rest;
	for (uint32 i = 0; i < n; i++)
	{
		uint64 key = fence_key(page, i, width);
		uint32 group = ivf_fence_group(i, width, ivf_fences(page)->slots);

		if (key < range->first)
			stretch.begin = Min(group, stretch.rest);
		else if (key > range->last)
		{
			stretch.end = Min(group, stretch.rest);
			break;
		}
	}
	stretch.begin = Min(stretch.begin, stretch.end);
	return stretch;
}

void
ivf_order_add(IvfOrder *order, const IvfLayout *layout, const IvfEntry *entry)
{
	bool null;
	uint64 key = ivf_entry_key(layout, entry, 0, &null);

	if (order->broken || (order->slots > 0 && key < order->last))
	{
		order->broken = true;
		return;
	}
	if (order->slots % VDB_GROUP == 0)
	{
		uint32 group = order->slots / VDB_GROUP;

		if (group == order->room)
		{
			order->room = Max(2 * order->room, 64);
			order->firsts =
				order->firsts
					? repalloc_huge(order->firsts, order->room * sizeof(uint64))
					: palloc(order->room * sizeof(uint64));
		}
		order->firsts[group] = key;
	}
	order->last = key;
	order->slots++;
}

void
ivf_order_end(IvfOrder *order, const IvfLayout *layout, Page page)
{
	uint32 width;
	uint32 n;

	if (order->slots == 0)
		return;
	width = ivf_fence_width(layout);
	n = ivf_fence_count(width);
	for (uint32 i = 0; i < n; i++)
		vdb_key_store(ivf_fences(page)->keys + i * width, width,
					  order->firsts[ivf_fence_group(i, width, order->slots)]);
	ivf_tail(page)->sorted = ivf_fences(page)->slots = order->slots;
	pfree(order->firsts);
}
