/*
 * share.h: how many rows should have a second list.
 */
#ifndef VECDB_IVF_BUILD_SHARE_H
#define VECDB_IVF_BUILD_SHARE_H

#include "compat.h"

#include "ivf/build/sample.h"

/* Up to which loss a share of the rows, above 0, has a second list. */
typedef float (*IvfLimitOf)(IvfBuild *build, const IvfSample *sample,
							double share);

/*
 * The share, 0 to 0.5, that saves most of a search for its bytes, by the sample
 * and the centroids of training; 0 where it does not pay, or too little is
 * known.
 */
extern double ivf_automatic_share(IvfBuild *build, const IvfSample *sample,
								  IvfLimitOf limit_of);

#endif /* VECDB_IVF_BUILD_SHARE_H */
