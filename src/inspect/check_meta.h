/*
 * check_meta.h: the metapage.
 */
#ifndef VECDB_INSPECT_CHECK_META_H
#define VECDB_INSPECT_CHECK_META_H

#include "inspect/check_report.h"

/* Into check->meta; false where nothing else can be checked. */
extern bool ivf_check_meta(IvfCheck *check);

#endif /* VECDB_INSPECT_CHECK_META_H */
