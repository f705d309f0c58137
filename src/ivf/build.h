/*
 * build.h: the steps of CREATE INDEX, shared by the files that do them.
 *
 *		sample.c	rows for training
 *		train.c		mean, scale and centroids from the sample
 *		team.c		train.c's k-means in several processes
 *		assign.c	every row: its list and its code, into a sort by list
 *		window.c	the centroids as assign.c sees them
 *		build.c		the order of the steps, and the pages
 *		build_parallel.c	assign.c in several processes
 *
 * Memory: all processes together stay within maintenance_work_mem.  Training
 * has it for itself.  In the assignment, sorts have a half of it, batches of
 * rows and windows on the centroids an eighth each, calibration the rest.
 */
#ifndef VECDB_IVF_BUILD_H
#define VECDB_IVF_BUILD_H

#include "compat.h"

#include "access/tableam.h"
#include "ivf/ivf.h"
#include "math/kmeans.h"
#include "storage/itemptr.h"
#include "utils/tuplesort.h"

/* Subphases of the progress view; the first one is PostgreSQL's own. */
#define IVF_PHASE_KMEANS 2
#define IVF_PHASE_ASSIGN 3
#define IVF_PHASE_LOAD 4

/* Sample rows for each list; see the design notes in README.md. */
#define IVF_SAMPLE_PER_LIST 100

typedef struct IvfBuild
{
	Relation heap;
	Relation index;
	IndexInfo *info;
	IvfIndex *ivf; /* grows as the build goes on */
	uint32 lists;
	VdbCentroids centroids;	  /* of training, until the root is written */
	float centroid_factor;	  /* brings them to the scale of the codes */
	uint32 queries;			  /* rows that calibration searches for */
	float *query_rows;		  /* queries * D, projected; the leader's */
	float *query_columns;	  /* what rows are multiplied with for them */
	int participants;		  /* of the assignment */
	struct IvfShared *shared; /* of a parallel build, or NULL */
	double heap_rows;		  /* rows that the scan saw */
	double index_rows;		  /* rows that went into the index */
} IvfBuild;

/* Calibration ------------------------------------------------------------ */

/* Nearest rows that a query keeps: itself and ten true neighbours. */
#define IVF_NEIGHBOURS 11

typedef struct IvfNeighbours
{
	float key[IVF_NEIGHBOURS]; /* orders as the distance; +inf: none */
	uint32 list[IVF_NEIGHBOURS];
} IvfNeighbours;

/* Compares rows with all queries. */
typedef struct IvfMatcher
{
	const IvfIndex *ivf;
	const float *columns;	   /* the queries, exact */
	VdbCentroids codes;		   /* and quantized; half is what a query wants */
	float row_error;		   /* of a product, for each unit of a row's step */
	float column_error;		   /* the same, for each unit of a row's norm */
	IvfNeighbours *neighbours; /* one a query */
} IvfMatcher;

/* How many queries a sample of that size gives: 0, or whole panels. */
extern uint32 ivf_calibration_queries(const IvfBuild *build, Size sample_rows);
extern void ivf_neighbours_reset(IvfNeighbours *neighbours, uint32 queries);
extern void ivf_neighbours_merge(IvfNeighbours *into, const IvfNeighbours *from,
								 uint32 queries);

/* What rows are multiplied with, from the query rows: queries * D. */
extern void ivf_query_columns(const IvfBuild *build, float *columns);
extern void ivf_matcher_init(IvfMatcher *matcher, const IvfBuild *build,
							 IvfNeighbours *neighbours);

/* Rows, one behind the other, exact and quantized, that go to these lists. */
extern void ivf_match_rows(IvfMatcher *matcher, const float *rows,
						   const VdbRow *quantized, const uint32 *lists,
						   uint32 count);

/*
 * Fill in the metapage's calibration, once root and lists are written, from
 * the neighbours and the lists' rows.
 */
extern void ivf_calibrate(IvfBuild *build, const IvfNeighbours *neighbours,
						  const IvfWritten *lists);

/* Sample ----------------------------------------------------------------- */

/*
 * Quantized rows: rotated, less the mean, over the scale.  Mean and scale are
 * those of a few rows from all over the table, which are taken first, since
 * bytes have no room for them.
 */
