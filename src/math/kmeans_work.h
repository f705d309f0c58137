/*
 * kmeans_work.h: the memory of a k-means task, for the files of kmeans.h alone.
 *
 * Everything that processes share lies in the task's work memory and holds no
 * pointer; arrays are found there anew by whoever works on the task.
 */
#ifndef VECDB_KMEANS_WORK_H
#define VECDB_KMEANS_WORK_H

#include <math.h>
#include <string.h>

#include "math/blocks.h"
#include "math/kmeans.h"

/* Rows of a part of an assignment, and between two calls of progress. */
#define VDB_KMEANS_ROWS 256

/*
 * A centroid and the nearest ones to it, which the rows of its cluster are
 * compared with: whole groups.
 */
#define VDB_KMEANS_NEAR 64

/* Rows that tell how a cluster is cut in two, at most. */
#define VDB_KMEANS_SPLIT_ROWS 128

/* Value of assigned[] that is no cluster. */
#define VDB_UNASSIGNED UINT32_MAX

typedef struct VdbKmeansWork
{
	uint32_t *made;		/* centroids */
	uint32_t *step;		/* of rows, every so many-th is in use */
	char *centroids;	/* vdb_centroids_bytes() */
	uint32_t *assigned; /* cluster of each row */
	uint32_t *order;	/* numbers of the rows */
	uint32_t *ends;		/* end of each cluster in order */
	uint32_t *sizes;
	uint8_t *moved;	  /* whether a row of the part has moved */
	uint32_t *starts; /* rows that became centroids */
	uint32_t *table;  /* hash table of the starts, 1 + number */
	size_t slots;	  /* in table, a power of two */
	VdbCentroids set; /* in "centroids" */

	/* Where there are blocks: */
	char *blocks;			   /* vdb_centroids_bytes() of their means */
	char *other;			   /* room for the centroids once more */
	uint64_t *ordering;		   /* vdb_blocks_order_memory() */
	uint32_t *old;			   /* number of each centroid before */
	uint32_t *places;		   /* the other way round */
	char *screening;		   /* vdb_screen_bytes() */
	uint32_t *near;			   /* VDB_KMEANS_NEAR of each centroid */
	float *gains;			   /* of each cluster, if it becomes two */
	float *costs;			   /* if it becomes one with its mate */
	uint32_t *mates;		   /* another cluster, or itself: none */
	uint64_t *sorted;		   /* by costs, by gains */
	uint8_t *taken;			   /* part in a swap */
	VdbCentroids means;		   /* in "blocks" */
	VdbScreenCentroids screen; /* in "screening" */
} VdbKmeansWork;

/* What one process needs for itself. */
typedef struct VdbKmeansScratch
{
	double *sum; /* dim */
	float *mean; /* dim, and so on */
	float *other;
	float *first;
	float *second;

	/* Where there are blocks: */
	char *rows;		  /* VDB_KMEANS_ROWS, as VdbRow, side by side */
	float *keys;	  /* of their neighbours */
	char *gathered;	  /* VDB_KMEANS_NEAR centroids, side by side */
	float *residuals; /* VDB_KMEANS_SPLIT_ROWS * dim */
	char *nearest;	  /* vdb_blocks_scratch() */
} VdbKmeansScratch;

/* Parts of an assignment, and of new centroids. */
static inline size_t
vdb_kmeans_row_parts(size_t n)
{
	return n / VDB_KMEANS_ROWS + (n % VDB_KMEANS_ROWS != 0);
}

static inline size_t
vdb_kmeans_groups(uint32_t clusters)
{
	return clusters / VDB_GROUP + (clusters % VDB_GROUP != 0);
}

/* Whether there are so many centroids that they are kept in blocks. */
static inline bool
vdb_kmeans_in_blocks(uint32_t count)
{
	return count >= VDB_BLOCKS_LEAST;
}

/* Blocks that a row is compared with. */
static inline uint32_t
vdb_kmeans_wanted(uint32_t count)
{
	return vdb_blocks_part(count, VDB_BLOCKS_TO_TRAIN);
}

/* The numbers of a cluster's rows, as long as its size is untouched. */
static inline const uint32_t *
vdb_kmeans_members(const VdbKmeansWork *work, uint32_t cluster)
{
	return work->order + work->ends[cluster] - work->sizes[cluster];
}

/* The numbers of a centroid and of those near it. */
static inline uint32_t *
vdb_kmeans_near(const VdbKmeansWork *work, uint32_t centroid)
{
	return work->near + (size_t) centroid * VDB_KMEANS_NEAR;
}

/*
 * How much more the squared distances of m and n rows to their mean are in sum
 * when they have one mean in place of two, whose squared distance is given.
 */
static inline float
vdb_kmeans_ward(uint32_t m, uint32_t n, float distance2)
{
	return m == 0 || n == 0
			   ? 0
			   : (float) ((double) m * n / ((double) m + n)) * distance2;
}

static inline const VdbRow *
vdb_kmeans_row(const VdbKmeans *task, size_t row)
{
	return vdb_row_at(task->rows, row, task->dim);
}

static inline bool
vdb_same_row(const VdbRow *a, const VdbRow *b, uint32_t dim)
{
	return a->step == b->step && memcmp(a->bytes, b->bytes, dim) == 0;
}

/* The arrays of a task, with the centroids that were made. */
extern VdbKmeansWork vdb_kmeans_work_of(const VdbKmeans *task);
extern VdbKmeansScratch vdb_kmeans_scratch_of(const VdbKmeans *task);

/* Call the task's progress, if it has one. */
extern void vdb_kmeans_report(const VdbKmeans *task, int iteration,
							  double share);

/* Draw distinct rows as the first centroids; no row has a cluster yet. */
extern void vdb_kmeans_start(const VdbKmeans *task, VdbKmeansWork *work);

/* One part of an assignment. */
extern void vdb_kmeans_assign(const VdbKmeans *task, VdbKmeansWork *work,
							  size_t part);

/* The mean of a cluster, whose rows are in order. */
extern void vdb_kmeans_update(const VdbKmeans *task, VdbKmeansWork *work,
							  uint32_t cluster);

/*
 * Find the centroids near VDB_KMEANS_ROWS of them, through blocks; where there
 * are not so many, the centroid itself fills the places behind.
 */
extern void vdb_kmeans_find_near(const VdbKmeans *task, VdbKmeansWork *work,
								 size_t part);

/*
 * Rows of a cluster that lie nearer to one of the centroids near its own are
 * assigned to that.  Rows are in order, and near centroids are known.
 */
extern void vdb_kmeans_assign_near(const VdbKmeans *task, VdbKmeansWork *work,
								   uint32_t cluster);

/* What a cluster gains in two and costs in one with a mate; as above. */
extern void vdb_kmeans_weigh(const VdbKmeans *task, VdbKmeansWork *work,
							 uint32_t cluster);

/*
 * Take centroids away where that costs less than they gain elsewhere, of
 * clusters that are weighed.  Rows are no longer in order behind it.
 */
extern void vdb_kmeans_swap(const VdbKmeans *task, VdbKmeansWork *work,
							int iteration);

/*
 * Give an empty cluster half of another one: see kmeans.h.  False where no
 * cluster has distinct rows to give away.
 */
extern bool vdb_kmeans_fill(const VdbKmeans *task, VdbKmeansWork *work,
							uint32_t empty);

#endif /* VECDB_KMEANS_WORK_H */
