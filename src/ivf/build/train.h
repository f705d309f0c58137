/*
 * train.h: mean, scale and centroids, from a sample.
 */
#ifndef VECDB_IVF_BUILD_TRAIN_H
#define VECDB_IVF_BUILD_TRAIN_H

#include "compat.h"

#include "ivf/build/build.h"

/*
 * Sample, then set mean, scale and number of lists in build->state->meta and
 * build->centroids (not coded yet; count 0 for a single list).  False, without
 * any training, where the sample stands for fewer than build->least_rows.
 */
extern bool ivf_train(IvfBuild *build);

/* Processes that may work beside this one. */
extern int ivf_plan_workers(const IvfBuild *build);

#endif /* VECDB_IVF_BUILD_TRAIN_H */
