/*
 * batch.c: see batch.h.
 */
#include "compat.h"

#include "ivf/disk/list.h"
#include "ivf/scan/batch.h"
#include "ivf/scan/conditions.h"
#include "ivf/scan/probes.h"
#include "ivf/scan/radius.h"
#include "miscadmin.h"
#include "port/pg_bitutils.h"
#include "utils/memutils.h"

/*
 * Candidates that the first pass over a batch keeps room for, and for each
 * answer that will be wanted.  On word vectors of 100 dimensions four to seven
 * rows are fetched for an answer, and a full queue may keep a sixth of its
 * room.  Bounds are tighter the more dimensions there are: from 384 on one and
 * a half to two rows are fetched, and the sooner the queue is full, the more
 * codes end at its threshold.  Under a class's own distance bounds are weaker.
 */
typedef struct QueueRoom
{
	Size least;
	double per_answer;
} QueueRoom;

static const QueueRoom usual_room = {512, 32};
static const QueueRoom tight_room = {192, 12};
static const QueueRoom own_room = {2048, 32};

#define TIGHT_DIMENSIONS 256

/*
 * And where all rows within a radius are wanted, in no order: enough for most,
 * so that codes are read once.
 */
#define FIRST_RADIUS_QUEUE_LIMIT 16384

/* Lists whose first pages are asked for before they are scanned. */
#define LISTS_AHEAD 4

/* Where pages come from disk, so many lists are asked for ahead. */
#define LISTS_AHEAD_OF_DISK 64

/*
 * Answers that the first lists are enough for, if no LIMIT is known: what most
 * searches ask for, and few lists more than one answer needs.  Then three steps
 * a decade, at what is certain before 20, 50 and 100 answers are given away
 * (math/answers.h), so that LIMITs of that kind have no lists too many.  Rows
 * of each step that are nearer than what was given away come late, so there
 * should be few steps.
 */
#define FIRST_DEPTH IVF_USUAL_DEPTH

static const double depth_steps[] = {2.2, 5.5, 11};

/* Under a filter, how many times deeper lists may be at once. */
#define MOST_DEEPER 30

/*
 * Under a filter, lists come so much deeper than they are asked for, since the
 * rate of rows that pass turns out another one with each lot.
 */
#define DEEPER_THAN_ASKED 1.1

/* How many times larger the queue gets with each further pass. */
#define QUEUE_GROWTH 4

typedef struct BatchVisitor
{
	IvfScan *scan;
	const VdbKernel *kernel;
	VdbBound bound;
	float radius;	 /* in the bound's unit, no less than the least one */
	float threshold; /* the same of the queue, or this */
	uint64 codes;	 /* that were read */
	uint64 looked;	 /* codes of groups whose keys were */
} BatchVisitor;

/* Bounds above this are of no use: to the queue, or beyond the radius. */
static inline void
set_threshold(BatchVisitor *visitor)
{
	visitor->threshold =
		Min(vdb_queue_threshold(&visitor->scan->queue), visitor->radius);
}

/* The lanes that pass the scan's filter: if none does, codes are not read. */
static uint32
select_lanes(void *arg, const IvfGroup *group)
{
	BatchVisitor *visitor = arg;
	uint32 lanes = ivf_conditions_lanes(visitor->scan, group);

	visitor->looked += group->slots;
	if (lanes != 0)
		visitor->codes += group->slots;
	return lanes;
}

/* The products of a group's codes with all of the query that they meet. */
static inline const int32 *
products(const BatchVisitor *visitor, const IvfGroup *group, int32 *fine)
{
	if (!visitor->scan->query.z.fine)
		return group->dot[0];
	for (int i = 0; i < VDB_GROUP; i++)
		fine[i] = vdb_fine_inner(group->dot[0][i], group->dot[1][i]);
	return fine;
}

/* The bounds of a group's codes; of bits, the distances themselves. */
static inline uint32
group_bounds(const BatchVisitor *visitor, const IvfGroup *group, float *bounds)
{
	const IvfScan *scan = visitor->scan;
	const IvfLeafFactors *factors = group->factors;
	int32 fine[VDB_GROUP];

	if (scan->bits)
		return scan->state->type->bit_distance->keys(
			group->dot[0], scan->ones, factors->add, visitor->threshold,
			bounds);
	return visitor->kernel->bound_f16(
		group->factors, products(visitor, group, fine), &visitor->bound,
		visitor->threshold, bounds);
}

