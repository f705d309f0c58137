/*
 * test_kmeans.c: nearest centroids and k-means against naive loops in double
 * precision, and the samples that k-means must survive.
 *
 * Rows and centroids are bytes.  The naive loops get the values that these
 * stand for, so that their rounding is not in question but where a test asks
 * for it.
 */
#include "math/kmeans.h"

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "kernel/kernel.h"
#include "kmeans_test.h"
#include "random.h"

#define SEED 19570731

static double
distance2(const float *a, const float *b, uint32_t dim)
{
	double sum = 0;

	for (uint32_t k = 0; k < dim; k++)
		sum += ((double) a[k] - b[k]) * ((double) a[k] - b[k]);
	return sum;
}

/* The naive loop; *least becomes the squared distance. */
static uint32_t
naive_nearest(const float *row, const float *centroids, uint32_t count,
			  uint32_t dim, double *least)
{
	uint32_t nearest = 0;

	*least = INFINITY;
	for (uint32_t c = 0; c < count; c++)
	{
		double d = distance2(row, centroids + (size_t) c * dim, dim);

		if (d < *least)
		{
			*least = d;
			nearest = c;
		}
	}
	return nearest;
}

/* Bytes for the rows; the floats become what the bytes stand for. */
static VdbRow *
quantize(float *rows, size_t n, uint32_t dim)
{
	VdbRow *quantized = must_alloc((n + 1) * vdb_row_size(dim));

	for (size_t i = 0; i < n; i++)
	{
		VdbRow *row = vdb_row_at(quantized, i, dim);

		vdb_row_set(row, rows + i * dim, dim);
		vdb_row_get(row, rows + i * dim, dim);
	}
	return quantized;
}

/* The same for centroids. */
static VdbCentroids
make_centroids(float *x, uint32_t count, uint32_t dim)
{
	VdbCentroids centroids;

	vdb_centroids_place(&centroids, must_alloc(vdb_centroids_bytes(count, dim)),
						count, dim);
	vdb_centroids_clear(&centroids);
	for (uint32_t c = 0; c < count; c++)
	{
		vdb_centroid_set(&centroids, c, x + (size_t) c * dim);
		vdb_centroid_get(&centroids, c, x + (size_t) c * dim);
	}
	return centroids;
}

/* How far bytes are from what they were made of. */
static void
test_rounding(void)
{
	static const uint32_t dims[] = {1, 2, 3, 4, 15, 16, 17, 100, 768, 1001};
	VdbRng rng = {SEED};

	check_begin("values are within half a step of their bytes");
	for (int d = 0; d < 10; d++)
	{
		uint32_t dim = dims[d];
		float *x = must_alloc(dim * sizeof(float));
		float *row = must_alloc(dim * sizeof(float));
		float *centroid = must_alloc(dim * sizeof(float));
		double most = 0;
		VdbRow *bytes;
		VdbCentroids codes;

		random_normals(&rng, x, dim);
		memcpy(row, x, dim * sizeof(float));
		memcpy(centroid, x, dim * sizeof(float));
		bytes = quantize(row, 1, dim);
		codes = make_centroids(centroid, 1, dim);
		for (uint32_t k = 0; k < dim; k++)
			most = fmax(most, fabs(x[k]));
		for (uint32_t k = 0; k < dim; k++)
		{
			check_that(fabs(x[k] - row[k]) <= 0.501 * most / VDB_ROW_MAX,
					   "dim %u: %g became %g", dim, x[k], row[k]);
			check_that(fabs(x[k] - centroid[k]) <= 0.501 * most / 127.5,
					   "dim %u: %g became %g", dim, x[k], centroid[k]);
		}
		free(x);
		free(row);
		free(centroid);
		free(bytes);
		free(codes.lines);
	}
	check_end();
}

/*
 * Rounding may prefer a centroid that is a little farther; its distance has
 * to be as good, and what is reported has to be its distance.  The centroids
 * come in one piece or, from a second call's point of view, in two.
 */
