/*
 * collect.h: the codes of lists on their way into the queue.
 */
#ifndef VECDB_IVF_SCAN_COLLECT_H
#define VECDB_IVF_SCAN_COLLECT_H

#include "compat.h"

#include "ivf/scan/scan_state.h"

/*
 * The codes of the lists from a rank on, up to those that are probed: bounds of
 * rows that pass the conditions and may be within the radius go into the queue,
 * as far as it wants them.
 */
extern void ivf_collect_lists(IndexScanDesc desc, uint32 begin);

#endif /* VECDB_IVF_SCAN_COLLECT_H */
