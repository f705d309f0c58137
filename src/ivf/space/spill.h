/*
 * spill.h: the lists that a row belongs to.
 *
 * Its nearest one; and where the tree was made so, for a share of the rows, a
 * second one (math/spill.h).  Which rows these are is a limit of the loss,
 * which the metapage has, so that rows that come later are chosen alike.
 */
#ifndef VECDB_IVF_SPACE_SPILL_H
#define VECDB_IVF_SPACE_SPILL_H

#include "compat.h"

#include "ivf/space/tree.h"

typedef struct IvfRowPlace
{
	BlockNumber head;
	uint32 slot;	 /* in the root list */
	float *centroid; /* D floats, palloc'd */
} IvfRowPlace;

/*
 * The lists of a row y, D floats in the space of the codes: returns how many,
 * 1 or 2, its nearest one first.
 */
extern uint32 ivf_spill_places(Relation index, const IvfState *state,
							   const float *y, IvfRowPlace places[2]);

#endif /* VECDB_IVF_SPACE_SPILL_H */
