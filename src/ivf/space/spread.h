/*
 * spread.h: how many rows are within a distance of each other.
 */
#ifndef VECDB_IVF_SPACE_SPREAD_H
#define VECDB_IVF_SPACE_SPREAD_H

#include "compat.h"

#include "ivf/disk/meta.h"

/*
 * The share of the rows within a distance, as the type gives it (type.h), of a
 * value like the rows; 0 to 1, or -1 where nothing was learnt.
 */
extern double ivf_spread_share(const IvfSpread *spread, double distance);

#endif /* VECDB_IVF_SPACE_SPREAD_H */
