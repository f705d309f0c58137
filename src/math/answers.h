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
	size_t first; /* items[first .. first + count) wait, in order */
	size_t count;
	bool sorted;	 /* what is late is left out */
	uint64_t given;	 /* away */
	double farthest; /* of these */
	uint64_t late;	 /* nearer than the farthest that was given away */
} VdbAnswers;

/*
 * How many answers have to be certain before number n, counted from 1, is given
 * away: never fewer for a greater n.
 */
extern uint64_t vdb_answers_certain(uint64_t n, bool sorted);

/* Nothing waits, nothing was given away. */
extern void vdb_answers_reset(VdbAnswers *answers, VdbCandidate *items,
							  size_t room, bool sorted);

/*
 * What waits is dropped, and will be added again: what was given away counts
 * on.
 */
static inline void
vdb_answers_restart(VdbAnswers *answers)
{
	answers->first = answers->count = 0;
	answers->late = 0;
}

/*
 * Half of the room is in use: with no more (vdb_answers_enlarge), the next
 * answer is given away even if it should wait.
 */
static inline bool
vdb_answers_full(const VdbAnswers *answers)
{
	return answers->count >= answers->room / 2;
}

/* Go on in a larger array, into which the caller copied the smaller one. */
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
			answers->given + answers->count >=
				vdb_answers_certain(answers->given + 1, answers->sorted));
}

/* The next answer; there must be one. */
static inline const VdbCandidate *
vdb_answers_next(const VdbAnswers *answers)
{
	return &answers->items[answers->first];
}

/* Give the next answer away; there must be one. */
extern VdbCandidate vdb_answers_take(VdbAnswers *answers);

#endif /* VECDB_ANSWERS_H */
