/*
 * progress.h: how far a build is, for the progress view.
 */
#ifndef VECDB_IVF_BUILD_PROGRESS_H
#define VECDB_IVF_BUILD_PROGRESS_H

#include "compat.h"

#include "ivf/space/method.h"
#include "storage/spin.h"

/*
 * A build, whose steps the view shows; or another tree in VACUUM, which has a
 * view of its own, whose figures they would overwrite.
 */
extern void ivf_report_begin(bool show);

/* Begin a phase (method.h) that has so many rows ahead. */
extern void ivf_report_phase(int phase, double rows);

/* So many rows of the phase are done. */
extern void ivf_report_rows(double rows);

/* Rows that several processes have assigned together. */
typedef struct IvfSharedProgress
{
	slock_t mutex;
	double assigned;
} IvfSharedProgress;

/*
 * So many rows more are assigned: by this process, where "shared" is NULL and
 * "total" says how many it has assigned now, or by one of several.
 */
extern void ivf_report_assigned(IvfSharedProgress *shared, double total,
								uint32 rows);

#endif /* VECDB_IVF_BUILD_PROGRESS_H */
