/*
 * kmeans_test.h: what the tests of k-means have in common.
 */
#ifndef VECDB_KMEANS_TEST_H
#define VECDB_KMEANS_TEST_H

#include <stdlib.h>
#include <string.h>

#include "math/kmeans.h"

/* Work memory and scratch of exactly the size that a task needs. */
static void
give_memory(VdbKmeans *task)
{
	size_t work = vdb_kmeans_work(task->count, task->dim, task->n);
	size_t scratch = vdb_kmeans_scratch(task->count, task->dim);

	if (posix_memalign(&task->work, 64, work) != 0 ||
		posix_memalign(&task->scratch, 64, scratch) != 0)
		abort();
	memset(task->work, 0xFF, work);
}

/* Its rows, too, which are on the heap. */
static void
free_task(VdbKmeans *task)
{
	free((void *) task->rows);
	free(task->work);
	free(task->scratch);
}

/*
 * VdbKmeans.run, of which "arg" is the task: parts from the last to the first,
 * every other one by another process's view, the same memory with other
 * scratch.
 */
static void
run_backwards(void *arg, int iteration, VdbKmeansStep step, size_t parts)
{
	const VdbKmeans *task = arg;
	VdbKmeans other = {.dim = task->dim,
					   .count = task->count,
					   .n = task->n,
					   .rows = task->rows,
					   .work = task->work};

	(void) iteration;
	if (posix_memalign(&other.scratch, 64,
					   vdb_kmeans_scratch(task->count, task->dim)) != 0)
		abort();
	for (size_t part = parts; part > 0; part--)
		vdb_kmeans_part(part % 2 ? task : &other, step, part - 1);
	free(other.scratch);
}

#endif /* VECDB_KMEANS_TEST_H */
