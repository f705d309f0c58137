/*
 * scan_state.h: a scan, as the files of this room share it.
 */
#ifndef VECDB_IVF_SCAN_SCAN_STATE_H
#define VECDB_IVF_SCAN_SCAN_STATE_H

#include "compat.h"

#include "access/genam.h"
#include "access/relscan.h"
#include "ivf/disk/stream.h"
#include "ivf/scan/refine.h"
#include "ivf/scan/report.h"
#include "ivf/scan/settings.h"
#include "ivf/space/tree.h"
#include "math/answers.h"
#include "math/queue.h"

/* What a scan returns now, in this order. */
typedef enum IvfScanStage
{
	IVF_STAGE_PLACED,	 /* rows with a distance, in its order */
	IVF_STAGE_UNORDERED, /* all placed rows, where no distance exists */
	IVF_STAGE_ZERO,		 /* unplaced rows that are not NULL */
	IVF_STAGE_NULL,
	IVF_STAGE_DONE,
} IvfScanStage;

typedef struct IvfScan
{
	MemoryContext context; /* of everything here */
	MemoryContext query_context;
	IvfState *state;
	double unit; /* of bounds, in the exact distance's */
	float least; /* of all distances, in the bounds' unit */
	IvfRefiner *refiner;

	/* The query */
	Datum value; /* detoasted, in the query's context */
	float *normalized;
	float *projected;
	IvfQuery query;
	float epsilon; /* standard errors from estimates to bounds */

	IvfSettings settings; /* as of the first row */

	/* Lists: [batch_begin, batch_end) are in the queue now */
	IvfProbes probes;
	uint32 batch_begin;
	uint32 batch_end;
	uint32 lists_asked; /* the disk was asked for lists before this one */
	int rows_ahead;		/* ROWS_AHEAD, or more while the disk is asked */

	VdbQueue queue;
	VdbCandidate *items;
	Size items_room;

	VdbAnswers answers;
	VdbCandidate *waiting; /* memory of these */
	Size waiting_room;

	bool started; /* the first row was asked for */
	IvfScanStage stage;
	IvfStream *stream; /* of the stages without order */
	uint32 next_list;  /* of IVF_STAGE_UNORDERED */

	IvfScanReport report; /* since the scan was started */
} IvfScan;

#endif /* VECDB_IVF_SCAN_SCAN_STATE_H */
