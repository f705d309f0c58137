/*
 * refine.h: exact distances from the heap.
 */
#ifndef VECDB_IVF_SCAN_REFINE_H
#define VECDB_IVF_SCAN_REFINE_H

#include "compat.h"

#include "ivf/space/index.h"
#include "shortcut/fetch.h"
#include "shortcut/toast.h"
#include "utils/snapshot.h"

typedef struct IvfRefiner IvfRefiner;

extern IvfRefiner *ivf_refiner_create(Relation heap, Relation index,
									  const IvfState *state);
extern void ivf_refiner_set_query(IvfRefiner *refiner, Snapshot snapshot,
								  Datum query);
/* False where the snapshot sees no row there, or its value has no distance. */
extern bool ivf_refine(IvfRefiner *refiner, ItemPointer tid, double *distance);

/*
 * The same in two steps, for many rows at a time: values out of line are asked
 * for in the first one, and read in the second.
 */
typedef struct IvfRefined
{
	bool found;
	bool later;		 /* the value is to be read, with what names it; */
	double distance; /* else this is known */
	VdbToastPointer pointer;
} IvfRefined;

extern void ivf_refine_first(IvfRefiner *refiner, ItemPointer tid,
							 IvfRefined *row);
extern void ivf_refine_later(IvfRefiner *refiner, IvfRefined *row);

/* An error of corruption where the table cannot have such a row. */
extern void ivf_refiner_require_row(IvfRefiner *refiner, Relation index,
									BlockNumber block, OffsetNumber offset);

/* Do values of this kind lie out of line, as far as the table tells? */
extern bool ivf_refiner_outside(const IvfRefiner *refiner);

/* How it fetches rows: a scan asks for some ahead, and hands others over. */
extern VdbFetch *ivf_refiner_fetch(IvfRefiner *refiner);

extern void ivf_refiner_destroy(IvfRefiner *refiner);

#endif /* VECDB_IVF_SCAN_REFINE_H */
