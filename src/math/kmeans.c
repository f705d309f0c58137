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
 */
#include "math/kmeans.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "math/rng.h"

/* Rows between two calls of progress. */
#define BLOCK 256

/* Values of assigned[] that are no cluster. */
#define UNUSABLE UINT32_MAX
#define UNASSIGNED (UINT32_MAX - 1)

/*
 * Further iterations, where the last one had to fill empty clusters: a split
 * leaves centroids that are not yet means.
 */
#define EXTRA_ITERATIONS 3

/*
 * How far the centroids of a split move apart, in units of the distance of
 * two members.  Not tiny, or the rounding of inner products would decide on
 * the halves; not large, or they would leave the cluster.
 */
#define SPLIT 0.0625f

typedef struct Work
{
	float	   *panels;
	uint32_t   *assigned;		/* cluster of each row, or one of the above */
	uint32_t   *order;			/* numbers of the usable rows */
	uint32_t   *ends;			/* end of each cluster in order */
	uint32_t   *sizes;
	double	   *sum;			/* dim */
	uint32_t   *table;			/* hash table of the starts, 1 + number */
	size_t		slots;			/* in table, a power of two */
	size_t		usable;			/* rows in order */
	uint32_t	made;			/* centroids */
} Work;

/* Lays out the arrays from "base" or, if NULL, only tells their bytes. */
static size_t
lay_out(Work *work, char *base, uint32_t count, uint32_t dim, size_t n)
{
	size_t		offset = 0;

	work->slots = 2;
	while (work->slots < 2 * (size_t) count)
		work->slots *= 2;

#define TAKE(field, elements) \
	(work->field = base != NULL ? (void *) (base + offset) : NULL, \
	 offset += ((elements) * sizeof(*work->field) + 63) / 64 * 64)

	TAKE(panels, vdb_panels_floats(count, dim));
	TAKE(assigned, n);
	TAKE(order, n);
	TAKE(ends, (size_t) count);
	TAKE(sizes, (size_t) count);
	TAKE(sum, (size_t) dim);
	TAKE(table, work->slots);
#undef TAKE
	return offset;
}

size_t
vdb_kmeans_work(uint32_t count, uint32_t dim, size_t n)
{
	Work		work;

	return lay_out(&work, NULL, count, dim, n);
}

static const float *
row_at(const VdbKmeans *task, size_t row)
{
	return task->rows + row * task->dim;
}

static float *
centroid_at(const VdbKmeans *task, uint32_t cluster)
{
	return task->centroids + (size_t) cluster * task->dim;
}

static void
report(const VdbKmeans *task, int iteration, double share)
{
	if (iteration > task->iterations)	/* an extra one */
		return;
	if (task->progress != NULL)
		task->progress(task->progress_arg, iteration, share);
}

static bool
is_usable(const float *row, uint32_t dim)
{
	double		sum = 0;

	for (uint32_t k = 0; k < dim; k++)
		sum += (double) row[k] * row[k];
	return sum <= FLT_MAX;		/* false for NaN too */
}

static void
select_usable(const VdbKmeans *task, Work *work)
{
	work->usable = 0;
	for (size_t i = 0; i < task->n; i++)
	{
		bool		usable = is_usable(row_at(task, i), task->dim);

		if (i % BLOCK == 0)
			report(task, 1, 0);
		work->assigned[i] = usable ? UNASSIGNED : UNUSABLE;
		if (usable)
			work->order[work->usable++] = (uint32_t) i;
	}
}

static bool
same_row(const float *a, const float *b, uint32_t dim)
{
	for (uint32_t k = 0; k < dim; k++)
		if (a[k] != b[k])
			return false;
	return true;
}

/* Equal for rows that same_row() calls the same: -0 counts as 0. */
static uint64_t
hash_row(const float *row, uint32_t dim)
{
	VdbRng		mix = {dim};

	for (uint32_t k = 0; k < dim; k++)
	{
		float		x = row[k] + 0.0f;
		uint32_t	bits;

		memcpy(&bits, &x, sizeof(bits));
		mix.state = (mix.state ^ bits) * UINT64_C(0x9E3779B97F4A7C15);
		mix.state ^= mix.state >> 29;
	}
	return vdb_rng_next(&mix);
}

/* Make a row the next centroid, unless one is equal to it. */
static void
add_start(const VdbKmeans *task, Work *work, const float *row)
{
	size_t		slot = hash_row(row, task->dim) & (work->slots - 1);

	while (work->table[slot] != 0)
	{
		uint32_t	start = work->table[slot] - 1;

		if (same_row(centroid_at(task, start), row, task->dim))
			return;
		slot = (slot + 1) & (work->slots - 1);
	}
	memcpy(centroid_at(task, work->made), row, task->dim * sizeof(float));
	work->table[slot] = ++work->made;
}

/* Draws usable rows (Fisher and Yates) until there are enough starts. */
static void
choose_starts(const VdbKmeans *task, Work *work)
{
	VdbRng		rng = {task->seed};

	work->made = 0;
	memset(work->table, 0, work->slots * sizeof(*work->table));
	for (size_t i = 0; i < work->usable && work->made < task->count; i++)
	{
		size_t		other = i + vdb_rng_below(&rng, work->usable - i);
		uint32_t	row = work->order[other];

		if (i % BLOCK == 0)
			report(task, 1, 0);
		work->order[other] = work->order[i];
		work->order[i] = row;
		add_start(task, work, row_at(task, row));
	}
}

