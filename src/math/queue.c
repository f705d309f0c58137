/*
 * queue.c: the lazy best-first queue of a scan.
 *
 * A scan adds far more than it takes: thousands of codes, then a few dozen
 * rows.  So add() only appends, and take() moves no more into a binary heap
 * than it needs: a chunk of the least entries, found by partitioning, and
 * when these are used up a chunk twice as large.  When the array is full, a
 * partition keeps about the least half of the bounds: linear work for half as
 * many additions.
 *
 * Between the passes the array holds exact entries only: take() asks for a
 * further pass at the first entry beyond the cut, and all bounds that were
 * kept are up to the cut.  What is added while there is a heap goes into it if
 * it comes before the fence, behind which all the others are.
 */
#include "math/queue.h"

#include <math.h>
#include <string.h>

#include "math/candidates.h"
#include "math/rng.h"

/* Entries in the first chunk: what a small LIMIT refines. */
#define FIRST_CHUNK 128

/* Entries of the heap that are sorted where they lie. */
#define MOST_SORTED 1024

/* Most entries to look at for the pivot of a chunk. */
#define MOST_SAMPLES 64

_Static_assert(sizeof(VdbCandidate) == 16, "four candidates to a cache line");

void
vdb_queue_reset(VdbQueue *queue, VdbCandidate *items, size_t limit)
{
	*queue = (VdbQueue){.items = items, .limit = limit, .chunk = FIRST_CHUNK};
}

float
vdb_queue_threshold(const VdbQueue *queue)
{
	/* the cut is a bound, which came as a float */
	return queue->truncated ? (float) queue->cut.key : INFINITY;
}

/* Exact entries to the front, where there may be a heap; returns how many. */
static size_t
exact_to_front(VdbQueue *queue)
{
	size_t exact = 0;

	for (size_t i = 0; i < queue->count; i++)
		if (queue->items[i].exact)
			vdb_candidate_swap(&queue->items[exact++], &queue->items[i]);
	return exact;
}

/* Let the greater half of the bounds go, more or less. */
static void
truncate_bounds(VdbQueue *queue)
{
	size_t exact = exact_to_front(queue);
	VdbCandidate *bounds = queue->items + exact;
	size_t n;

	queue->heap = 0;
	queue->chunk = FIRST_CHUNK;
	n = queue->count - exact;
	queue->count = exact + vdb_candidates_partition(
							   bounds, n, vdb_candidates_middle(bounds, n));
	queue->truncated = true;
	queue->cut = queue->items[exact];
	for (size_t i = exact + 1; i < queue->count; i++)
		if (vdb_candidate_before(&queue->cut, &queue->items[i]))
			queue->cut = queue->items[i];
}

/* Neither beyond the cut nor brought by an earlier pass. */
static inline bool
wanted(const VdbQueue *queue, const VdbCandidate *item)
{
	if (queue->truncated && item->key >= queue->cut.key &&
		vdb_candidate_before(&queue->cut, item))
		return false;
	return !queue->resumed || vdb_candidate_before(&queue->after, item);
}

/* Move the entry at "i" up to its place. */
static void
sift_up(VdbCandidate *items, size_t i)
{
	VdbCandidate item = items[i];

	while (i > 0 && vdb_candidate_before(&item, &items[(i - 1) / 2]))
	{
		items[i] = items[(i - 1) / 2];
		i = (i - 1) / 2;
	}
	items[i] = item;
}

/* Make room behind the heap and put the entry there; then it moves up. */
static void
push(VdbQueue *queue, const VdbCandidate *item)
{
	queue->items[queue->count++] = queue->items[queue->heap];
	queue->items[queue->heap] = *item;
	sift_up(queue->items, queue->heap++);
}

void
vdb_queue_add(VdbQueue *queue, float bound, uint32_t high, uint16_t low,
			  bool twice)
{
	VdbCandidate item = {.key = isnan(bound) ? -INFINITY : bound,
						 .high = high,
						 .low = low,
						 .twice = twice};

	if (!wanted(queue, &item))
		return;
	if (queue->count == queue->limit)
	{
		truncate_bounds(queue);
		if (!wanted(queue, &item))
			return;
	}
	if (queue->heap > 0 && vdb_candidate_before(&item, &queue->fence))
		push(queue, &item);
	else
		queue->items[queue->count++] = item;
}

/* Move the entry at "i" down to its place among "count". */
static void
sift_down(VdbCandidate *items, size_t count, size_t i)
{
	VdbCandidate item = items[i];

	for (;;)
	{
		size_t child = 2 * i + 1;

		if (child >= count)
			break;
		if (child + 1 < count &&
			vdb_candidate_before(&items[child + 1], &items[child]))
			child++;
		if (!vdb_candidate_before(&items[child], &item))
			break;
		items[i] = items[child];
		i = child;
	}
	items[i] = item;
}

