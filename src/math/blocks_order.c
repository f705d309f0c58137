/*
 * blocks_order.c: the order in which near centroids share blocks; see blocks.h.
 *
 * Blocks have a fixed size, so that nobody has to be told where they begin: who
 * reads centroids in this order finds the means for himself.
 */
#include "math/blocks.h"

#include <string.h>

#include "math/least.h"

/* Members that a direction is found with, and steps to it. */
#define SAMPLE 512
#define STEPS 4

typedef struct Order
{
	uint32_t dim;
	uint32_t *order;
	VdbRow *rows;	/* the centroids in bytes */
	uint64_t *keys; /* one a centroid */
	float *along;	/* dim: the direction */
	float *low;		/* dim, and one more: sums of two halves */
	float *high;	/* the same */
	void (*progress)(void *arg);
	void *arg;
} Order;

uint64_t
vdb_blocks_order_memory(uint32_t count, uint32_t dim)
{
	return (uint64_t) count * (sizeof(uint64_t) + vdb_row_size(dim)) +
		   3 * dim * sizeof(float);
}

static const VdbRow *
member(const Order *order, uint32_t place)
{
	return vdb_row_at(order->rows, order->order[place], order->dim);
}

/* Its inner product with the direction. */
static float
project(const Order *order, const VdbRow *row)
{
	const float *along = order->along;
	float sums[16] = {0};
	float sum = 0;
	uint32_t k = 0;

	for (; k + 16 <= order->dim; k += 16)
		for (int j = 0; j < 16; j++)
			sums[j] += along[k + j] * row->bytes[k + j];
	for (int j = 0; j < 16; j++)
		sum += sums[j];
	for (; k < order->dim; k++)
		sum += along[k] * row->bytes[k];
	return sum * row->step;
}

static void
add_member(const Order *order, const VdbRow *row, float *sum)
{
	for (uint32_t k = 0; k < order->dim; k++)
		sum[k] += row->step * row->bytes[k];
}

/* The direction from one of the members to the one farthest from it. */
static void
first_direction(Order *order, uint32_t begin, uint32_t end, uint32_t step)
{
	const VdbRow *first = member(order, begin);
	const VdbRow *farthest = first;
	float most = 0;

	for (uint32_t i = begin; i < end; i += step)
	{
		const VdbRow *row = member(order, i);
		float sum = 0;

		for (uint32_t k = 0; k < order->dim; k++)
		{
			float off =
				row->step * row->bytes[k] - first->step * first->bytes[k];

			sum += off * off;
		}
		if (sum > most)
		{
			most = sum;
			farthest = row;
		}
	}
	for (uint32_t k = 0; k < order->dim; k++)
		order->along[k] =
			farthest->step * farthest->bytes[k] - first->step * first->bytes[k];
}

/*
 * From the mean of those that are on the one side of the middle to the mean of
 * the others, some times: two means of the members, nearly.
 */
static void
better_direction(Order *order, uint32_t begin, uint32_t end, uint32_t step)
{
	double middle = 0;
	uint32_t count = 0;
	uint32_t above = 0;

	for (uint32_t i = begin; i < end; i += step, count++)
		middle += project(order, member(order, i));
	middle /= count;
	memset(order->low, 0, order->dim * sizeof(float));
	memset(order->high, 0, order->dim * sizeof(float));
	for (uint32_t i = begin; i < end; i += step)
	{
		const VdbRow *row = member(order, i);
		bool high = project(order, row) > middle;

		above += high;
		add_member(order, row, high ? order->high : order->low);
	}
	if (above == 0 || above == count)
		return;
	for (uint32_t k = 0; k < order->dim; k++)
		order->along[k] =
			order->high[k] / above - order->low[k] / (count - above);
}

/* Members in two halves, of whole blocks the first; then each of them so. */
static void
halve(Order *order, uint32_t begin, uint32_t end)
{
	uint32_t half = vdb_block_count(end - begin) / 2 * VDB_BLOCK;
	uint32_t step = (end - begin) / SAMPLE + 1;

	if (half == 0)
		return;
	if (order->progress)
		order->progress(order->arg);
	first_direction(order, begin, end, step);
	for (int i = 0; i < STEPS; i++)
		better_direction(order, begin, end, step);
	for (uint32_t i = begin; i < end; i++)
		order->keys[i] =
			vdb_least_key(project(order, member(order, i)), order->order[i]);
	vdb_sort_least(order->keys + begin, end - begin, half);
	for (uint32_t i = begin; i < end; i++)
		order->order[i] = (uint32_t) order->keys[i];
	halve(order, begin, begin + half);
	halve(order, begin + half, end);
}

void
vdb_blocks_order(const VdbCentroids *centroids, uint32_t count, uint32_t *order,
				 void *memory, void (*progress)(void *arg), void *arg)
{
	uint32_t dim = centroids->dim;
	Order work = {.dim = dim, .order = order, .progress = progress, .arg = arg};

	work.keys = memory;
	work.along = (float *) (work.keys + count);
	work.low = work.along + dim;
	work.high = work.low + dim;
	work.rows = (VdbRow *) (work.high + dim);
	for (uint32_t i = 0; i < count; i++)
	{
		vdb_centroid_get(centroids, i, work.along);
		vdb_row_set(vdb_row_at(work.rows, i, dim), work.along, dim);
		order[i] = i;
	}
	halve(&work, 0, count);
}

void
vdb_blocks_permute(VdbCentroids *centroids, uint32_t count,
				   const uint32_t *order, void *other)
{
	VdbCentroids from;

	memcpy(other, centroids->lines,
		   vdb_centroids_bytes(centroids->count, centroids->dim));
	vdb_centroids_place(&from, other, centroids->count, centroids->dim);
	for (uint32_t i = 0; i < count; i++)
		vdb_centroid_copy(centroids, i, &from, order[i]);
}

void
vdb_blocks_means(const VdbCentroids *centroids, uint32_t count,
				 VdbCentroids *means, float *memory)
{
	uint32_t dim = centroids->dim;
	float *x = memory;
	float *sum = memory + dim;

	vdb_centroids_clear(means);
	for (uint32_t begin = 0; begin < count; begin += VDB_BLOCK)
	{
		uint32_t end = count - begin < VDB_BLOCK ? count : begin + VDB_BLOCK;

		memset(sum, 0, dim * sizeof(float));
		for (uint32_t i = begin; i < end; i++)
		{
			vdb_centroid_get(centroids, i, x);
			for (uint32_t k = 0; k < dim; k++)
				sum[k] += x[k] / (end - begin);
		}
		vdb_centroid_set(means, begin / VDB_BLOCK, sum);
	}
}
