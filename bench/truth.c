/*
 * truth.c: the exact nearest rows of each query, by comparing it with all.
 *
 *		truth [--metric=l2|cosine|ip] [--k=N] [--rows=N] [--threads=N]
 *			BASE QUERIES TRUTH.ivecs
 *
 * A matrix product in float32 gives each query somewhat more candidates than
 * are asked for; these are then put in order by distances in double.  Queries
 * are packed into panels once; each thread walks a share of the rows against
 * all of them.
 *
 * It shares no code with src/, which is judged by what this program says.
 * The product is a plain loop, which the Makefile has compiled for the very
 * machine that runs it.
 */
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "args.h"
#include "vecs.h"

#define SPARE 32 /* candidates beyond k, for the rounding */

/* Rows and queries that are multiplied at a time: their sums fit registers. */
#define ROWS 8
#define PANEL 32

typedef enum Metric
{
	L2,
	COSINE,
	INNER
} Metric;

typedef struct Hit
{
	double distance;
	int32_t row;
} Hit;

/* A thread's share, and the best of it: a heap of "room" hits a query. */
typedef struct Share
{
	pthread_t thread;
	size_t from;
	size_t to;
	Hit *hits;
	size_t *count;
} Share;

static Metric metric;
static size_t k = 100;
static size_t room;
static Vecs base;
static Vecs queries;
static float *panels;

static void pack_queries(void);
static void *scan_share(void *arg);
static void write_truth(const char *path, Share *shares, int threads);

static Metric
parse_metric(const char *name)
{
	static const char *const names[] = {"l2", "cosine", "ip"};

	for (int i = 0; i < 3; i++)
	{
		if (strcmp(name, names[i]) == 0)
			return i;
	}
	die("there is no metric \"%s\": there are l2, cosine, ip", name);
}

int
main(int argc, char **argv)
{
	size_t rows = SIZE_MAX;
	int threads = 2;
	const char *metric_name = "l2";
	const Arg args[] = {{"metric", ARG_TEXT, &metric_name, 0, 0},
						{"k", ARG_SIZE, &k, 1, 10000},
						{"rows", ARG_SIZE, &rows, 1, 2e9},
						{"threads", ARG_INT, &threads, 1, 64},
						{NULL, 0, NULL, 0, 0}};
	char **operands =
		args_parse(args, argc, argv, 3,
				   "truth [--metric=l2|cosine|ip] [--k=N] [--rows=N] "
				   "[--threads=N] BASE QUERIES TRUTH");
	Share shares[64];

	metric = parse_metric(metric_name);
	base = vecs_open(operands[0]);
	queries = vecs_open(operands[1]);
	if (base.dim != queries.dim)
		die("%s has %u dimensions, %s has %u", base.path, base.dim,
			queries.path, queries.dim);
	if (rows > base.n)
		rows = base.n;
	if (k > rows)
		k = rows;
	room = k + SPARE;
	pack_queries();
	for (int t = 0; t < threads; t++)
	{
		shares[t].from = rows * t / threads;
		shares[t].to = rows * (t + 1) / threads;
		if (pthread_create(&shares[t].thread, NULL, scan_share, &shares[t]))
			die("cannot start a thread");
	}
	for (int t = 0; t < threads; t++)
		pthread_join(shares[t].thread, NULL);
	write_truth(operands[2], shares, threads);
	return 0;
}

static size_t
panel_count(void)
{
	return (queries.n + PANEL - 1) / PANEL;
}

/* Panel p holds queries p * PANEL and on, a dimension after the other. */
static void
pack_queries(void)
{
	size_t floats = panel_count() * PANEL * queries.dim;

	panels = allocate(floats * sizeof(float));
	memset(panels, 0, floats * sizeof(float));
	for (size_t q = 0; q < queries.n; q++)
	{
		float *panel = panels + q / PANEL * PANEL * queries.dim;

		for (uint32_t d = 0; d < queries.dim; d++)
			panel[d * PANEL + q % PANEL] = vecs_row(&queries, q)[d];
	}
}

/* What orders the rows of one query, from <row, query>: least first. */
static double
rank_of(double product, double norm2)
{
	if (metric == L2)
		return norm2 / 2 - product;
	if (metric == COSINE)
		return norm2 > 0 ? -product / sqrt(norm2) : INFINITY;
	return -product;
}

