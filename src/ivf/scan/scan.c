/*
 * scan.c: answers in order of distance.
 *
 * The lists nearest to the query form the first batch.  The bounds of all
 * their codes go into the queue (math/queue.h), which hands out the least
 * one; its row's exact distance goes back, and what is exact and least is the
 * next answer, which waits for some others (math/answers.h) before it is
 * returned.  When a batch is exhausted, as many lists again as have been
 * probed so far form the next one.  Rows without a distance come last, those
 * with NULL after all others, so that a scan run to its end returns exactly
 * the rows of the table.
 *
 * The scan has to see rows by an MVCC snapshot: then a heap TID that vacuum
 * took away and that now names another row names one that the snapshot cannot
 * see, and no pin is needed between an index page and the heap.
 */
#include "compat.h"

#include "access/relscan.h"
#include "ivf/scan/scan.h"
#include "ivf/disk/list.h"
#include "ivf/disk/stream.h"
#include "ivf/scan/probes.h"
#include "ivf/scan/refine.h"
#include "ivf/scan/settings.h"
#include "ivf/space/tree.h"
#include "ivf/space/vector.h"
#include "math/answers.h"
#include "math/queue.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "port/pg_bitutils.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

/* Candidates that the first pass over a batch keeps room for. */
#define FIRST_QUEUE_LIMIT 512

/* Answers that there is room for at first, half of which may wait. */
#define ANSWERS_ROOM 256

/* How many times larger it gets where answers are sorted. */
#define ANSWERS_GROWTH 4

/* Lists whose first pages are asked for before they are scanned. */
#define LISTS_AHEAD 4

/* Where pages come from disk, so many lists are asked for ahead. */
#define LISTS_AHEAD_OF_DISK 16

/* Rows whose pages are asked for before they are fetched; more from disk. */
#define ROWS_AHEAD 4
#define ROWS_AHEAD_OF_DISK 32

/* How many times larger the queue gets with each further pass. */
#define QUEUE_GROWTH 4

/* What a scan returns now, in this order. */
typedef enum ScanStage
{
	STAGE_PLACED,	 /* rows with a distance, in its order */
	STAGE_UNORDERED, /* all placed rows, where no distance exists */
	STAGE_ZERO,		 /* unplaced rows that are not NULL */
	STAGE_NULL,
	STAGE_DONE,
} ScanStage;

typedef struct IvfScan
{
	MemoryContext context; /* of everything here */
	MemoryContext query_context;
	IvfIndex *ivf;
	double unit; /* of bounds, in the exact distance's */
	IvfRefiner *refiner;

	/* The query */
	Datum value; /* detoasted, in the query's context */
	float *normalized;
	float *projected;
	IvfQuery query;
	float epsilon; /* standard errors from estimates to bounds */

	IvfSettings settings; /* as of the first row */

	/* Lists: [batch_begin, batch_end) are in the queue now */
	IvfProbes probes;
	uint32 batch_begin;
	uint32 batch_end;
	uint32 lists_asked; /* the disk was asked for lists before this one */
	int rows_ahead;		/* ROWS_AHEAD, or more while the disk is asked */

	VdbQueue queue;
	VdbCandidate *items;
	Size items_room;

	VdbAnswers answers;
	VdbCandidate *waiting; /* memory of these */
	Size waiting_room;

	bool started; /* the first row was asked for */
	ScanStage stage;
	IvfStream *stream; /* of the stages without order */
	uint32 next_list;  /* of STAGE_UNORDERED */

	IvfScanReport report; /* since the scan was started */
} IvfScan;

/* Begin and end ---------------------------------------------------------- */

