/*
 * library.c: how fast the index's own code is without a server.
 *
 *		library [--metric=l2|ip|cosine] [--lists=N] [--k=N]
 *			BASE QUERIES TRUTH PROBES...
 *
 * Builds once, printing "build,seconds,bytes" and an empty line, then reads
 * lines "ROUND START WARM SECONDS", measures each number of probes, and
 * prints rows as "client search" does, then an empty line.  The end of input
 * ends it.  BASE and QUERIES are normalized already where the metric is
 * cosine.
 */
#include <math.h>
#include <stdlib.h>

#include "args.h"
#include "latency.h"
#include "memory_index.h"

typedef struct Round
{
	int number;
	size_t start;
	size_t warm;
	double seconds;
} Round;

static Vecs queries;
static Vecs truth;
static size_t k = 10;

static void serve(MemoryIndex *index, char **probes);
static void measure(MemoryIndex *index, uint32_t probes, const Round *round);

int
main(int argc, char **argv)
{
	const char *metric = "l2";
	uint32_t lists = 0;
	const Arg args[] = {{"metric", ARG_TEXT, &metric, 0, 0},
						{"lists", ARG_UINT32, &lists, 1, 1e6},
						{"k", ARG_SIZE, &k, 1, 1000},
						{NULL, 0, NULL, 0, 0}};
	char **operands =
		args_parse(args, argc, argv, -4,
				   "library [--metric=l2|ip|cosine] [--lists=N] [--k=N] BASE "
				   "QUERIES TRUTH PROBES...");
	const VdbSpace *space = vdb_space_named(metric);
	Vecs base;
	MemoryIndex *index;
	double began;

	if (space == NULL)
		die("there is no metric %s", metric);
	base = vecs_open(operands[0]);
	queries = vecs_open(operands[1]);
	truth = vecs_open(operands[2]);
	if (lists == 0)
		lists = 1.5 * sqrt(base.n) + 1;
	began = now();
	index = memory_index_build(&base, space, lists);
	printf("build,%.3f,%zu\n\n", now() - began, memory_index_size(index));
	fflush(stdout);
	serve(index, operands + 3);
	return 0;
}

/* Each number of probes, for each line of the input. */
static void
serve(MemoryIndex *index, char **probes)
{
	Round round;

	while (scanf("%d %zu %zu %lf", &round.number, &round.start, &round.warm,
				 &round.seconds) == 4)
	{
		for (char **p = probes; *p != NULL; p++)
			measure(index, number("probes", *p, 1, 1e6), &round);
		putchar('\n');
		fflush(stdout);
	}
}

static size_t
count_found(const int32_t *rows, size_t n, size_t query)
{
	size_t found = 0;

	for (size_t i = 0; i < n; i++)
		found += vecs_holds(&truth, query, k, rows[i]);
	return found;
}

static void
measure(MemoryIndex *index, uint32_t probes, const Round *round)
{
	double *times = allocate(queries.n * sizeof(double));
	int32_t *rows = allocate(k * sizeof(int32_t));
	MemoryStats stats = {0};
	size_t found = 0;
	size_t n = queries.n;
	size_t done;
	double sum = 0;

	for (size_t i = 0; i < round->warm; i++)
		memory_index_search(
			index, vecs_row(&queries, (round->start + 2 * n - 1 - i % n) % n),
			probes, k, rows, &stats);
	for (done = 0; done < n && (done < 20 || sum < round->seconds); done++)
	{
		size_t query = (round->start + done) % n;
		double began = latency_clock();
		size_t got = memory_index_search(index, vecs_row(&queries, query),
										 probes, k, rows, &stats);

		times[done] = latency_clock() - began;
		sum += times[done];
		found += count_found(rows, got, query);
	}
	printf("library,probes=%u,%d,1,%zu,%.5f,%.2f,", probes, round->number, done,
		   (double) found / (done * k), done / sum);
	latency_print(times, done);
	if (getenv("BENCH_COUNTS") != NULL)
		fprintf(stderr, "probes %u: %.0f codes, %.1f refined a query\n", probes,
				(double) stats.codes / (done + round->warm),
				(double) stats.refined / (done + round->warm));
	free(times);
	free(rows);
}
