/*
 * test_blocks.c: blocks of near centroids are an order of them all, and most
 * rows find their nearest one through these, all of them a near one.
 */
#include "math/blocks.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "math/kmeans_work.h"
#include "random.h"

#define SEED 20261129
#define DIM 20
#define ROWS 2000

/* Share of a row's nearest that the screen may take away or put elsewhere. */
#define SOME_OTHERS 0.03

/* One in so many blocks that bounds of misses are for. */
#define ONE_IN 5

/* Vectors around some hundred centres, quantized. */
static VdbRow *
make_rows(VdbRng *rng, size_t n)
{
	VdbRow *rows = must_alloc(n * vdb_row_size(DIM));
	float centres[200][DIM];

	random_normals(rng, centres[0], 200 * DIM);
	for (size_t i = 0; i < n; i++)
	{
		const float *centre = centres[vdb_rng_below(rng, 200)];
		float x[DIM];

		random_normals(rng, x, DIM);
		for (int k = 0; k < DIM; k++)
			x[k] = centre[k] + x[k] / 3;
		vdb_row_set(vdb_row_at(rows, i, DIM), x, DIM);
	}
	return rows;
}

static VdbCentroids
make_centroids(VdbRng *rng, uint32_t count)
{
	VdbRow *rows = make_rows(rng, count);
	VdbCentroids centroids;

	vdb_centroids_place(&centroids, must_alloc(vdb_centroids_bytes(count, DIM)),
						count, DIM);
	vdb_centroids_clear(&centroids);
	for (uint32_t i = 0; i < count; i++)
	{
		float x[DIM];

		vdb_row_get(vdb_row_at(rows, i, DIM), x, DIM);
		vdb_centroid_set(&centroids, i, x);
	}
	free(rows);
	return centroids;
}

/* Order them, and see to it that all are still there as they were. */
static void
order_centroids(VdbCentroids *centroids)
{
	uint32_t count = centroids->count;
	size_t bytes = vdb_centroids_bytes(count, DIM);
	uint32_t *order = must_alloc(count * sizeof(uint32_t));
	void *memory = must_alloc(vdb_blocks_order_memory(count, DIM));
	void *other = must_alloc(bytes);
	char *seen = must_alloc(count);
	VdbCentroids before;

	vdb_centroids_place(&before, must_alloc(bytes), count, DIM);
	memcpy(before.lines, centroids->lines, bytes);
	vdb_blocks_order(centroids, count, order, memory, NULL, NULL);
	vdb_blocks_permute(centroids, count, order, other);
	memset(seen, 0, count);
	check_begin("%u centroids are all there in another order", count);
	for (uint32_t i = 0; i < count; i++)
	{
		float x[DIM];
		float y[DIM];

		check_that(order[i] < count && !seen[order[i]], "%u is there twice",
				   order[i]);
		seen[order[i]] = 1;
		vdb_centroid_get(centroids, i, x);
		vdb_centroid_get(&before, order[i], y);
		check_that(memcmp(x, y, sizeof(x)) == 0 &&
					   centroids->half[i] == before.half[order[i]],
				   "place %u holds another centroid", i);
	}
	check_end();
	free(before.lines);
	free(order);
	free(memory);
	free(other);
	free(seen);
}

/* What vdb_blocks_nearest() wants besides the centroids, until freed. */
static VdbBlocks
make_blocks(const VdbCentroids *centroids, uint32_t wanted)
{
	uint32_t count = vdb_block_count(centroids->count);
	VdbCentroids *means = must_alloc(sizeof(VdbCentroids));
	VdbScreenCentroids *screen = must_alloc(sizeof(VdbScreenCentroids));
	float memory[2 * DIM];

	vdb_centroids_place(means, must_alloc(vdb_centroids_bytes(count, DIM)),
						count, DIM);
	vdb_blocks_means(centroids, centroids->count, means, memory);
	vdb_screen_place(screen,
					 must_alloc(vdb_screen_bytes(centroids->count, DIM)),
					 centroids->count);
	vdb_screen_centroids(centroids, screen);
	return (VdbBlocks){
		centroids, means, screen, wanted,
		must_alloc(vdb_blocks_scratch(centroids->count, wanted))};
}

