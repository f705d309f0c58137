/*
 * check_heap.h: the table's rows against the index's.
 */
#ifndef VECDB_INSPECT_CHECK_HEAP_H
#define VECDB_INSPECT_CHECK_HEAP_H

#include "inspect/check_report.h"

/* If that was asked for and the lists could be read; from check->rows. */
extern void ivf_check_heap(IvfCheck *check);

#endif /* VECDB_INSPECT_CHECK_HEAP_H */
