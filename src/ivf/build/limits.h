/*
 * limits.h: how many lists and sample rows there is memory for.
 */
#ifndef VECDB_IVF_BUILD_LIMITS_H
#define VECDB_IVF_BUILD_LIMITS_H

#include "compat.h"

#include "ivf/build/sample.h"

/* Sample rows a list below which quality suffers so much that users are told.
 */
#define IVF_SAMPLE_WARNING 20

/*
 * Do so many processes have memory to train as many lists as the index's
 * options say?  Automatic lists are as many as fit.
 */
extern bool ivf_training_fits(const IvfBuild *build, int processes);

/*
 * Lists of "dim" padded dimensions, up to so many, that so many processes have
 * memory to train well; for automatic lists alone.
 */
extern uint32 ivf_lists_that_fit(uint32 lists, uint32 dim, int processes);

/*
 * The most sample rows for build->lists, up to what is wanted, that fit the
 * memory beside the centroids; an error where that is too few for any training.
 */
extern Size ivf_sample_limit(const IvfBuild *build, int processes);

/* Tell the user when memory and not the table makes the sample small. */
extern void ivf_warn_of_small_sample(const IvfBuild *build,
									 const IvfSample *sample);

#endif /* VECDB_IVF_BUILD_LIMITS_H */
