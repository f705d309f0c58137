/*
 * parallel.h: rows assigned by several processes.
 */
#ifndef VECDB_IVF_BUILD_PARALLEL_H
#define VECDB_IVF_BUILD_PARALLEL_H

#include "compat.h"

#include "ivf/build/build.h"
#include "ivf/build/match.h"
#include "utils/tuplesort.h"

typedef struct IvfParallel IvfParallel;

/* Start workers; NULL where none can be had. */
extern IvfParallel *ivf_parallel_begin(IvfBuild *build, int workers);

/*
 * Take part in the scan, wait for the workers, and sort what all found; the
 * neighbours are everybody's.
 */
extern Tuplesortstate *ivf_parallel_assign(IvfParallel *parallel,
										   IvfBuild *build,
										   IvfNeighbours *neighbours);
extern void ivf_parallel_end(IvfParallel *parallel);

#endif /* VECDB_IVF_BUILD_PARALLEL_H */
