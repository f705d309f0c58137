/*
 * scale.h: the unit of an index's vectors, and where their origin lies.
 */
#ifndef VECDB_IVF_BUILD_SCALE_H
#define VECDB_IVF_BUILD_SCALE_H

#include "compat.h"

#include "ivf/build/sample.h"

/*
 * From build->centroids, if there are several, and the sample: set the scale,
 * the mean in that scale and the mean squared residual in the metapage, and
 * what else of the build is told in that scale.  A centroid close to the origin
 * of many equal rows is moved there.
 */
extern void ivf_set_scale(IvfBuild *build, const IvfSample *sample);

#endif /* VECDB_IVF_BUILD_SCALE_H */
