/*
 * tree.c: see tree.h.
 *
 * Write the mean and the root, whose codes are the centroids from then on;
 * assign all rows, in parallel where that pays; write each list once, one
 * behind the other; tell the root where they lie.
 */
#include "compat.h"

#include "ivf/build/assign.h"
#include "ivf/build/calibrate.h"
#include "ivf/build/memory.h"
#include "ivf/build/parallel.h"
#include "ivf/build/progress.h"
#include "ivf/build/spread.h"
#include "ivf/build/train.h"
#include "ivf/build/tree.h"
#include "ivf/space/options.h"
#include "ivf/space/tree.h"
#include "ivf/space/vector.h"
#include "miscadmin.h"

/* Pages before the lists ------------------------------------------------- */

static void
write_mean(IvfBuild *build)
{
	IvfWriter writer;
	uint32 bytes = build->state->meta.padded * sizeof(float);

	if (build->state->meta.mean_norm2 == 0)
		return;
	ivf_writer_begin(&writer, &build->site, IVF_MEAN, NULL);
	ivf_writer_lines(&writer, ivf_mean(build->state), bytes / VDB_LINE);
	ivf_writer_end(&writer);
	build->state->meta.mean = writer.head;
}

/* The root, its children's places still open; from now on it has the centroids.
 */
static void
write_root(IvfBuild *build)
{
	IvfState *state = build->state;
	IvfEntry *entry = ivf_entry_create(&state->inner);
	float *centroid = palloc(state->meta.padded * sizeof(float));
	IvfWriter writer;
	IvfCoder coder;

	ivf_coder_init(&coder, state);
	ItemPointerSet(&entry->slot.tid, 0, 1);
	ivf_writer_begin(&writer, &build->site, IVF_INNER, &state->inner);
	for (uint32 i = 0; i < build->lists; i++)
	{
		CHECK_FOR_INTERRUPTS();
		vdb_centroid_get(&build->centroids, i, centroid);
		for (uint32 j = 0; j < state->meta.padded; j++)
			centroid[j] *= build->centroid_factor;
		ivf_code_centroid(&coder, centroid, entry);
		ivf_writer_add(&writer, entry);
	}
	ivf_writer_end(&writer);
	pfree(build->centroids.lines);
	pfree(centroid);
	ivf_tree_set_root(&state->meta, writer.head);
}

/* Lists ------------------------------------------------------------------ */

/* Write a list's rows, up to the first row of another one. */
static void
write_list(IvfBuild *build, IvfSorted *sorted, uint32 list, IvfPageKind kind,
		   const IvfLayout *layout, IvfWritten *written)
{
	VdbSummary summaries[IVF_MOST_COLUMNS] = {0};
	Size bytes = layout->columns * sizeof(VdbSummary);
	IvfWriter writer;

	ivf_writer_begin(&writer, &build->site, kind, layout);
	written->second = 0;
	while (sorted->valid && sorted->list == list)
	{
		written->second += (sorted->entry->slot.detail & IVF_ROW_SECOND) != 0;
		ivf_entry_summarize(layout, sorted->entry, summaries);
		ivf_writer_add(&writer, sorted->entry);
		ivf_sorted_next(sorted);
	}
	written->head = writer.head;
	written->rows = writer.slots;
	written->pages = ivf_writer_end(&writer);
	written->summaries = bytes > 0 ? palloc(bytes) : NULL;
	if (bytes > 0)
		memcpy(written->summaries, summaries, bytes);
}

/* How well these lists fit their rows, to be compared with what comes. */
static void
note_fit(IvfBuild *build, const IvfWritten *lists)
{
	IvfHistory *history = &build->state->meta.history;
	double entries = 0;
	double squares = 0;

	for (uint32 i = 0; i < build->lists; i++)
	{
		entries += lists[i].rows;
		squares += (double) lists[i].rows * lists[i].rows;
	}
	if (entries == 0)
		return;
	history->residual2 = build->residuals / entries;
	history->imbalance = squares * build->lists / (entries * entries);
}

/* Also ends the sort, whose memory calibration can use. */
static void
write_lists(IvfBuild *build, Tuplesortstate *sort,
			const IvfNeighbours *neighbours)
{
	IvfState *state = build->state;
	IvfWritten *lists = palloc(build->lists * sizeof(IvfWritten));
	IvfWritten unplaced;
	double loaded = 0;
	double second = 0;
	IvfSorted sorted;

	ivf_report_phase(IVF_PHASE_LOAD, build->index_rows);
	ivf_sorted_begin(&sorted, &state->leaf, sort);
	for (uint32 i = 0; i < build->lists; i++)
	{
		write_list(build, &sorted, i, IVF_LEAF, &state->leaf, &lists[i]);
		loaded += lists[i].rows - lists[i].second;
		second += lists[i].second;
		ivf_report_rows(loaded);
	}
	write_list(build, &sorted, build->lists, IVF_UNPLACED, &state->unplaced,
			   &unplaced);
	ivf_sorted_end(&sorted);
	tuplesort_end(sort);

	/* Rows that are all too long to train by were coded in this one. */
	if (loaded > 0 && state->meta.scale == 0)
		state->meta.scale = 1;
	state->meta.trained_rows = loaded;
	state->meta.spill.entries = second;
	state->meta.trees.asked = ivf_option_lists(build->index);
	note_fit(build, lists);
	state->meta.unplaced = unplaced.head;
	ivf_tree_set_leaves(&build->site, state, lists, build->lists);
	if (build->queries > 0)
	{
		ivf_calibrate(build, neighbours, lists);
		ivf_measure_spread(build, neighbours);
	}
	pfree(lists);
}

/* Assignment, alone or with others --------------------------------------- */

static Tuplesortstate *
assign_serially(IvfBuild *build, IvfNeighbours *neighbours)
{
	Tuplesortstate *sort =
		ivf_sort_begin(&build->state->leaf, ivf_sort_memory(2), NULL);

	if (build->queries > 0)
	{
		build->query_columns = palloc(
			(Size) build->queries * build->state->meta.padded * sizeof(float));
		ivf_query_columns(build, build->query_columns);
	}
	ivf_assign_rows(build, sort, NULL, neighbours, true);
	tuplesort_performsort(sort);
	return sort;
}

void
ivf_build_lists(IvfBuild *build)
{
	int workers = build->visit ? 0 : ivf_plan_workers(build);
	IvfParallel *parallel =
		workers > 0 ? ivf_parallel_begin(build, workers) : NULL;
	IvfNeighbours *neighbours =
		palloc(Max(build->queries, 1) * sizeof(IvfNeighbours));
	Tuplesortstate *sort;

	ivf_report_phase(IVF_PHASE_ASSIGN, build->state->meta.trained_rows);
	ivf_neighbours_reset(neighbours, build->queries);
	sort = parallel ? ivf_parallel_assign(parallel, build, neighbours)
					: assign_serially(build, neighbours);
	write_lists(build, sort, neighbours);
	if (parallel)
		ivf_parallel_end(parallel);
	pfree(neighbours);
}

/* Steps ------------------------------------------------------------------ */

void
ivf_build_root(IvfBuild *build)
{
	build->state->meta.lists = build->lists;
	write_mean(build);
	if (build->lists > 1)
		write_root(build);
}
