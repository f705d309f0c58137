/*
 * density.h: how densely a list can be expected to hold true neighbours.
 */
#ifndef VECDB_IVF_SPACE_DENSITY_H
#define VECDB_IVF_SPACE_DENSITY_H

#include "compat.h"

#include "ivf/disk/meta.h"
#include "ivf/space/query.h"

/*
 * What the density of a list depends on: features[0] is 1, and the others
 * finite.  "first" is the query's nearest list, "rank" the list's place in the
 * order of distance, from 0; residual2 is above zero (meta.h).
 */
extern void ivf_density_features(float residual2, const IvfProbe *first,
								 const IvfProbe *probe, uint32 rank,
								 double features[IVF_FEATURES]);
/*
 * The natural logarithm of the true neighbours among the nearest "depth" that
 * each row of the list can be expected to be, for each ten of them.
 */
extern double ivf_log_density(const IvfMetaPage *meta, double depth,
							  const IvfProbe *first, const IvfProbe *probe,
							  uint32 rank);

#endif /* VECDB_IVF_SPACE_DENSITY_H */