/* The bounds of a group's codes; those that may count go into the queue. */
static void
collect_candidates(void *arg, const IvfGroup *group)
{
	BatchVisitor *visitor = arg;
	IvfScan *scan = visitor->scan;
	float bounds[VDB_GROUP];
	uint32 mask = group_bounds(visitor, group, bounds);

	for (mask &= group->lanes; mask; mask &= mask - 1)
	{
		int lane = pg_rightmost_one_pos32(mask);
		const IvfSlot *slot = &group->slot[lane];

		if (ItemPointerIsValid(&slot->tid))
			vdb_queue_add(&scan->queue, Max(bounds[lane], scan->least),
						  ItemPointerGetBlockNumberNoCheck(&slot->tid),
						  ItemPointerGetOffsetNumberNoCheck(&slot->tid),
						  (slot->detail & IVF_ROW_TWICE) != 0);
	}
	set_threshold(visitor);
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

/* The codes of the lists from a rank on. */
static void
scan_lists(IndexScanDesc desc, uint32 begin)
{
	IvfScan *scan = desc->opaque;
	IvfReading reading = {
		.queries = {scan->bits ? (const int8 *) scan->bits
							   : scan->query.z.code.hi,
					scan->query.z.code.lo},
		.nqueries = !scan->bits && scan->query.z.fine ? 2 : 1,
		.snapshot = desc->xs_snapshot,
		.select = scan->filter ? select_lanes : NULL,
	};
	BatchVisitor visitor = {
		.scan = scan,
		.kernel = vdb_kernel(),
		.radius = Max(ivf_scan_key(scan, scan->radius.reach),
					  vdb_space_least(scan->state->space, scan->unit)),
	};
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
						&visitor.bound);
		set_threshold(&visitor);
		scan->list = (IvfPassed){0};
		/* By the lists before: are most groups passed over? */
		reading.few = scan->filter && 2 * visitor.codes <= visitor.looked;
		scan->list.rows =
			ivf_list_visit(desc->indexRelation, probe->head, &scan->state->leaf,
						   &reading, collect_candidates, &visitor);
		if (scan->filter == NULL)
			visitor.codes += scan->list.rows;
		if (scan->filter && !scan->queue.resumed)
			ivf_conditions_count(scan, i);
	}
	scan->report.codes += visitor.codes;
}

/* Sketches have errors besides those of codes; bits are as many as they are. */
static const QueueRoom *
queue_room(const IvfState *state)
{
	if (state->type->own)
		return &own_room;
	if (state->meta.padded < TIGHT_DIMENSIONS || state->meta.sketch > 0 ||
		state->meta.bits == 1)
		return &usual_room;
	return &tight_room;
}

static Size
first_limit(const IvfScan *scan)
{
	const QueueRoom *room = queue_room(scan->state);
	double wanted = room->per_answer * scan->ahead;

	if (!scan->ordered && ivf_radius_ends(scan))
		return FIRST_RADIUS_QUEUE_LIMIT;
	return Max(room->least,
			   Min(wanted, scan->settings.memory / sizeof(VdbCandidate)));
}

/* Memory for so many candidates. */
static void
make_room(IvfScan *scan, Size room)
{
	if (room <= scan->items_room)
		return;
	scan->items = repalloc_huge(scan->items, room * sizeof(VdbCandidate));
	scan->items_room = room;
}

static void
reset_queue(IvfScan *scan)
{
	vdb_queue_reset(&scan->queue, scan->items, first_limit(scan));
}

void
ivf_batch_reset(IvfScan *scan)
{
	if (scan->items == NULL)
	{
		scan->items_room = usual_room.least;
		scan->items = MemoryContextAlloc(
			scan->context, scan->items_room * sizeof(VdbCandidate));
	}
	scan->probed = 0;
	scan->nlots = 0;
	ivf_twice_reset(scan->twice);
	/* In lists that are left out, no neighbour passes. */
	scan->depth = Max(FIRST_DEPTH, scan->ahead) *
				  ((double) scan->probes.all / Max(scan->probes.count, 1));
	if (scan->demand && scan->ahead == 0)
		scan->ahead = ivf_demand_expected(scan->demand, 0);
	make_room(scan, first_limit(scan));
	reset_queue(scan);
}

/* Put the lists up to number n, which are sorted, into the queue. */
static void
probe_to(IndexScanDesc desc, uint32 n, IvfReason reason)
{
	IvfScan *scan = desc->opaque;
	Size limit = Max(scan->queue.limit, 2 * scan->queue.count + 4);
	uint32 begin = scan->probed;

	for (int lot = 0; lot < scan->nlots; lot++)
		vdb_queue_raise(&scan->queue, &scan->lots[lot].mark);
	make_room(scan, limit);
	vdb_queue_extend(&scan->queue, scan->items, limit);
	scan->lots[scan->nlots++] = (IvfLot){.begin = begin};
	scan->probed = n;
	scan->report.probes = n;
	scan->report.added[reason].times++;
	scan->report.added[reason].lists += n - begin;
	if (begin == 0)
	{
		scan->report.first_probes = n;
		scan->report.passes = 1;
	}
	scan_lists(desc, begin);
}

