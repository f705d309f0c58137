/*
 * stretch.h: how a class's own distance stands to the metric's.
 */
#ifndef VECDB_IVF_BUILD_STRETCH_H
#define VECDB_IVF_BUILD_STRETCH_H

#include "compat.h"

#include "ivf/build/sample.h"

/*
 * Set in the metapage how many times greater than the metric's the own distance
 * of nearly all near pairs is, and of all, and those of far pairs: 0 where the
 * sample is too small to tell.  The state has its scale.
 */
extern void ivf_measure_stretch(const IvfSample *sample, IvfMetaPage *meta);

#endif /* VECDB_IVF_BUILD_STRETCH_H */
