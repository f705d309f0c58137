/*
 * kmeans.c: Lloyd's algorithm on a sample (Lloyd, "Least squares quantization
 * in PCM", 1982).
 *
 * Starts are distinct rows, drawn at random: on real data they did no worse
 * than k-means++ and cost nothing.  An iteration assigns all rows (nearest.c),
 * sorts their numbers by cluster, and then goes cluster by cluster: the mean
 * is summed up in one row of doubles, which is exact enough for any sample and
 * needs no array of sums; members that lie side by side also tell cheaply
 * which cluster can be split for the sake of an empty one.
 *
 * Assignment and means are done in parts, each a fixed set of rows or clusters
 * that nobody else writes to, so that it does not matter who does which.
 * Everything shared lies in the work memory and holds no pointer.
 *
 * Many centroids are brought into blocks of near ones after each iteration,
 * and in the end: clusters get other numbers then, and so do the rows' ones.
 */
#include "math/kmeans.h"

#include <string.h>

#include "math/blocks.h"
#include "math/rng.h"

/* Rows of a part of the assignment, and between two calls of progress. */
#define BLOCK 256

/* Rows that are summed up in floats. */
#define FLOAT_ROWS 64

/* Value of assigned[] that is no cluster. */
#define UNASSIGNED UINT32_MAX

/*
 * Further iterations, where the last one had to fill empty clusters: a split
 * leaves centroids that are not yet means.
 */
#define EXTRA_ITERATIONS 3

/*
 * The last iterations, in which rows meet all centroids: through blocks some
 * get another than the nearest, which pulls centroids to where they are not.
 */
#define WHOLE_ITERATIONS 2

/*
 * How far the centroids of a split move apart, in units of the distance of
 * two members.  Not tiny, or the rounding of inner products would decide on
 * the halves; not large, or they would leave the cluster.
 */
#define SPLIT 0.0625f

typedef struct Work
{
	uint32_t *made;		/* centroids */
	uint32_t *whole;	/* whether rows meet all of them now */
	char *centroids;	/* vdb_centroids_bytes() */
	uint32_t *assigned; /* cluster of each row */
	uint32_t *order;	/* numbers of the rows */
	uint32_t *ends;		/* end of each cluster in order */
	uint32_t *sizes;
	uint8_t *moved;	  /* whether a row of the block has moved */
	uint32_t *starts; /* rows that became centroids */
	uint32_t *table;  /* hash table of the starts, 1 + number */
	size_t slots;	  /* in table, a power of two */
	VdbCentroids set; /* in "centroids" */

	/* Where there are blocks: */
	char *blocks;		/* vdb_centroids_bytes() of their means */
	char *other;		/* room for the centroids once more */
	uint64_t *ordering; /* vdb_blocks_order_memory() */
	uint32_t *old;		/* number of each centroid before */
	uint32_t *places;	/* the other way round */
	VdbCentroids means; /* in "blocks" */
} Work;

/* What one process needs for itself. */
typedef struct Scratch
{
	double *sum; /* dim */
	float *mean; /* dim, and so on */
	float *other;
	float *first;
	float *second;
	void *nearest; /* vdb_blocks_scratch(), where there are blocks */
} Scratch;

static size_t
block_count(size_t n)
{
	return n / BLOCK + (n % BLOCK != 0);
}

/* Whether there are so many centroids that they are kept in blocks. */
static bool
in_blocks(uint32_t count)
{
	return count >= VDB_BLOCKS_LEAST;
}

/* Blocks that a row is compared with. */
static uint32_t
wanted(uint32_t count)
{
	return vdb_blocks_part(count, VDB_BLOCKS_TO_TRAIN);
}

/* Lays out the arrays from "base" or, if NULL, only tells their bytes. */
static size_t
lay_out(Work *work, char *base, uint32_t count, uint32_t dim, size_t n)
{
	size_t many = in_blocks(count) ? count : 0;
	size_t offset = 0;

	work->slots = 2;
	while (work->slots < 2 * (size_t) count)
		work->slots *= 2;

#define TAKE(field, elements)                                                  \
	(work->field = base != NULL ? (void *) (base + offset) : NULL,             \
	 offset += ((elements) * sizeof(*work->field) + 63) / 64 * 64)

	TAKE(made, 1);
	TAKE(whole, 1);
	TAKE(centroids, vdb_centroids_bytes(count, dim));
	TAKE(assigned, n);
	TAKE(order, n);
	TAKE(ends, (size_t) count);
	TAKE(sizes, (size_t) count);
	TAKE(moved, block_count(n));
	TAKE(starts, (size_t) count);
	TAKE(table, work->slots);
	TAKE(blocks, many ? vdb_centroids_bytes(vdb_block_count(count), dim) : 0);
	TAKE(other, many ? vdb_centroids_bytes(count, dim) : 0);
	TAKE(ordering,
		 many ? vdb_blocks_order_memory(count, dim) / sizeof(uint64_t) + 1 : 0);
	TAKE(old, many);
	TAKE(places, many);
#undef TAKE
	return offset;
}