static void
compare_nearest(uint32_t count, uint32_t dim, size_t n, VdbRng *rng)
{
	uint32_t first = count / 2 / VDB_GROUP * VDB_GROUP;
	float *x = must_alloc((size_t) count * dim * sizeof(float));
	float *rows = must_alloc((n * dim + 1) * sizeof(float));
	uint32_t *nearest = must_alloc((n + 1) * sizeof(uint32_t));
	float *keys = must_alloc((n + 1) * sizeof(float));
	uint32_t *again = must_alloc((n + 1) * sizeof(uint32_t));
	VdbRow *quantized;
	VdbCentroids all;
	VdbCentroids parts[2];

	random_normals(rng, x, (size_t) count * dim);
	random_normals(rng, rows, n * dim);
	quantized = quantize(rows, n, dim);
	parts[0] = make_centroids(x, first, dim);
	parts[1] = make_centroids(x + (size_t) first * dim, count - first, dim);
	all = make_centroids(x, count, dim);
	vdb_nearest_begin(again, keys, n);
	vdb_nearest(&parts[0], 0, quantized, n, again, keys);
	vdb_nearest(&parts[1], first, quantized, n, again, keys);
	vdb_nearest_begin(nearest, keys, n);
	vdb_nearest(&all, 0, quantized, n, nearest, keys);
	for (size_t i = 0; i < n; i++)
	{
		const float *row = rows + i * dim;
		double norm2 = dot_double(row, row, dim);
		double least;
		double found;

		naive_nearest(row, x, count, dim, &least);
		if (!check_that(nearest[i] < count, "centroid %u", nearest[i]))
			continue;
		found = distance2(row, x + (size_t) nearest[i] * dim, dim);
		check_that(found <= least + 1e-5 * dim, "%u x %u, row %zu: %g, not %g",
				   count, dim, i, found, least);
		check_that(fabs(norm2 / 2 + keys[i] - found / 2) <= 1e-5 * dim,
				   "%u x %u, row %zu: key", count, dim, i);
		found = distance2(row, x + (size_t) again[i] * dim, dim);
		check_that(found <= least + 1e-5 * dim,
				   "%u x %u in two parts, row %zu: %g, not %g", count, dim, i,
				   found, least);
	}
	free(x);
	free(rows);
	free(nearest);
	free(again);
	free(keys);
	free(quantized);
	free(all.lines);
	free(parts[0].lines);
	free(parts[1].lines);
}

static void
test_nearest(void)
{
	static const uint32_t counts[] = {1, 2, 31, 32, 33, 64, 100, 257};
	static const uint32_t dims[] = {1, 3, 16, 112, 256, 257, 700};
	static const size_t rows[] = {0, 1, 7, 8, 9, 64, 65, 131};

	for (int level = VDB_SCALAR; level < VDB_LEVELS; level++)
	{
		VdbRng rng = {SEED + level};

		if (vdb_kernel_at(level) == NULL)
			continue;
		vdb_kernel_limit(level);
		check_begin("nearest centroids, %s", vdb_kernel()->name);
		for (size_t c = 0; c < sizeof(counts) / sizeof(counts[0]); c++)
			for (size_t d = 0; d < sizeof(dims) / sizeof(dims[0]); d++)
				compare_nearest(counts[c], dims[d],
								rows[vdb_rng_below(&rng, 8)], &rng);
		for (size_t r = 0; r < sizeof(rows) / sizeof(rows[0]); r++)
			compare_nearest(40, 48, rows[r], &rng);
		compare_nearest(35, 16000, 20, &rng);
		check_end();
	}
}

/* Some centroids are there twice, and one row has no value. */
static void
test_ties(void)
{
	enum
	{
		DIM = 16,
		COUNT = 100,
		ROWS = 200
	};
	VdbRng rng = {SEED};
	float x[COUNT * DIM];
	float rows[ROWS * DIM];
	uint32_t nearest[ROWS];
	float keys[ROWS];
	VdbRow *quantized;
	VdbCentroids centroids;

	random_normals(&rng, x, COUNT * DIM);
	memcpy(x + 50 * DIM, x, 50 * DIM * sizeof(float));
	random_normals(&rng, rows, ROWS * DIM);
	quantized = quantize(rows, ROWS, DIM);
	rows[7 * DIM + 3] = NAN;
	check(!vdb_row_set(vdb_row_at(quantized, 7, DIM), rows + 7 * DIM, DIM),
		  "a row with a NaN is refused");
	centroids = make_centroids(x, COUNT, DIM);
	vdb_nearest_begin(nearest, keys, ROWS);
	vdb_nearest(&centroids, 0, quantized, ROWS, nearest, keys);
	check_begin("the lowest of equal centroids is nearest");
	for (int i = 0; i < ROWS; i++)
		check_that(nearest[i] < 50, "row %d: %u", i, nearest[i]);
	check_end();
	free(quantized);
	free(centroids.lines);
}

