/*
 * batch.c: see batch.h.
 */
#include "compat.h"

#include "ivf/scan/batch.h"
#include "ivf/scan/collect.h"
#include "ivf/scan/conditions.h"
#include "ivf/scan/probes.h"
#include "ivf/scan/radius.h"
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

double
ivf_batch_wanted(const IvfScan *scan)
{
	const IvfMetaPage *meta = &scan->state->meta;

	if (scan->all || !scan->ordered)
		return meta->lists;
	return ivf_probed_share(meta, &scan->settings,
							Max(FIRST_DEPTH, scan->ahead)) *
		   meta->lists;
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

/* The lists from a rank on, up to those that are probed, can be read. */
static void
require_lists(IndexScanDesc desc, uint32 begin)
{
	const IvfScan *scan = desc->opaque;
	BlockNumber most = 0;

	for (uint32 rank = begin; rank < scan->probed; rank++)
		most = Max(most, ivf_nth_probe(&scan->probes, rank)->head);
	ivf_tree_require_leaf(desc->indexRelation, most);
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
	require_lists(desc, begin);
	ivf_collect_lists(desc, begin);
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
	ivf_collect_lists(desc, 0);
}
