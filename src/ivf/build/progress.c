/*
 * progress.c: see progress.h.
 */
#include "compat.h"

#include "access/parallel.h"
#include "commands/progress.h"
#include "ivf/build/progress.h"
#include "pgstat.h"

static bool shown = true;

void
ivf_report_begin(bool show)
{
	shown = show;
}

void
ivf_report_phase(int phase, double rows)
{
	if (!shown)
		return;
	pgstat_progress_update_param(PROGRESS_CREATEIDX_SUBPHASE, phase);
	pgstat_progress_update_param(PROGRESS_CREATEIDX_TUPLES_DONE, 0);
	pgstat_progress_update_param(PROGRESS_CREATEIDX_TUPLES_TOTAL, (int64) rows);
}

void
ivf_report_rows(double rows)
{
	if (!shown)
		return;
	pgstat_progress_update_param(PROGRESS_CREATEIDX_TUPLES_DONE, (int64) rows);
}

void
ivf_report_assigned(IvfSharedProgress *shared, double total, uint32 rows)
{
	if (shared)
	{
		SpinLockAcquire(&shared->mutex);
		shared->assigned += rows;
		total = shared->assigned;
		SpinLockRelease(&shared->mutex);
	}

	/* The view shows the leader's line only. */
	if (!IsParallelWorker())
		ivf_report_rows(total);
}