/* A sample, and what k-means makes of it. */
typedef struct Trial
{
	uint32_t dim;
	uint32_t count;
	size_t n;
	float *rows;
	float *centroids;
	uint32_t made;
} Trial;

static Trial
make_trial(uint32_t dim, uint32_t count, size_t n)
{
	Trial trial = {dim, count, n, NULL, NULL, 0};

	trial.rows = must_alloc(n * dim * sizeof(float));
	trial.centroids = must_alloc((size_t) count * dim * sizeof(float));
	return trial;
}

static void
free_trial(Trial *trial)
{
	free(trial->rows);
	free(trial->centroids);
}

static VdbKmeans
task_of(Trial *trial, int iterations, uint64_t seed)
{
	VdbKmeans task = {.dim = trial->dim,
					  .count = trial->count,
					  .n = trial->n,
					  .iterations = iterations,
					  .seed = seed};

	task.rows = quantize(trial->rows, trial->n, trial->dim);
	give_memory(&task);
	return task;
}

static void
run_task(Trial *trial, VdbKmeans *task)
{
	VdbCentroids centroids;

	trial->made = vdb_kmeans(task);
	vdb_kmeans_centroids(task, &centroids);
	for (uint32_t c = 0; c < trial->made; c++)
		vdb_centroid_get(&centroids, c,
						 trial->centroids + (size_t) c * trial->dim);
}

static void
train(Trial *trial, int iterations, uint64_t seed)
{
	VdbKmeans task = task_of(trial, iterations, seed);

	run_task(trial, &task);
	free_task(&task);
}

/* Sum of squared errors, and whether each centroid has a row. */
static double
judge(const Trial *trial, bool *all_used)
{
	uint32_t *sizes = calloc(trial->made + 1, sizeof(uint32_t));
	double sum = 0;

	if (sizes == NULL)
		abort();
	for (size_t i = 0; i < trial->n; i++)
	{
		double least;

		sizes[naive_nearest(trial->rows + i * trial->dim, trial->centroids,
							trial->made, trial->dim, &least)]++;
		sum += least;
	}
	*all_used = true;
	for (uint32_t c = 0; c < trial->made; c++)
		*all_used &= sizes[c] > 0;
	free(sizes);
	return sum;
}

/* Normal clouds around centers that are "apart" wide. */
static void
fill_clouds(Trial *trial, uint32_t clouds, double apart, VdbRng *rng)
{
	float *centers = must_alloc(clouds * trial->dim * sizeof(float));

	random_normals(rng, centers, clouds * trial->dim);
	random_normals(rng, trial->rows, trial->n * trial->dim);
	for (size_t i = 0; i < trial->n; i++)
		for (uint32_t k = 0; k < trial->dim; k++)
			trial->rows[i * trial->dim + k] +=
				(float) (apart * centers[i % clouds * trial->dim + k]);
	free(centers);
}

/*
 * Lloyd's iterations in double precision from the same starts (which are
 * what no iteration returns).  Returns whether a cluster ran empty.
 */
static bool
naive_lloyd(Trial *trial, int iterations)
{
	size_t floats = (size_t) trial->made * trial->dim;
	double *sums = must_alloc(floats * sizeof(double));
	uint32_t *sizes = must_alloc(trial->made * sizeof(uint32_t));
	bool empty = false;

	for (int iteration = 0; iteration < iterations; iteration++)
	{
		memset(sums, 0, floats * sizeof(double));
		memset(sizes, 0, trial->made * sizeof(uint32_t));
		for (size_t i = 0; i < trial->n; i++)
		{
			const float *row = trial->rows + i * trial->dim;
			double least;
			uint32_t c = naive_nearest(row, trial->centroids, trial->made,
									   trial->dim, &least);

			sizes[c]++;
			for (uint32_t k = 0; k < trial->dim; k++)
				sums[c * trial->dim + k] += row[k];
		}
		for (size_t i = 0; i < floats; i++)
			if (sizes[i / trial->dim] > 0)
				trial->centroids[i] = (float) (sums[i] / sizes[i / trial->dim]);
			else
				empty = true;
	}
	free(sums);
	free(sizes);
	return empty;
}

