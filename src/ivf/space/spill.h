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

/*
 * The list of a row y, D floats in the space of the codes, and whether it has a
 * second one, and which.
 */
extern bool ivf_spill_place(Relation index, const IvfState *state,
							const float *y, IvfProbe *probe, IvfProbe *second);

#endif /* VECDB_IVF_SPACE_SPILL_H */
