/*
 * ranked.c: see ranked.h.
 *
 * The queue (math/queue.h) hands out the candidate of the least bound; its
 * row's exact distance goes back, and what is exact and least is the next
 * answer, which waits for some others (math/answers.h) before it is returned.
 */
#include "compat.h"

#include <math.h>

#include "ivf/scan/batch.h"
#include "ivf/scan/bulk.h"
#include "ivf/scan/radius.h"
#include "ivf/scan/ranked.h"
#include "ivf/scan/twins.h"
#include "miscadmin.h"
#include "utils/memutils.h"

/* Answers that there is room for at first, half of which may wait. */
#define ANSWERS_ROOM 256

/* How many times larger it gets where answers are sorted. */
#define ANSWERS_GROWTH 4

/* Rows whose pages are asked for before they are fetched. */
#define ROWS_AHEAD 4

/*
 * From disk: where nobody knows how many will be wanted, before rows tell how
 * far they are from their bounds, for each answer that is wanted, and at most.
 */
#define ROWS_AHEAD_OF_DISK 32
#define ROWS_AN_ANSWER 2
#define MOST_ROWS_AHEAD 128

/* After the first rows, which tell how far, one look ahead for so many. */
#define ROWS_A_LOOK 4

void
ivf_ranked_reset(IvfScan *scan)
{
	if (scan->waiting == NULL)
	{
		scan->waiting_room = ANSWERS_ROOM;
		scan->waiting = MemoryContextAlloc(scan->context,
										   ANSWERS_ROOM * sizeof(VdbCandidate));
	}
	scan->rows_from_disk = false;
	scan->slack = (IvfSlack){0};
	scan->twins = (IvfTwins){.count = 0};
	ivf_bulk_reset(scan);
	vdb_answers_reset(&scan->answers, scan->waiting, scan->waiting_room,
					  scan->bound, scan->sorted);
}

/* Ask for the row of an entry; false where it comes from disk. */
static bool
ask_row(IvfScan *scan, VdbCandidate *entry)
{
	entry->prefetched = true;
	return vdb_fetch_ahead(ivf_refiner_fetch(scan->refiner), entry->high,
						   entry->low);
}

/* Has the entry a row to fetch, as far as is known? */
static inline bool
has_row(const VdbCandidate *entry)
{
	return (!entry->exact || entry->assumed) &&
		   entry->high != InvalidBlockNumber;
}

/*
 * How many entries will be taken: those before the last answer that is wanted,
 * whose place follows from how far rows are from their bounds.
 */
typedef struct Reach
{
	uint64 wanted;	/* answers; 0: nobody knows */
	uint64 answers; /* that are probably nearer than the entry of now */
	size_t bounds;	/* entries before this one were looked at for them */
	double slack;
} Reach;

/* Is entry number i, of those in order, beyond the last answer? */
static bool
is_beyond(const IvfScan *scan, Reach *reach, size_t i)
{
	const VdbCandidate *entry = vdb_queue_ahead(&scan->queue, i);

	if (reach->wanted == 0)
		return i >= ROWS_AHEAD_OF_DISK;
	if (scan->slack.count == 0)
		return i >= ROWS_AHEAD + ROWS_AN_ANSWER * reach->wanted;
	for (; reach->bounds < i; reach->bounds++)
	{
		const VdbCandidate *nearer =
			vdb_queue_ahead(&scan->queue, reach->bounds);

		if (!nearer->exact && nearer->key + reach->slack >= entry->key)
			break;
		reach->answers += !nearer->exact;
	}
	if (reach->answers >= reach->wanted)
		return true;
	reach->answers += entry->exact;
	return false;
}

/*
 * The mean is that of all rows; the answers are among those that are nearer
 * than they seemed, so it is a standard error less for them.
 */
static double
likely_slack(const IvfScan *scan)
{
	double part = Max(1 - 1 / scan->epsilon, 0);

	return scan->slack.count > 0 ? scan->slack.sum / scan->slack.count * part
								 : 0;
}

/* Ask for all rows that will probably be fetched, some of which are on disk. */
static void
ask_disk(IvfScan *scan)
{
	uint64 certain = vdb_answers_so_far(&scan->answers);
	Reach reach = {.wanted = certain < scan->bound ? scan->bound - certain : 0,
				   .slack = likely_slack(scan)};

	vdb_queue_sort(&scan->queue);
	for (size_t i = 0; i < MOST_ROWS_AHEAD; i++)
	{
		VdbCandidate *entry = vdb_queue_ahead(&scan->queue, i);

		if (entry == NULL || is_beyond(scan, &reach, i))
			return;
		if (has_row(entry) && !entry->prefetched)
			ask_row(scan, entry);
	}
}

/*
 * Ask for the rows that will probably be fetched next: for all of them when
 * one turns out to come from disk.
 */
static void
look_ahead(IvfScan *scan)
{
	for (int i = 0; i < ROWS_AHEAD && !scan->rows_from_disk; i++)
	{
		VdbCandidate *next = vdb_queue_ahead(&scan->queue, i);

		if (next == NULL)
			return;
		if (!has_row(next))
			continue;
		if (!next->prefetched)
			scan->rows_from_disk = !ask_row(scan, next);
		else if (i == 0)
			vdb_fetch_next(ivf_refiner_fetch(scan->refiner), next->high,
						   next->low);
	}
	if (scan->rows_from_disk && (scan->slack.count <= ROWS_A_LOOK ||
								 scan->slack.count % ROWS_A_LOOK == 0))
		ask_disk(scan);
}