static void
test_against_naive(void)
{
	VdbRng rng = {SEED};
	Trial trial = make_trial(24, 60, 6000);
	double ours;
	double starts;
	double naive;
	bool used;

	fill_clouds(&trial, 150, 1.0, &rng);
	train(&trial, 10, SEED);
	ours = judge(&trial, &used);
	check(trial.made == 60 && used, "every centroid is made and used");
	train(&trial, 0, SEED);
	starts = judge(&trial, &used);
	naive_lloyd(&trial, 10);
	naive = judge(&trial, &used);
	check_note("squared error: starts %.0f, 10 iterations %.0f, naive "
			   "%.0f",
			   starts, ours, naive);
	check(fabs(ours / naive - 1) < 0.005 && ours < 0.8 * starts,
		  "the error is that of a naive Lloyd");
	free_trial(&trial);
}

static void
test_clouds(void)
{
	VdbRng rng = {SEED};
	Trial two = make_trial(16, 2, 1000);
	Trial four = make_trial(16, 4, 1000);
	double best = INFINITY;
	double worst = 0;
	bool used;

	fill_clouds(&two, 2, 10, &rng);
	fill_clouds(&four, 4, 10, &rng);
	for (int seed = 0; seed < 60; seed++)
	{
		train(&two, 20, seed);
		worst = fmax(worst, judge(&two, &used) / (two.n * two.dim));
		train(&four, 20, seed);
		best = fmin(best, judge(&four, &used) / (four.n * four.dim));
	}
	check_note("squared error a dimension, of clouds of variance 1: two "
			   "clouds, worst of 60 seeds %.3f; four, best %.3f",
			   worst, best);
	check(worst < 1.05, "two clouds are always found");
	check(best < 1.05, "four clouds are found by some seed");
	free_trial(&two);
	free_trial(&four);
}

static void
test_seeds(void)
{
	VdbRng rng = {SEED};
	Trial trial = make_trial(16, 20, 1000);
	float first[16 * 20];

	fill_clouds(&trial, 30, 1, &rng);
	train(&trial, 5, 1);
	memcpy(first, trial.centroids, sizeof(first));
	train(&trial, 5, 1);
	check(memcmp(first, trial.centroids, sizeof(first)) == 0,
		  "equal seeds give equal centroids");
	train(&trial, 5, 2);
	check(memcmp(first, trial.centroids, sizeof(first)) != 0,
		  "distinct seeds give distinct centroids");
	free_trial(&trial);
}

/* What a centroid's bytes may be off a row that it stands for, squared. */
static double
tolerance(const float *centroid, uint32_t dim)
{
	double most = 0;

	for (uint32_t k = 0; k < dim; k++)
		most = fmax(most, fabs(centroid[k]));
	return dim * (most / 250) * (most / 250);
}

/* Whether every centroid is one of the rows, and no two are equal. */
static bool
are_distinct_rows(const Trial *trial)
{
	for (uint32_t c = 0; c < trial->made; c++)
	{
		const float *centroid = trial->centroids + c * trial->dim;
		double least;

		naive_nearest(centroid, trial->rows, (uint32_t) trial->n, trial->dim,
					  &least);
		if (least > tolerance(centroid, trial->dim))
			return false;
		for (uint32_t d = 0; d < c; d++)
			if (distance2(centroid, trial->centroids + d * trial->dim,
						  trial->dim) == 0)
				return false;
	}
	return true;
}

static void
test_duplicates(void)
{
	static const uint32_t counts[] = {50, 51, 100, 2000};
	VdbRng rng = {SEED};

	check_begin("50 rows, 20 times each");
	for (int k = 0; k < 4; k++)
	{
		Trial trial = make_trial(16, counts[k], 1000);
		bool used;
		double error;

		random_normals(&rng, trial.rows, 50 * 16);
		for (size_t i = 50; i < 1000; i++)
			memcpy(trial.rows + i * 16, trial.rows + i % 50 * 16, 64);
		trial.rows[0] = 0.0f;
		trial.rows[50 * 16] = -0.0f;
		for (size_t i = 100; i < 1000; i += 50)
			trial.rows[i * 16] = 0.0f;
		train(&trial, 10, SEED);
		error = judge(&trial, &used);
		check_that(trial.made == 50, "%u made of %u", trial.made, counts[k]);
		check_that(error <= 1000 * 16 * 1e-3 && used &&
					   are_distinct_rows(&trial),
				   "each row is a centroid");
		free_trial(&trial);
	}
	check_end();
}

