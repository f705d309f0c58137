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
#include <limits.h>
#include <stdlib.h>

#include "args.h"
#include "common/reader.h"
#include "math/rng.h"
#include "vecs.h"

static size_t count_rows(const char *path);
static char *choose(size_t n, size_t queries, uint64_t seed);
static void divide(const char *path, const char *chosen, size_t n, FILE *base,
				   FILE *held);

int
main(int argc, char **argv)
{
	size_t queries = 1000;
	uint64_t seed = 1;
	const Arg args[] = {{"queries", ARG_SIZE, &queries, 1, 1e9},
						{"seed", ARG_UINT64, &seed, 0, 1e15},
						{NULL, 0, NULL, 0, 0}};
	char **operands =
		args_parse(args, argc, argv, 3,
				   "split [--queries=N] [--seed=S] INPUT BASE QUERIES");
	size_t n;
	FILE *base;
	FILE *held;
	char *chosen;

	n = count_rows(operands[0]);
	if (queries >= n)
		die("%s: has only %zu vectors", operands[0], n);
	chosen = choose(n, queries, seed);
	base = output_open(operands[1]);
	held = output_open(operands[2]);
	divide(operands[0], chosen, n, base, held);
	output_close(base, operands[1]);
	output_close(held, operands[2]);
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
divide(const char *path, const char *chosen, size_t n, FILE *base, FILE *held)
{
	struct reader reader;
	struct row row;
	size_t i = 0;

	open_input(&reader, path);
	for (; i < n && next_row(&reader, &row); i++)
		vecs_write(chosen[i] ? held : base, row.values, reader.dims);
	if (i < n || next_row(&reader, &row))
		die("%s: changed while it was read", path);
	reader_close(&reader);
}
