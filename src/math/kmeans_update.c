/*
 * kmeans_update.c: new centroids for rows that have their clusters.
 *
 * The mean of a cluster is summed up in one row of doubles, which is exact
 * enough for any sample and needs no array of sums; members that lie side by
 * side also tell cheaply which cluster can be split for the sake of an empty
 * one.
 */
#include "math/kmeans_work.h"

/* Rows that are summed up in floats. */
#define FLOAT_ROWS 64

/*
 * How far the centroids of a split move apart, in units of the distance of
 * two members.  Not tiny, or the rounding of inner products would decide on
 * the halves; not large, or they would leave the cluster.
 */
#define SPLIT 0.0625f

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
		 const VdbKmeansScratch *scratch)
{
	memset(scratch->sum, 0, task->dim * sizeof(double));
	for (uint32_t i = 0; i < count; i += FLOAT_ROWS)
	{
		memset(scratch->mean, 0, task->dim * sizeof(float));
		for (uint32_t j = i; j < count && j < i + FLOAT_ROWS; j++)
			add_row(scratch->mean, vdb_kmeans_row(task, rows[j]), task->dim);
		for (uint32_t k = 0; k < task->dim; k++)
			scratch->sum[k] += scratch->mean[k];
	}
}

void
vdb_kmeans_update(const VdbKmeans *task, VdbKmeansWork *work, uint32_t cluster)
{
	VdbKmeansScratch scratch = vdb_kmeans_scratch_of(task);
	const uint32_t *rows = vdb_kmeans_members(work, cluster);
	uint32_t size = work->sizes[cluster];

	if (size == 0)
		return;
	add_rows(task, rows, size, &scratch);
	for (uint32_t k = 0; k < task->dim; k++)
		scratch.mean[k] = (float) (scratch.sum[k] / size);
	vdb_centroid_set(&work->set, cluster, scratch.mean);
}

/*
 * Move the centroids of an empty cluster and of a donor to both sides of the
 * donor's mean, along the line through two members a and b that differ.  On
 * that line the members' mean is the centroid, and not all of them are at one
 * place: there are some on either side.
 */
static void
split(const VdbKmeans *task, VdbKmeansWork *work, uint32_t empty,
	  uint32_t donor, const VdbRow *a, const VdbRow *b)
{
	VdbKmeansScratch scratch = vdb_kmeans_scratch_of(task);

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
donate(const VdbKmeans *task, VdbKmeansWork *work, uint32_t empty,
	   uint32_t donor)
{
	const uint32_t *rows = vdb_kmeans_members(work, donor);
	uint32_t size = work->sizes[donor];
	const VdbRow *first = vdb_kmeans_row(task, rows[0]);

	work->sizes[donor] = 0;
	for (uint32_t i = 1; i < size; i++)
	{
		const VdbRow *other = vdb_kmeans_row(task, rows[i]);

		if (!vdb_same_row(first, other, task->dim))
		{
			split(task, work, empty, donor, first, other);
			return true;
		}
	}
	return false;
}

/* The cluster of most members. */
static uint32_t
most_populous(const VdbKmeansWork *work)
{
	uint32_t most = 0;

	for (uint32_t c = 1; c < *work->made; c++)
		if (work->sizes[c] > work->sizes[most])
			most = c;
	return most;
}

bool
vdb_kmeans_fill(const VdbKmeans *task, VdbKmeansWork *work, uint32_t empty)
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
