/*
 * selectivity.h: which share of a table's rows is within a radius.
 */
#ifndef VECDB_IVF_SELECTIVITY_H
#define VECDB_IVF_SELECTIVITY_H

#include "compat.h"

#include "nodes/pathnodes.h"

/*
 * By what the index learnt of the distances of rows (disk/meta.h); "sphere" is
 * the right side of the index's operator (types/sphere.h).  A guess where the
 * radius is not known yet.
 */
extern Selectivity ivf_sphere_selectivity(PlannerInfo *root,
										  const IndexOptInfo *index,
										  Node *sphere);

/* Is it an index of ours, over pages that can be asked? */
extern bool ivf_is_ours(const IndexOptInfo *index);

#endif /* VECDB_IVF_SELECTIVITY_H */