/*
 * Move about a chunk of the least entries from the others into the heap.  How
 * many it is does not matter, so a partition or two will do: since few
 * entries come before the pivot, these are quick passes.
 */
static void
move_chunk(VdbQueue *queue)
{
	VdbCandidate *others = queue->items + queue->heap;
	size_t n = queue->count - queue->heap;
	VdbRng rng = {n};

	while (n / 2 > queue->chunk)
	{
		size_t samples = n / queue->chunk;

		if (samples > MOST_SAMPLES)
			samples = MOST_SAMPLES;
		n = vdb_candidates_partition(
			others, n, vdb_candidates_least(others, n, samples, &rng));
	}
	queue->fence = others[0];
	for (size_t i = 0; i < n; i++)
	{
		if (vdb_candidate_before(&queue->fence, &queue->items[queue->heap]))
			queue->fence = queue->items[queue->heap];
		sift_up(queue->items, queue->heap++);
	}
	queue->chunk *= 2;
}

/* Whether the top of the heap comes before all that is outside of it. */
static inline bool
top_is_least(const VdbQueue *queue)
{
	if (queue->heap == queue->count)
		return true;
	return queue->heap > 0 &&
		   !vdb_candidate_before(&queue->fence, &queue->items[0]);
}

/* Remove the top; the last of the others moves into the gap before them. */
static void
pop(VdbQueue *queue)
{
	VdbCandidate *items = queue->items;

	items[0] = items[--queue->heap];
	items[queue->heap] = items[--queue->count];
	if (queue->heap > 1)
		sift_down(items, queue->heap, 0);
}

VdbTake
vdb_queue_take(VdbQueue *queue, VdbCandidate *out)
{
	while (!top_is_least(queue))
		move_chunk(queue);
	if (queue->count == 0)
		return queue->truncated ? VDB_TAKE_RESUME : VDB_TAKE_END;

	/* what was let go has no bound up to the cut, so nothing can come first */
	if (queue->truncated && vdb_candidate_before(&queue->cut, &queue->items[0]))
		return VDB_TAKE_RESUME;
	*out = queue->items[0];
	pop(queue);
	if (out->exact)
		return VDB_TAKE_ANSWER;
	queue->taken = (VdbMark){true, *out};
	return VDB_TAKE_REFINE;
}

/* A sorted array is a heap, too, and taking from it leaves it nearly sorted. */
void
vdb_queue_sort(VdbQueue *queue)
{
	VdbCandidate *items = queue->items;

	if (queue->heap > MOST_SORTED)
		return;
	for (size_t i = 1; i < queue->heap; i++)
	{
		VdbCandidate item = items[i];
		size_t place = i;

		for (; place > 0 && vdb_candidate_before(&item, &items[place - 1]);
			 place--)
			items[place] = items[place - 1];
		items[place] = item;
	}
}

static void
push_exact(VdbQueue *queue, const VdbCandidate *entry, double distance,
		   bool assumed)
{
	VdbCandidate item = {.key = isnan(distance) ? NAN : distance,
						 .high = entry->high,
						 .low = entry->low,
						 .exact = true,
						 .assumed = assumed,
						 .prefetched = !assumed};

	push(queue, &item);
}

void
vdb_queue_refined(VdbQueue *queue, const VdbCandidate *entry, double distance)
{
	push_exact(queue, entry, distance, false);
}

void
vdb_queue_assumed(VdbQueue *queue, const VdbCandidate *entry, double distance)
{
	push_exact(queue, entry, distance, true);
}

void
vdb_queue_return(VdbQueue *queue, const VdbCandidate *exact)
{
	push(queue, exact);
}

static inline bool
is_beyond(const VdbCandidate *last, const VdbMark *mark)
{
	return mark->any && vdb_candidate_before(last, &mark->last);
}

void
vdb_queue_raise(const VdbQueue *queue, VdbMark *mark)
{
	if (!mark->any || is_beyond(&mark->last, &queue->taken))
		*mark = queue->taken;
}

void
vdb_queue_extend(VdbQueue *queue, VdbCandidate *items, size_t limit)
{
	queue->items = items;
	queue->limit = limit;
	queue->resumed = false;
	queue->taken = (VdbMark){0};
}

void
vdb_queue_resume(VdbQueue *queue, VdbCandidate *items, size_t limit)
{
	queue->items = items;
	queue->limit = limit;
	queue->heap = 0;
	queue->chunk = FIRST_CHUNK;
	queue->truncated = false;
	queue->resumed = true;
	queue->after = queue->last_cut = queue->cut;
}

void
vdb_queue_resume_at(VdbQueue *queue, const VdbMark *mark)
{
	queue->after =
		is_beyond(&queue->last_cut, mark) ? mark->last : queue->last_cut;
}
