/*
 * collect.c: see collect.h.
 */
#include "compat.h"

#include "ivf/disk/list.h"
#include "ivf/scan/collect.h"
#include "ivf/scan/conditions.h"
#include "ivf/scan/radius.h"
#include "port/pg_bitutils.h"

/* Lists whose first pages are asked for before they are scanned. */
#define LISTS_AHEAD 4

/* Where pages come from disk, so many lists are asked for ahead. */
#define LISTS_AHEAD_OF_DISK 64

typedef struct Collector
{
	IvfScan *scan;
	const VdbKernel *kernel;
	IvfBounding bounding; /* its threshold: that of the queue, or the radius */
	float radius;		  /* in the bound's unit, no less than the least one */
	uint64 codes;		  /* that were read */
	uint64 looked;		  /* codes of groups whose keys were */
} Collector;

/* Bounds above this are of no use: to the queue, or beyond the radius. */
static inline void
set_threshold(Collector *collector)
{
	collector->bounding.threshold =
		Min(vdb_queue_threshold(&collector->scan->queue), collector->radius);
}

/* The lanes that pass the scan's filter: if none does, codes are not read. */
static uint32
select_lanes(void *arg, const IvfGroup *group)
{
	Collector *collector = arg;
	uint32 lanes = ivf_conditions_lanes(collector->scan, group);

	collector->looked += group->slots;
	if (lanes != 0)
		collector->codes += group->slots;
	return lanes;
}

/* Rows whose bounds may count go into the queue. */
static inline void
queue_rows(Collector *collector, const IvfGroup *group, uint32 lanes,
		   const float *bounds)
{
	IvfScan *scan = collector->scan;

	for (uint32 mask = lanes; mask; mask &= mask - 1)
	{
		int lane = pg_rightmost_one_pos32(mask);
		const IvfSlot *slot = &group->slot[lane];

		if (ItemPointerIsValid(&slot->tid))
			vdb_queue_add(&scan->queue, Max(bounds[lane], scan->least),
						  ItemPointerGetBlockNumberNoCheck(&slot->tid),
						  ItemPointerGetOffsetNumberNoCheck(&slot->tid),
						  (slot->detail & IVF_ROW_TWICE) != 0);
	}
	set_threshold(collector);
}

/* A group whose lanes are those with such bounds. */
static void
collect_bounded(void *arg, const IvfGroup *group)
{
	queue_rows(arg, group, group->lanes, group->bounds);
}

/* A group by its products with both bytes of the query. */
static void
collect_fine(void *arg, const IvfGroup *group)
{
	Collector *collector = arg;
	const IvfBounding *bounding = &collector->bounding;
	float bounds[VDB_GROUP];
	int32 fine[VDB_GROUP];
	uint32 near;

	for (int i = 0; i < VDB_GROUP; i++)
		fine[i] = vdb_fine_inner(group->dot[0][i], group->dot[1][i]);
	near = collector->kernel->bound_f16(group->factors, fine, &bounding->bound,
										bounding->threshold, bounds);
	queue_rows(collector, group, near & group->lanes, bounds);
}

/* A group of bits, whose bounds are the distances themselves. */
static void
collect_bits(void *arg, const IvfGroup *group)
{
	Collector *collector = arg;
	const IvfScan *scan = collector->scan;
	const IvfLeafFactors *factors = group->factors;
	float bounds[VDB_GROUP];
	uint32 near = scan->state->type->bit_distance->keys(
		group->dot[0], scan->ones, factors->add, collector->bounding.threshold,
		bounds);

	queue_rows(collector, group, near & group->lanes, bounds);
}

/* The lists from number i on come from disk. */
static void
ask_disk(IndexScanDesc desc, uint32 i)
{
	IvfScan *scan = desc->opaque;
	uint32 begin = Max(i, scan->lists_asked);
	uint32 end = Min(i + LISTS_AHEAD_OF_DISK, scan->probed);
	VdbRun runs[LISTS_AHEAD_OF_DISK];
	int nruns = 0;

	for (i = begin; i < end; i++)
	{
		const IvfProbe *probe = ivf_nth_probe(&scan->probes, i);

		runs[nruns++] = (VdbRun){probe->head, Max(probe->pages, 1)};
	}
	if (nruns > 0)
		scan->lists_asked =
			begin + vdb_ahead_runs(desc->indexRelation, runs, nruns);
}

