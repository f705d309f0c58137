/*
 * share.h: how many rows should have a second list.
 */
#ifndef VECDB_IVF_BUILD_SHARE_H
#define VECDB_IVF_BUILD_SHARE_H

#include "compat.h"

#include "ivf/build/sample.h"

/* A second list's loss over the row's own residual, of some rows, ascending. */
typedef struct IvfRatios
{
	Size count; /* above 0 */
	float *sorted;
} IvfRatios;

/* Up to which ratio a share of the rows, above 0, has a second list. */
extern float ivf_ratios_limit(const IvfRatios *ratios, double share);

/*
 * Whether there is a share to choose: rows are long codes, and enough is known
 * of them by the sample and the centroids of training.  If not, no row has a
 * second list.
 */
extern bool ivf_share_is_open(IvfBuild *build, const IvfSample *sample);

/* The greatest share that a build may choose, or what the index's option is. */
extern double ivf_most_share(const IvfBuild *build);

/*
 * The share, 0 to 0.5, that saves most of a search for its bytes, where it is
 * open; 0 where none pays.
 */
extern double ivf_automatic_share(IvfBuild *build, const IvfSample *sample,
								  const IvfRatios *ratios);

#endif /* VECDB_IVF_BUILD_SHARE_H */
