/*
 * density.h: how densely a list can be expected to hold true neighbours, in
 * indexes that 0.1.0 built.
 */
#ifndef VECDB_IVF_SPACE_DENSITY_H
#define VECDB_IVF_SPACE_DENSITY_H

#include "compat.h"

#include "ivf/disk/meta.h"
#include "ivf/space/query.h"

/*
 * The natural logarithm of the true neighbours among ten that each row of the
 * list can be expected to be: "first" is the query's nearest list, "rank" the
 * list's place in the order of distance, from 0.
 */
extern double ivf_log_density(const IvfCalibration *calibration,
							  const IvfProbe *first, const IvfProbe *probe,
							  uint32 rank);

#endif /* VECDB_IVF_SPACE_DENSITY_H */
