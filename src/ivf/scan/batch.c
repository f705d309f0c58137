/*
 * batch.c: see batch.h.
 */
#include "compat.h"

#include "ivf/disk/list.h"
#include "ivf/scan/batch.h"
#include "ivf/scan/probes.h"
#include "ivf/scan/strict.h"
#include "miscadmin.h"
#include "port/pg_bitutils.h"
#include "utils/memutils.h"

/* Candidates that the first pass over a batch keeps room for. */
#define FIRST_QUEUE_LIMIT 512

/* Lists whose first pages are asked for before they are scanned. */
#define LISTS_AHEAD 4

/* Where pages come from disk, so many lists are asked for ahead. */
#define LISTS_AHEAD_OF_DISK 16

/* How many times larger the queue gets with each further pass. */
#define QUEUE_GROWTH 4

typedef struct BatchVisitor
{
	IvfScan *scan;
	const VdbKernel *kernel;
	VdbBound bound;
	float threshold; /* in the bound's unit */
} BatchVisitor;

/* The bounds of a group's codes; those that may count go into the queue. */
static void
collect_candidates(void *arg, const IvfGroup *group)
{
	BatchVisitor *visitor = arg;
	IvfScan *scan = visitor->scan;
	float bounds[VDB_GROUP];
	uint32 mask =
		visitor->kernel->bound_f16(group->factors, group->dot[0],
								   &visitor->bound, visitor->threshold, bounds);

	for (mask &= (UINT32_C(1) << group->slots) - 1; mask; mask &= mask - 1)
	{
		int lane = pg_rightmost_one_pos32(mask);
		const IvfSlot *slot = &group->slot[lane];

		if (ItemPointerIsValid(&slot->tid))
			vdb_queue_add(&scan->queue, bounds[lane],
						  ItemPointerGetBlockNumberNoCheck(&slot->tid),
						  ItemPointerGetOffsetNumberNoCheck(&slot->tid));
	}
	visitor->threshold = vdb_queue_threshold(&scan->queue);
}

/* The batch's lists from number i on come from disk. */
static void
ask_disk(IndexScanDesc desc, uint32 i)
{
	IvfScan *scan = desc->opaque;
	uint32 end = Min(i + LISTS_AHEAD_OF_DISK, scan->batch_end);
	VdbRun runs[LISTS_AHEAD_OF_DISK];
	int nruns = 0;

	for (i = Max(i, scan->lists_asked); i < end; i++)
	{
		const IvfProbe *probe = ivf_nth_probe(&scan->probes, i);

		runs[nruns++] = (VdbRun){probe->head, Max(probe->pages, 1)};
	}
	if (nruns > 0)
		vdb_ahead_runs(desc->indexRelation, runs, nruns);
	scan->lists_asked = Max(scan->lists_asked, end);
}

/*
 * Ask for the batch's list i before its turn comes.  One that is not in memory
 * is a sign that others are not either: the disk should have many at once.
 */
static VdbAhead
list_ahead(IndexScanDesc desc, uint32 i)
{
	IvfScan *scan = desc->opaque;
	VdbAhead ahead;

	if (i >= scan->batch_end)
		return VDB_NO_AHEAD;
	ahead = ivf_list_ahead(desc->indexRelation,
						   ivf_nth_probe(&scan->probes, i)->head);
	if (!BufferIsValid(ahead.recent))
		ask_disk(desc, i);
	return ahead;
}

/* One pass over the codes of the batch. */
static void
scan_batch(IndexScanDesc desc)
{
	IvfScan *scan = desc->opaque;
	IvfReading reading = {
		.queries = {scan->query.z.code.hi},
		.nqueries = 1,
		.snapshot = desc->xs_snapshot,
	};
	BatchVisitor visitor = {.scan = scan, .kernel = vdb_kernel()};
	VdbAhead ahead[LISTS_AHEAD];
	uint32 begin = scan->batch_begin;

	scan->report.passes++;
	scan->lists_asked = begin;
	for (uint32 i = 0; i < LISTS_AHEAD; i++)
		ahead[i] = list_ahead(desc, begin + i);
	for (uint32 i = begin; i < scan->batch_end; i++)
	{
		VdbAhead *place = &ahead[(i - begin) % LISTS_AHEAD];
		const IvfProbe *probe = ivf_nth_probe(&scan->probes, i);

		reading.first = *place;
		*place = list_ahead(desc, i + LISTS_AHEAD);
		vdb_space_bound(&scan->query.z, &probe->near, scan->epsilon,
						&visitor.bound);
		visitor.threshold = vdb_queue_threshold(&scan->queue);
		scan->report.codes +=
			ivf_list_visit(desc->indexRelation, probe->head, &scan->state->leaf,
						   &reading, collect_candidates, &visitor);
	}
}