size_t
vdb_kmeans_work(uint32_t count, uint32_t dim, size_t n)
{
	Work work;

	return lay_out(&work, NULL, count, dim, n);
}

size_t
vdb_kmeans_scratch(uint32_t count, uint32_t dim)
{
	return (size_t) dim * (sizeof(double) + 4 * sizeof(float)) +
		   (in_blocks(count) ? vdb_blocks_scratch(count, wanted(count)) : 0);
}

static Scratch
scratch_of(const VdbKmeans *task)
{
	Scratch scratch;

	scratch.sum = task->scratch;
	scratch.mean = (float *) (scratch.sum + task->dim);
	scratch.other = scratch.mean + task->dim;
	scratch.first = scratch.other + task->dim;
	scratch.second = scratch.first + task->dim;
	scratch.nearest = scratch.second + task->dim;
	return scratch;
}

/* The arrays of a task, with the centroids that were made. */
static Work
work_of(const VdbKmeans *task)
{
	Work work;

	lay_out(&work, task->work, task->count, task->dim, task->n);
	vdb_centroids_place(&work.set, work.centroids, task->count, task->dim);
	if (in_blocks(task->count))
		vdb_centroids_place(&work.means, work.blocks,
							vdb_block_count(task->count), task->dim);
	return work;
}

void
vdb_kmeans_centroids(const VdbKmeans *task, VdbCentroids *centroids)
{
	*centroids = work_of(task).set;
}

static const VdbRow *
row_at(const VdbKmeans *task, size_t row)
{
	return vdb_row_at(task->rows, row, task->dim);
}

static void
report(const VdbKmeans *task, int iteration, double share)
{
	if (task->progress == NULL)
		return;
	if (iteration > task->iterations) /* an extra one: no further, but called */
		task->progress(task->progress_arg, task->iterations, 1);
	else
		task->progress(task->progress_arg, iteration, share);
}

/* Starts ----------------------------------------------------------------- */

static bool
same_row(const VdbRow *a, const VdbRow *b, uint32_t dim)
{
	return a->step == b->step && memcmp(a->bytes, b->bytes, dim) == 0;
}

static uint64_t
hash_row(const VdbRow *row, uint32_t dim)
{
	VdbRng mix = {dim};
	uint32_t bits;

	memcpy(&bits, &row->step, sizeof(bits));
	mix.state ^= bits;
	for (uint32_t k = 0; k < dim; k += 4)
	{
		memcpy(&bits, row->bytes + k, sizeof(bits));
		mix.state = (mix.state ^ bits) * UINT64_C(0x9E3779B97F4A7C15);
		mix.state ^= mix.state >> 29;
	}
	return vdb_rng_next(&mix);
}

/* Make a row the next centroid, unless one is equal to it. */
static void
add_start(const VdbKmeans *task, Work *work, uint32_t number)
{
	const VdbRow *row = row_at(task, number);
	size_t slot = hash_row(row, task->dim) & (work->slots - 1);
	float *x = scratch_of(task).mean;

	while (work->table[slot] != 0)
	{
		uint32_t start = work->starts[work->table[slot] - 1];

		if (same_row(row_at(task, start), row, task->dim))
			return;
		slot = (slot + 1) & (work->slots - 1);
	}
	vdb_row_get(row, x, task->dim);
	vdb_centroid_set(&work->set, *work->made, x);
	work->starts[*work->made] = number;
	work->table[slot] = ++*work->made;
}

/* Draws rows (Fisher and Yates) until there are enough starts. */
static void
choose_starts(const VdbKmeans *task, Work *work)
{
	VdbRng rng = {task->seed};

	*work->made = 0;
	vdb_centroids_clear(&work->set);
	memset(work->table, 0, work->slots * sizeof(*work->table));
	for (size_t i = 0; i < task->n; i++)
	{
		work->assigned[i] = UNASSIGNED;
		work->order[i] = (uint32_t) i;
	}
	for (size_t i = 0; i < task->n && *work->made < task->count; i++)
	{
		size_t other = i + vdb_rng_below(&rng, task->n - i);
		uint32_t row = work->order[other];

		if (i % BLOCK == 0)
			report(task, 1, 0);
		work->order[other] = work->order[i];
		work->order[i] = row;
		add_start(task, work, row);
	}
}

