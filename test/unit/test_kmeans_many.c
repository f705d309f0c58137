/*
 * test_kmeans_many.c: k-means of so many centroids that they are kept in
 * blocks, where rows meet few of them and centroids are swapped.
 */
#include "math/kmeans_work.h"

#include <stdlib.h>

#include "check.h"
#include "kmeans_test.h"
#include "random.h"

#define SEED 19980427
#define DIM 8
#define COUNT VDB_BLOCKS_LEAST

/* "clouds" places, each with rows that scatter around it by so much noise. */
static VdbRow *
make_clouds(size_t n, uint32_t clouds, float noise, VdbRng *rng)
{
	VdbRow *rows = must_alloc((n + 1) * vdb_row_size(DIM));
	float *places = must_alloc((size_t) clouds * DIM * sizeof(float));
	float x[DIM];

	for (size_t i = 0; i < (size_t) clouds * DIM; i++)
		places[i] = random_normal(rng);
	for (size_t i = 0; i < n; i++)
	{
		const float *place = places + vdb_rng_below(rng, clouds) * DIM;

		for (int k = 0; k < DIM; k++)
			x[k] = place[k] + noise * random_normal(rng);
		vdb_row_set(vdb_row_at(rows, i, DIM), x, DIM);
	}
	free(places);
	return rows;
}

static VdbKmeans
make_task(const VdbRow *rows, size_t n, int iterations)
{
	VdbKmeans task = {.dim = DIM,
					  .count = COUNT,
					  .n = n,
					  .rows = rows,
					  .iterations = iterations,
					  .seed = SEED};

	give_memory(&task);
	return task;
}

/* Clusters that some row is nearest to, and the mean squared distance. */
static double
judge(const VdbKmeans *task, uint32_t made, uint32_t *used)
{
	uint32_t *nearest = must_alloc(task->n * sizeof(uint32_t));
	float *keys = must_alloc(task->n * sizeof(float));
	uint8_t *has = must_alloc(made);
	float x[DIM];
	VdbCentroids centroids;
	double sum = 0;

	memset(has, 0, made);
	vdb_kmeans_centroids(task, &centroids);
	vdb_nearest_begin(nearest, keys, task->n);
	vdb_nearest(&centroids, 0, task->rows, task->n, nearest, keys);
	*used = 0;
	for (size_t i = 0; i < task->n; i++)
	{
		vdb_row_get(vdb_kmeans_row(task, i), x, DIM);
		sum += 2 * keys[i];
		for (int k = 0; k < DIM; k++)
			sum += x[k] * x[k];
		*used += !has[nearest[i]];
		has[nearest[i]] = 1;
	}
	free(nearest);
	free(keys);
	free(has);
	return sum / task->n;
}

/*
 * As many clouds as centroids: of random starts every third is in a cloud that
 * has one already, where Lloyd's iterations alone leave it.
 */
static void
test_swaps(void)
{
	VdbRng rng = {SEED};
	size_t n = 16 * COUNT + 3;
	VdbKmeans task = make_task(make_clouds(n, COUNT, 0.05f, &rng), n, 10);
	uint32_t used;
	uint32_t made = vdb_kmeans(&task);
	double error = judge(&task, made, &used);

	check(made == COUNT, "all centroids are made");
	/* 8 * 0.05^2 = 0.02 with a centroid in each cloud */
	check_begin("centroids go where clouds have none");
	check_that(error < 0.03, "mean squared distance %g", error);
	check_end();
	free_task(&task);
}

static void
test_parts(void)
{
	VdbRng rng = {SEED};
	size_t n = 33 * COUNT + 1; /* so that early iterations leave rows out */
	size_t bytes = vdb_centroids_bytes(COUNT, DIM);
	VdbKmeans task = make_task(make_clouds(n, COUNT / 2, 0.5f, &rng), n, 4);
	char *alone = must_alloc(bytes);
	VdbCentroids centroids;

	vdb_kmeans(&task);
	vdb_kmeans_centroids(&task, &centroids);
	memcpy(alone, centroids.lines, bytes);
	task.run = run_backwards;
	task.run_arg = &task;
	memset(task.work, 0xFF, vdb_kmeans_work(COUNT, DIM, n));
	vdb_kmeans(&task);
	check(memcmp(alone, centroids.lines, bytes) == 0,
		  "it does not matter who runs which part when");
	free(alone);
	free_task(&task);
}

/* Any number of iterations makes something of all rows. */
static void
test_iterations(void)
{
	const int iterations[] = {1, 4, 12};
	double before = INFINITY;

	check_begin("more iterations do better");
	for (size_t i = 0; i < sizeof(iterations) / sizeof(iterations[0]); i++)
	{
		VdbRng rng = {SEED};
		size_t n = 16 * COUNT; /* so that some are among near centroids */
		VdbKmeans task =
			make_task(make_clouds(n, COUNT, 0.3f, &rng), n, iterations[i]);
		uint32_t used;
		uint32_t made = vdb_kmeans(&task);
		double error = judge(&task, made, &used);

		check_that(made == COUNT && error < before,
				   "%d iterations: %g, %g before", iterations[i], error,
				   before);
		before = error;
		free_task(&task);
	}
	check_end();
}

/* Fewer distinct rows than centroids. */
static void
test_few_rows(void)
{
	VdbRng rng = {SEED};
	size_t counts[] = {1, 3, 4, 5, 257, 2 * COUNT};

	check_begin("each distinct row is a centroid");
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
	{
		size_t n = counts[i];
		VdbKmeans task = make_task(make_clouds(n, 1000, 0, &rng), n, 10);
		uint32_t used;
		uint32_t made = vdb_kmeans(&task);
		double error = judge(&task, made, &used);

		check_that(made == used && made <= 1000 && error < 1e-3,
				   "%zu rows: %u made, %u used, %g", n, made, used, error);
		free_task(&task);
	}
	check_end();
}

/* Nine in ten rows are one: its cluster cannot be cut. */
static void
test_skew(void)
{
	VdbRng rng = {SEED};
	size_t n = 17 * COUNT;
	VdbRow *rows = make_clouds(n, 2 * COUNT, 0.1f, &rng);
	VdbKmeans task;
	uint32_t used;
	uint32_t made;

	for (size_t i = 0; i < n; i++)
		if (i % 10 != 0)
			memcpy(vdb_row_at(rows, i, DIM), rows, vdb_row_size(DIM));
	task = make_task(rows, n, 4);
	made = vdb_kmeans(&task);
	judge(&task, made, &used);
	check_begin("a row that comes often takes no more than its centroid");
	check_that(made == COUNT && used > COUNT * 0.95, "%u of %u are used", used,
			   made);
	check_end();
	free_task(&task);
}

int
main(void)
{
	check_note("seed %d", SEED);
	test_swaps();
	test_parts();
	test_iterations();
	test_few_rows();
	test_skew();
	return check_done();
}
