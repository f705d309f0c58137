/*
 * generate_sparse.c: synthetic sparse vectors that resemble learned term
 * weights.
 *
 *		generate_sparse [--rows=N] [--dims=D] [--elements=N] [--topics=N]
 *			[--queries=N] [--seed=S] BASE.copy QUERIES.copy
 *
 * Dimensions are as frequent as words are, by Zipf's law.  A topic is twice as
 * many of them as a vector has elements, each with a weight; a vector takes
 * three fifths of its elements from its topic, with weights that vary around
 * the topic's, and the others from all dimensions, with less weight.  Early
 * topics have more vectors.
 *
 * A file is text for COPY: a number and a sparsevec.  Equal options give equal
 * files.
 */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "args.h"
#include "draw.h"
#include "math/rng.h"
#include "vecs.h"

#define QUERY_SEED (UINT64_C(1) << 40)
#define TOPIC_SHARE 0.6

typedef struct Model
{
	uint32_t dims;
	uint32_t elements;
	uint32_t topics;
	uint64_t seed;
	double *cumulated;	 /* of the dimensions' frequencies */
	uint32_t *dimension; /* topics * 2 * elements */
	float *weight;		 /* the same */
} Model;

/* A vector under construction: its elements in any order. */
typedef struct Row
{
	uint32_t count;
	uint32_t *dimension;
	float *value;
	bool *taken; /* of each dimension */
} Row;

static double
exponential(VdbRng *rng)
{
	return -log(1 - vdb_rng_double(rng));
}

/* A dimension by its frequency; which one is frequent does not matter. */
static uint32_t
draw_dimension(const Model *model, VdbRng *rng)
{
	double u = vdb_rng_double(rng) * model->cumulated[model->dims - 1];
	uint32_t place = draw_place(model->cumulated, model->dims, u);

	return (uint32_t) (place * UINT64_C(2654435761) % model->dims);
}

/* Add an element unless the dimension has one. */
static void
add_element(Row *row, uint32_t dimension, double value)
{
	if (row->taken[dimension])
		return;
	row->taken[dimension] = true;
	row->dimension[row->count] = dimension;
	row->value[row->count++] = (float) value;
}

static void
clear_row(Row *row)
{
	for (uint32_t i = 0; i < row->count; i++)
		row->taken[row->dimension[i]] = false;
	row->count = 0;
}

static Row
make_row(const Model *model)
{
	Row row = {.dimension = allocate(2 * model->elements * sizeof(uint32_t)),
			   .value = allocate(2 * model->elements * sizeof(float)),
			   .taken = allocate(model->dims * sizeof(bool))};

	memset(row.taken, 0, model->dims * sizeof(bool));
	return row;
}

static void
make_model(Model *model)
{
	uint32_t size = 2 * model->elements;
	VdbRng rng = {model->seed};
	Row row = make_row(model);
	double sum = 0;

	model->cumulated = allocate(model->dims * sizeof(double));
	model->dimension =
		allocate((size_t) model->topics * size * sizeof(uint32_t));
	model->weight = allocate((size_t) model->topics * size * sizeof(float));
	for (uint32_t i = 0; i < model->dims; i++)
		model->cumulated[i] = sum += 1.0 / (i + 10);
	for (uint32_t t = 0; t < model->topics; t++)
	{
		while (row.count < size)
			add_element(&row, draw_dimension(model, &rng), exponential(&rng));
		memcpy(model->dimension + (size_t) t * size, row.dimension,
			   size * sizeof(uint32_t));
		memcpy(model->weight + (size_t) t * size, row.value,
			   size * sizeof(float));
		clear_row(&row);
	}
}

static void
draw_row(const Model *model, VdbRng *rng, Row *row)
{
	uint32_t size = 2 * model->elements;
	double u = vdb_rng_double(rng);
	size_t topic = (size_t) (u * u * model->topics) * size;

	clear_row(row);
	while (row->count < TOPIC_SHARE * model->elements)
	{
		size_t i = topic + vdb_rng_below(rng, size);
		double weight = model->weight[i];

		add_element(row, model->dimension[i],
					(weight + 0.2) * exponential(rng) * 0.5 + weight * 0.5 +
						0.01);
	}
	while (row->count < model->elements)
		add_element(row, draw_dimension(model, rng),
					exponential(rng) * 0.7 + 0.01);
}

static void
write_rows(const Model *model, const char *path, uint64_t first, size_t n)
{
	FILE *file = output_open(path);
	Row row = make_row(model);

	for (size_t i = 0; i < n; i++)
	{
		VdbRng rng = {(model->seed + 1) * UINT64_C(0x9E3779B97F4A7C15) ^
					  (first + i) * UINT64_C(0xD1342543DE82EF95)};

		draw_row(model, &rng, &row);
		fprintf(file, "%zu\t{", i);
		for (uint32_t j = 0; j < row.count; j++)
			fprintf(file, "%s%" PRIu32 ":%.4g", j > 0 ? "," : "",
					row.dimension[j] + 1, row.value[j]);
		fprintf(file, "}/%" PRIu32 "\n", model->dims);
	}
	output_close(file, path);
}

int
main(int argc, char **argv)
{
	Model model = {.dims = 30000, .elements = 100, .topics = 1000, .seed = 1};
	size_t rows = 100000;
	size_t queries = 300;
	const Arg args[] = {{"rows", ARG_SIZE, &rows, 1, 2e9},
						{"dims", ARG_UINT32, &model.dims, 1, 1e9},
						{"elements", ARG_UINT32, &model.elements, 1, 16000},
						{"topics", ARG_UINT32, &model.topics, 1, 1e6},
						{"queries", ARG_SIZE, &queries, 1, 1e9},
						{"seed", ARG_UINT64, &model.seed, 0, 1e15},
						{NULL, 0, NULL, 0, 0}};
	char **operands =
		args_parse(args, argc, argv, 2,
				   "generate_sparse [OPTION]... BASE.copy QUERIES.copy");

	if (model.dims < 4 * model.elements)
	{
		fprintf(stderr, "generate_sparse: --dims has to be four times "
						"--elements or more\n");
		return 2;
	}
	make_model(&model);
	write_rows(&model, operands[0], 0, rows);
	write_rows(&model, operands[1], QUERY_SEED, queries);
	return 0;
}
