/*
 * answers.c: see answers.h.
 *
 * What is certain comes in order, but for a few that come after a farther one.
 * Those in order lie in the array as they came; the others are a heap at its
 * end, so that each costs a few steps however many wait.
 */
#include "math/answers.h"

#include <math.h>
#include <string.h>

/*
 * The first blocks, found by trying: with longer ones, a search for one row,
 * for five or for ten gets slower by more than a twentieth.
 */
static const struct
{
	uint64_t end;
	uint64_t certain; /* before any of the block's is given away */
} first_blocks[] = {{1, 2}, {5, 7}, {10, 10}};

/* Further blocks are of so many. */
#define BLOCK 10

/* A block waits for a tenth more than its end, but for so many at most. */
#define MORE_SHARE 10
#define MOST_MORE 64

/*
 * A sorted scan that goes on beyond so many answers will probably be run to its
 * end, where each row that was left out would be missed.  Waiting for four
 * times as many is worth 1.7 standard errors, and becomes waiting for all.
 */
#define SORTED_FAR 100
#define SORTED_TIMES 4

uint64_t
vdb_answers_certain(uint64_t n, uint64_t bound, bool sorted)
{
	uint64_t end = (n + BLOCK - 1) / BLOCK * BLOCK;
	uint64_t more = end / MORE_SHARE;
	uint64_t last = n < bound ? bound : n;

	for (size_t i = 0; i < sizeof(first_blocks) / sizeof(first_blocks[0]); i++)
		if (last <= first_blocks[i].end)
			return first_blocks[i].certain;
	if (n <= bound)
		return bound;
	if (sorted && n > SORTED_FAR)
		return SORTED_TIMES * end;
	return end + (more < MOST_MORE ? more : MOST_MORE);
}

void
vdb_answers_reset(VdbAnswers *answers, VdbCandidate *items, size_t room,
				  uint64_t bound, bool sorted)
{
	*answers = (VdbAnswers){.items = items,
							.room = room,
							.bound = bound,
							.sorted = sorted,
							.farthest = -INFINITY};
}

/* In the order of SQL: a NaN after all others. */
static inline bool
is_farther(double a, double b)
{
	return a > b || (isnan(a) && !isnan(b));
}

/* The heap ---------------------------------------------------------------- */

/* Its entries, the nearest one first, from the end of the room downwards. */
static inline VdbCandidate *
heap_entry(const VdbAnswers *answers, size_t i)
{
	return &answers->items[answers->room - 1 - i];
}

/* By distance, then by id, so that the order hangs on nothing else. */
static inline bool
before(const VdbCandidate *a, const VdbCandidate *b)
{
	uint64_t x = (uint64_t) a->high << 16 | a->low;
	uint64_t y = (uint64_t) b->high << 16 | b->low;

	return is_farther(b->key, a->key) || (!is_farther(a->key, b->key) && x < y);
}

static void
push(VdbAnswers *answers, const VdbCandidate *answer)
{
	size_t i = answers->heap++;

	for (; i > 0 && before(answer, heap_entry(answers, (i - 1) / 2));
		 i = (i - 1) / 2)
		*heap_entry(answers, i) = *heap_entry(answers, (i - 1) / 2);
	*heap_entry(answers, i) = *answer;
}

static VdbCandidate
pop(VdbAnswers *answers)
{
	VdbCandidate top = *heap_entry(answers, 0);
	VdbCandidate last = *heap_entry(answers, --answers->heap);
	size_t i = 0;

	for (;;)
	{
		size_t child = 2 * i + 1;

		if (child + 1 < answers->heap &&
			before(heap_entry(answers, child + 1), heap_entry(answers, child)))
			child++;
		if (child >= answers->heap ||
			!before(heap_entry(answers, child), &last))
			break;
		*heap_entry(answers, i) = *heap_entry(answers, child);
		i = child;
	}
	*heap_entry(answers, i) = last;
	return top;
}

/* Adding and taking ------------------------------------------------------- */

void
vdb_answers_enlarge(VdbAnswers *answers, VdbCandidate *items, size_t room)
{
	memmove(items + room - answers->heap, items + answers->room - answers->heap,
			answers->heap * sizeof(VdbCandidate));
	answers->items = items;
	answers->room = room;
}

/* How many wait in the order in which they came. */
static inline size_t
in_order(const VdbAnswers *answers)
{
	return answers->count - answers->heap;
}

void
vdb_answers_add(VdbAnswers *answers, const VdbCandidate *answer)
{
	size_t run = in_order(answers);

	if (is_farther(answers->farthest, answer->key))
	{
		answers->late++;
		if (answers->sorted)
			return;
	}
	if (answers->first + answers->count == answers->room)
	{
		memmove(answers->items, answers->items + answers->first,
				run * sizeof(VdbCandidate));
		answers->first = 0;
	}
	if (run > 0 &&
		is_farther(answers->items[answers->first + run - 1].key, answer->key))
		push(answers, answer);
	else
		answers->items[answers->first + run] = *answer;
	answers->count++;
}

VdbCandidate
vdb_answers_take(VdbAnswers *answers)
{
	const VdbCandidate *next = &answers->items[answers->first];
	VdbCandidate answer;

	if (answers->heap > 0 &&
		(in_order(answers) == 0 ||
		 is_farther(next->key, heap_entry(answers, 0)->key)))
		answer = pop(answers);
	else
	{
		answer = *next;
		answers->first++;
	}
	answers->count--;
	answers->given++;
	if (is_farther(answer.key, answers->farthest))
		answers->farthest = answer.key;
	return answer;
}
