/*
 * split.c: split a file of vectors into rows to be searched and held-out
 * queries.
 *
 *		split [--queries=N] [--seed=S] INPUT BASE.fvecs QUERIES.fvecs
 *
 * INPUT is what the client loads: fvecs, .npy, or text (a word and its numbers
 * on a line); it is read twice.  The queries are drawn without replacement; all
 * the other rows become the base, in their own order.  Equal seeds give equal
 * splits.
 */
#include <getopt.h>
#include <limits.h>
#include <stdlib.h>

#include "common/reader.h"
#include "math/rng.h"
#include "vecs.h"

static size_t count_rows(const char *path);
static char *choose(size_t n, size_t queries, uint64_t seed);
static void divide(const char *path, const char *chosen, FILE *base,
				   FILE *held);

int
main(int argc, char **argv)
{
	static const struct option options[] = {
		{"queries", required_argument, NULL, 'q'},
		{"seed", required_argument, NULL, 's'},
		{NULL, 0, NULL, 0}};
	size_t queries = 1000;
	uint64_t seed = 1;
	int c;
	size_t n;
	FILE *base;
	FILE *held;
	char *chosen;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1)
	{
		if (c == 'q')
			queries = number("queries", optarg, 1, 1e9);
		else if (c == 's')
			seed = number("seed", optarg, 0, 1e15);
		else
			exit(2);
	}
	if (argc - optind != 3)
		die("usage: split [--queries=N] [--seed=S] INPUT BASE QUERIES");
	n = count_rows(argv[optind]);
	if (queries >= n)
		die("%s: has only %zu vectors", argv[optind], n);
	chosen = choose(n, queries, seed);
	base = output_open(argv[optind + 1]);
	held = output_open(argv[optind + 2]);
	divide(argv[optind], chosen, base, held);
	output_close(base, argv[optind + 1]);
	output_close(held, argv[optind + 2]);
	return 0;
}

/* Marks of the rows that are queries. */
static char *
choose(size_t n, size_t queries, uint64_t seed)
{
	VdbRng rng = {seed};
	char *chosen = calloc(n, 1);

	if (chosen == NULL)
		die("out of memory");
	while (queries > 0)
	{
		size_t i = vdb_rng_below(&rng, n);

		queries -= !chosen[i];
		chosen[i] = 1;
	}
	return chosen;
}

static void
open_input(struct reader *reader, const char *path)
{
	static const struct reader_options options = {.max_label = LONG_MAX};

	if (!reader_open(reader, path, &options))
		die("%s", reader->error);
}

/* False at the end. */
static bool
next_row(struct reader *reader, struct row *row)
{
	int got = reader_next(reader, row);

	if (got < 0)
		die("%s", reader->error);
	return got > 0;
}

static size_t
count_rows(const char *path)
{
	struct reader reader;
	struct row row;
	size_t n = 0;

	open_input(&reader, path);
	while (next_row(&reader, &row))
		n++;
	reader_close(&reader);
	return n;
}

static void
divide(const char *path, const char *chosen, FILE *base, FILE *held)
{
	struct reader reader;
	struct row row;

	open_input(&reader, path);
	while (next_row(&reader, &row))
		vecs_write(*chosen++ ? held : base, row.values, reader.dims);
	reader_close(&reader);
}