/* Assign every row; returns whether one has moved. */
static bool
assign_rows(const VdbKmeans *task, Work *work, int iteration)
{
	VdbPanels	panels;
	uint32_t	nearest[BLOCK];
	bool		moved = false;

	vdb_panels_pack(&panels, work->panels, task->centroids, work->made,
					task->dim);
	for (size_t i = 0; i < task->n; i += BLOCK)
	{
		size_t		n = task->n - i < BLOCK ? task->n - i : BLOCK;

		report(task, iteration, (double) i / task->n);
		vdb_nearest(&panels, row_at(task, i), task->dim, n, nearest, NULL);
		for (size_t j = 0; j < n; j++)
		{
			uint32_t   *assigned = &work->assigned[i + j];

			if (*assigned == UNUSABLE || *assigned == nearest[j])
				continue;
			*assigned = nearest[j];
			moved = true;
		}
	}
	report(task, iteration, 1);
	return moved;
}

/* A counting sort, which leaves the rows of a cluster in their order. */
static void
sort_by_cluster(const VdbKmeans *task, Work *work)
{
	uint32_t	end = 0;

	memset(work->sizes, 0, work->made * sizeof(*work->sizes));
	for (size_t i = 0; i < task->n; i++)
		if (work->assigned[i] != UNUSABLE)
			work->sizes[work->assigned[i]]++;

	/* starts first: each row that is put moves one on, up to the end */
	for (uint32_t c = 0; c < work->made; c++)
	{
		work->ends[c] = end;
		end += work->sizes[c];
	}
	for (size_t i = 0; i < task->n; i++)
		if (work->assigned[i] != UNUSABLE)
			work->order[work->ends[work->assigned[i]]++] = (uint32_t) i;
}

/* The row numbers of a cluster, as long as its size is untouched. */
static const uint32_t *
members(const Work *work, uint32_t cluster)
{
	return work->order + work->ends[cluster] - work->sizes[cluster];
}

static void
update_mean(const VdbKmeans *task, Work *work, uint32_t cluster)
{
	const uint32_t *rows = members(work, cluster);
	uint32_t	size = work->sizes[cluster];
	float	   *centroid = centroid_at(task, cluster);

	if (size == 0)
		return;
	memset(work->sum, 0, task->dim * sizeof(double));
	for (uint32_t i = 0; i < size; i++)
	{
		const float *row = row_at(task, rows[i]);

		for (uint32_t k = 0; k < task->dim; k++)
			work->sum[k] += row[k];
	}
	for (uint32_t k = 0; k < task->dim; k++)
		centroid[k] = (float) (work->sum[k] / size);
}

/*
 * Move the centroids of an empty cluster and of a donor to both sides of the
 * donor's mean, along the line through two members a and b that differ.  On
 * that line the members' mean is the centroid, and not all of them are at one
 * place: there are some on either side.
 */
static void
split(const VdbKmeans *task, uint32_t empty, uint32_t donor,
	  const float *a, const float *b)
{
	float	   *kept = centroid_at(task, donor);
	float	   *made = centroid_at(task, empty);

	for (uint32_t k = 0; k < task->dim; k++)
	{
		float		move = (b[k] - a[k]) * SPLIT;

		made[k] = kept[k] + move;
		kept[k] -= move;
	}
}

/*
 * Split a cluster for the sake of an empty one, if it holds distinct rows.
 * Its size becomes zero: it is no donor again in this iteration.
 */
static bool
donate(const VdbKmeans *task, Work *work, uint32_t empty, uint32_t donor)
{
	const uint32_t *rows = members(work, donor);
	uint32_t	size = work->sizes[donor];
	const float *first = row_at(task, rows[0]);

	work->sizes[donor] = 0;
	for (uint32_t i = 1; i < size; i++)
	{
		const float *other = row_at(task, rows[i]);

		if (!same_row(first, other, task->dim))
		{
			split(task, empty, donor, first, other);
			return true;
		}
	}
	return false;
}

/* The cluster of most members among the first "made". */
static uint32_t
most_populous(const Work *work)
{
	uint32_t	most = 0;

	for (uint32_t c = 1; c < work->made; c++)
		if (work->sizes[c] > work->sizes[most])
			most = c;
	return most;
}

static bool
fill_empty(const VdbKmeans *task, Work *work, uint32_t empty)
{
	for (;;)
	{
		uint32_t	donor = most_populous(work);

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
	bool		filled = false;

	sort_by_cluster(task, work);
	for (uint32_t c = 0; c < work->made; c++)
	{
		if (c % BLOCK == 0)
			report(task, iteration, 1);
		update_mean(task, work, c);
	}

	/* by now a donor's size may be zero, but only its end tells emptiness */
	for (uint32_t c = 0; c < work->made; c++)
		if (work->ends[c] == (c == 0 ? 0 : work->ends[c - 1]))
			filled |= fill_empty(task, work, c);
	return filled;
}

uint32_t
vdb_kmeans(const VdbKmeans *task)
{
	Work		work;
	int			last = task->iterations;

	lay_out(&work, task->work, task->count, task->dim, task->n);
	select_usable(task, &work);
	choose_starts(task, &work);
	if (work.made == 0)
		return 0;
	for (int i = 1; i <= last; i++)
	{
		if (!assign_rows(task, &work, i))
			break;
		if (update_centroids(task, &work, i) && i == last &&
			last < task->iterations + EXTRA_ITERATIONS)
			last++;
	}
	return work.made;
}
