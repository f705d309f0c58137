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

#include "math/rng.h"

/* Entries in the first chunk: what a small LIMIT refines. */
#define FIRST_CHUNK 128

/*
 * Entries to look at for the middle: what stays of 512 is between 75 and 437
 * of them in all but one of a thousand cases.
 */
#define MIDDLE_SAMPLES 15

/* Most entries to look at for the pivot of a chunk. */
#define MOST_SAMPLES 64

_Static_assert(sizeof(VdbCandidate) == 16, "four candidates to a cache line");

/*
 * The total order: by key, a NaN (which only an exact distance can be) after
 * all others as in SQL, then exact ones first, then by id.  In integers and
 * without a branch, since
 * half of the branches would be mispredicted: the bits of a float, the
 * magnitude's turned over where it is negative, order like an integer.
 */
typedef struct Rank
{
	int64_t key;
	uint64_t id;
} Rank;

static inline Rank
rank_of(const VdbCandidate *item)
{
	Rank rank;

	memcpy(&rank.key, &item->key, sizeof(rank.key));
	rank.key ^= (rank.key >> 63) & INT64_MAX;
	rank.id =
		(uint64_t) !item->exact << 48 | (uint64_t) item->high << 16 | item->low;
	return rank;
}

static inline bool
is_less(Rank a, Rank b)
{
	return (a.key < b.key) | ((a.key == b.key) & (a.id < b.id));
}

static inline bool
before(const VdbCandidate *a, const VdbCandidate *b)
{
	return is_less(rank_of(a), rank_of(b));
}

/*
 * Whole words: an entry written field by field and read as a whole soon after
 * would wait until all of its fields have reached the cache.
 */
static inline void
swap(VdbCandidate *a, VdbCandidate *b)
{
	uint64_t x[2];
	uint64_t y[2];

	memcpy(x, a, sizeof(x));
	memcpy(y, b, sizeof(y));
	memcpy(a, y, sizeof(y));
	memcpy(b, x, sizeof(x));
}

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

/*
 * Partition around an entry of the range: returns m with 0 < m < n such that
 * none of items[0 .. m) comes after any of items[m .. n).  Every entry is
 * swapped, without a branch (Lomuto's scheme).
 */
static size_t
partition(VdbCandidate *items, size_t n, size_t pivot)
{
	Rank rank = rank_of(&items[pivot]);
	size_t m = 0;

	swap(&items[0], &items[pivot]);
	for (size_t i = 1; i < n; i++)
	{
		bool less = is_less(rank_of(&items[i]), rank);

		swap(&items[i], &items[m + 1]);
		m += less;
	}

	/* m entries come before the pivot, which belongs behind them */
	swap(&items[0], &items[m]);
	return m > 0 ? m : 1;
}

/*
 * The number of the middle one of some random entries.  Lists come in patterns
 * (sorted runs, say), which entries at fixed places would fall for.
 */
static size_t
middle_of_sample(const VdbCandidate *items, size_t n)
{
	VdbRng rng = {n};
	size_t sample[MIDDLE_SAMPLES];

	for (int i = 0; i < MIDDLE_SAMPLES; i++)
	{
		size_t entry = vdb_rng_below(&rng, n);
		int j = i;

		for (; j > 0 && before(&items[entry], &items[sample[j - 1]]); j--)
			sample[j] = sample[j - 1];
		sample[j] = entry;
	}
	return sample[MIDDLE_SAMPLES / 2];
}

/* Exact entries to the front, where there may be a heap; returns how many. */
static size_t
exact_to_front(VdbQueue *queue)
{
	size_t exact = 0;

	for (size_t i = 0; i < queue->count; i++)
		if (queue->items[i].exact)
			swap(&queue->items[exact++], &queue->items[i]);
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
	queue->count = exact + partition(bounds, n, middle_of_sample(bounds, n));
	queue->truncated = true;
	queue->cut = queue->items[exact];
	for (size_t i = exact + 1; i < queue->count; i++)
		if (before(&queue->cut, &queue->items[i]))
			queue->cut = queue->items[i];
}

/* Neither beyond the cut nor brought by an earlier pass. */
static inline bool
wanted(const VdbQueue *queue, const VdbCandidate *item)
{
	if (queue->truncated && item->key >= queue->cut.key &&
		before(&queue->cut, item))
		return false;
	return !queue->resumed || before(&queue->after, item);
}

/* Move the entry at "i" up to its place. */
static void
sift_up(VdbCandidate *items, size_t i)
{
	VdbCandidate item = items[i];

	while (i > 0 && before(&item, &items[(i - 1) / 2]))
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
	if (queue->heap > 0 && before(&item, &queue->fence))
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
		if (child + 1 < count && before(&items[child + 1], &items[child]))
			child++;
		if (!before(&items[child], &item))
			break;
		items[i] = items[child];
		i = child;
	}
	items[i] = item;
}

/* The least of "samples" random entries: near the share 1 / (samples + 1). */
static size_t
least_of_sample(const VdbCandidate *items, size_t n, size_t samples,
				VdbRng *rng)
{
	size_t least = vdb_rng_below(rng, n);

	while (--samples > 0)
	{
		size_t other = vdb_rng_below(rng, n);

		if (before(&items[other], &items[least]))
			least = other;
	}
	return least;
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
		n = partition(others, n, least_of_sample(others, n, samples, &rng));
	}
	queue->fence = others[0];
	for (size_t i = 0; i < n; i++)
	{
		if (before(&queue->fence, &queue->items[queue->heap]))
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
	return queue->heap > 0 && !before(&queue->fence, &queue->items[0]);
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
	if (queue->truncated && before(&queue->cut, &queue->items[0]))
		return VDB_TAKE_RESUME;
	*out = queue->items[0];
	pop(queue);
	if (out->exact)
		return VDB_TAKE_ANSWER;
	queue->taken = (VdbMark){true, *out};
	return VDB_TAKE_REFINE;
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
	return mark->any && before(last, &mark->last);
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
