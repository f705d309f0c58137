/*
 * split.c: split a file of vectors into rows to be searched and held-out
 * queries.
 *
 *		split [--queries=N] [--seed=S] INPUT BASE.fvecs QUERIES.fvecs
 *
 * INPUT is fvecs, .npy of float32, or GloVe text (a word and its numbers on a
 * line).  The queries are drawn without replacement; all the other rows
 * become the base, in their own order.  Equal seeds give equal splits.
 */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "math/rng.h"
#include "vecs.h"

static Vecs read_text(const char *path);
static int is_text(const char *path);
static char *choose(size_t n, size_t queries, uint64_t seed);

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
	Vecs input;
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
	input = is_text(argv[optind]) ? read_text(argv[optind])
								  : vecs_open(argv[optind]);
	if (queries >= input.n)
		die("%s: has only %zu vectors", input.path, input.n);
	chosen = choose(input.n, queries, seed);
	base = output_open(argv[optind + 1]);
	held = output_open(argv[optind + 2]);
	for (size_t i = 0; i < input.n; i++)
		vecs_write(chosen[i] ? held : base, vecs_row(&input, i), input.dim);
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

static int
is_text(const char *path)
{
	size_t length = strlen(path);

	return length > 4 && strcmp(path + length - 4, ".txt") == 0;
}

/* The numbers of a line, which follow its last word; returns how many. */
static uint32_t
read_line(char *line, float *row, uint32_t most)
{
	char *at = strchr(line, ' ');
	char *end;
	uint32_t n = 0;

	while (at != NULL && *at != '\0' && *at != '\n')
	{
		float value = strtof(at, &end);

		if (end == at || n == most)
			return 0;
		row[n++] = value;
		at = end + strspn(end, " \r");
	}
	return n;
}

static Vecs
read_text(const char *path)
{
	FILE *file = fopen(path, "r");
	Vecs vecs = {.path = path};
	float *rows = NULL;
	float row[16000];
	size_t room = 0;
	char *line = NULL;
	size_t size = 0;

	if (file == NULL)
		die("%s: %s", path, strerror(errno));
	while (getline(&line, &size, file) > 0)
	{
		uint32_t dim = read_line(line, row, 16000);

		if (vecs.dim == 0)
			vecs.dim = vecs.stride = dim;
		if (dim == 0 || dim != vecs.dim)
			die("%s: line %zu has no word and %u numbers", path, vecs.n + 1,
				vecs.dim);
		if (vecs.n == room)
		{
			room = room ? room * 2 : 65536;
			rows = realloc(rows, room * dim * sizeof(float));
			if (rows == NULL)
				die("out of memory");
		}
		memcpy(rows + vecs.n++ * dim, row, dim * sizeof(float));
	}
	free(line);
	fclose(file);
	vecs.first = rows;
	return vecs;
}