/* Room for so many candidates, within the memory of the settings. */
static Size
make_room(IvfScan *scan, Size wanted)
{
	Size most =
		Max(scan->settings.memory / sizeof(VdbCandidate), FIRST_QUEUE_LIMIT);
	Size room = Min(wanted, most);

	if (room > scan->items_room)
	{
		scan->items = repalloc_huge(scan->items, room * sizeof(VdbCandidate));
		scan->items_room = room;
	}
	return room;
}

static void
reset_queue(IvfScan *scan, Size room)
{
	vdb_queue_reset(&scan->queue, scan->items, room);
}

void
ivf_batch_reset(IvfScan *scan)
{
	if (scan->items == NULL)
	{
		scan->items_room = FIRST_QUEUE_LIMIT;
		scan->items = MemoryContextAlloc(
			scan->context, FIRST_QUEUE_LIMIT * sizeof(VdbCandidate));
	}
	scan->batch_begin = scan->batch_end = 0;
	reset_queue(scan, FIRST_QUEUE_LIMIT);
}

static void
start_batch(IndexScanDesc desc, uint32 begin, uint32 end, Size room)
{
	IvfScan *scan = desc->opaque;

	scan->report.probes += end - scan->batch_end;
	scan->batch_begin = begin;
	scan->batch_end = end;
	reset_queue(scan, room);
	scan_batch(desc);
}

/* The first lists; false where there are none. */
static bool
start_first(IndexScanDesc desc)
{
	IvfScan *scan = desc->opaque;
	uint32 n =
		ivf_probes_first(&scan->state->meta, &scan->settings, &scan->probes);

	if (n == 0)
		return false;
	scan->report.first_probes = n;
	start_batch(desc, 0, n, FIRST_QUEUE_LIMIT);
	return true;
}

/*
 * As many lists as were read before; in strict order these again as well, whose
 * rows that were returned want room too.
 */
bool
ivf_batch_start(IndexScanDesc desc)
{
	IvfScan *scan = desc->opaque;
	uint32 done = scan->batch_end;
	uint32 limit = ivf_probes_most(&scan->settings, scan->probes.count);
	uint32 end;

	if (done == 0)
		return start_first(desc);
	if (scan->settings.iterative_scan == IVF_ITERATIVE_OFF || done >= limit ||
		ivf_scan_fetched(scan) >= scan->settings.most_fetches)
		return false;
	if (scan->settings.iterative_scan == IVF_ITERATIVE_STRICT)
	{
		end = ivf_strict_next_batch(scan, done, limit);
		ivf_probes_sort(&scan->probes, end);
		start_batch(
			desc, 0, end,
			make_room(scan, 2 * scan->answers.given + FIRST_QUEUE_LIMIT));
		return true;
	}
	end = done + Min(done, limit - done);
	ivf_probes_sort(&scan->probes, end);
	start_batch(desc, done, end, FIRST_QUEUE_LIMIT);
	return true;
}

/* Bring entries that had no room in the queue, with more room. */
void
ivf_batch_resume(IndexScanDesc desc)
{
	IvfScan *scan = desc->opaque;
	Size room = Max(make_room(scan, scan->queue.limit * QUEUE_GROWTH),
					scan->queue.limit);

	/* Without some, the pass could make no progress. */
	room = Max(room, scan->queue.count * 2);
	if (room > scan->items_room)
	{
		scan->items = repalloc_huge(scan->items, room * sizeof(VdbCandidate));
		scan->items_room = room;
	}
	vdb_queue_resume(&scan->queue, scan->items, room);
	scan_batch(desc);
}
