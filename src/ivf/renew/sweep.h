/*
 * sweep.h: pages of an index that nothing leads to.
 */
#ifndef VECDB_IVF_RENEW_SWEEP_H
#define VECDB_IVF_RENEW_SWEEP_H

#include "compat.h"

#include "access/genam.h"

/* What a sweep found. */
typedef struct IvfSweep
{
	BlockNumber blocks; /* of the index */
	BlockNumber used;	/* pages behind the last free one, and before */
	BlockNumber end;	/* the first block with only free ones from it on */
	BlockNumber *free;	/* ascending; not all, if memory is small */
	uint32 nfree;
	bool litter; /* pages of trees that somebody may read are among the used */
} IvfSweep;

/* May pages of trees that are not in use be there? */
extern bool ivf_has_litter(Relation index);

/*
 * Look at every page.  Those of trees that nobody can be reading are freed;
 * the free space map is told of all free ones.
 */
extern void ivf_sweep(IndexVacuumInfo *info, IvfSweep *sweep);

/*
 * The same from a moment on in which nobody else has the index open, so that no
 * page of another tree is read: returns false, and does nothing, where there is
 * none now (alone.h).
 */
extern bool ivf_sweep_alone(IndexVacuumInfo *info, IvfSweep *sweep);

/* Are the index's own pages far behind where they could be? */
extern bool ivf_sweep_is_scattered(const IvfSweep *sweep);

/* Give the free pages at the end back, if nobody else has the index open. */
extern void ivf_truncate(Relation index, IvfSweep *sweep);

#endif /* VECDB_IVF_RENEW_SWEEP_H */
