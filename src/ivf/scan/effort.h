/*
 * effort.h: the settings of a scan of one index.
 */
#ifndef VECDB_IVF_SCAN_EFFORT_H
#define VECDB_IVF_SCAN_EFFORT_H

#include "compat.h"

#include "ivf/disk/meta.h"
#include "ivf/space/method.h"

/*
 * The session's settings as they are now, for an index of this metapage: where
 * they say how much a search may cost (IvfSettings.effort), the target recall
 * is what the index finds at that cost.
 */
extern IvfSettings ivf_scan_settings(const IvfMethod *method,
									 const IvfMetaPage *meta);

#endif /* VECDB_IVF_SCAN_EFFORT_H */
