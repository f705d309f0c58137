/*
 * build.h: a build, from beginning to end.
 *
 * 		limits.c	how many lists and rows for training there is memory for
 * 		sample.c	rows for training
 * 		norms.c		which rows are too long to learn from
 * 		train.c		centroids, mean and scale from the sample
 * 		team.c		train.c's k-means in several processes
 * 		scale.c		mean and scale
 * 		stretch.c	how a class's own distance stands to the metric's
 * 		assign.c	every row: its list and its code, into a sort by list
 * 		window.c	the centroids as assign.c sees them
 * 		match.c		the calibration's queries against every row
 * 		sort.c		the sort and what comes out of it
 * 		parallel.c	assign.c in several processes
 * 		calibrate.c	what is learnt from the matches
 * 		tree.c		a tree: the order of these steps, and its pages
 * 		build.c		CREATE INDEX: a tree and the metapage
 */
#ifndef VECDB_IVF_BUILD_BUILD_H
#define VECDB_IVF_BUILD_BUILD_H

#include "compat.h"

#include "access/tableam.h"
#include "ivf/disk/writer.h"
#include "ivf/space/index.h"
#include "math/nearest.h"
#include "nodes/execnodes.h"

/*
 * Streams of the rotation's seed for the sample and for k-means: with one
 * stream for both, the starts of k-means would be rows that stand near each
 * other in the table.
 */
#define IVF_SAMPLE_STREAM UINT64_C(0xD1B54A32D192ED03)
#define IVF_KMEANS_STREAM UINT64_C(0xABC98388FB8FAC03)
#define IVF_ORIGIN_STREAM UINT64_C(0x9FB21C651E98DF25)
#define IVF_NORMS_STREAM UINT64_C(0xE7037ED1A0B428DB)
#define IVF_QUERIES_STREAM UINT64_C(0x8CB92BA72F3D8DD7)

/*
 * Sample rows for each list; and where there are very many lists, so many that
 * they are trained through blocks (math/blocks.h).
 */
#define IVF_SAMPLE_PER_LIST 100
#define IVF_SAMPLE_PER_LIST_OF_MANY 128

/* Call back for each row that is to be in the tree; returns how many. */
typedef double (*IvfVisitRows)(void *arg, IndexBuildCallback callback,
							   void *callback_arg);

typedef struct IvfBuild
{
	Relation heap;
	Relation index;
	IndexInfo *info;
	IvfState *state; /* grows as the build goes on */
	uint32 lists;
	VdbCentroids centroids; /* of training, until the root is written */
	float centroid_factor;	/* brings them to the scale of the codes */
	float close_reach;		/* of rows that are close together (meta.h), whether
							 * or not they get a rule; 0: there are none */
	uint32 queries;			/* rows that calibration searches for */
	float *query_rows;		/* queries * D, projected; the leader's */
	float *query_columns;	/* what rows are multiplied with for them */
	IvfSite site;			/* where the tree is written */
	IvfVisitRows visit;		/* of other rows than the table's, or NULL */
	void *visit_arg;
	double visit_rows;					/* of them, with a place, about */
	double least_rows;					/* to be seen, or there is no tree */
	int participants;					/* of the assignment */
	struct IvfSharedProgress *progress; /* of a parallel build, or NULL */
	double heap_rows;					/* rows that the scan saw */
	double index_rows;					/* rows that went into the index */
	double residuals;					/* of their entries: sum of |r|^2 */
} IvfBuild;

#endif /* VECDB_IVF_BUILD_BUILD_H */