static void
free_blocks(VdbBlocks *blocks)
{
	free(blocks->means->lines);
	free((void *) blocks->means);
	free(blocks->screen->half);
	free((void *) blocks->screen);
	free(blocks->scratch);
}

/*
 * Through one in so many blocks and through all; returns the share of rows that
 * differ.
 */
static double
search(const VdbCentroids *centroids, uint32_t one_in, VdbRng *rng)
{
	VdbRow *rows = make_rows(rng, ROWS);
	uint32_t *nearest = must_alloc(2 * ROWS * sizeof(uint32_t));
	float *keys = must_alloc(2 * ROWS * sizeof(float));
	VdbBlocks blocks =
		make_blocks(centroids, vdb_blocks_part(centroids->count, one_in));
	size_t others = 0;

	vdb_nearest_begin(nearest, keys, 2 * ROWS);
	vdb_nearest(centroids, 5, rows, ROWS, nearest, keys);
	vdb_blocks_nearest(&blocks, 5, rows, ROWS, 1, nearest + ROWS, keys + ROWS);
	check_begin("keys of %u centroids are those of the ones found",
				centroids->count);
	for (size_t i = 0; i < ROWS; i++)
	{
		others += nearest[i] != nearest[ROWS + i];
		check_that(keys[ROWS + i] >= keys[i] &&
					   (nearest[i] != nearest[ROWS + i] ||
						keys[ROWS + i] == keys[i]) &&
					   nearest[ROWS + i] - 5 < centroids->count,
				   "row %zu", i);
	}
	check_end();
	free(rows);
	free(nearest);
	free(keys);
	free_blocks(&blocks);
	return (double) others / ROWS;
}

static void
test_search(uint32_t count, uint32_t one_in, double most)
{
	VdbRng rng = {SEED};
	VdbCentroids centroids = make_centroids(&rng, count);
	double others;

	order_centroids(&centroids);
	others = search(&centroids, one_in, &rng);
	check(others <= most,
		  "%u centroids, one in %u blocks: %.3f of the rows got another one",
		  count, one_in, others);
	free(centroids.lines);
}

/* Several for each row: through all blocks nearly those that are the nearest.
 */
static void
test_some(void)
{
	enum
	{
		ROOM = 7
	};
	VdbRng rng = {SEED};
	VdbCentroids centroids = make_centroids(&rng, 1500);
	VdbBlocks blocks = make_blocks(&centroids, vdb_block_count(1500));
	VdbRow *rows = make_rows(&rng, ROWS);
	size_t places = (size_t) ROWS * ROOM;
	uint32_t *nearest = must_alloc(2 * places * sizeof(uint32_t));
	float *keys = must_alloc(2 * places * sizeof(float));
	size_t others = 0;

	vdb_nearest_begin(nearest, keys, 2 * places);
	vdb_nearest_some(&centroids, 5, rows, ROWS, ROOM, nearest, keys);
	vdb_blocks_nearest(&blocks, 5, rows, ROWS, ROOM, nearest + places,
					   keys + places);
	for (size_t i = 0; i < places; i++)
		others +=
			nearest[i] != nearest[places + i] || keys[i] != keys[places + i];
	check(others <= places * SOME_OTHERS,
		  "all blocks give a row's %d nearest centroids but for %zu of %zu",
		  ROOM, others, places);
	free(centroids.lines);
	free(rows);
	free(nearest);
	free(keys);
	free_blocks(&blocks);
}

/* Equal ones share no direction, and no block is nearer than another. */
static void
test_equal(void)
{
	VdbRng rng = {SEED};
	VdbCentroids centroids = make_centroids(&rng, 1000);
	float x[DIM] = {1};

	for (uint32_t i = 0; i < 1000; i++)
		vdb_centroid_set(&centroids, i, x);
	order_centroids(&centroids);
	search(&centroids, VDB_BLOCKS_TO_TRAIN, &rng);
	free(centroids.lines);
}

/*
 * Two for each row, where more blocks are equally near than a row may have, and
 * one of those that it has is the nearest.
 */
