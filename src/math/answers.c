/*
 * answers.c: see answers.h.
 *
 * What is certain comes in order but for the late ones, so that a place is
 * found from the end of the array in a step or two.
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

void
vdb_answers_enlarge(VdbAnswers *answers, VdbCandidate *items, size_t room)
{
	answers->items = items;
	answers->room = room;
}

/* In the order of SQL: a NaN after all others. */
static inline bool
is_farther(double a, double b)
{
	return a > b || (isnan(a) && !isnan(b));
}

void
vdb_answers_add(VdbAnswers *answers, const VdbCandidate *answer)
{
	VdbCandidate *waiting;
	size_t place = answers->count;

	if (is_farther(answers->farthest, answer->key))
	{
		answers->late++;
		if (answers->sorted)
			return;
	}
	if (answers->first + answers->count == answers->room)
	{
		memmove(answers->items, answers->items + answers->first,
				answers->count * sizeof(VdbCandidate));
		answers->first = 0;
	}
	waiting = answers->items + answers->first;
	while (place > 0 && is_farther(waiting[place - 1].key, answer->key))
		place--;
	memmove(waiting + place + 1, waiting + place,
			(answers->count - place) * sizeof(VdbCandidate));
	waiting[place] = *answer;
	answers->count++;
}

VdbCandidate
vdb_answers_take(VdbAnswers *answers)
{
	VdbCandidate answer = answers->items[answers->first++];

	answers->count--;
	answers->given++;
	if (is_farther(answer.key, answers->farthest))
		answers->farthest = answer.key;
	return answer;
}
