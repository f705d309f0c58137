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
#include "ivf/space/settings.h"
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

/* Of a scan in strict order that goes on (strict.c). */
typedef struct IvfStrict
{
	uint64 limit;	 /* answers after which a batch is outrun */
	double next;	 /* key of the answer that outran the last batch */
	uint64 returned; /* answers before the batch began */
	uint64 passed;	 /* answers of the batch that are not farther than these */
	ItemPointerData *tied; /* what was returned at the greatest distance */
	double tied_key;
	Size room;
	Size ties;
	Size known_ties; /* the first so many are sorted */
} IvfStrict;

typedef struct IvfScan
{
	MemoryContext context; /* of everything here */
	MemoryContext query_context;
	IvfState *state;
	double unit; /* of bounds, in the exact distance's */
	IvfRefiner *refiner;

	/* The query */
	Datum value; /* detoasted, in the query's context */
	float *normalized;
	float *projected;
	IvfQuery query;
	float epsilon; /* standard errors from estimates to bounds */

	IvfSettings settings; /* as of the first row */

	/* Lists: [batch_begin, batch_end) are in the queue now, and none before
	 * them is read again */
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
	IvfStrict strict;
	uint64 fetched_again; /* rows of lists that are read again */

	bool started; /* the first row was asked for */
	IvfScanStage stage;
	IvfStream *stream; /* of the stages without order */
	uint32 next_list;  /* of IVF_STAGE_UNORDERED */

	IvfScanReport report; /* since the scan was started */
} IvfScan;

/* Rows that were fetched, each counted once. */
static inline uint64
ivf_scan_fetched(const IvfScan *scan)
{
	return scan->report.fetches - scan->fetched_again;
}

/*
 * Has a scan that went on with further lists fetched all the rows that it may?
 * Those of the first batch count, but end nothing.
 */
static inline bool
ivf_scan_spent(const IvfScan *scan)
{
	return scan->report.probes > scan->report.first_probes &&
		   ivf_scan_fetched(scan) >= scan->settings.most_fetches;
}

#endif /* VECDB_IVF_SCAN_SCAN_STATE_H */
