/*
 * unranked.h: rows without order, as they lie in their lists.
 */
#ifndef VECDB_IVF_SCAN_UNRANKED_H
#define VECDB_IVF_SCAN_UNRANKED_H

#include "compat.h"

#include "ivf/scan/scan_state.h"

/* Begin with the rows of a list that pass the scan's filter. */
extern void ivf_unranked_open(IndexScanDesc desc, BlockNumber head,
							  const IvfLayout *layout, IvfStreamFilter filter);

/* The next one; false at the list's end. */
extern bool ivf_unranked_next(IndexScanDesc desc, ItemPointer tid);

/* The next row of any leaf list; false where all were returned. */
extern bool ivf_unranked_leaf(IndexScanDesc desc, ItemPointer tid);

#endif /* VECDB_IVF_SCAN_UNRANKED_H */
