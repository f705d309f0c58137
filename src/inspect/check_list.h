/*
 * check_list.h: lists, and the mean that everything in them rests on.
 */
#ifndef VECDB_INSPECT_CHECK_LIST_H
#define VECDB_INSPECT_CHECK_LIST_H

#include "inspect/check_report.h"

/* The mean, and check->ivf, where nothing has been found so far. */
extern void ivf_check_mean(IvfCheck *check);

/* All lists; their live rows go to check->rows. */
extern void ivf_check_lists(IvfCheck *check);

#endif /* VECDB_INSPECT_CHECK_LIST_H */