/* Keep the least "room" hits, the greatest of them on top. */
static void
add_hit(Hit *hits, size_t *count, Hit hit)
{
	size_t at;

	if (*count < room)
	{
		for (at = (*count)++;
			 at > 0 && hits[(at - 1) / 2].distance < hit.distance;
			 at = (at - 1) / 2)
			hits[at] = hits[(at - 1) / 2];
		hits[at] = hit;
		return;
	}
	if (!(hit.distance < hits[0].distance))
		return;
	for (at = 0; 2 * at + 1 < room;)
	{
		size_t child = 2 * at + 1;

		child +=
			child + 1 < room && hits[child + 1].distance > hits[child].distance;
		if (hits[child].distance <= hit.distance)
			break;
		hits[at] = hits[child];
		at = child;
	}
	hits[at] = hit;
}

/* Inner products of rows with the queries of a panel. */
static void
multiply(const float *const row[ROWS], const float *panel,
		 float out[ROWS][PANEL])
{
	float sum[ROWS][PANEL] = {{0}};

	for (size_t d = 0; d < base.dim; d++)
		for (int i = 0; i < ROWS; i++)
			for (int j = 0; j < PANEL; j++)
				sum[i][j] += row[i][d] * panel[d * PANEL + j];
	memcpy(out, sum, sizeof(sum));
}

static double
dot(const float *a, const float *b)
{
	double sum = 0;

	for (uint32_t d = 0; d < base.dim; d++)
		sum += (double) a[d] * b[d];
	return sum;
}

/* A few rows against all queries; the last one stands in for missing ones. */
static void
scan_rows(Share *share, size_t from, size_t rows)
{
	const float *row[ROWS];
	double norm2[ROWS];
	float out[ROWS][PANEL];

	for (size_t i = 0; i < ROWS; i++)
	{
		row[i] = vecs_row(&base, from + (i < rows ? i : rows - 1));
		norm2[i] = dot(row[i], row[i]);
	}
	for (size_t p = 0; p < panel_count(); p++)
	{
		size_t q0 = p * PANEL;
		size_t n = queries.n - q0 < PANEL ? queries.n - q0 : PANEL;

		multiply(row, panels + q0 * base.dim, out);
		for (size_t i = 0; i < rows; i++)
			for (size_t q = 0; q < n; q++)
				add_hit(
					share->hits + (q0 + q) * room, &share->count[q0 + q],
					(Hit){rank_of(out[i][q], norm2[i]), (int32_t) (from + i)});
	}
}

static void *
scan_share(void *arg)
{
	Share *share = arg;

	share->hits = allocate(queries.n * room * sizeof(Hit));
	share->count = allocate(queries.n * sizeof(size_t));
	memset(share->count, 0, queries.n * sizeof(size_t));
	for (size_t i = share->from; i < share->to; i += ROWS)
		scan_rows(share, i, share->to - i < ROWS ? share->to - i : ROWS);
	return NULL;
}

static int
compare_hits(const void *a, const void *b)
{
	const Hit *x = a;
	const Hit *y = b;

	if (x->distance != y->distance)
		return x->distance < y->distance ? -1 : 1;
	return (x->row > y->row) - (x->row < y->row);
}

static void
write_truth(const char *path, Share *shares, int threads)
{
	FILE *file = output_open(path);
	Hit *all = allocate(threads * room * sizeof(Hit));
	int32_t *rows = allocate(k * sizeof(int32_t));

	for (size_t q = 0; q < queries.n; q++)
	{
		size_t n = 0;

		for (int t = 0; t < threads; t++)
		{
			memcpy(all + n, shares[t].hits + q * room,
				   shares[t].count[q] * sizeof(Hit));
			n += shares[t].count[q];
		}
		for (size_t i = 0; i < n; i++)
		{
			const float *row = vecs_row(&base, all[i].row);

			all[i].distance =
				rank_of(dot(row, vecs_row(&queries, q)), dot(row, row));
		}
		qsort(all, n, sizeof(Hit), compare_hits);
		for (size_t i = 0; i < k; i++)
			rows[i] = all[i].row;
		vecs_write(file, rows, k);
	}
	output_close(file, path);
}