/* Blocks ----------------------------------------------------------------- */

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
		report(ordering->task, 1, 0);
	else
		report(ordering->task, ordering->iteration, 1);
}

/* Bring near centroids side by side, after so many iterations. */
static void
make_blocks(const VdbKmeans *task, Work *work, int iterations)
{
	Ordering ordering = {task, iterations};

	if (!in_blocks(task->count))
		return;
	vdb_blocks_order(&work->set, *work->made, work->old, work->ordering,
					 report_ordering, &ordering);
	vdb_blocks_permute(&work->set, *work->made, work->old, work->other);
	vdb_blocks_means(&work->set, *work->made, &work->means,
					 (float *) work->ordering);
	for (uint32_t c = 0; c < *work->made; c++)
		work->places[work->old[c]] = c;
	for (size_t i = 0; i < task->n; i++)
		if (work->assigned[i] != UNASSIGNED)
			work->assigned[i] = work->places[work->assigned[i]];
}

/* Parts ------------------------------------------------------------------ */

static void
assign_block(const VdbKmeans *task, Work *work, size_t block)
{
	uint32_t nearest[BLOCK];
	float keys[BLOCK];
	size_t begin = block * BLOCK;
	size_t n = task->n - begin < BLOCK ? task->n - begin : BLOCK;

	vdb_nearest_begin(nearest, keys, n);
	if (*work->whole)
		vdb_nearest(&work->set, 0, row_at(task, begin), n, nearest, keys);
	else
		vdb_blocks_nearest(&(VdbBlocks){&work->set, &work->means,
										wanted(task->count),
										scratch_of(task).nearest},
						   0, row_at(task, begin), n, 1, nearest, keys);
	work->moved[block] =
		memcmp(work->assigned + begin, nearest, n * sizeof(*nearest)) != 0;
	memcpy(work->assigned + begin, nearest, n * sizeof(*nearest));
}

/* The row numbers of a cluster, as long as its size is untouched. */
static const uint32_t *
members(const Work *work, uint32_t cluster)
{
	return work->order + work->ends[cluster] - work->sizes[cluster];
}

/* Sixteen at a time, which a compiler can turn into vectors. */
static void
add_row(float *restrict sum, const VdbRow *restrict row, uint32_t dim)
{
	float step = row->step;
	uint32_t k = 0;

	for (; k + 16 <= dim; k += 16)
		for (uint32_t j = 0; j < 16; j++)
			sum[k + j] += step * row->bytes[k + j];
	for (; k < dim; k++)
		sum[k] += step * row->bytes[k];
}

/* Few rows are summed up in floats, the sums of many in doubles. */
static void
add_rows(const VdbKmeans *task, const uint32_t *rows, uint32_t count,
		 const Scratch *scratch)
{
	memset(scratch->sum, 0, task->dim * sizeof(double));
	for (uint32_t i = 0; i < count; i += FLOAT_ROWS)
	{
		memset(scratch->mean, 0, task->dim * sizeof(float));
		for (uint32_t j = i; j < count && j < i + FLOAT_ROWS; j++)
			add_row(scratch->mean, row_at(task, rows[j]), task->dim);
		for (uint32_t k = 0; k < task->dim; k++)
			scratch->sum[k] += scratch->mean[k];
	}
}

static void
update_mean(const VdbKmeans *task, Work *work, uint32_t cluster)
{
	Scratch scratch = scratch_of(task);
	const uint32_t *rows = members(work, cluster);
	uint32_t size = work->sizes[cluster];

	if (size == 0)
		return;
	add_rows(task, rows, size, &scratch);
	for (uint32_t k = 0; k < task->dim; k++)
		scratch.mean[k] = (float) (scratch.sum[k] / size);
	vdb_centroid_set(&work->set, cluster, scratch.mean);
}

static void
update_group(const VdbKmeans *task, Work *work, size_t group)
{
	uint32_t end = (uint32_t) (group + 1) * VDB_GROUP;

	for (uint32_t c = (uint32_t) group * VDB_GROUP; c < end && c < *work->made;
		 c++)
		update_mean(task, work, c);
}

void
vdb_kmeans_part(const VdbKmeans *task, VdbKmeansStep step, size_t part)
{
	Work work = work_of(task);

	if (step == VDB_KMEANS_ASSIGN)
		assign_block(task, &work, part);
	else
		update_group(task, &work, part);
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
		report(task, iteration,
			   step == VDB_KMEANS_ASSIGN ? (double) part / parts : 1);
		vdb_kmeans_part(task, step, part);
	}
}

