/*
 * kmeans_start.c: where k-means starts, with distinct rows.
 *
 * They are drawn at random: on real data they did no worse than k-means++ and
 * cost nothing.
 */
#include "math/kmeans_work.h"
#include "math/rng.h"

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
add_start(const VdbKmeans *task, VdbKmeansWork *work, uint32_t number)
{
	const VdbRow *row = vdb_kmeans_row(task, number);
	size_t slot = hash_row(row, task->dim) & (work->slots - 1);
	float *x = vdb_kmeans_scratch_of(task).mean;

	while (work->table[slot] != 0)
	{
		uint32_t start = work->starts[work->table[slot] - 1];

		if (vdb_same_row(vdb_kmeans_row(task, start), row, task->dim))
			return;
		slot = (slot + 1) & (work->slots - 1);
	}
	vdb_row_get(row, x, task->dim);
	vdb_centroid_set(&work->set, *work->made, x);
	work->starts[*work->made] = number;
	work->table[slot] = ++*work->made;
}

/* Draws rows (Fisher and Yates) until there are enough starts. */
void
vdb_kmeans_start(const VdbKmeans *task, VdbKmeansWork *work)
{
	VdbRng rng = {task->seed};

	*work->made = 0;
	*work->step = 1;
	vdb_centroids_clear(&work->set);
	memset(work->table, 0, work->slots * sizeof(*work->table));
	for (size_t i = 0; i < task->n; i++)
	{
		work->assigned[i] = VDB_UNASSIGNED;
		work->order[i] = (uint32_t) i;
	}
	for (size_t i = 0; i < task->n && *work->made < task->count; i++)
	{
		size_t other = i + vdb_rng_below(&rng, task->n - i);
		uint32_t row = work->order[other];

		if (i % VDB_KMEANS_ROWS == 0)
			vdb_kmeans_report(task, 1, 0);
		work->order[other] = work->order[i];
		work->order[i] = row;
		add_start(task, work, row);
	}
}
