/*
 * density.h: how densely a list can be expected to hold true neighbours.
 */
#ifndef VECDB_IVF_SPACE_DENSITY_H
#define VECDB_IVF_SPACE_DENSITY_H

#include "compat.h"

#include "ivf/disk/meta.h"
#include "ivf/space/query.h"

/* What a list's density of hits depends on, and its logarithm. */
extern void ivf_density_features(float residual2, const IvfProbe *first,
								 const IvfProbe *probe, uint32 rank,
								 double features[IVF_FEATURES]);
extern double ivf_log_density(const IvfCalibration *calibration,
							  const IvfProbe *first, const IvfProbe *probe,
							  uint32 rank);

#endif /* VECDB_IVF_SPACE_DENSITY_H */