static void
test_equal_but_one(void)
{
	VdbRng rng = {SEED};
	VdbCentroids centroids = make_centroids(&rng, 1000);
	VdbRow *row = must_alloc(vdb_row_size(DIM));
	float x[DIM] = {1};
	float y[DIM] = {0, 1};
	uint32_t nearest[2];
	float keys[2];
	VdbBlocks blocks;

	vdb_row_set(row, y, DIM);
	for (uint32_t i = 0; i < 1000; i++)
	{
		y[2] = (i % VDB_BLOCK) / 100.0f;
		vdb_centroid_set(&centroids, i, i / VDB_BLOCK == 3 ? y : x);
	}
	blocks =
		make_blocks(&centroids, vdb_blocks_part(1000, VDB_BLOCKS_TO_TRAIN));
	vdb_nearest_begin(nearest, keys, 2);
	vdb_blocks_nearest(&blocks, 0, row, 1, 2, nearest, keys);
	check(nearest[0] / VDB_BLOCK == 3 && nearest[1] / VDB_BLOCK == 3 &&
			  nearest[0] != nearest[1],
		  "two of the nearest block: %u, %u", nearest[0], nearest[1]);
	free(centroids.lines);
	free(row);
	free_blocks(&blocks);
}

/* How far k-means is; -1 once it was further. */
static void
watch(void *arg, int iteration, double share)
{
	double *last = arg;

	*last = *last < 0 || iteration + share < *last ? -1 : iteration + share;
}

/*
 * Rows that have the nearest of all centroids and are assigned through blocks
 * have it still, though some do not meet it there.  Returns how many have not.
 */
static size_t
lost_by_assigning(const VdbKmeans *task)
{
	VdbKmeansWork work = vdb_kmeans_work_of(task);
	uint32_t *nearest = must_alloc(task->n * sizeof(uint32_t));
	float *keys = must_alloc(task->n * sizeof(float));
	size_t lost = 0;

	vdb_nearest_begin(nearest, keys, task->n);
	vdb_nearest(&work.set, 0, task->rows, task->n, nearest, keys);
	memcpy(work.assigned, nearest, task->n * sizeof(uint32_t));
	for (size_t part = 0; part < vdb_kmeans_row_parts(task->n); part++)
		vdb_kmeans_assign(task, &work, part);
	for (size_t i = 0; i < task->n; i++)
		lost += work.assigned[i] != nearest[i];
	free(nearest);
	free(keys);
	return lost;
}

/* k-means with so many keeps them in blocks, and rows near theirs. */
static void
test_kmeans(void)
{
	VdbRng rng = {SEED};
	size_t n = 3 * VDB_BLOCKS_LEAST;
	VdbKmeans task = {.dim = DIM,
					  .count = VDB_BLOCKS_LEAST,
					  .n = n,
					  .rows = make_rows(&rng, n),
					  .iterations = 4,
					  .seed = SEED};
	size_t work = vdb_kmeans_work(task.count, DIM, n);
	VdbCentroids centroids;
	double others;
	double last = 0;
	size_t lost;

	task.progress = watch;
	task.progress_arg = &last;
	if (posix_memalign(&task.work, 64, work) != 0 ||
		posix_memalign(&task.scratch, 64,
					   vdb_kmeans_scratch(task.count, DIM)) != 0)
		abort();
	memset(task.work, 0xFF, work);
	check(vdb_kmeans(&task) == task.count, "k-means makes all centroids");
	check(last == task.iterations + 1, "its progress never goes back");
	vdb_kmeans_centroids(&task, &centroids);
	others = search(&centroids, ONE_IN, &rng);
	check(others <= 0.2, "its centroids are in blocks: %.3f got another one",
		  others);
	lost = lost_by_assigning(&task);
	check(lost == 0,
		  "rows keep theirs where blocks hide it: %zu of %zu did not", lost, n);
	free((void *) task.rows);
	free(task.work);
	free(task.scratch);
}

int
main(void)
{
	test_search(1, VDB_BLOCKS_TO_TRAIN, 0);
	test_search(VDB_BLOCK - 1, VDB_BLOCKS_TO_TRAIN, SOME_OTHERS);
	test_search(2000, 1, SOME_OTHERS);
	test_search(5000, ONE_IN, 0.2);
	test_search(7001, ONE_IN, 0.15);
	test_search(7001, VDB_BLOCKS_TO_ASSIGN, 0.06);
	test_some();
	test_equal();
	test_equal_but_one();
	test_kmeans();
	return check_done();
}
