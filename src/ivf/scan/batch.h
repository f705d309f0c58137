/*
 * batch.h: which lists a scan reads, and when.
 *
 * The lists nearest to the query come first, further ones as answers are handed
 * out: the calibration says which lists the n-th answer asks for.  When all are
 * exhausted, as many lists again as have been probed so far come at a time.
 */
#ifndef VECDB_IVF_SCAN_BATCH_H
#define VECDB_IVF_SCAN_BATCH_H

#include "compat.h"

#include "ivf/scan/scan_state.h"

/* Lists that will be wanted, on average: by settings and demand alone. */
extern double ivf_batch_wanted(const IvfScan *scan);

/* Memory for candidates, once a scan; no lists are in the queue. */
extern void ivf_batch_reset(IvfScan *scan);

/*
 * Before the n-th answer is looked for, put the lists that it asks for into the
 * queue, if they are not there.
 */
extern void ivf_batch_deepen(IndexScanDesc desc, uint64 n);

/*
 * Put the first lists, or as many again, into the queue; false where there are
 * no further ones.
 */
extern bool ivf_batch_start(IndexScanDesc desc);

/* Bring entries of these lists that had no room in the queue. */
extern void ivf_batch_resume(IndexScanDesc desc);

#endif /* VECDB_IVF_SCAN_BATCH_H */