static inline void
count_slack(IvfSlack *slack, double bound, double key)
{
	if (!isfinite(key - bound))
		return;
	slack->sum += key - bound;
	slack->count++;
}

/* The exact distance of a candidate, if its row is visible. */
static void
refine(IndexScanDesc desc, const VdbCandidate *candidate)
{
	IvfScan *scan = desc->opaque;
	ItemPointerData tid;
	double distance;
	double key;

	CHECK_FOR_INTERRUPTS();
	ivf_refiner_require_row(scan->refiner, desc->indexRelation, candidate->high,
							candidate->low);
	ItemPointerSet(&tid, candidate->high, candidate->low);
	look_ahead(scan);
	scan->report.fetches++;
	if (!ivf_refine(scan->refiner, &tid, &distance))
	{
		scan->report.invisible++;
		return;
	}
	key = ivf_scan_key(scan, distance);
	if (!candidate->exact)
	{
		ivf_count_twin(&scan->twins, candidate->key, key);
		count_slack(&scan->slack, candidate->key, key);
	}
	if (distance <= scan->radius.reach)
		vdb_queue_refined(&scan->queue, candidate, key);
}

static void
assume(IvfScan *scan, const VdbCandidate *candidate)
{
	CHECK_FOR_INTERRUPTS();
	vdb_queue_assumed(&scan->queue, candidate, scan->twins.distance);
}

/*
 * Let an answer wait.  Only sorted ones, of which all may have to, can fill the
 * room; they get more of it within the memory of the
 * settings.
 */
static void
add_answer(IvfScan *scan, const VdbCandidate *answer)
{
	Size most = scan->settings.memory / sizeof(VdbCandidate);
	Size room = Min(scan->waiting_room * ANSWERS_GROWTH, most);

	vdb_answers_add(&scan->answers, answer);
	if (!vdb_answers_full(&scan->answers) || room <= scan->waiting_room)
		return;
	scan->waiting = repalloc_huge(scan->waiting, room * sizeof(VdbCandidate));
	scan->waiting_room = room;
	vdb_answers_enlarge(&scan->answers, scan->waiting, room);
}

/*
 * A candidate whose bound is its distance: the server will see for itself
 * whether its row is visible.
 */
static void
add_exact(IndexScanDesc desc, const VdbCandidate *candidate)
{
	IvfScan *scan = desc->opaque;

	CHECK_FOR_INTERRUPTS();
	ivf_refiner_require_row(scan->refiner, desc->indexRelation, candidate->high,
							candidate->low);
	look_ahead(scan);
	add_answer(scan, candidate);
}

/*
 * The number of the next answer.  Of the rows within a radius the share was
 * found that the target promises, and the others count as well.
 */
static uint64
next_number(const IvfScan *scan)
{
	uint64 number = vdb_answers_so_far(&scan->answers) + 1;

	return ivf_radius_ends(scan) ? number / scan->settings.target_recall
								 : number;
}

/* Do what is next with these lists; false where they have nothing more. */
static bool
advance(IndexScanDesc desc)
{
	IvfScan *scan = desc->opaque;
	VdbCandidate candidate;
	Size wanted;

	ivf_batch_deepen(desc, next_number(scan));
	switch (vdb_queue_take(&scan->queue, &candidate))
	{
		case VDB_TAKE_REFINE:
			if (ivf_scan_spent(scan))
				return true;
			if (candidate.twice &&
				ivf_twice_met(&scan->twice, scan->context, &candidate))
				return true;
			if (scan->bits)
				add_exact(desc, &candidate);
			else if (ivf_is_twin(scan, &candidate))
				assume(scan, &candidate);
			else if ((wanted = ivf_bulk_wanted(scan)) > 0)
				ivf_bulk_refine(desc, &candidate, wanted);
			else
				refine(desc, &candidate);
			return true;
		case VDB_TAKE_ANSWER:
			if (!candidate.assumed)
				add_answer(scan, &candidate);
			else if (!ivf_scan_spent(scan))
				refine(desc, &candidate);
			return true;
		case VDB_TAKE_RESUME:
			if (ivf_scan_spent(scan))
				break;
			ivf_batch_resume(desc);
			return true;
		case VDB_TAKE_END:
			break;
	}
	return false;
}

/*
 * Answers still wait when their lists are exhausted: for those of others?  They
 * may as well where the caller wants more of them than there are.
 */
static bool
keeps_order(const IvfScan *scan)
{
	bool strict =
		scan->sorted && scan->settings.iterative_scan == IVF_ITERATIVE_STRICT;

	return (strict || scan->answers.given < scan->bound) &&
		   !vdb_answers_ready(&scan->answers);
}

bool
ivf_ranked_next(IndexScanDesc desc, ItemPointer tid)
{
	IvfScan *scan = desc->opaque;
	VdbCandidate answer;
	bool more = true;

	for (;;)
	{
		while (!vdb_answers_ready(&scan->answers) && advance(desc))
			;
		if (scan->answers.count > 0 && (!keeps_order(scan) || !more))
			break;
		more = ivf_batch_start(desc);
		if (!more && scan->answers.count == 0)
			return false;
	}
	answer = vdb_answers_take(&scan->answers);
	ItemPointerSet(tid, answer.high, answer.low);
	if (scan->bits)
		scan->report.fetches++;
	else
		vdb_fetch_hand_over(ivf_refiner_fetch(scan->refiner),
							desc->xs_heapfetch, tid);
	return true;
}
