/*
 * spread.h: how many rows are within a distance of each other.
 */
#ifndef VECDB_IVF_BUILD_SPREAD_H
#define VECDB_IVF_BUILD_SPREAD_H

#include "compat.h"

#include "ivf/build/match.h"

/* Fill in the metapage's spread from the neighbours of the queries. */
extern void ivf_measure_spread(IvfBuild *build,
							   const IvfNeighbours *neighbours);

#endif /* VECDB_IVF_BUILD_SPREAD_H */
