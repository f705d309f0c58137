/*
 * build.h: the steps of CREATE INDEX, shared by build*.c and sample.c.
 *
 *		sample.c	rows for training
 *		train.c		mean, scale and centroids from the sample
 *		assign.c	every row: its list and its code, into a sort by list
 *		build.c		the order of the steps, and the pages
 *		build_parallel.c	assign.c in several processes
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
	float *centroids;		  /* lists * D, as their codes say */
	uint32 queries;			  /* rows that calibration searches for */
	float *query_rows;		  /* queries * D, projected */
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
	bool with_norm;
	VdbPanels panels;
	IvfNeighbours *neighbours; /* one a query */
} IvfMatcher;

/* How many queries a sample of that size gives: 0, or whole panels. */
extern uint32 ivf_calibration_queries(const IvfBuild *build, Size sample_rows);
extern void ivf_neighbours_reset(IvfNeighbours *neighbours, uint32 queries);
extern void ivf_neighbours_merge(IvfNeighbours *into, const IvfNeighbours *from,
								 uint32 queries);
extern void ivf_matcher_init(IvfMatcher *matcher, const IvfBuild *build,
							 IvfNeighbours *neighbours);

/* Rows, projected and one behind the other, that go to these lists. */
extern void ivf_match_rows(const IvfMatcher *matcher, const float *rows,
						   const uint32 *lists, uint32 count);

/*
 * Fill in the metapage's calibration, once root and lists are written, from
 * the neighbours and the lists' rows.
 */
extern void ivf_calibrate(IvfBuild *build, const IvfNeighbours *neighbours,
						  const IvfWritten *lists);

/* Sample ----------------------------------------------------------------- */

typedef struct IvfSample
{
	const IvfIndex *ivf;
	float *rows; /* count * D: rotated, neither scaled nor centred */
	Size limit;
	Size count;
	double seen;		  /* rows with a place that the sample stands for */
	double rows_estimate; /* of them in the whole table */
} IvfSample;

/* Rows of the table, by the planner's estimate. */
extern double ivf_estimated_rows(Relation heap);

/* A uniform sample of at most "limit" rows, palloc'd. */
extern void ivf_sample_rows(IvfBuild *build, Size limit, IvfSample *sample);

/* Training --------------------------------------------------------------- */

/* Bytes of maintenance_work_mem. */
extern Size ivf_build_memory(void);

/*
 * Sample, then set mean, scale and number of lists in build->ivf->meta and
 * build->centroids (not coded yet; NULL for a single list).
 */
extern void ivf_train(IvfBuild *build);

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

/* The centroids of an index whose root is written: lists * D, palloc'd. */
extern float *ivf_centroids_load(Relation index, const IvfIndex *ivf);

#endif /* VECDB_IVF_BUILD_H */
