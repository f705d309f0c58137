/*
 * batch.h: the codes of lists on their way into the queue.
 *
 * The lists nearest to the query form the first batch.  When it is exhausted,
 * as many lists again as have been probed so far form the next one.
 */
#ifndef VECDB_IVF_SCAN_BATCH_H
#define VECDB_IVF_SCAN_BATCH_H

#include "compat.h"

#include "ivf/scan/scan_state.h"

/* Memory for candidates, once a scan; no lists are in the queue. */
extern void ivf_batch_reset(IvfScan *scan);

/* Put the next lists into the queue; false where there are no further ones. */
extern bool ivf_batch_start(IndexScanDesc desc);

/* Bring entries of the same lists that had no room in the queue. */
extern void ivf_batch_resume(IndexScanDesc desc);

#endif /* VECDB_IVF_SCAN_BATCH_H */
