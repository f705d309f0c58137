/*
 * check_list.c: lists, group by group: I4, I5, I7, I8, I18 and I19.
 *
 * A group is put together from its lines, as many as came before the chain
 * ended; what lies behind the list's last slot has to be free.
 */
#include "compat.h"

#include <float.h>

#include "inspect/check_centroid.h"
#include "inspect/check_entry.h"
#include "inspect/check_list.h"
#include "inspect/check_page.h"
#include "ivf/space/tree.h"
#include "utils/memutils.h"

/* One list under check. */
typedef struct ListCheck
{
	IvfCheck *check;
	const IvfLayout *layout;
	BlockNumber head;
	IvfEntryCheck entry; /* the one that is looked at */
	IvfPageTail tail;
	IvfFences fences;
	uint64 last_key; /* of the slots in order so far */
	bool free_page_found;
	uint64 free_slots;
	uint64 free_behind; /* on or behind the tail's free page */

	/* The group that is being put together */
	uint64 first_slot;
	uint32 position; /* lines so far */
	uint8 *lines;
	BlockNumber slot_block[IVF_SLOT_LINES];
	uint32 slot_page[IVF_SLOT_LINES];
} ListCheck;

/* I18, of a key beside the fences: those before it and those behind. */
static void
check_fences(ListCheck *list, BlockNumber block, int64 slot, uint64 key)
{
	uint32 width = ivf_fence_width(list->layout);

	for (uint32 i = 0; i < ivf_fence_count(width); i++)
	{
		uint64 fence = vdb_key_load(list->fences.keys + i * width, width);
		bool behind =
			slot / VDB_GROUP >= ivf_fence_group(i, width, list->fences.slots);

		if (behind ? key < fence : key > fence)
		{
			ivf_check_found(list->check, I18_ORDER, block, slot,
							"row is on the wrong side of fence %u", i);
			return;
		}
	}
}

/* I18 */
static void
check_order(ListCheck *list, BlockNumber block, int64 slot)
{
	bool null;
	uint64 key;

	if (list->layout->columns == 0 || slot >= list->tail.sorted)
		return;
	key = ivf_entry_key(list->layout, list->entry.entry, 0, &null);
	if (key < list->last_key)
		ivf_check_found(list->check, I18_ORDER, block, slot,
						"row has a lower key than one before it");
	else
		check_fences(list, block, slot, key);
	list->last_key = Max(list->last_key, key);
}

/* Groups ----------------------------------------------------------------- */

static const IvfSlot *
group_slot(const ListCheck *list, int lane)
{
	return (const IvfSlot *) (list->lines +
							  list->layout->factor_lines * VDB_LINE) +
		   lane;
}

static void
get_entry(ListCheck *list, int lane)
{
	const IvfLayout *layout = list->layout;

	for (uint32 line = 0; line < layout->lines; line++)
		ivf_entry_get_line(layout, list->entry.entry, lane, line,
						   list->lines + line * VDB_LINE);
}

static void
check_slot(ListCheck *list, int lane, bool complete)
{
	BlockNumber block = list->slot_block[lane / IVF_LINE_SLOTS];
	int64 slot = list->first_slot + lane;
	bool live = ItemPointerIsValid(&group_slot(list, lane)->tid);

	if (slot >= list->tail.slots)
	{
		if (live)
			ivf_check_found(list->check, I7_SLOT, block, slot,
							"slot is in use, but its list has %u slots",
							list->tail.slots);
		return;
	}
	if (!live)
	{
		list->free_slots++;
		if (list->slot_page[lane / IVF_LINE_SLOTS] >= list->tail.free_number)
			list->free_behind++;
		return;
	}
	if (!complete)
		return;
	get_entry(list, lane);
	if (list->layout->kind == IVF_INNER)
		ivf_check_centroid(&list->entry, block, slot);
	else
	{
		ivf_check_row(&list->entry, block, slot);
		check_order(list, block, slot);
	}
}

/* What there is of a group; slots whose line is missing are passed over. */
static void
check_group(ListCheck *list)
{
	bool complete = list->position == list->layout->lines;

	for (int lane = 0; lane < VDB_GROUP; lane++)
		if (list->position > list->layout->factor_lines + lane / IVF_LINE_SLOTS)
			check_slot(list, lane, complete);
	list->first_slot += VDB_GROUP;
	list->position = 0;
}

static void
take_page(ListCheck *list, const IvfWalk *walk)
{
	const IvfLayout *layout = list->layout;

	if (walk->number == 0)
	{
		list->tail = walk->first;
		list->fences = *ivf_fences((Page) walk->page);
	}
	if (walk->number == list->tail.free_number &&
		walk->block == list->tail.free_block)
		list->free_page_found = true;

	for (uint32 line = 0; line < IVF_PAGE_LINES; line++)
	{
		uint32 slot_line = list->position - layout->factor_lines;

		memcpy(list->lines + list->position * VDB_LINE,
			   ivf_line((Page) walk->page, line), VDB_LINE);
		if (slot_line < IVF_SLOT_LINES)
		{
			list->slot_block[slot_line] = walk->block;
			list->slot_page[slot_line] = walk->number;
		}
		if (++list->position == layout->lines)
			check_group(list);
	}
}

/* Lists ------------------------------------------------------------------ */

/*
 * I19: a sum that is none would hide for the whole index how far new rows are;
 * more second entries than inserts, how many they are.
 */