static void
test_few_rows(void)
{
	VdbRng rng = {SEED};
	Trial trial = make_trial(16, 40, 30);

	random_normals(&rng, trial.rows, 30 * 16);
	train(&trial, 10, SEED);
	check(trial.made == 30 && are_distinct_rows(&trial),
		  "fewer rows than centroids are their own centroids");
	trial.n = 0;
	train(&trial, 10, SEED);
	check(trial.made == 0, "no rows make no centroids");
	trial.n = 30;
	for (int i = 0; i < 30 * 16; i++)
		trial.rows[i] = (float) (i % 16);
	train(&trial, 10, SEED);
	check(trial.made == 1 && are_distinct_rows(&trial),
		  "equal rows make one centroid");
	free_trial(&trial);
}

static void
test_one_centroid(void)
{
	VdbRng rng = {SEED};
	Trial trial = make_trial(112, 1, 500);
	bool mean = true;

	random_normals(&rng, trial.rows, 500 * 112);
	train(&trial, 10, SEED);
	for (int k = 0; k < 112; k++)
	{
		double sum = 0;

		for (int i = 0; i < 500; i++)
			sum += trial.rows[i * 112 + k];
		mean &= fabs(sum / 500 - trial.centroids[k]) < 1e-3;
	}
	check(trial.made == 1 && mean, "one centroid is the mean");
	free_trial(&trial);
}

/* Rows that are not finite, or whose norm is not, have no bytes. */
static void
test_not_finite(void)
{
	static const float bad[] = {NAN, INFINITY, -INFINITY, FLT_MAX};
	VdbRng rng = {SEED};
	float x[16];
	VdbRow *row = must_alloc(vdb_row_size(16));

	check_begin("rows that are not finite are refused");
	for (int i = 0; i < 64; i++)
	{
		random_normals(&rng, x, 16);
		x[i % 16] = bad[i / 16];
		check_that(!vdb_row_set(row, x, 16) && row->step == 0 && row->sum == 0,
				   "value %g at %d", bad[i / 16], i % 16);
	}
	check_end();
	free(row);
}

/*
 * Tiny samples of many clusters, where clusters run empty now and then: the
 * naive iterations tell that this happens here.
 */
static void
test_empty(void)
{
	int empties = 0;
	int unused = 0;
	VdbRng rng = {SEED};
	Trial trial = make_trial(2, 8, 24);

	check_begin("clusters that ran empty are filled");
	for (int seed = 0; seed < 20000; seed++)
	{
		bool used;

		for (int i = 0; i < 48; i++)
			trial.rows[i] = (float) pow(random_normal(&rng), 3);
		train(&trial, 0, seed);
		if (!naive_lloyd(&trial, 8))
			continue;
		empties++;
		train(&trial, 20, seed);
		judge(&trial, &used);
		check_that(trial.made == 8, "seed %d: %u made", seed, trial.made);
		unused += !used;
	}
	check_end();
	check(unused * 200 <= empties, "nearly no cluster stays empty: %d", unused);
	check_note("%d of 20000 samples had an empty cluster", empties);
	check(empties > 0, "the samples tell something about empty clusters");
	free_trial(&trial);
}

/* Nine rows of ten are the same, others crowd far from the origin. */
static void
test_skew(void)
{
	VdbRng rng = {SEED};
	Trial trial = make_trial(16, 50, 2000);
	bool used;

	check_begin("skewed samples leave no list empty");
	for (int seed = 0; seed < 10; seed++)
	{
		random_normals(&rng, trial.rows, 2000 * 16);
		for (size_t i = 0; i < 2000; i++)
			for (int k = 0; k < 16; k++)
				if (i % 10 != 0)
					trial.rows[i * 16 + k] = 1;
				else if (i % 20 == 0)
					trial.rows[i * 16 + k] += 20;
		train(&trial, 10, seed);
		judge(&trial, &used);
		check_that(trial.made == 50 && used, "seed %d: %u made", seed,
				   trial.made);
	}
	check_end();
	free_trial(&trial);
}

/*
 * Rows so near to each other that rounding decides: it has to end well.  The
 * first value makes the step one, so that the others keep their values.
 */
static void
test_crowded(void)
{
	VdbRng rng = {SEED};
	Trial trial = make_trial(16, 50, 500);
	bool finite = true;

	for (int i = 0; i < 500 * 16; i++)
		trial.rows[i] = i % 16 == 0
							? VDB_ROW_MAX
							: VDB_ROW_MAX - (float) vdb_rng_below(&rng, 3);
	train(&trial, 10, SEED);
	for (int i = 0; i < 50 * 16; i++)
		finite &= trial.centroids[i] > VDB_ROW_MAX - 3 &&
				  trial.centroids[i] < VDB_ROW_MAX + 1;
	check(trial.made == 50 && finite, "rows that rounding cannot tell apart");
	free_trial(&trial);
}

