/*
 * check_list.h: all lists of an index.
 */
#ifndef VECDB_INSPECT_CHECK_LIST_H
#define VECDB_INSPECT_CHECK_LIST_H

#include "inspect/check_report.h"

/* All lists; their live rows go to check->rows. */
extern void ivf_check_lists(IvfCheck *check);

#endif /* VECDB_INSPECT_CHECK_LIST_H */