/* An iteration ----------------------------------------------------------- */

/* Assign every row; returns whether one has moved. */
static bool
assign_rows(const VdbKmeans *task, Work *work, int iteration)
{
	size_t blocks = block_count(task->n);
	bool moved = false;

	run_parts(task, iteration, VDB_KMEANS_ASSIGN, blocks);
	for (size_t i = 0; i < blocks; i++)
		moved |= work->moved[i] != 0;
	report(task, iteration, 1);
	return moved;
}

/* A counting sort, which leaves the rows of a cluster in their order. */
static void
sort_by_cluster(const VdbKmeans *task, Work *work)
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

/*
 * Move the centroids of an empty cluster and of a donor to both sides of the
 * donor's mean, along the line through two members a and b that differ.  On
 * that line the members' mean is the centroid, and not all of them are at one
 * place: there are some on either side.
 */
static void
split(const VdbKmeans *task, Work *work, uint32_t empty, uint32_t donor,
	  const VdbRow *a, const VdbRow *b)
{
	Scratch scratch = scratch_of(task);

	vdb_row_get(a, scratch.first, task->dim);
	vdb_row_get(b, scratch.second, task->dim);
	vdb_centroid_get(&work->set, donor, scratch.mean);
	for (uint32_t k = 0; k < task->dim; k++)
	{
		float move = (scratch.second[k] - scratch.first[k]) * SPLIT;

		scratch.other[k] = scratch.mean[k] + move;
		scratch.mean[k] -= move;
	}
	vdb_centroid_set(&work->set, empty, scratch.other);
	vdb_centroid_set(&work->set, donor, scratch.mean);
}

/*
 * Split a cluster for the sake of an empty one, if it holds distinct rows.
 * Its size becomes zero: it is no donor again in this iteration.
 */
static bool
donate(const VdbKmeans *task, Work *work, uint32_t empty, uint32_t donor)
{
	const uint32_t *rows = members(work, donor);
	uint32_t size = work->sizes[donor];
	const VdbRow *first = row_at(task, rows[0]);

	work->sizes[donor] = 0;
	for (uint32_t i = 1; i < size; i++)
	{
		const VdbRow *other = row_at(task, rows[i]);

		if (!same_row(first, other, task->dim))
		{
			split(task, work, empty, donor, first, other);
			return true;
		}
	}
	return false;
}

/* The cluster of most members. */
static uint32_t
most_populous(const Work *work)
{
	uint32_t most = 0;

	for (uint32_t c = 1; c < *work->made; c++)
		if (work->sizes[c] > work->sizes[most])
			most = c;
	return most;
}

static bool
fill_empty(const VdbKmeans *task, Work *work, uint32_t empty)
{
	for (;;)
	{
		uint32_t donor = most_populous(work);

		if (work->sizes[donor] < 2)
			return false;
		if (donate(task, work, empty, donor))
			return true;
	}
}

/* New centroids for the assignment; returns whether a cluster was empty. */
static bool
update_centroids(const VdbKmeans *task, Work *work, int iteration)
{
	bool filled = false;

	sort_by_cluster(task, work);
	run_parts(task, iteration, VDB_KMEANS_UPDATE,
			  (*work->made + VDB_GROUP - 1) / VDB_GROUP);

	/* by now a donor's size may be zero, but only its end tells emptiness */
	for (uint32_t c = 0; c < *work->made; c++)
		if (work->ends[c] == (c == 0 ? 0 : work->ends[c - 1]))
			filled |= fill_empty(task, work, c);
	return filled;
}

uint32_t
vdb_kmeans(const VdbKmeans *task)
{
	Work work = work_of(task);
	int last = task->iterations;

	choose_starts(task, &work);
	if (*work.made == 0)
		return 0;
	make_blocks(task, &work, 0);
	*work.whole = !in_blocks(task->count);
	for (int i = 1; i <= last; i++)
	{
		*work.whole |= i > task->iterations - WHOLE_ITERATIONS;
		if (!assign_rows(task, &work, i))
		{
			if (*work.whole)
				break;
			/* Settled as far as blocks tell. */
			*work.whole = true;
			continue;
		}
		if (update_centroids(task, &work, i) && i == last &&
			last < task->iterations + EXTRA_ITERATIONS)
			last++;
		make_blocks(task, &work, i);
	}
	return *work.made;
}
