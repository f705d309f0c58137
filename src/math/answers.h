/*
 * answers.h: certain answers that wait for others before they are given away.
 *
 * The queue's bounds are probable, not certain: now and then a row turns out to
 * be nearer than one that is the answer already.  If that one was not given
 * away yet, no harm is done.  So answers wait in order until some more are
 * certain (vdb_answers_certain() says how many), and rows that come late take
 * their place among them.  A caller who wants ten rows leaves when he has them,
 * and what is found after that is late for nobody: that is why all answers of a
 * block, which ends at a number that people ask for, wait for the block's end.
 * If it is known how many he wants, these are one block.
 *
 * What comes too late in spite of that is given away next, or, if answers are
 * to be sorted whatever happens, left out.
 */
#ifndef VECDB_ANSWERS_H
#define VECDB_ANSWERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "math/queue.h"

typedef struct VdbAnswers
{
	VdbCandidate *items; /* the caller's memory: room for "room" */
	size_t room;
	size_t count;	 /* that wait, some of them ... */
	size_t heap;	 /* ... as a heap: what came after a farther one; */
	size_t first;	 /* the others, in order, from items[first] on */
	bool sorted;	 /* what is late is left out */
	uint64_t bound;	 /* all that the caller wants, if above 0 */
	uint64_t given;	 /* away */
	double farthest; /* of these */
	uint64_t late;	 /* nearer than the farthest that was given away */
} VdbAnswers;

/*
 * How many answers have to be certain before number n, counted from 1, is given
 * away, to a caller who wants "bound" of them (0: nobody knows); never fewer
 * for a greater n.
 */
extern uint64_t vdb_answers_certain(uint64_t n, uint64_t bound, bool sorted);

/* Answers that are certain, given away or not. */
static inline uint64_t
vdb_answers_so_far(const VdbAnswers *answers)
{
	return answers->given + answers->count;
}

/* Nothing waits, nothing was given away. */
extern void vdb_answers_reset(VdbAnswers *answers, VdbCandidate *items,
							  size_t room, uint64_t bound, bool sorted);

/*
 * Half of the room is in use: with no more (vdb_answers_enlarge), the next
 * answer is given away even if it should wait.
 */
static inline bool
vdb_answers_full(const VdbAnswers *answers)
{
	return answers->count >= answers->room / 2;
}

/* Go on in a larger array, to whose start the caller copied the smaller one. */
extern void vdb_answers_enlarge(VdbAnswers *answers, VdbCandidate *items,
								size_t room);

/* Add the queue's next answer; there must be room. */
extern void vdb_answers_add(VdbAnswers *answers, const VdbCandidate *answer);

/*
 * May the next answer be given away?  If the queue has no more, the caller need
 * not ask.
 */
static inline bool
vdb_answers_ready(const VdbAnswers *answers)
{
	return answers->count > 0 &&
		   (vdb_answers_full(answers) ||
			vdb_answers_so_far(answers) >=
				vdb_answers_certain(answers->given + 1, answers->bound,
									answers->sorted));
}

/* Give the next answer away; there must be one. */
extern VdbCandidate vdb_answers_take(VdbAnswers *answers);

#endif /* VECDB_ANSWERS_H */