typedef struct IvfSample
{
	const IvfIndex *ivf;
	VdbRow *rows; /* the caller's memory, of "limit" rows */
	Size limit;
	Size count;
	float *mean; /* D, unscaled */
	double scale;
	double seen;		  /* rows with a place that the sample stands for */
	double rows_estimate; /* of them in the whole table */
} IvfSample;

/* Rows of the table, by the planner's estimate. */
extern double ivf_estimated_rows(Relation heap);

/* Fill in a uniform sample of at most sample->limit rows. */
extern void ivf_sample_rows(IvfBuild *build, IvfSample *sample);

/* Training --------------------------------------------------------------- */

/* Bytes of maintenance_work_mem. */
extern Size ivf_build_memory(void);

/*
 * Sample, then set mean, scale and number of lists in build->ivf->meta and
 * build->centroids (not coded yet; count 0 for a single list).
 */
extern void ivf_train(IvfBuild *build);

/* Processes that train together, or one alone (team.c). */
typedef struct IvfTeam IvfTeam;

/*
 * A team with memory for a sample and the work on it.  Its workers, if it can
 * have any, start now.
 */
extern IvfTeam *ivf_team_begin(int workers, uint32 lists, uint32 dim,
							   Size rows);

/* The sample's rows, to be filled in. */
extern VdbRow *ivf_team_rows(IvfTeam *team);

/* Run the task, whose rows and memory the team sets, and let it report. */
extern uint32 ivf_team_kmeans(IvfTeam *team, VdbKmeans *task);

/* Free all memory of the team and let the workers go. */
extern void ivf_team_end(IvfTeam *team);

/* Centroids, part by part (window.c) -------------------------------------- */

/*
 * As many of the root's codes as the memory has room for.  The root is where
 * all centroids are, in shared buffers, once for all processes.
 */
typedef struct IvfWindow
{
	const IvfBuild *build;
	VdbCentroids codes;
	uint32 room;  /* lists that fit */
	uint32 first; /* the first list that is in it */
	uint8 *group; /* a group as the pages have it */
	bool loaded;
} IvfWindow;

extern void ivf_window_init(IvfWindow *window, const IvfBuild *build);

/* Each row's nearest list. */
extern void ivf_window_nearest(IvfWindow *window, const VdbRow *rows,
							   uint32 count, uint32 *nearest, float *keys);

/* The centroid of a list: D floats. */
extern void ivf_window_centroid(IvfWindow *window, uint32 list,
								float *centroid);

/* Assignment ------------------------------------------------------------- */

/* Rows of an assignment batch at most. */
#define IVF_BATCH_ROWS 1024

/* The sort that assigners fill: by list, then in no order. */
extern Tuplesortstate *ivf_sort_begin(int memory_kb, SortCoordinate coordinate);

/*
 * Scan the heap, or the share of a parallel scan, into the sort.  Adds to
 * build->heap_rows and index_rows.  The calibration's queries, where there
 * are any, keep their nearest rows in "neighbours".
 */
extern void ivf_assign_rows(IvfBuild *build, Tuplesortstate *sort,
							TableScanDesc scan, IvfNeighbours *neighbours,
							bool progress);

/* Sorted rows, one by one. */
typedef struct IvfSorted
{
	Tuplesortstate *sort;
	TupleTableSlot *slot;
	bool valid;	 /* there is a current row */
	uint32 list; /* its list; lists for unplaced rows */
	IvfEntry *entry;
	Size room; /* of the entry */
} IvfSorted;

extern void ivf_sorted_begin(IvfSorted *sorted, Tuplesortstate *sort);
extern void ivf_sorted_next(IvfSorted *sorted);
extern void ivf_sorted_end(IvfSorted *sorted);

/* Parallel assignment (build_parallel.c) --------------------------------- */

typedef struct IvfParallel IvfParallel;

/* Report so many more rows as assigned, by everybody together. */
extern void ivf_report_assigned(IvfBuild *build, uint32 rows);

/* Start workers; NULL where none can be had. */
extern IvfParallel *ivf_parallel_begin(IvfBuild *build, int workers);

/*
 * Take part in the scan, wait for the workers, and sort what all found; the
 * neighbours are everybody's.
 */
extern Tuplesortstate *ivf_parallel_assign(IvfParallel *parallel,
										   IvfBuild *build,
										   IvfNeighbours *neighbours);
extern void ivf_parallel_end(IvfParallel *parallel);

#endif /* VECDB_IVF_BUILD_H */
