/*
 * spill.h: which rows get a second list.
 */
#ifndef VECDB_IVF_BUILD_SPILL_H
#define VECDB_IVF_BUILD_SPILL_H

#include "compat.h"

#include "ivf/build/sample.h"

/*
 * Learn from the sample up to which loss of a second list (math/spill.h) a row
 * gets one, by the share of the rows that the index's options ask for, and put
 * it into the metapage.  The centroids are those of training.
 */
extern void ivf_learn_spill(IvfBuild *build, const IvfSample *sample);

#endif /* VECDB_IVF_BUILD_SPILL_H */
