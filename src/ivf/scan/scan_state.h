/*
 * scan_state.h: a scan, as the files of this room share it.
 */
#ifndef VECDB_IVF_SCAN_SCAN_STATE_H
#define VECDB_IVF_SCAN_SCAN_STATE_H

#include "compat.h"

#include "access/genam.h"
#include "access/relscan.h"
#include "ivf/disk/stream.h"
#include "ivf/scan/demand.h"
#include "ivf/scan/refine.h"
#include "ivf/scan/report.h"
#include "ivf/scan/twice.h"
#include "ivf/space/filter.h"
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

/* Lists that came into the queue at a time: up to the next lot's first. */
typedef struct IvfLot
{
	uint32 begin;
	VdbMark mark;
} IvfLot;

/* Where the rows end that are wanted; see radius.h. */
typedef struct IvfRadius
{
	double reach;	/* in the type's distance; +inf: nowhere */
	bool undefined; /* rows without a distance are wanted, too */
	bool recheck;	/* rows may be beyond it */
	double found;	/* rows, when lists were exhausted the last time */
	double listed;	/* entries of the lists that were read, if they pass */
} IvfRadius;

/* Each is larger than the one before, by far less than this would allow. */
#define IVF_MOST_LOTS 128

/* Of lists: their rows, and those that passed the filter. */
typedef struct IvfPassed
{
	double rows;
	double passed;
	double squares; /* of what passed in a list, by its rows; over lists */
	double count;	/* lists */
	double weight;	/* of all of them, where lists have one */
} IvfPassed;

/*
 * Rows that were refined one after the other, of one bound: where they are one
 * vector many times, the next ones with this bound are, too.
 */
typedef struct IvfTwins
{
	double bound;
	double distance; /* in the bounds' unit */
	int count;		 /* of rows; 0: none, or their distances differ */
} IvfTwins;

/* How much farther rows were than their bounds said, in the bounds' unit. */
typedef struct IvfSlack
{
	double sum;
	int count;
} IvfSlack;

/* A row that is fetched with others; see bulk.h. */
typedef struct IvfBulkRow
{
	VdbCandidate candidate;
	IvfRefined refined;
} IvfBulkRow;

/* Entries that were taken from the queue and go back there. */
typedef struct IvfBulk
{
	IvfBulkRow *rows; /* of bounds */
	Size nrows;
	VdbCandidate *exact; /* the others */
	Size nexact;
	Size room;	   /* for either */
	double last;   /* the greatest bound, */
	int same;	   /* which so many rows have */
	uint64 resume; /* none before so many answers are certain */
} IvfBulk;

typedef struct IvfScan
{
	MemoryContext context; /* of everything here */
	MemoryContext query_context;
	IvfState *state;
	double unit;	 /* of bounds, in the exact distance's, */
	double far_unit; /* and in one that is no less than this: ivf_scan_key() */
	double far_from;
	float least; /* of all distances, in the bounds' unit */
	IvfRefiner *refiner;

	/* The query */
	Datum value; /* detoasted, in the query's context */
	float *normalized;
	float *projected;
	IvfQuery query;
	float epsilon; /* standard errors from estimates to bounds */
	uint8 *bits;   /* its bits, where lists hold those of rows */
	uint32 ones;   /* how many of them are set */

	/* Conditions: conditions.h */
	IvfFilter *filter; /* on scalar columns; NULL: none */
	bool filter_nulls; /* it lets a NULL pass */
	uint16 excluded;   /* details of a slot that does not */
	bool with_values;  /* rows with a vector are asked for */
	bool with_nulls;   /* those without */
	bool recheck;	   /* of conditions, by whoever takes the rows */
	IvfPassed list;	   /* that is being read */
	IvfPassed lists;   /* that were read */
	IvfPassed last;	   /* the same, the farthest of them counting most */
	double rate;	   /* of rows that pass, by these; 0: not told yet */

	const IvfColumnFilter *only; /* all of the filter, if keys of one column
								  * tell; else NULL */

	IvfSettings settings; /* as of the first row */
	IvfRadius radius;

	/* Rows: demand.h */
	const ScanKeyData *orderbys; /* the executor's: whose demand it is */
	IvfDemand *demand;			 /* NULL: nothing is known */
	uint64 bound; /* of which all that are wanted wait; 0: not known */
	bool all;	  /* of a sorted scan, more than memory may have room for */
	double ahead; /* that lists are to be enough for, so far */

	/* Lists, of which the nearest are in the queue, in lots */
	IvfProbes probes;
	uint32 probed;
	double depth; /* answers that they are enough for */
	IvfLot lots[IVF_MOST_LOTS];
	int nlots;
	uint32 lists_asked;	 /* the disk was asked for lists before this one */
	bool rows_from_disk; /* some were not in memory, so many are asked for */

	VdbQueue queue;
	IvfBulk bulk;
	IvfTwins twins;
	IvfSlack slack;
	VdbCandidate *items;
	Size items_room;
	IvfTwice *twice; /* rows of the queue that were met */

	VdbAnswers answers;
	VdbCandidate *waiting; /* memory of these */
	Size waiting_room;

	bool used;	  /* a row was asked for, in whatever search */
	bool started; /* the first row of this one was */
	bool ordered; /* rows are wanted in the order of distance, */
	bool sorted;  /* and what would be out of it is left out */
	IvfScanStage stage;
	IvfStream *stream; /* of the stages without order */
	bool listing;	   /* it is of a list, */
	uint32 next_list;  /* the one before this, of IVF_STAGE_UNORDERED */

	IvfScanReport report; /* since the scan was started */
} IvfScan;

/*
 * An exact distance in the unit of bounds; it has their order, and is no less
 * than the bounds of rows that are so far.
 */
static inline double
ivf_scan_key(const IvfScan *scan, double distance)
{
	return distance /
		   (distance >= scan->far_from ? scan->far_unit : scan->unit);
}

/*
 * Has a scan that went on with further lists fetched all the rows that it may?
 * Those of the first lists count, but end nothing.
 */
static inline bool
ivf_scan_spent(const IvfScan *scan)
{
	return scan->report.probes > scan->report.first_probes &&
		   scan->report.fetches >= scan->settings.most_fetches;
}

#endif /* VECDB_IVF_SCAN_SCAN_STATE_H */
