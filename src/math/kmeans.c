/*
 * kmeans.c: Lloyd's algorithm on a sample (Lloyd, "Least squares quantization
 * in PCM", 1982).
 *
 * An iteration assigns all rows, sorts their numbers by cluster, and then goes
 * cluster by cluster.
 *
 * Many centroids are brought into blocks of near ones before each iteration,
 * and in the end: clusters get other numbers then, and so do the rows' ones.
 * Blocks are others each time, and a row keeps its centroid unless a nearer one
 * is in near blocks: so what it does not meet once it meets in the next
 * iteration or the one after that, and no iteration has to compare with all.
 */
#include "math/kmeans_work.h"

/*
 * Further iterations, where the last one had to fill empty clusters: a split
 * leaves centroids that are not yet means.
 */
#define EXTRA_ITERATIONS 3

/* While centroids are brought into an order, behind an iteration. */
typedef struct Ordering
{
	const VdbKmeans *task;
	int iteration;
} Ordering;

static void
report_ordering(void *arg)
{
	const Ordering *ordering = arg;

	/* Nothing is further than it was. */
	if (ordering->iteration == 0)
		vdb_kmeans_report(ordering->task, 1, 0);
	else
		vdb_kmeans_report(ordering->task, ordering->iteration, 1);
}

/* Bring near centroids side by side, after so many iterations. */
static void
make_blocks(const VdbKmeans *task, VdbKmeansWork *work, int iterations)
{
	Ordering ordering = {task, iterations};

	if (!vdb_kmeans_in_blocks(task->count))
		return;
	vdb_blocks_order(&work->set, *work->made, work->old, work->ordering,
					 report_ordering, &ordering);
	vdb_blocks_permute(&work->set, *work->made, work->old, work->other);
	vdb_blocks_means(&work->set, *work->made, &work->means,
					 (float *) work->ordering);
	vdb_screen_centroids(&work->set, &work->screen);
	for (uint32_t c = 0; c < *work->made; c++)
		work->places[work->old[c]] = c;
	for (size_t i = 0; i < task->n; i++)
		if (work->assigned[i] != VDB_UNASSIGNED)
			work->assigned[i] = work->places[work->assigned[i]];
}

void
vdb_kmeans_part(const VdbKmeans *task, VdbKmeansStep step, size_t part)
{
	VdbKmeansWork work = vdb_kmeans_work_of(task);

	if (step == VDB_KMEANS_ASSIGN)
		vdb_kmeans_assign(task, &work, part);
	else
		vdb_kmeans_update(task, &work, part);
}

static void
run_parts(const VdbKmeans *task, int iteration, VdbKmeansStep step,
		  size_t parts)
{
	if (task->run != NULL)
	{
		task->run(task->run_arg, iteration, step, parts);
		return;
	}
	for (size_t part = 0; part < parts; part++)
	{
		vdb_kmeans_report(task, iteration,
						  step == VDB_KMEANS_ASSIGN ? (double) part / parts
													: 1);
		vdb_kmeans_part(task, step, part);
	}
}

/* Assign every row; returns whether one has moved. */
static bool
assign_rows(const VdbKmeans *task, VdbKmeansWork *work, int iteration)
{
	size_t parts = vdb_kmeans_row_parts(task->n);
	bool moved = false;

	run_parts(task, iteration, VDB_KMEANS_ASSIGN, parts);
	for (size_t i = 0; i < parts; i++)
		moved |= work->moved[i] != 0;
	vdb_kmeans_report(task, iteration, 1);
	return moved;
}

/* A counting sort, which leaves the rows of a cluster in their order. */
static void
sort_by_cluster(const VdbKmeans *task, VdbKmeansWork *work)
{
	uint32_t end = 0;

	memset(work->sizes, 0, *work->made * sizeof(*work->sizes));
	for (size_t i = 0; i < task->n; i++)
		work->sizes[work->assigned[i]]++;

	/* starts first: each row that is put moves one on, up to the end */
	for (uint32_t c = 0; c < *work->made; c++)
	{
		work->ends[c] = end;
		end += work->sizes[c];
	}
	for (size_t i = 0; i < task->n; i++)
		work->order[work->ends[work->assigned[i]]++] = (uint32_t) i;
}

/* New centroids for the assignment; returns whether a cluster was empty. */
static bool
update_centroids(const VdbKmeans *task, VdbKmeansWork *work, int iteration)
{
	bool filled = false;

	sort_by_cluster(task, work);
	run_parts(task, iteration, VDB_KMEANS_UPDATE,
			  vdb_kmeans_groups(*work->made));

	/* by now a donor's size may be zero, but only its end tells emptiness */
	for (uint32_t c = 0; c < *work->made; c++)
		if (work->ends[c] == (c == 0 ? 0 : work->ends[c - 1]))
			filled |= vdb_kmeans_fill(task, work, c);
	return filled;
}

uint32_t
vdb_kmeans(const VdbKmeans *task)
{
	VdbKmeansWork work = vdb_kmeans_work_of(task);
	int last = task->iterations;

	vdb_kmeans_start(task, &work);
	if (*work.made == 0)
		return 0;
	for (int i = 1; i <= last; i++)
	{
		make_blocks(task, &work, i - 1);
		if (!assign_rows(task, &work, i))
			break;
		if (update_centroids(task, &work, i) && i == last &&
			last < task->iterations + EXTRA_ITERATIONS)
			last++;
	}
	make_blocks(task, &work, task->iterations);
	return *work.made;
}
