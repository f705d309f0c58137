/*
 * batch.c: see batch.h.
 */
#include "compat.h"

#include "ivf/disk/list.h"
#include "ivf/scan/batch.h"
#include "ivf/scan/probes.h"
#include "miscadmin.h"
#include "port/pg_bitutils.h"
#include "utils/memutils.h"

/*
 * Candidates that the first pass over a batch keeps room for; and under a
 * class's own distance, whose bounds are weaker, so that more are refined.
 */
#define FIRST_QUEUE_LIMIT 512
#define FIRST_OWN_QUEUE_LIMIT 2048

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

static Size
first_limit(const IvfScan *scan)
{
	return scan->state->type->own ? FIRST_OWN_QUEUE_LIMIT : FIRST_QUEUE_LIMIT;
}

static void
reset_queue(IvfScan *scan)
{
	vdb_queue_reset(&scan->queue, scan->items,
					Min(scan->items_room, first_limit(scan)));
}

void
ivf_batch_reset(IvfScan *scan)
{
	if (scan->items == NULL)
	{
		scan->items_room = first_limit(scan);
		scan->items = MemoryContextAlloc(
			scan->context, scan->items_room * sizeof(VdbCandidate));
	}
	scan->batch_begin = scan->batch_end = 0;
	reset_queue(scan);
}

/* The next batch: as many lists as were probed before. False at the end. */
bool
ivf_batch_start(IndexScanDesc desc)
{
	IvfScan *scan = desc->opaque;
	uint32 done = scan->batch_end;
	uint32 n;

	if (done == 0)
		n = ivf_probes_first(&scan->state->meta, &scan->settings,
							 &scan->probes);
	else
	{
		uint32 limit = ivf_probes_most(&scan->settings, scan->probes.count);

		if (scan->settings.iterative_scan == IVF_ITERATIVE_OFF || done >= limit)
			return false;
		n = Min(done, limit - done);
		ivf_probes_sort(&scan->probes, done + n);
	}
	if (n == 0)
		return false;

	scan->batch_begin = done;
	scan->batch_end = done + n;
	scan->report.probes += n;
	if (done == 0)
		scan->report.first_probes = n;
	reset_queue(scan);
	scan_batch(desc);
	return true;
}

/* Bring entries that had no room in the queue, with more room. */
void
ivf_batch_resume(IndexScanDesc desc)
{
	IvfScan *scan = desc->opaque;
	Size most =
		Max((Size) work_mem * 1024 / sizeof(VdbCandidate), first_limit(scan));
	Size room =
		Max(Min(scan->queue.limit * QUEUE_GROWTH, most), scan->queue.count * 2);

	room = Max(room, scan->queue.limit);
	if (room > scan->items_room)
	{
		scan->items = repalloc_huge(scan->items, room * sizeof(VdbCandidate));
		scan->items_room = room;
	}
	vdb_queue_resume(&scan->queue, scan->items, room);
	scan_batch(desc);
}
