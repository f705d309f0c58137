/*
 * check_list.c: lists, group by group: I4 to I8, I10, I12, I15, I17
 * and I18.
 *
 * A group is put together from its lines, as many as came before the chain
 * ended; what lies behind the list's last slot has to be free.
 */
#include "compat.h"

#include <float.h>
#include <math.h>

#include "inspect/check_list.h"
#include "inspect/check_page.h"
#include "inspect/check_rows.h"
#include "ivf/space/tree.h"
#include "ivf/space/vector.h"
#include "miscadmin.h"
#include "utils/memutils.h"

/* Relative error of a sum of float32 products, summed in another order. */
#define TOLERANCE 1e-3

/* One list under check. */
typedef struct ListCheck
{
	IvfCheck *check;
	const IvfLayout *layout;
	BlockNumber head;
	uint32 child; /* which one, of a leaf list */
	IvfPageTail tail;
	uint8 fences[IVF_FENCE_BYTES];
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

	IvfEntry *entry;
	uint8 *fields;	 /* for centroids */
	float *centroid; /* likewise */
} ListCheck;

/* Centroids -------------------------------------------------------------- */

static double
inner_product(const float *a, const float *b, uint32 dim)
{
	double sum = 0;

	for (uint32 i = 0; i < dim; i++)
		sum += (double) a[i] * b[i];
	return sum;
}

static bool
close_to(double stored, double expected, double size)
{
	return fabs(stored - expected) <= TOLERANCE * size + FLT_MIN;
}

/* I6, and the centroid itself for the check of rows; false if it is wrong. */
static bool
check_centroid(ListCheck *list, BlockNumber block, int64 slot)
{
	IvfCheck *check = list->check;
	const float *factors = list->entry->factors.full;
	uint32 padded = check->meta.padded;
	uint32 before = check->findings;
	const float *mean;
	double norm2;
	double mean_dot;

	if (!(factors[2] >= 0) || isinf(factors[2]))
	{
		ivf_check_found(check, I6_CENTROID, block, slot,
						"centroid has the impossible gain %g", factors[2]);
		return false;
	}
	if (check->state == NULL)
		return true;

	mean = ivf_mean(check->state);
	ivf_centroid_decode(check->state, list->entry, list->fields,
						list->centroid);
	norm2 = inner_product(list->centroid, list->centroid, padded);
	mean_dot = inner_product(list->centroid, mean, padded);
	if (!close_to(factors[0], norm2, norm2))
		ivf_check_found(check, I6_CENTROID, block, slot,
						"centroid has a squared norm of %g, but %g is stored",
						norm2, factors[0]);
	if (!close_to(factors[1], mean_dot,
				  sqrt(norm2 * inner_product(mean, mean, padded))))
		ivf_check_found(check, I6_CENTROID, block, slot,
						"centroid has a product of %g with the mean, but %g "
						"is stored",
						mean_dot, factors[1]);
	if (check->nchildren < check->centroids_room)
		memcpy(check->centroids + (Size) check->nchildren * padded,
			   list->centroid, padded * sizeof(float));
	return check->findings == before;
}

static void
add_child(IvfCheck *check, BlockNumber head, BlockNumber block, uint32 slot,
		  bool centroid_sound)
{
	IvfChild *child;

	if (check->nchildren == check->children_room)
	{
		check->children_room = Max(check->children_room * 2, 64);
		check->children =
			check->children
				? repalloc_huge(check->children,
								check->children_room * sizeof(IvfChild))
				: palloc(check->children_room * sizeof(IvfChild));
	}
	child = &check->children[check->nchildren++];
	child->head = head;
	child->block = block;
	child->slot = slot;
	child->centroid_sound = centroid_sound;
	child->summaries = NULL;
}

/* What the root says of the last child's scalar columns. */
static void
keep_summaries(const ListCheck *list)
{
	IvfCheck *check = list->check;

	if (list->layout->columns == 0)
		return;
	check->children[check->nchildren - 1].summaries = MemoryContextAlloc(
		check->context, sizeof(VdbSummary[IVF_MOST_COLUMNS]));
	ivf_entry_summaries(list->layout, list->entry,
						check->children[check->nchildren - 1].summaries);
}

