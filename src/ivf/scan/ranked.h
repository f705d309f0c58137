/*
 * ranked.h: rows in the order of their distance.
 */
#ifndef VECDB_IVF_SCAN_RANKED_H
#define VECDB_IVF_SCAN_RANKED_H

#include "compat.h"

#include "ivf/scan/scan_state.h"

/* Nothing waits to be returned. */
extern void ivf_ranked_reset(IvfScan *scan);

/* The next row; false where the lists that may be probed have no more. */
extern bool ivf_ranked_next(IndexScanDesc desc, ItemPointer tid);

#endif /* VECDB_IVF_SCAN_RANKED_H */