static void
check_inserts(const ListCheck *list)
{
	const IvfPageTail *tail = &list->tail;

	if (!(tail->residual >= 0 && tail->residual <= FLT_MAX) ||
		(tail->changes == 0 && tail->residual > 0))
		ivf_check_found(list->check, I19_FIT, list->head, IVF_CHECK_NO_SLOT,
						"%u inserts have an impossible sum of residuals",
						tail->changes);
	if (tail->seconds > tail->changes)
		ivf_check_found(list->check, I19_FIT, list->head, IVF_CHECK_NO_SLOT,
						"of %u inserts, %u are of second entries",
						tail->changes, tail->seconds);
}

/* I4, I7, I8, I18 and I19: what the first page says of the whole list. */
static void
check_counters(const ListCheck *list, uint32 pages)
{
	IvfCheck *check = list->check;
	const IvfPageTail *tail = &list->tail;
	uint32 needed = ivf_list_pages(list->layout, tail->slots);

	if (needed > pages)
		ivf_check_found(check, I4_LENGTH, list->head, IVF_CHECK_NO_SLOT,
						"the list has %u slots, which need %u pages, but it "
						"has %u",
						tail->slots, needed, pages);
	if (tail->dead > list->free_slots)
		ivf_check_found(check, I7_SLOT, list->head, IVF_CHECK_NO_SLOT,
						"the list counts %u free slots, but has " UINT64_FORMAT,
						tail->dead, list->free_slots);
	if (tail->sorted > list->fences.slots)
		ivf_check_found(check, I18_ORDER, list->head, IVF_CHECK_NO_SLOT,
						"%u slots are said to be in order, of %u that were",
						tail->sorted, list->fences.slots);
	check_inserts(list);
	if (tail->dead > 0 && !list->free_page_found)
		ivf_check_found(check, I8_FREE_BLOCK, list->head, IVF_CHECK_NO_SLOT,
						"free slots are said to begin at block %u, page %u, "
						"which the list does not have",
						tail->free_block, tail->free_number);
	else if (tail->dead > list->free_behind)
		ivf_check_found(check, I8_FREE_BLOCK, list->head, IVF_CHECK_NO_SLOT,
						"%u free slots are said to lie behind page %u, but "
						"there are " UINT64_FORMAT,
						tail->dead, tail->free_number, list->free_behind);
}

static void
check_list(IvfCheck *check, const IvfLayout *layout, BlockNumber head,
		   uint32 child)
{
	MemoryContext context = AllocSetContextCreate(
		CurrentMemoryContext, "ivfflat list check", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	bool was_broken = check->broken;
	ListCheck list = {
		.check = check,
		.layout = layout,
		.head = head,
		.lines = palloc0(layout->lines * VDB_LINE),
		.entry = {.check = check,
				  .layout = layout,
				  .child = child,
				  .entry = ivf_entry_create(layout)},
	};
	IvfWalk walk;

	check->broken = false;
	ivf_walk_init(&walk, check, layout->kind, head);
	MemoryContextSwitchTo(old);
	while (ivf_walk_next(&walk))
		take_page(&list, &walk);
	check_group(&list);
	if (walk.started && !check->broken)
		check_counters(&list, walk.number + 1);
	check->broken |= was_broken;
	MemoryContextDelete(context);
}

/* The leaf lists into check->children: I5, I6. */
static void
check_root(IvfCheck *check)
{
	const IvfMetaPage *meta = &check->meta;

	if (ivf_tree_centroids(meta) == 0)
	{
		ivf_check_add_child(check, meta->root, IVF_META_BLOCK, 0, true);
		return;
	}
	check_list(check, &check->inner, meta->root, 0);
	if (check->nchildren != meta->lists && !check->broken)
		ivf_check_found(check, I5_ROOT, meta->root, IVF_CHECK_NO_SLOT,
						"the root has %u lists, the metapage says %u",
						check->nchildren, meta->lists);
}

/* I5: the head of a list that no other slot or link names. */
static bool
child_readable(IvfCheck *check, const IvfChild *child)
{
	const char *fault = NULL;

	if (child->head >= check->blocks)
		fault = "behind the index's end";
	else if (ivf_check_seen(check, child->head))
		fault = "which is in use already";
	if (fault)
	{
		check->broken = true;
		ivf_check_found(check, I5_ROOT, child->block, child->slot,
						"a list is said to begin at block %u, %s", child->head,
						fault);
	}
	return fault == NULL;
}

void
ivf_check_lists(IvfCheck *check)
{
	const IvfMetaPage *meta = &check->meta;

	/* Where a link of the metapage is wrong, I1 has said so. */
	if (meta->root == IVF_META_BLOCK || meta->root >= check->blocks ||
		meta->unplaced == IVF_META_BLOCK || meta->unplaced >= check->blocks)
		return;

	ivf_check_allocate_centroids(check);
	check_root(check);
	for (uint32 i = 0; i < check->nchildren && !ivf_check_full(check); i++)
		if (child_readable(check, &check->children[i]))
			check_list(check, &check->leaf, check->children[i].head, i);
	check_list(check, &check->unplaced, meta->unplaced, 0);

	/* The next insert would choose one, and make nonsense of their codes. */
	if (meta->scale == 0 && check->placed > 0)
		ivf_check_found(check, I1_METAPAGE, IVF_META_BLOCK, IVF_CHECK_NO_SLOT,
						"no scale was chosen, but there are " UINT64_FORMAT
						" rows with a place",
						check->placed);
}
