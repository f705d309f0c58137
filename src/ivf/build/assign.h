/*
 * assign.h: every row of the table to its list, coded, into a sort by list.
 */
#ifndef VECDB_IVF_BUILD_ASSIGN_H
#define VECDB_IVF_BUILD_ASSIGN_H

#include "compat.h"

#include "access/tableam.h"
#include "ivf/build/build.h"
#include "ivf/build/match.h"
#include "ivf/build/sort.h"

/* Rows of an assignment batch at most. */
#define IVF_BATCH_ROWS 1024

/*
 * Scan the heap, or the share of a parallel scan, into the sort.  Adds to
 * build->heap_rows, index_rows and residuals.  The calibration's queries, where
 * there are any, keep their nearest rows in "neighbours".
 */
extern void ivf_assign_rows(IvfBuild *build, Tuplesortstate *sort,
							TableScanDesc scan, IvfNeighbours *neighbours,
							bool progress);

#endif /* VECDB_IVF_BUILD_ASSIGN_H */