/* The first step that is no less than n. */
static double
next_depth(double n)
{
	double decade = FIRST_DEPTH;

	for (;; decade *= 10)
		for (int i = 0; i < (int) lengthof(depth_steps); i++)
			if (decade * depth_steps[i] >= n)
				return decade * depth_steps[i];
}

/*
 * The neighbours that the n-th answer asks for: of those, the share that the
 * conditions let pass are answers.  The share is measured as the scan goes on,
 * so it is not trusted to ask for many more lists at once.
 */
static double
neighbours(IvfScan *scan, double n)
{
	if (scan->filter == NULL)
		return n;
	return Min(Max(n, FIRST_DEPTH) / ivf_pass_rate(scan),
			   scan->depth * MOST_DEEPER);
}

/*
 * More answers are wanted than the lists of now are for: so many as are
 * probably wanted in all, or as the next step has.
 */
static double
look_ahead(IvfScan *scan, uint64 n)
{
	if (scan->demand)
		scan->ahead = ivf_demand_expected(scan->demand, scan->answers.given);
	return neighbours(scan, n <= scan->ahead ? scan->ahead : next_depth(n));
}

/*
 * The next answers ask for lists that are less dense, in steps, so that lists
 * come some at a time.  The last lots are left to ivf_batch_start().
 */
void
ivf_batch_deepen(IndexScanDesc desc, uint64 n)
{
	IvfScan *scan = desc->opaque;
	double wanted = neighbours(scan, Max(n, scan->ahead));
	IvfSettings settings = scan->settings;
	uint32 lists;

	if (wanted <= scan->depth || scan->probed == 0 || ivf_scan_spent(scan) ||
		scan->nlots >= IVF_MOST_LOTS / 2)
		return;
	/* Before the first answer, these lists are still the first ones. */
	if (scan->filter && scan->answers.given == 0)
		settings.iterative_scan = IVF_ITERATIVE_RELAXED;
	if (n > scan->ahead)
		wanted = look_ahead(scan, n);
	scan->depth = scan->filter ? wanted * DEEPER_THAN_ASKED : wanted;
	lists = ivf_probes_deeper(&scan->state->meta, &settings, scan->depth,
							  scan->probed, &scan->probes);
	if (lists > scan->probed)
		probe_to(desc, lists, IVF_FOR_ANSWERS);
}

/*
 * A filter's lists come in steps, so that more may be asked for where those of
 * now are exhausted: before a radius is taken to be searched.
 */
static bool
deepen_radius(IndexScanDesc desc)
{
	IvfScan *scan = desc->opaque;
	uint32 done = scan->probed;

	ivf_batch_deepen(desc, vdb_answers_so_far(&scan->answers) + 1);
	return scan->probed > done;
}

/*
 * A scan that is run to its end, and may not return what comes late, begins
 * with all lists that it may read, as far as nothing else ends it.
 */
static bool
all_at_first(const IvfScan *scan)
{
	return scan->all && !ivf_radius_ends(scan) &&
		   scan->settings.iterative_scan != IVF_ITERATIVE_OFF &&
		   scan->settings.most_fetches == PG_UINT64_MAX;
}

bool
ivf_batch_start(IndexScanDesc desc)
{
	IvfScan *scan = desc->opaque;
	uint32 done = scan->probed;
	uint32 n;

	if (done == 0 && all_at_first(scan))
	{
		n = ivf_probes_most(&scan->settings, scan->probes.count);
		ivf_probes_sort(&scan->probes, n);
	}
	else if (done == 0)
		n = ivf_probes_first(&scan->state->meta, &scan->settings, scan->depth,
							 &scan->probes);
	else
	{
		uint32 limit = ivf_probes_most(&scan->settings, scan->probes.count);

		if (ivf_radius_ends(scan) && deepen_radius(desc))
			return true;
		if (scan->settings.iterative_scan == IVF_ITERATIVE_OFF ||
			done >= limit ||
			scan->report.fetches >= scan->settings.most_fetches ||
			(ivf_radius_ends(scan) && ivf_radius_complete(scan)))
			return false;
		n = Min(done * 2, limit);
		ivf_probes_sort(&scan->probes, n);
	}
	if (n == 0)
		return false;
	probe_to(desc, n, done == 0 ? IVF_FOR_FIRST : IVF_FOR_EXHAUSTED);
	return true;
}

/* Bring entries that had no room in the queue, with more room. */
void
ivf_batch_resume(IndexScanDesc desc)
{
	IvfScan *scan = desc->opaque;
	Size most =
		Max(scan->settings.memory / sizeof(VdbCandidate), first_limit(scan));
	Size room =
		Max(Min(scan->queue.limit * QUEUE_GROWTH, most), scan->queue.count * 2);

	room = Max(room, scan->queue.limit);
	make_room(scan, room);
	vdb_queue_resume(&scan->queue, scan->items, room);
	scan->report.passes++;
	scan_lists(desc, 0);
}
