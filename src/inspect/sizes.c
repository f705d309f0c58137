/*
 * sizes.c: see sizes.h.
 *
 * Every page of every list is read, one share lock at a time, since the
 * counters on a list's first page may say less than the slots (ivf/README.md,
 * "Vacuum against inserts").  Others go on reading and writing: figures of
 * different lists are not of one moment.
 */
#include "compat.h"

#include <math.h>

#include "access/relation.h"
#include "access/table.h"
#include "inspect/distributed.h"
#include "inspect/inspect.h"
#include "inspect/sizes.h"
#include "ivf/disk/cursor.h"
#include "utils/rel.h"

static void
count_slots(const IvfSlot *slots, uint32 count, IvfListFigures *figures)
{
	for (uint32 i = 0; i < count; i++)
		if (ItemPointerIsValid(&slots[i].tid))
		{
			figures->rows++;
			figures->second += (slots[i].detail & IVF_ROW_SECOND) != 0;
		}
		else
			figures->free++;
}

IvfListFigures
ivf_list_count(Relation index, BlockNumber head, const IvfLayout *layout)
{
	IvfListFigures figures = {0};
	IvfCursor cursor;

	ivf_cursor_init(&cursor, index, layout->tree, layout->kind, head,
					BUFFER_LOCK_SHARE);
	while (ivf_cursor_next(&cursor))
	{
		figures.pages++;
		for (uint32 line = 0; line < IVF_PAGE_LINES; line++)
		{
			uint32 first;
			const IvfSlot *slots = ivf_line_slots(layout, cursor.page,
												  cursor.number, line, &first);

			if (slots && first < cursor.slots)
				count_slots(slots, Min(cursor.slots - first, IVF_LINE_SLOTS),
							&figures);
		}
	}
	return figures;
}

static uint32
count_pages(Relation index, uint32 tree, BlockNumber head, IvfPageKind kind)
{
	uint32 pages = 0;
	IvfCursor cursor;

	if (head == InvalidBlockNumber)
		return 0;
	ivf_cursor_init(&cursor, index, tree, kind, head, BUFFER_LOCK_SHARE);
	while (ivf_cursor_next(&cursor))
		pages++;
	return pages;
}

void
ivf_subject_open(Oid indexoid, const char *function, IvfSubject *subject)
{
	ivf_inspect_require_statistics(indexoid);
	ivf_inspect_open(indexoid, AccessShareLock, &subject->heap,
					 &subject->index);
	ivf_distributed_tell(WARNING, subject->heap, subject->index, function);
	subject->state = ivf_index_open(subject->index, CurrentMemoryContext);
	subject->lists =
		ivf_tree_leaves(subject->index, subject->state, &subject->leaves);
	if (subject->lists == 0)
		ivf_page_corrupted(subject->index, subject->state->meta.root,
						   "root has no lists");
}

void
ivf_subject_close(IvfSubject *subject)
{
	relation_close(subject->index, AccessShareLock);
	table_close(subject->heap, AccessShareLock);
}

static void
compute_spread(IvfSizes *sizes)
{
	double mean = sizes->codes / sizes->lists;
	double squares = 0;

	for (uint32 i = 0; i < sizes->lists; i++)
		squares += (sizes->rows[i] - mean) * (sizes->rows[i] - mean);
	sizes->spread = sqrt(squares / sizes->lists);
	sizes->imbalance = 1 + squares / sizes->lists / (mean * mean);
}

static void
add_list(IvfSizes *sizes, const IvfListFigures *list)
{
	sizes->free += list->free;
	sizes->pages += list->pages;
}

void
ivf_sizes_measure(const IvfSubject *subject, IvfSizes *sizes)
{
	const IvfMetaPage *meta = &subject->state->meta;
	IvfListFigures list;

	memset(sizes, 0, sizeof(*sizes));
	sizes->lists = subject->lists;
	sizes->rows = palloc(Max(sizes->lists, 1) * sizeof(double));
	for (uint32 i = 0; i < sizes->lists; i++)
	{
		list = ivf_list_count(subject->index, subject->leaves[i].head,
							  &subject->state->leaf);
		add_list(sizes, &list);
		sizes->rows[i] = list.rows;
		sizes->codes += list.rows;
		sizes->placed += list.rows - list.second;
	}
	compute_spread(sizes);

	list = ivf_list_count(subject->index, meta->unplaced,
						  &subject->state->unplaced);
	add_list(sizes, &list);
	sizes->unplaced = list.rows;

	/* The metapage, the mean, and a root that is no leaf. */
	sizes->pages +=
		1 + count_pages(subject->index, meta->trees.tree, meta->mean, IVF_MEAN);
	if (ivf_tree_centroids(meta) > 0)
		sizes->pages += count_pages(subject->index, meta->trees.tree,
									meta->root, IVF_INNER);
}
