/*
 * nearest.h: the few lists that are nearest to a row.
 *
 * By the first byte of each of its components alone, which halves the products:
 * gap2 errs by some 1e-3 |y| |c| then, half of what a build allows itself
 * (math/nearest.h).  The root has lists.
 */
#ifndef VECDB_IVF_SPACE_NEAREST_H
#define VECDB_IVF_SPACE_NEAREST_H

#include "compat.h"

#include "ivf/space/query.h"

/* A leaf list as a row y sees it. */
typedef struct IvfNearest
{
	float gap2; /* |y - c|^2 */
	BlockNumber head;
	uint32 slot; /* in the root list */
} IvfNearest;

/*
 * The lists that are nearest, sorted, at most so many, which is 1 or more;
 * returns how many.  The first is the one that a row belongs to: an index
 * without lists is corrupted.
 */
extern uint32 ivf_nearest(Relation index, const IvfQuery *row, uint32 most,
						  IvfNearest *lists);

/* How near some lists are to another row: sets "gap2" of each. */
extern void ivf_nearest_measure(Relation index, const IvfQuery *row,
								IvfNearest *lists, uint32 count);

#endif /* VECDB_IVF_SPACE_NEAREST_H */