/*
 * Ask for list i before its turn comes.  One that is not in memory
 * is a sign that others are not either: the disk should have many at once.
 */
static VdbAhead
list_ahead(IndexScanDesc desc, uint32 i)
{
	IvfScan *scan = desc->opaque;
	VdbAhead ahead;

	if (i >= scan->probed)
		return VDB_NO_AHEAD;
	if (i + LISTS_AHEAD < scan->probed)
		vdb_ahead_expect(desc->indexRelation,
						 ivf_nth_probe(&scan->probes, i + LISTS_AHEAD)->head);
	ahead = ivf_list_ahead(desc->indexRelation,
						   ivf_nth_probe(&scan->probes, i)->head);
	if (!BufferIsValid(ahead.recent))
		ask_disk(desc, i);
	return ahead;
}

/* What is added from list i on is of another lot than what was before. */
static void
enter_lot(IvfScan *scan, uint32 i)
{
	for (int lot = 0; lot < scan->nlots; lot++)
		if (scan->lots[lot].begin == i)
			vdb_queue_resume_at(&scan->queue, &scan->lots[lot].mark);
}

/* List i was read for the first time. */
static void
count_list(IvfScan *scan, uint32 i)
{
	scan->radius.listed += scan->filter ? scan->list.passed : scan->list.rows;
	if (scan->filter)
		ivf_conditions_count(scan, i);
}

void
ivf_collect_lists(IndexScanDesc desc, uint32 begin)
{
	IvfScan *scan = desc->opaque;
	bool fine = !scan->bits && scan->query.z.fine;
	bool bounded = !scan->bits && !fine;
	Collector collector = {
		.scan = scan,
		.kernel = vdb_kernel(),
		.radius = Max(ivf_scan_key(scan, scan->radius.reach),
					  vdb_space_least(scan->state->space, scan->unit)),
	};
	IvfReading reading = {
		.queries = {scan->bits ? (const int8_t *) scan->bits
							   : scan->query.z.code.hi,
					scan->query.z.code.lo},
		.nqueries = fine ? 2 : 1,
		.bounding = bounded ? &collector.bounding : NULL,
		.snapshot = desc->xs_snapshot,
		.select = scan->filter ? select_lanes : NULL,
	};
	IvfVisit visit = bounded ? collect_bounded
					 : fine	 ? collect_fine
							 : collect_bits;
	VdbAhead ahead[LISTS_AHEAD];
	VdbRange range;

	if (scan->filter && ivf_filter_range(scan->filter, &range))
		reading.range = &range;
	scan->lists_asked = begin;
	scan->bulk.resume = 0;
	for (uint32 i = 0; i < LISTS_AHEAD; i++)
		ahead[i] = list_ahead(desc, begin + i);
	for (uint32 i = begin; i < scan->probed; i++)
	{
		VdbAhead *place = &ahead[(i - begin) % LISTS_AHEAD];
		const IvfProbe *probe = ivf_nth_probe(&scan->probes, i);

		if (scan->queue.resumed)
			enter_lot(scan, i);
		reading.first = *place;
		*place = list_ahead(desc, i + LISTS_AHEAD);
		vdb_space_bound(&scan->query.z, &probe->near, scan->epsilon,
						&collector.bounding.bound);
		set_threshold(&collector);
		scan->list = (IvfPassed){0};
		/* By the lists before: are most groups passed over? */
		reading.few = scan->filter && 2 * collector.codes <= collector.looked;
		scan->list.rows =
			ivf_list_visit(desc->indexRelation, probe->head, &scan->state->leaf,
						   &reading, visit, &collector);
		if (scan->filter == NULL)
			collector.codes += scan->list.rows;
		if (!scan->queue.resumed)
			count_list(scan, i);
	}
	scan->report.codes += collector.codes;
}
