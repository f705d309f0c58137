/*
 * refine.h: exact distances from the heap.
 */
#ifndef VECDB_IVF_SCAN_REFINE_H
#define VECDB_IVF_SCAN_REFINE_H

#include "compat.h"

#include "ivf/space/index.h"
#include "shortcut/fetch.h"
#include "utils/snapshot.h"

typedef struct IvfRefiner IvfRefiner;

extern IvfRefiner *ivf_refiner_create(Relation heap, Relation index,
									  const IvfIndex *ivf);
extern void ivf_refiner_set_query(IvfRefiner *refiner, Snapshot snapshot,
								  Datum query);
/* False where the snapshot sees no row there, or its value has no distance. */
extern bool ivf_refine(IvfRefiner *refiner, ItemPointer tid, double *distance);

/* How it fetches rows: a scan asks for some ahead, and hands others over. */
extern VdbFetch *ivf_refiner_fetch(IvfRefiner *refiner);

extern void ivf_refiner_destroy(IvfRefiner *refiner);

#endif /* VECDB_IVF_SCAN_REFINE_H */