IndexScanDesc
ivf_scan_begin(Relation index, int nkeys, int norderbys)
{
	IndexScanDesc scan = RelationGetIndexScan(index, nkeys, norderbys);
	MemoryContext context = AllocSetContextCreate(
		CurrentMemoryContext, "ivfflat scan", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old_context = MemoryContextSwitchTo(context);
	IvfScan *state = palloc0(sizeof(IvfScan));
	IvfIndex *ivf = ivf_index_open(index, context);

	state->context = context;
	state->query_context =
		AllocSetContextCreate(context, "ivfflat query", ALLOCSET_SMALL_SIZES);
	state->ivf = ivf;
	state->unit = vdb_space_unit(ivf->space, ivf->meta.scale);
	state->normalized = palloc(ivf->meta.dim * sizeof(float));
	state->projected = palloc(ivf->meta.padded * sizeof(float));
	ivf_query_init(&state->query, ivf);
	MemoryContextSwitchTo(old_context);

	scan->opaque = state;
	return scan;
}

void
ivf_scan_restart(IndexScanDesc scan, ScanKey keys, int nkeys, ScanKey orderbys,
				 int norderbys)
{
	IvfScan *state = scan->opaque;

	if (keys && scan->numberOfKeys > 0)
		memmove(scan->keyData, keys, scan->numberOfKeys * sizeof(ScanKeyData));
	if (orderbys && scan->numberOfOrderBys > 0)
		memmove(scan->orderByData, orderbys,
				scan->numberOfOrderBys * sizeof(ScanKeyData));
	state->started = false;
}

void
ivf_scan_end(IndexScanDesc scan)
{
	IvfScan *state = scan->opaque;

	if (state->refiner)
		ivf_refiner_destroy(state->refiner);
	MemoryContextDelete(state->context);
	scan->opaque = NULL;
}

const IvfScanReport *
ivf_scan_report(IndexScanDesc scan)
{
	const IvfScan *state = scan->opaque;

	return &state->report;
}

/* The query -------------------------------------------------------------- */

/* Take the query over; false where no row has a distance to it. */
static bool
set_query(IndexScanDesc scan)
{
	IvfScan *state = scan->opaque;
	ScanKey key = &scan->orderByData[0];
	MemoryContext old_context;
	const float *raw;

	MemoryContextReset(state->query_context);
	if (key->sk_flags & SK_ISNULL)
		return false;

	old_context = MemoryContextSwitchTo(state->query_context);
	state->value = PointerGetDatum(PG_DETOAST_DATUM_COPY(key->sk_argument));
	raw = ivf_raw(state->ivf, state->value);
	MemoryContextSwitchTo(old_context);

	if (!ivf_normalize(state->ivf, raw, state->normalized))
		return false;
	ivf_project(state->ivf, state->normalized, state->projected);
	ivf_query_set(&state->query, state->projected);
	return true;
}

/* Batches of lists ------------------------------------------------------- */

typedef struct BatchVisitor
{
	IvfScan *state;
	const VdbKernel *kernel;
	VdbBound bound;
	float threshold; /* in the bound's unit */
} BatchVisitor;

/* The bounds of a group's codes; those that may count go into the queue. */
static void
collect_candidates(void *arg, const IvfGroup *group)
{
	BatchVisitor *visitor = arg;
	IvfScan *state = visitor->state;
	float bounds[VDB_GROUP];
	uint32 mask =
		visitor->kernel->bound_f16(group->factors, group->dot[0],
								   &visitor->bound, visitor->threshold, bounds);

	for (mask &= (UINT32_C(1) << group->slots) - 1; mask; mask &= mask - 1)
	{
		int lane = pg_rightmost_one_pos32(mask);
		const IvfSlot *slot = &group->slot[lane];

		if (ItemPointerIsValid(&slot->tid))
			vdb_queue_add(&state->queue, bounds[lane],
						  ItemPointerGetBlockNumberNoCheck(&slot->tid),
						  ItemPointerGetOffsetNumberNoCheck(&slot->tid));
	}
	visitor->threshold = vdb_queue_threshold(&state->queue);
}

/* The batch's lists from number i on come from disk. */
static void
ask_disk(IndexScanDesc scan, uint32 i)
{
	IvfScan *state = scan->opaque;
	uint32 end = Min(i + LISTS_AHEAD_OF_DISK, state->batch_end);
	VdbRun runs[LISTS_AHEAD_OF_DISK];
	int nruns = 0;

	for (i = Max(i, state->lists_asked); i < end; i++)
	{
		const IvfProbe *probe = ivf_nth_probe(&state->probes, i);

		runs[nruns++] = (VdbRun){probe->head, Max(probe->pages, 1)};
	}
	if (nruns > 0)
		vdb_ahead_runs(scan->indexRelation, runs, nruns);
	state->lists_asked = Max(state->lists_asked, end);
}

/*
 * Ask for the batch's list i before its turn comes.  One that is not in memory
 * is a sign that others are not either: the disk should have many at once.
 */
static VdbAhead
list_ahead(IndexScanDesc scan, uint32 i)
{
	IvfScan *state = scan->opaque;
	VdbAhead ahead;

	if (i >= state->batch_end)
		return VDB_NO_AHEAD;
	ahead = ivf_list_ahead(scan->indexRelation,
						   ivf_nth_probe(&state->probes, i)->head);
	if (!BufferIsValid(ahead.recent))
		ask_disk(scan, i);
	return ahead;
}

/* One pass over the codes of the batch. */
static void
scan_batch(IndexScanDesc scan)
{
	IvfScan *state = scan->opaque;
	IvfReading reading = {
		.queries = {state->query.z.code.hi},
		.nqueries = 1,
		.snapshot = scan->xs_snapshot,
	};
	BatchVisitor visitor = {.state = state, .kernel = vdb_kernel()};
	VdbAhead ahead[LISTS_AHEAD];
	uint32 begin = state->batch_begin;

	state->report.passes++;
	state->lists_asked = begin;
	for (uint32 i = 0; i < LISTS_AHEAD; i++)
		ahead[i] = list_ahead(scan, begin + i);
	for (uint32 i = begin; i < state->batch_end; i++)
	{
		VdbAhead *place = &ahead[(i - begin) % LISTS_AHEAD];
		const IvfProbe *probe = ivf_nth_probe(&state->probes, i);

		reading.first = *place;
		*place = list_ahead(scan, i + LISTS_AHEAD);
		vdb_space_bound(&state->query.z, &probe->near, state->epsilon,
						&visitor.bound);
		visitor.threshold = vdb_queue_threshold(&state->queue);
		state->report.codes +=
			ivf_list_visit(scan->indexRelation, probe->head, &state->ivf->leaf,
						   &reading, collect_candidates, &visitor);
	}
}

/* The next batch: as many lists as were probed before. False at the end. */
static bool
start_batch(IndexScanDesc scan)
{
	IvfScan *state = scan->opaque;
	uint32 done = state->batch_end;
	uint32 n;

	if (done == 0)
		n = ivf_probes_first(&state->ivf->meta, &state->settings,
							 &state->probes);
	else
	{
		uint32 limit = ivf_probes_most(&state->settings, state->probes.count);

		if (state->settings.iterative_scan == IVF_ITERATIVE_OFF ||
			done >= limit)
			return false;
		n = Min(done, limit - done);
		ivf_probes_sort(&state->probes, done + n);
	}
	if (n == 0)
		return false;

	state->batch_begin = done;
	state->batch_end = done + n;
	state->report.probes += n;
	if (done == 0)
		state->report.first_probes = n;
	vdb_queue_reset(&state->queue, state->items,
					Min(state->items_room, FIRST_QUEUE_LIMIT));
	scan_batch(scan);
	return true;
}

/* Bring entries that had no room in the queue, with more room. */
static void
resume_batch(IndexScanDesc scan)
{
	IvfScan *state = scan->opaque;
	Size most =
		Max((Size) work_mem * 1024 / sizeof(VdbCandidate), FIRST_QUEUE_LIMIT);
	Size room = Max(Min(state->queue.limit * QUEUE_GROWTH, most),
					state->queue.count * 2);

	room = Max(room, state->queue.limit);
	if (room > state->items_room)
	{
		state->items = repalloc_huge(state->items, room * sizeof(VdbCandidate));
		state->items_room = room;
	}
	vdb_queue_resume(&state->queue, state->items, room);
	scan_batch(scan);
}

/* Answers ---------------------------------------------------------------- */

/*
 * Ask for the rows that will probably be fetched next: for many at a time when
 * they turn out to come from disk.
 */
static void
look_ahead(IvfScan *state)
{
	VdbFetch *fetch = ivf_refiner_fetch(state->refiner);

	for (int i = 0; i < state->rows_ahead; i++)
	{
		VdbCandidate *next = vdb_queue_ahead(&state->queue, i);

		if (next == NULL)
			return;
		if (next->exact || next->high == InvalidBlockNumber)
			continue;
		if (!next->prefetched)
		{
			if (!vdb_fetch_ahead(fetch, next->high, next->low))
				state->rows_ahead =
					Min(state->rows_ahead * 2, ROWS_AHEAD_OF_DISK);
		}
		else if (i == 0)
			vdb_fetch_next(fetch, next->high, next->low);
		next->prefetched = true;
	}
}

/* A pointer that no insert can have written would lead astray silently. */
static void
check_row(IndexScanDesc scan, BlockNumber block, OffsetNumber offset)
{
	if (block != InvalidBlockNumber && offset <= MaxOffsetNumber)
		return;
	ereport(ERROR, (errcode(ERRCODE_INDEX_CORRUPTED),
					errmsg("index \"%s\" is corrupted",
						   RelationGetRelationName(scan->indexRelation)),
					errdetail("It points to row (%u,%u), which cannot exist.",
							  block, offset),
					errhint("Use REINDEX to build it anew.")));
}

/* The exact distance of a candidate, if its row is visible. */
static void
refine(IndexScanDesc scan, const VdbCandidate *candidate)
{
	IvfScan *state = scan->opaque;
	ItemPointerData tid;
	double distance;

	CHECK_FOR_INTERRUPTS();
	check_row(scan, candidate->high, candidate->low);
	ItemPointerSet(&tid, candidate->high, candidate->low);
	look_ahead(state);
	state->report.fetches++;
	if (ivf_refine(state->refiner, &tid, &distance))
		vdb_queue_refined(&state->queue, candidate, distance / state->unit);
	else
		state->report.invisible++;
}

/*
 * Let an answer wait.  Only sorted ones, of which all may have to, can fill the
 * room; they get more of it within work_mem.
 */
static void
add_answer(IvfScan *state, const VdbCandidate *answer)
{
	Size most = (Size) work_mem * 1024 / sizeof(VdbCandidate);
	Size room = Min(state->waiting_room * ANSWERS_GROWTH, most);

	vdb_answers_add(&state->answers, answer);
	if (!vdb_answers_full(&state->answers) || room <= state->waiting_room)
		return;
	state->waiting = repalloc_huge(state->waiting, room * sizeof(VdbCandidate));
	state->waiting_room = room;
	vdb_answers_enlarge(&state->answers, state->waiting, room);
}

/* Do what is next in the batch; false where it has nothing more. */
static bool
advance(IndexScanDesc scan)
{
	IvfScan *state = scan->opaque;
	VdbCandidate candidate;

	switch (vdb_queue_take(&state->queue, &candidate))
	{
		case VDB_TAKE_REFINE:
			refine(scan, &candidate);
			return true;
		case VDB_TAKE_ANSWER:
			add_answer(state, &candidate);
			return true;
		case VDB_TAKE_RESUME:
			resume_batch(scan);
			return true;
		case VDB_TAKE_END:
			break;
	}
	return false;
}

static bool
next_placed(IndexScanDesc scan, ItemPointer tid)
{
	IvfScan *state = scan->opaque;
	VdbCandidate answer;

	for (;;)
	{
		while (!vdb_answers_ready(&state->answers) && advance(scan))
			;
		if (state->answers.count > 0)
			break;
		if (!start_batch(scan))
			return false;
	}
	answer = vdb_answers_take(&state->answers);
	ItemPointerSet(tid, answer.high, answer.low);
	vdb_fetch_hand_over(ivf_refiner_fetch(state->refiner), scan->xs_heapfetch,
						tid);
	return true;
}

/* Few scans get here, so the stream's memory waits until one does. */
static void
open_stream(IndexScanDesc scan, BlockNumber head, const IvfLayout *layout,
			IvfStreamFilter filter)
{
	IvfScan *state = scan->opaque;

	if (state->stream == NULL)
		state->stream = MemoryContextAlloc(state->context, sizeof(IvfStream));
	ivf_stream_open(state->stream, scan->indexRelation, scan->xs_snapshot, head,
					layout, filter);
}

static bool
next_of_stream(IndexScanDesc scan, ItemPointer tid)
{
	IvfScan *state = scan->opaque;

	if (!ivf_stream_next(state->stream, tid))
		return false;
	check_row(scan, ItemPointerGetBlockNumberNoCheck(tid),
			  ItemPointerGetOffsetNumberNoCheck(tid));
	return true;
}

static bool
next_unordered(IndexScanDesc scan, ItemPointer tid)
{
	IvfScan *state = scan->opaque;

	for (;;)
	{
		if (state->next_list > 0 && next_of_stream(scan, tid))
			return true;
		if (state->next_list == state->probes.count)
			return false;
		open_stream(scan, state->probes.lists[state->next_list++].head,
					&state->ivf->leaf, IVF_STREAM_ALL);
	}
}

/* Go on to rows without a place among centroids. */
static void
open_unplaced(IndexScanDesc scan, ScanStage stage, IvfStreamFilter filter)
{
	IvfScan *state = scan->opaque;

	state->stage = stage;
	open_stream(scan, state->ivf->meta.unplaced, &state->ivf->unplaced, filter);
}

/* Go on to the rows without a distance, unless lists were left out. */
static void
leave_placed(IndexScanDesc scan)
{
	IvfScan *state = scan->opaque;

	if (state->stage == STAGE_PLACED && state->batch_end < state->probes.count)
	{
		state->stage = STAGE_DONE;
		state->report.stop = IVF_STOP_PROBES;
		return;
	}
	open_unplaced(scan, STAGE_ZERO, IVF_STREAM_NOT_NULL);
}

static bool
next_tid(IndexScanDesc scan, ItemPointer tid)
{
	IvfScan *state = scan->opaque;

	for (;;)
	{
		switch (state->stage)
		{
			case STAGE_PLACED:
				if (next_placed(scan, tid))
					return true;
				leave_placed(scan);
				break;
			case STAGE_UNORDERED:
				if (next_unordered(scan, tid))
					return true;
				leave_placed(scan);
				break;
			case STAGE_ZERO:
				if (next_of_stream(scan, tid))
					return true;
				open_unplaced(scan, STAGE_NULL, IVF_STREAM_NULL);
				break;
			case STAGE_NULL:
				if (next_of_stream(scan, tid))
					return true;
				state->stage = STAGE_DONE;
				state->report.stop = IVF_STOP_END;
				break;
			case STAGE_DONE:
				return false;
		}
	}
}

/* What waits for the first row: nested loops restart scans in vain often. */
static void
start(IndexScanDesc scan)
{
	IvfScan *state = scan->opaque;
	bool ordered;

	if (scan->numberOfOrderBys == 0)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("ivfflat index scans need an ORDER BY distance")));
	if (!IsMVCCSnapshot(scan->xs_snapshot))
		ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
						errmsg("ivfflat index scans need an MVCC snapshot")));

	if (state->refiner == NULL)
		state->refiner = ivf_refiner_create(scan->heapRelation,
											scan->indexRelation, state->ivf);
	if (state->items == NULL)
	{
		state->items_room = FIRST_QUEUE_LIMIT;
		state->items = palloc(state->items_room * sizeof(VdbCandidate));
		state->waiting_room = ANSWERS_ROOM;
		state->waiting = palloc(state->waiting_room * sizeof(VdbCandidate));
	}

	/* An index that was empty may have got its scale since the scan began. */
	if (state->ivf->meta.scale == 0)
	{
		ivf_index_update_scale(scan->indexRelation, state->ivf);
		state->unit = vdb_space_unit(state->ivf->space, state->ivf->meta.scale);
	}

	state->report =
		(IvfScanReport){.index = RelationGetRelid(scan->indexRelation)};
	ordered = set_query(scan);
	if (!ordered)
	{
		/* Any query serves to enumerate the lists. */
		memset(state->projected, 0, state->ivf->meta.padded * sizeof(float));
		ivf_query_set(&state->query, state->projected);
	}
	ivf_tree_probes(scan->indexRelation, &state->query, &state->probes);
	state->report.lists = state->probes.count;
	ivf_refiner_set_query(state->refiner, scan->xs_snapshot, state->value);

	state->settings = ivf_settings();
	state->epsilon = ivf_scan_epsilon(&state->settings);
	state->batch_begin = state->batch_end = 0;
	state->rows_ahead = ROWS_AHEAD;
	state->next_list = 0;
	state->stage = ordered ? STAGE_PLACED : STAGE_UNORDERED;
	vdb_answers_reset(&state->answers, state->waiting, state->waiting_room,
					  ivf_scan_sorted(&state->settings));
	vdb_queue_reset(&state->queue, state->items,
					Min(state->items_room, FIRST_QUEUE_LIMIT));
	state->started = true;
	vdb_count_index_scan(scan);
}

bool
ivf_scan_next(IndexScanDesc scan, ScanDirection direction)
{
	IvfScan *state = scan->opaque;
	bool found;

	Assert(ScanDirectionIsForward(direction));

	if (!state->started)
	{
		MemoryContext old_context = MemoryContextSwitchTo(state->context);

		start(scan);
		MemoryContextSwitchTo(old_context);
	}

	found = next_tid(scan, &scan->xs_heaptid);
	state->report.rows += found;
	state->report.late = state->answers.late;
	ivf_report_publish(&state->report);
	scan->xs_recheck = false;
	scan->xs_recheckorderby = false;
	return found;
}
