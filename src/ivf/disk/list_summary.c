/*
 * list_summary.c: see list_summary.h.
 *
 * The order of locks is list, then parent: scans and inserts on their way down
 * hold no page of the parent when they lock one of a list.
 */
#include "compat.h"

#include "ivf/disk/list.h"
#include "ivf/disk/list_slot.h"
#include "ivf/disk/list_summary.h"
#include "ivf/disk/open_list.h"

/*
 * After some time there is hardly a row that the summaries do not have room
 * for; so they are looked at under a share lock first.  Nobody else changes
 * them, since the list is the caller's.  Pages are logged one by one, and
 * before the row: after a crash in between, summaries tell of a row that never
 * came.
 */
void
ivf_summaries_widen(Relation index, const IvfParent *parent,
					const IvfLayout *layout, const IvfEntry *row)
{
	VdbSummary summaries[IVF_MOST_COLUMNS];
	IvfEntry *entry;

	if (!ivf_has_summaries(parent))
		return;
	entry = ivf_entry_create(parent->layout);
	ivf_list_read_columns(index, parent->head, parent->layout, parent->slot,
						  entry);
	ivf_entry_summaries(parent->layout, entry, summaries);
	if (ivf_entry_summarize(layout, row, summaries))
	{
		ivf_entry_set_summaries(parent->layout, entry, summaries);
		ivf_list_write_columns(index, parent->head, parent->layout,
							   parent->slot, entry);
	}
	pfree(entry);
}

typedef struct Summarizer
{
	const IvfLayout *layout;
	VdbSummary *summaries;
} Summarizer;

static void
summarize_group(void *arg, const IvfGroup *group)
{
	Summarizer *summarizer = arg;
	const IvfLayout *layout = summarizer->layout;

	for (uint32 i = 0; i < layout->columns; i++)
	{
		const uint8 *keys = ivf_column_lanes(layout, group->head, i);
		uint32 width = layout->sections[layout->column[i]].lane;

		for (uint32 lane = 0; lane < group->slots; lane++)
			if (ItemPointerIsValid(&group->slot[lane].tid))
				vdb_summary_add(
					&summarizer->summaries[i],
					(group->slot[lane].detail & IVF_COLUMN_NULL(i)) != 0,
					vdb_key_load(keys + lane * width, width));
	}
}

/* Of all rows of a list; returns its counter of inserts as that began. */
static uint32
read_summaries(Relation index, BlockNumber head, const IvfLayout *layout,
			   void (*pause)(void), VdbSummary summaries[IVF_MOST_COLUMNS])
{
	Summarizer summarizer = {layout, summaries};
	IvfListWalk walk;

	memset(summaries, 0, IVF_MOST_COLUMNS * sizeof(VdbSummary));
	ivf_list_begin(&walk, index, head, layout, NULL, summarize_group,
				   &summarizer);
	while (ivf_list_next(&walk))
		pause();
	return walk.cursor.changes;
}

/*
 * Inserts count in "changes" under the lock of the list's first page.  If none
 * came since the look at the rows began, and none can come now, what was seen
 * is all there is; else the summaries stay as wide as they are.
 */
void
ivf_summaries_narrow(Relation index, const IvfParent *parent, BlockNumber head,
					 const IvfLayout *layout, void (*pause)(void))
{
	VdbSummary before[IVF_MOST_COLUMNS];
	VdbSummary after[IVF_MOST_COLUMNS];
	IvfOpenList list;
	IvfEntry *entry;
	uint32 changes;

	if (!ivf_has_summaries(parent))
		return;
	changes = read_summaries(index, head, layout, pause, after);
	entry = ivf_entry_create(parent->layout);
	ivf_open_list(&list, index, layout, head);
	ivf_list_read_columns(index, parent->head, parent->layout, parent->slot,
						  entry);
	ivf_entry_summaries(parent->layout, entry, before);
	if (ivf_open_tail(&list)->changes == changes &&
		memcmp(before, after, layout->columns * sizeof(VdbSummary)) != 0)
	{
		ivf_entry_set_summaries(parent->layout, entry, after);
		ivf_list_write_columns(index, parent->head, parent->layout,
							   parent->slot, entry);
	}
	ivf_close_list(&list);
	pfree(entry);
}
