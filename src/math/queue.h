/*
 * queue.h: the lazy best-first queue of a scan.
 *
 * Candidates come with a lower bound of their distance and are kept in one
 * compact array of at most "limit" entries: when it is full, only about the
 * least half of the bounds stays, and cut remembers the greatest entry that
 * was kept, so that a further pass over the same codes can bring the others.
 * take() then pops in order: an entry with a bound is handed out to be refined
 * and comes back with its exact distance; an entry with an exact distance is
 * the answer.  An exact entry is never let go.
 *
 * Order is total: by key, then what is exact, then by id, so that passes split
 * ties exactly; an id must come once a pass, with the same bound in each pass.
 * One that comes twice, with two bounds, is two entries, of which the caller
 * drops the one that is handed out last.  (With the same bound they are equal,
 * and one of them may be lost between two passes.)
 * An exact distance is the answer as soon as no bound is less: of many rows at
 * the least distance there is, no more are refined than are taken.
 */
#ifndef VECDB_QUEUE_H
#define VECDB_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct VdbCandidate
{
	double key;	   /* lower bound, or an exact distance */
	uint32_t high; /* high half of the id: a heap TID's block */
	uint16_t low;  /* low half of the id: a heap TID's offset */
	bool exact : 1;
	bool assumed : 1;	 /* exact if it is a twin; see vdb_queue_assumed() */
	bool prefetched : 1; /* for the caller; see vdb_queue_ahead() */
	bool twice : 1;		 /* the caller's: the id comes once more */
} VdbCandidate;

/* The entry up to which all bounds of some codes were taken. */
typedef struct VdbMark
{
	bool any; /* or none were */
	VdbCandidate last;
} VdbMark;

typedef struct VdbQueue
{
	VdbCandidate *items; /* the caller's memory: room for "limit" */
	size_t limit;		 /* >= 2 */
	size_t count;
	size_t heap;  /* the first so many are a heap, the others in
				   * no order and all after "fence" */
	size_t chunk; /* entries to move into the heap next time */
	VdbCandidate fence;
	bool truncated;	  /* something was let go: see cut */
	VdbCandidate cut; /* the greatest entry that was kept */
	bool resumed;	  /* entries up to "after" were in a pass before */
	VdbCandidate after;
	VdbCandidate last_cut; /* of the pass before */
	VdbMark taken;		   /* bounds since codes were added last */
} VdbQueue;

/* Empty the queue for a new scan over "items". */
extern void vdb_queue_reset(VdbQueue *queue, VdbCandidate *items, size_t limit);

/*
 * The key above which add() would refuse now: +inf until something was let
 * go.  A scan passes it to the kernels as threshold.
 */
extern float vdb_queue_threshold(const VdbQueue *queue);

/*
 * Add a candidate with a bound (a NaN counts as -inf); one that is beyond the
 * cut, or that an earlier pass brought already, is passed over.  After the
 * first take() only what vdb_queue_extend() or vdb_queue_resume() opened it
 * for.
 */
extern void vdb_queue_add(VdbQueue *queue, float bound, uint32_t high,
						  uint16_t low, bool twice);

typedef enum VdbTake
{
	VDB_TAKE_REFINE, /* *out has a bound: refine it or drop it */
	VDB_TAKE_ANSWER, /* *out has the next exact distance */
	VDB_TAKE_RESUME, /* entries that were let go may come first */
	VDB_TAKE_END,	 /* nothing is left */
} VdbTake;

/* Pop the least entry into *out. */
extern VdbTake vdb_queue_take(VdbQueue *queue, VdbCandidate *out);

/*
 * The i-th entry of those that will probably be taken next, the very next one
 * first, or NULL: for asking for their rows ahead of time.  The caller may
 * set its mark "prefetched".
 */
static inline VdbCandidate *
vdb_queue_ahead(const VdbQueue *queue, size_t i)
{
	return i < queue->heap ? &queue->items[i] : NULL;
}

/*
 * Put those in the order in which they come, as far as nothing nearer is found:
 * else a look ahead at some of them sees only about the next ones.  Costs
 * little where they were in order not long ago; thousands of them stay as they
 * are.
 */
extern void vdb_queue_sort(VdbQueue *queue);

/*
 * Give an entry back that was taken, with its exact distance in the unit of
 * the bounds.  There is always room for it, as long as nothing was added since.
 */
extern void vdb_queue_refined(VdbQueue *queue, const VdbCandidate *entry,
							  double distance);

/*
 * Give an entry back, right after it was taken, with the distance that its row
 * has if it is like others whose bounds are the same.  It comes as an exact
 * one, with its mark "assumed": the caller may look and give it back refined.
 */
extern void vdb_queue_assumed(VdbQueue *queue, const VdbCandidate *entry,
							  double distance);

/* Give an exact entry back that was taken, likewise. */
extern void vdb_queue_return(VdbQueue *queue, const VdbCandidate *exact);

/*
 * Codes may be added while others are taken.  Those bounds may be less than
 * what was taken before, and push the cut below it; so the caller has a mark
 * for each lot of codes that came at a time, which tells what was taken of
 * them, and raises all of them before he adds more.
 */
extern void vdb_queue_raise(const VdbQueue *queue, VdbMark *mark);

/*
 * Add codes that were in no pass before, at any time.  items is the same array,
 * or a larger one into which the caller copied its "count" entries; limit must
 * be at least 2 * count + 4, so that half of a full array are bounds.
 */
extern void vdb_queue_extend(VdbQueue *queue, VdbCandidate *items,
							 size_t limit);

/*
 * Start a further pass over all codes, after VDB_TAKE_RESUME: what is left
 * stays; add() now takes only what comes after the cut.  items is the same
 * array, or a larger one into which the caller copied its "count" entries;
 * limit must be at least count + 2, or the pass could make no progress.
 */
extern void vdb_queue_resume(VdbQueue *queue, VdbCandidate *items,
							 size_t limit);

/* In such a pass, before the codes of a mark are added. */
extern void vdb_queue_resume_at(VdbQueue *queue, const VdbMark *mark);

#endif /* VECDB_QUEUE_H */
