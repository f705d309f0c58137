/*
 * assign.c: every row of the table to its list, coded, into a sort by list.
 *
 * Rows are projected and quantized one by one and assigned a batch at a time,
 * as a matrix product of bytes.  What goes into the sort is an IvfEntry as
 * bytea: some tens of bytes a row.
 */
#include "compat.h"

#include "access/tableam.h"
#include "executor/tuptable.h"
#include "ivf/build/assign.h"
#include "ivf/build/memory.h"
#include "ivf/build/progress.h"
#include "ivf/build/window.h"
#include "ivf/disk/layout.h"
#include "ivf/space/keys.h"
#include "ivf/space/vector.h"
#include "math/spill.h"
#include "utils/memutils.h"
#include "utils/rel.h"

typedef struct IvfAssigner
{
	IvfBuild *build;
	const IvfState *state;
	Tuplesortstate *sort;
	TupleTableSlot *slot;
	MemoryContext row_context;

	uint32 room; /* rows of a batch */
	uint32 count;
	float *rows;	   /* room * D, projected */
	VdbRow *quantized; /* the same, room of them */
	uint8 *bits;	   /* of each row, where lists hold them */
	Size bits_size;	   /* 0: they do not */
	ItemPointerData *tids;
	IvfKeys *row_keys; /* NULL without scalar columns */
	uint32 most;	   /* lists of each row that are looked for */
	uint32 *nearest;   /* room * most */
	float *keys;
	uint32 *lists;	/* of each row, its own */
	uint32 *second; /* and a second one, or VDB_NO_SECOND */
	uint64 *order;	/* the batch by list: list << 32 | row, twice for some */
	float *x;
	IvfWindow window;
	IvfCoder coder;
	IvfMatcher matcher;
	float *centroid; /* of the list in work; zero for a single list */
	float *pair;	 /* two centroids */
	bytea *payload;	 /* of the entry below */
	IvfEntry *entry;
} IvfAssigner;

/* The entry, but for its keys, which may be NULL. */
static void
put_entry(IvfAssigner *assigner, uint32 list, const IvfLayout *layout,
		  const IvfKeys *keys)
{
	TupleTableSlot *slot = assigner->slot;

	if (keys)
		ivf_keys_put(layout, keys, assigner->entry);
	SET_VARSIZE(assigner->payload, VARHDRSZ + ivf_entry_size(layout));
	ExecClearTuple(slot);
	ivf_sort_fill(slot, layout, list, assigner->payload);
	ExecStoreVirtualTuple(slot);
	tuplesort_puttupleslot(assigner->sort, slot);
	if (!(assigner->entry->slot.detail & IVF_ROW_SECOND))
		assigner->build->index_rows++;
}

/* Batches ---------------------------------------------------------------- */

static int
compare_places(const void *a, const void *b)
{
	uint64 x = *(const uint64 *) a;
	uint64 y = *(const uint64 *) b;

	return x < y ? -1 : x > y;
}

/* The batch's entries in the order of their lists; returns how many. */
static uint32
order_batch(IvfAssigner *assigner)
{
	uint32 entries = 0;

	for (uint32 i = 0; i < assigner->count; i++)
	{
		assigner->order[entries++] = (uint64) assigner->lists[i] << 32 | i;
		if (assigner->second[i] != VDB_NO_SECOND)
			assigner->order[entries++] = (uint64) assigner->second[i] << 32 | i;
	}
	qsort(assigner->order, entries, sizeof(uint64), compare_places);
	return entries;
}

/* Code the batch list by list, so that each centroid is decoded once. */
static void
code_batch(IvfAssigner *assigner)
{
	uint32 padded = assigner->state->meta.padded;
	uint32 last = PG_UINT32_MAX;
	uint32 entries = order_batch(assigner);

	for (uint32 i = 0; i < entries; i++)
	{
		uint32 list = assigner->order[i] >> 32;
		uint32 row = assigner->order[i] & PG_UINT32_MAX;

		if (list != last && assigner->window.room > 0)
			ivf_window_centroid(&assigner->window, list, assigner->centroid);
		last = list;
		ivf_code_row(&assigner->coder, assigner->rows + (Size) row * padded,
					 assigner->bits + row * assigner->bits_size,
					 assigner->centroid, &assigner->tids[row], assigner->entry);
		assigner->build->residuals += assigner->entry->factors.row.residual;
		if (assigner->second[row] != VDB_NO_SECOND)
			assigner->entry->slot.detail =
				ivf_twice_flags(list == assigner->second[row]);
		put_entry(assigner, list, &assigner->state->leaf,
				  assigner->row_keys ? &assigner->row_keys[row] : NULL);
	}
}

static const float *
centroid_of(void *arg, uint32 list, float *memory)
{
	return ivf_window_peek(arg, list, memory);
}

/* Each row's list, and a second one where that is of use. */
static void
choose_lists(IvfAssigner *assigner)
{
	const IvfMetaPage *meta = &assigner->state->meta;

	for (uint32 i = 0; i < assigner->count; i++)
	{
		const uint32 *nearest = assigner->nearest + (Size) i * assigner->most;
		VdbSecond second;

		assigner->lists[i] = nearest[0];
		assigner->second[i] = VDB_NO_SECOND;
		if (assigner->most < 2)
			continue;
		second = vdb_spill_second(
			assigner->rows + (Size) i * meta->padded, meta->padded, nearest,
			assigner->most, centroid_of, &assigner->window, assigner->pair);
		if (second.ratio <= meta->spill.limit)
			assigner->second[i] = second.list;
	}
}