static void
check_child(ListCheck *list, BlockNumber block, int64 slot)
{
	IvfCheck *check = list->check;
	ItemPointer tid = &list->entry->slot.tid;
	BlockNumber head = ItemPointerGetBlockNumberNoCheck(tid);

	if (ItemPointerGetOffsetNumberNoCheck(tid) != 1)
		ivf_check_found(check, I7_SLOT, block, slot,
						"slot of a list has the offset %u, not 1",
						ItemPointerGetOffsetNumberNoCheck(tid));
	add_child(check, head, block, slot, check_centroid(list, block, slot));
	keep_summaries(list);
}

/* Rows ------------------------------------------------------------------- */

/* I7; false where the TID cannot be one of the table's. */
static bool
check_tid(ListCheck *list, BlockNumber block, int64 slot)
{
	IvfCheck *check = list->check;
	ItemPointer tid = &list->entry->slot.tid;
	BlockNumber row_block = ItemPointerGetBlockNumberNoCheck(tid);
	OffsetNumber offset = ItemPointerGetOffsetNumberNoCheck(tid);

	if (offset <= MaxOffsetNumber && row_block < check->heap_blocks)
		return true;
	ivf_check_found(check, I7_SLOT, block, slot,
					"slot names row (%u,%u) of a table of %u blocks", row_block,
					offset, check->heap_blocks);
	return false;
}

/* I10, I17 */
static void
check_detail(ListCheck *list, BlockNumber block, int64 slot)
{
	uint16 detail = list->entry->slot.detail;
	uint16 known = list->layout->kind == IVF_UNPLACED ? IVF_ROW_NULL : 0;

	if (list->layout->kind == IVF_LEAF && ivf_spills(&list->check->meta))
		known |= IVF_ROW_TWICE | IVF_ROW_SECOND;
	for (uint32 i = 0; i < list->layout->columns; i++)
		known |= IVF_COLUMN_NULL(i);
	if (detail & ~known)
		ivf_check_found(list->check, I10_DETAIL, block, slot,
						"slot has unknown flags %04X", detail);
	else if ((detail & IVF_ROW_SECOND) && !(detail & IVF_ROW_TWICE))
		ivf_check_found(list->check, I17_TWICE, block, slot,
						"a second entry is not marked as one of two");
}

/* I12, of bits themselves. */
static void
check_ones(ListCheck *list, BlockNumber block, int64 slot)
{
	const IvfEntry *entry = list->entry;
	uint32 ones = vdb_bit_ones((const uint8 *) entry->lanes,
							   list->layout->code_lines * sizeof(uint32));

	if (entry->factors.half[0] != ones || entry->factors.half[1] != 0)
		ivf_check_found(list->check, I12_CODE, block, slot,
						"code has %u set bits, but counts %u", ones,
						entry->factors.half[0]);
}

/* I12 */
static void
check_factors(ListCheck *list, BlockNumber block, int64 slot)
{
	float add = vdb_f16_to_f32(list->entry->factors.half[0]);
	float gain = vdb_f16_to_f32(list->entry->factors.half[1]);

	if (isnan(add) || (isinf(add) && add > 0) || !(gain >= 0) || isinf(gain))
		ivf_check_found(list->check, I12_CODE, block, slot,
						"code has the impossible factors add %g, gain %g", add,
						gain);
}

/* I15 */
static void
check_summaries(ListCheck *list, BlockNumber block, int64 slot)
{
	const IvfChild *child = &list->check->children[list->child];
	VdbSummary summaries[IVF_MOST_COLUMNS];

	if (child->summaries == NULL)
		return;
	memcpy(summaries, child->summaries, sizeof(summaries));
	if (ivf_entry_summarize(list->layout, list->entry, summaries))
		ivf_check_found(list->check, I15_SUMMARIES, block, slot,
						"row has keys that its list is not said to have");
}