typedef struct Watch
{
	int calls;
	int iteration;
	double share;
	bool sound;		 /* never back, within range */
	int leave_after; /* calls, or 0 */
	jmp_buf away;
} Watch;

static void
watch(void *arg, int iteration, double share)
{
	Watch *w = arg;

	w->calls++;
	w->sound &= share >= 0 && share <= 1 && iteration >= 1 &&
				(iteration > w->iteration ||
				 (iteration == w->iteration && share >= w->share));
	w->iteration = iteration;
	w->share = share;
	if (w->calls == w->leave_after)
		longjmp(w->away, 1);
}

/*
 * Rows that differ by less than rounding leave clusters empty to the end: the
 * extra iterations can be left as well, and each of them before each of some
 * twenty clusters that it fills.
 */
static void
test_extra_progress(void)
{
	Trial trial = make_trial(16, 50, 500);
	VdbRng rng = {SEED};
	VdbKmeans task;
	Watch w = {.sound = true};
	float centers[10 * 16];

	random_normals(&rng, centers, 10 * 16);
	for (int i = 0; i < 500; i++)
		for (int k = 0; k < 16; k++)
			trial.rows[i * 16 + k] = centers[i % 10 * 16 + k] * (1 + i * 2e-7f);
	task = task_of(&trial, 1, SEED);
	task.progress = watch;
	task.progress_arg = &w;
	run_task(&trial, &task);
	check(w.sound && w.iteration == 1 && w.calls > 4 * 15,
		  "extra iterations call, %d times in all", w.calls);
	free_task(&task);
	free_trial(&trial);
}

static void
test_progress(void)
{
	VdbRng rng = {SEED};
	Trial trial = make_trial(16, 30, 3000);
	VdbKmeans task;
	static Watch w;
	float first[16 * 30];

	fill_clouds(&trial, 100, 1, &rng);
	task = task_of(&trial, 4, SEED);
	task.progress = watch;
	task.progress_arg = &w;
	w = (Watch){.sound = true};
	run_task(&trial, &task);
	memcpy(first, trial.centroids, sizeof(first));
	check(w.sound && w.iteration == 4 && w.share == 1 && w.calls >= 4 * 4,
		  "progress is told, %d times", w.calls);

	w = (Watch){.sound = true, .leave_after = 20};
	if (setjmp(w.away) == 0)
		vdb_kmeans(&task);
	check(w.calls == 20, "progress may leave for good");
	w = (Watch){.sound = true};
	run_task(&trial, &task);
	check(memcmp(first, trial.centroids, sizeof(first)) == 0,
		  "the next run does not notice");
	free_task(&task);
	free_trial(&trial);
}

static void
test_parts(void)
{
	VdbRng rng = {SEED};
	Trial trial = make_trial(20, 70, 3000);
	float alone[20 * 70];
	VdbKmeans task;

	fill_clouds(&trial, 100, 1, &rng);
	task = task_of(&trial, 6, SEED);
	run_task(&trial, &task);
	memcpy(alone, trial.centroids, sizeof(alone));
	task.run = run_backwards;
	task.run_arg = &task;
	memset(task.work, 0xFF, vdb_kmeans_work(70, 20, 3000));
	run_task(&trial, &task);
	check(memcmp(alone, trial.centroids, sizeof(alone)) == 0,
		  "it does not matter who runs which part when");
	free_task(&task);
	free_trial(&trial);
}

/* Two sets of so many centroids: whoever has less memory is told so. */
static void
test_bytes(void)
{
	uint32_t count = UINT32_C(1) << 20;
	uint32_t dim = 16000;
	uint64_t set = (uint64_t) count * dim;

	check(vdb_centroids_bytes(count, dim) > set &&
			  vdb_kmeans_work(count, dim, count) > 2 * set,
		  "bytes may be more than there are addresses");
}

int
main(void)
{
	check_note("seed %d", SEED);
	test_bytes();
	test_rounding();
	test_nearest();
	test_ties();
	test_against_naive();
	test_clouds();
	test_seeds();
	test_duplicates();
	test_few_rows();
	test_one_centroid();
	test_not_finite();
	test_empty();
	test_skew();
	test_crowded();
	test_progress();
	test_extra_progress();
	test_parts();
	return check_done();
}