static void
flush_batch(IvfAssigner *assigner)
{
	if (assigner->window.room > 0)
		ivf_window_nearest(&assigner->window, assigner->quantized,
						   assigner->count, assigner->most, assigner->nearest,
						   assigner->keys);
	choose_lists(assigner);
	if (assigner->build->queries > 0)
		ivf_match_rows(&assigner->matcher,
					   &(IvfBatch){assigner->rows, assigner->quantized,
								   assigner->lists, assigner->second,
								   assigner->count});
	code_batch(assigner);
	ivf_report_assigned(assigner->build->progress, assigner->build->index_rows,
						assigner->count);
	assigner->count = 0;
}

static void
add_unplaced(IvfAssigner *assigner, const IvfKeys *keys, ItemPointer tid,
			 uint16 detail)
{
	assigner->entry->slot.tid = *tid;
	assigner->entry->slot.detail = detail;
	put_entry(assigner, assigner->build->lists, &assigner->state->unplaced,
			  keys);
}

static void
add_row(IvfAssigner *assigner, Datum value, const IvfKeys *keys,
		ItemPointer tid)
{
	const IvfState *state = assigner->state;
	uint32 padded = state->meta.padded;
	float *y = assigner->rows + (Size) assigner->count * padded;

	if (!ivf_normalize(state, ivf_raw(state, value), assigner->x))
	{
		add_unplaced(assigner, keys, tid, 0);
		return;
	}
	ivf_project(state, assigner->x, y);
	vdb_row_set(vdb_row_at(assigner->quantized, assigner->count, padded), y,
				padded);
	if (assigner->row_keys)
		assigner->row_keys[assigner->count] = *keys;
	if (assigner->bits_size > 0)
		ivf_bits(state, value,
				 assigner->bits + assigner->count * assigner->bits_size);
	assigner->tids[assigner->count++] = *tid;
	if (assigner->count == assigner->room)
		flush_batch(assigner);
}

static void
assign_callback(Relation index, ItemPointer tid, Datum *values, bool *isnull,
				bool alive, void *arg)
{
	IvfAssigner *assigner = arg;
	MemoryContext old = MemoryContextSwitchTo(assigner->row_context);
	IvfKeys keys;

	ivf_keys_make(assigner->state, values, isnull, &keys);
	if (isnull[0])
		add_unplaced(assigner, &keys, tid, IVF_ROW_NULL);
	else
		add_row(assigner, values[0], &keys, tid);
	MemoryContextSwitchTo(old);
	MemoryContextReset(assigner->row_context);
}

static void
init_assigner(IvfAssigner *assigner, IvfBuild *build, Tuplesortstate *sort,
			  IvfNeighbours *neighbours)
{
	const IvfState *state = build->state;
	uint32 padded = state->meta.padded;
	Size row = padded * sizeof(float);
	Size keys = state->meta.columns.count > 0 ? sizeof(IvfKeys) : 0;
	Size share = ivf_build_memory() / 8 / build->participants;

	memset(assigner, 0, sizeof(*assigner));
	assigner->build = build;
	assigner->state = state;
	assigner->sort = sort;
	assigner->most = 1;
	assigner->slot = MakeSingleTupleTableSlot(ivf_sort_descriptor(&state->leaf),
											  &TTSOpsVirtual);
	assigner->row_context = AllocSetContextCreate(
		CurrentMemoryContext, "ivfflat build row", ALLOCSET_DEFAULT_SIZES);
	assigner->room = Max(
		Min(share / (row + keys + vdb_row_size(padded)), IVF_BATCH_ROWS), 16);
	assigner->rows = palloc_extended(assigner->room * row, MCXT_ALLOC_HUGE);
	assigner->quantized =
		palloc_extended(assigner->room * vdb_row_size(padded), MCXT_ALLOC_HUGE);
	if (state->format->verbatim)
		assigner->bits_size = ivf_bits_size(state);
	assigner->bits = palloc(assigner->room * assigner->bits_size);
	assigner->tids = palloc(assigner->room * sizeof(ItemPointerData));
	assigner->row_keys = keys > 0 ? palloc(assigner->room * keys) : NULL;
	if (ivf_spills(&state->meta))
		assigner->most = Min(VDB_SPILL_LISTS, build->lists);
	assigner->nearest =
		palloc0(assigner->room * assigner->most * sizeof(uint32));
	assigner->keys = palloc(assigner->room * assigner->most * sizeof(float));
	assigner->lists = palloc(assigner->room * sizeof(uint32));
	assigner->second = palloc(assigner->room * sizeof(uint32));
	assigner->order = palloc(2 * assigner->room * sizeof(uint64));
	assigner->x = palloc(row);
	assigner->centroid = palloc0(row);
	assigner->pair = palloc(2 * row);
	ivf_coder_init(&assigner->coder, state);
	if (build->queries > 0)
		ivf_matcher_init(&assigner->matcher, build, neighbours);
	assigner->payload =
		palloc0(VARHDRSZ + MAXIMUM_ALIGNOF + ivf_entry_size(&state->leaf));
	assigner->entry = (IvfEntry *) VARDATA(assigner->payload);
	ivf_window_init(&assigner->window, build);
}

void
ivf_assign_rows(IvfBuild *build, Tuplesortstate *sort, TableScanDesc scan,
				IvfNeighbours *neighbours, bool progress)
{
	MemoryContext context = AllocSetContextCreate(
		CurrentMemoryContext, "ivfflat assignment", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	IvfAssigner assigner;

	init_assigner(&assigner, build, sort, neighbours);
	build->heap_rows +=
		build->visit
			? build->visit(build->visit_arg, assign_callback, &assigner)
			: table_index_build_scan(build->heap, build->index, build->info,
									 true, progress, assign_callback, &assigner,
									 scan);
	flush_batch(&assigner);
	ExecDropSingleTupleTableSlot(assigner.slot);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
}
