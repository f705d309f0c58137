/*
 * calibrate.h: how densely lists hold true neighbours, and what recall needs.
 */
#ifndef VECDB_IVF_BUILD_CALIBRATE_H
#define VECDB_IVF_BUILD_CALIBRATE_H

#include "compat.h"

#include "ivf/build/match.h"
#include "ivf/disk/writer.h"

/*
 * How many queries a sample of that size gives to so many rules: 0, or whole
 * panels.
 */
extern uint32 ivf_calibration_queries(const IvfBuild *build, Size sample_rows,
									  int rules);
/*
 * Fill in the metapage's calibration, once root and lists are written, from
 * the neighbours and the lists' rows.
 */
extern void ivf_calibrate(IvfBuild *build, const IvfNeighbours *neighbours,
						  const IvfWritten *lists);

#endif /* VECDB_IVF_BUILD_CALIBRATE_H */