/* I18, of a key beside the fences: those before it and those behind. */
static void
check_fences(ListCheck *list, BlockNumber block, int64 slot, uint64 key)
{
	uint32 width = ivf_fence_width(list->layout);

	for (uint32 i = 0; i < ivf_fence_count(width); i++)
	{
		uint64 fence = vdb_key_load(list->fences + i * width, width);
		bool behind =
			slot / VDB_GROUP >= ivf_fence_group(i, width, list->tail.fenced);

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
	key = ivf_entry_key(list->layout, list->entry, 0, &null);
	if (key < list->last_key)
		ivf_check_found(list->check, I18_ORDER, block, slot,
						"row has a lower key than one before it");
	else
		check_fences(list, block, slot, key);
	list->last_key = Max(list->last_key, key);
}

static void
check_row(ListCheck *list, BlockNumber block, int64 slot)
{
	IvfCheckRow row;

	check_detail(list, block, slot);
	if (list->layout->kind == IVF_LEAF)
	{
		if (list->layout->format->verbatim)
			check_ones(list, block, slot);
		else
			check_factors(list, block, slot);
		check_summaries(list, block, slot);
		check_order(list, block, slot);
		list->check->placed++;
	}
	if (!check_tid(list, block, slot))
		return;

	memset(&row, 0, sizeof(row));
	row.tid = list->entry->slot.tid;
	row.kind = list->layout->kind;
	row.block = block;
	row.slot = slot;
	row.child = list->child;
	row.flags = list->entry->slot.detail & (IVF_ROW_TWICE | IVF_ROW_SECOND);
	ivf_check_rows_add(list->check, &row, list->entry,
					   ivf_entry_size(list->layout));
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
		ivf_entry_get_line(layout, list->entry, lane, line,
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
		check_child(list, block, slot);
	else
		check_row(list, block, slot);
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
		memcpy(list->fences, ivf_fences((Page) walk->page), IVF_FENCE_BYTES);
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

/* I4, I7, I8 and I18: what the first page says of the whole list. */
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
	if (tail->sorted > tail->fenced)
		ivf_check_found(check, I18_ORDER, list->head, IVF_CHECK_NO_SLOT,
						"%u slots are said to be in order, of %u that were",
						tail->sorted, tail->fenced);
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
		.child = child,
		.lines = palloc0(layout->lines * VDB_LINE),
		.entry = ivf_entry_create(layout),
		.fields = palloc(check->meta.padded),
		.centroid = palloc(check->meta.padded * sizeof(float)),
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

/* The mean: floats, no groups; everything else in the index rests on it. */
void
ivf_check_mean(IvfCheck *check)
{
	uint32 padded = check->meta.padded;
	uint32 left = padded * sizeof(float) / VDB_LINE;
	double norm2 = 0;
	IvfWalk walk;

	if (check->meta.mean != InvalidBlockNumber && !check->broken)
	{
		ivf_walk_init(&walk, check, IVF_MEAN, check->meta.mean);
		while (ivf_walk_next(&walk))
		{
			uint32 lines = Min(left, IVF_PAGE_LINES);
			const float *x = (float *) ivf_line((Page) walk.page, 0);

			norm2 += inner_product(x, x, lines * VDB_LINE / sizeof(float));
			left -= lines;
		}
		pfree(walk.page);
		if (left > 0 && !check->broken)
			ivf_check_found(check, I4_LENGTH, check->meta.mean,
							IVF_CHECK_NO_SLOT,
							"the mean ends %u lines before its end", left);
		else if (left == 0 && !close_to(check->meta.mean_norm2, norm2, norm2))
			ivf_check_found(check, I1_METAPAGE, IVF_META_BLOCK,
							IVF_CHECK_NO_SLOT,
							"the mean has a squared norm of %g, but %g is "
							"stored",
							norm2, check->meta.mean_norm2);
	}
	/* What is wrong by now would be an error there. */
	if (check->findings == 0)
		check->state = ivf_index_open(check->index, CurrentMemoryContext);
}

/* The leaf lists into check->children: I5, I6. */
static void
check_root(IvfCheck *check)
{
	const IvfMetaPage *meta = &check->meta;

	if (ivf_tree_centroids(meta) == 0)
	{
		add_child(check, meta->root, IVF_META_BLOCK, 0, true);
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

/* Centroids that fit into half of maintenance_work_mem stay for I11. */
static void
allocate_centroids(IvfCheck *check)
{
	Size row = check->meta.padded * sizeof(float);
	Size room = (Size) maintenance_work_mem * 1024 / 2 / row;

	if (!check->heapallindexed || check->state == NULL)
		return;
	room = Max(Min(room, check->meta.lists), 1);
	check->centroids =
		palloc_extended(room * row, MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	check->centroids_room = room;
}

void
ivf_check_lists(IvfCheck *check)
{
	const IvfMetaPage *meta = &check->meta;

	/* Where a link of the metapage is wrong, I1 has said so. */
	if (meta->root == IVF_META_BLOCK || meta->root >= check->blocks ||
		meta->unplaced == IVF_META_BLOCK || meta->unplaced >= check->blocks)
		return;

	allocate_centroids(check);
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
