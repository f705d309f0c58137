/*
 * stages.c: see stages.h.
 */
#include "compat.h"

#include "ivf/scan/conditions.h"
#include "ivf/scan/radius.h"
#include "ivf/scan/ranked.h"
#include "ivf/scan/scan_state.h"
#include "ivf/scan/stages.h"
#include "ivf/scan/unranked.h"

/* Go on to rows without a place among centroids. */
static void
open_unplaced(IndexScanDesc desc, IvfScanStage stage, IvfStreamFilter filter)
{
	IvfScan *scan = desc->opaque;

	scan->stage = stage;
	ivf_unranked_open(desc, scan->state->meta.unplaced, &scan->state->unplaced,
					  filter);
}

/* Every row was returned. */
static void
end(IvfScan *scan)
{
	scan->stage = IVF_STAGE_DONE;
	scan->report.stop = IVF_STOP_END;
}

static void
open_nulls(IndexScanDesc desc)
{
	IvfScan *scan = desc->opaque;

	if (scan->with_nulls)
		open_unplaced(desc, IVF_STAGE_NULL, IVF_STREAM_NULL);
	else
		end(scan);
}

static void
stop_by_settings(IvfScan *scan)
{
	scan->stage = IVF_STAGE_DONE;
	scan->report.stop = IVF_STOP_SETTINGS;
}

void
ivf_stop_by_radius(IvfScan *scan)
{
	scan->stage = IVF_STAGE_DONE;
	scan->report.stop = IVF_STOP_RADIUS;
}

/* Go on to the rows without a distance, unless lists were left out. */
static void
leave_placed(IndexScanDesc desc)
{
	IvfScan *scan = desc->opaque;
	bool left_out = scan->probed < scan->probes.count;

	if (ivf_radius_ends(scan) && !ivf_scan_spent(scan))
		left_out = false;
	if (ivf_radius_ends(scan) && !left_out && !scan->radius.undefined)
	{
		ivf_stop_by_radius(scan);
		return;
	}
	if (scan->stage == IVF_STAGE_PLACED && (left_out || ivf_scan_spent(scan)))
	{
		stop_by_settings(scan);
		return;
	}
	open_unplaced(desc, IVF_STAGE_ZERO, IVF_STREAM_NOT_NULL);
}

bool
ivf_stages_next(IndexScanDesc desc, ItemPointer tid)
{
	IvfScan *scan = desc->opaque;

	if (scan->stage != IVF_STAGE_DONE &&
		scan->report.rows >= scan->settings.most_rows)
		stop_by_settings(scan);
	for (;;)
	{
		switch (scan->stage)
		{
			case IVF_STAGE_PLACED:
				if (ivf_ranked_next(desc, tid))
					return true;
				leave_placed(desc);
				break;
			case IVF_STAGE_UNORDERED:
				if (ivf_unranked_leaf(desc, tid))
					return true;
				leave_placed(desc);
				break;
			case IVF_STAGE_ZERO:
				if (ivf_unranked_next(desc, tid))
					return true;
				open_nulls(desc);
				break;
			case IVF_STAGE_NULL:
				if (ivf_unranked_next(desc, tid))
					return true;
				end(scan);
				break;
			case IVF_STAGE_DONE:
				return false;
		}
	}
}

void
ivf_stages_begin(IndexScanDesc desc, bool ordered)
{
	IvfScan *scan = desc->opaque;

	if (ivf_conditions_fail(scan))
		end(scan);
	else if (!scan->with_values)
		open_nulls(desc);
	else
		scan->stage = ordered ? IVF_STAGE_PLACED : IVF_STAGE_UNORDERED;
}
