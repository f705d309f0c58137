/*
 * callbacks.h: what the server calls, apart from builds and scans.
 */
#ifndef VECDB_IVF_CALLBACKS_H
#define VECDB_IVF_CALLBACKS_H

#include "compat.h"

#include "access/amapi.h"
#include "access/genam.h"
#include "nodes/execnodes.h"
#include "nodes/pathnodes.h"
#include "utils/relcache.h"

/* Define options and settings, take the hooks: once in a process. */
extern void ivf_init(void);

extern bool ivf_insert(Relation index, Datum *values, bool *isnull,
					   ItemPointer tid, Relation heap, IndexUniqueCheck check,
					   IVF_INSERT_UNCHANGED IndexInfo *info);
extern IndexBulkDeleteResult *ivf_bulk_delete(IndexVacuumInfo *info,
											  IndexBulkDeleteResult *stats,
											  IndexBulkDeleteCallback callback,
											  void *callback_state);
extern IndexBulkDeleteResult *ivf_vacuum_cleanup(IndexVacuumInfo *info,
												 IndexBulkDeleteResult *stats);
extern void ivf_cost_estimate(PlannerInfo *root, IndexPath *path,
							  double loop_count, Cost *startup, Cost *total,
							  Selectivity *selectivity, double *correlation,
							  double *pages);
extern bool ivf_validate(Oid opclass);

#endif /* VECDB_IVF_CALLBACKS_H */
