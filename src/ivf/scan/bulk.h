/*
 * bulk.h: many rows at a time, in the order of their pages.
 *
 * The n-th answer is no nearer than the n-th least key of the queue, be it a
 * bound or an exact distance.  So of the first n entries all rows have to be
 * fetched before n answers are certain, and where so many are wanted, the order
 * in which that happens is free.
 */
#ifndef VECDB_IVF_SCAN_BULK_H
#define VECDB_IVF_SCAN_BULK_H

#include "compat.h"

#include "ivf/scan/scan_state.h"

/* Before the first row of a scan. */
extern void ivf_bulk_reset(IvfScan *scan);

/*
 * How many answers are certainly, or all but certainly, wanted beyond those
 * that are certain; 0 where rows are better fetched one after the other.
 */
extern Size ivf_bulk_wanted(const IvfScan *scan);

/*
 * A candidate was taken from the queue: fetch it and the others among the
 * first so many entries of the queue, and give them back refined.
 */
extern void ivf_bulk_refine(IndexScanDesc desc, const VdbCandidate *first,
							Size wanted);

#endif /* VECDB_IVF_SCAN_BULK_H */
