/*
 * generate.c: synthetic vectors that resemble embeddings.
 *
 *		generate [--rows=N] [--dims=D] [--queries=N] [--seed=S]
 *			[--clusters=N] [--latent=L] [--local=M] BASE.fvecs QUERIES.fvecs
 *
 * Embeddings lie near a surface of few dimensions and in clusters of unequal
 * size and width.  So a vector is A (c + T g) + noise: c is its cluster's
 * centre in L latent dimensions, g are M normal numbers that the cluster's own
 * matrix T spreads over a few directions there, A maps the latent space into
 * D dimensions, and the noise there is weak.  Sizes of clusters follow a power
 * law, widths a log-normal one.
 *
 * Every vector has a seed of its own, so that equal options give equal files
 * and fewer rows are the first ones of more.  Queries are drawn from the same
 * distribution, behind all rows.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "args.h"
#include "draw.h"
#include "math/rng.h"
#include "vecs.h"

#define NOISE 0.05 /* in units of a latent dimension's spread */
#define WIDTH 1.0  /* of the median cluster, in the same unit */
#define QUERY_SEED (UINT64_C(1) << 40)

typedef struct Model
{
	uint32_t dims;
	uint32_t clusters;
	uint32_t latent;
	uint32_t local;
	uint64_t seed;
	double *cumulated; /* of the clusters' shares */
	float *centres;	   /* clusters * latent */
	float *spreads;	   /* clusters * latent * local */
	float *map;		   /* latent * dims */
} Model;

static void make_model(Model *model);
static void write_vectors(const Model *model, const char *path, uint64_t first,
						  size_t n);

int
main(int argc, char **argv)
{
	Model model = {
		.dims = 768, .clusters = 2000, .latent = 64, .local = 16, .seed = 1};
	size_t rows = 200000;
	size_t queries = 1000;
	const Arg args[] = {{"rows", ARG_SIZE, &rows, 1, 2e9},
						{"dims", ARG_UINT32, &model.dims, 1, 16000},
						{"queries", ARG_SIZE, &queries, 1, 1e9},
						{"seed", ARG_UINT64, &model.seed, 0, 1e15},
						{"clusters", ARG_UINT32, &model.clusters, 1, 1e6},
						{"latent", ARG_UINT32, &model.latent, 1, 16000},
						{"local", ARG_UINT32, &model.local, 1, 16000},
						{NULL, 0, NULL, 0, 0}};
	char **operands = args_parse(
		args, argc, argv, 2, "generate [OPTION]... BASE.fvecs QUERIES.fvecs");

	make_model(&model);
	write_vectors(&model, operands[0], 0, rows);
	write_vectors(&model, operands[1], QUERY_SEED, queries);
	return 0;
}

/* Box and Muller's, one of the pair. */
static double
normal(VdbRng *rng)
{
	double u = 1 - vdb_rng_double(rng);
	double v = vdb_rng_double(rng);

	return sqrt(-2 * log(u)) * cos(6.283185307179586 * v);
}

static float *
normals(VdbRng *rng, size_t n, double scale)
{
	float *out = allocate(n * sizeof(float));

	for (size_t i = 0; i < n; i++)
		out[i] = normal(rng) * scale;
	return out;
}

static void
make_model(Model *model)
{
	VdbRng rng = {model->seed};
	size_t spread = (size_t) model->latent * model->local;
	double sum = 0;

	model->map = normals(&rng, (size_t) model->latent * model->dims,
						 1 / sqrt(model->dims));
	model->centres = normals(&rng, (size_t) model->clusters * model->latent, 1);
	model->spreads =
		normals(&rng, model->clusters * spread, WIDTH / sqrt(model->local));
	model->cumulated = allocate(model->clusters * sizeof(double));
	for (uint32_t c = 0; c < model->clusters; c++)
	{
		double width = exp(0.3 * normal(&rng));

		sum += pow(c + 10, -0.7);
		model->cumulated[c] = sum;
		for (size_t i = 0; i < spread; i++)
			model->spreads[c * spread + i] *= width;
	}
	for (uint32_t c = 0; c < model->clusters; c++)
		model->cumulated[c] /= sum;
}

static uint32_t
draw_cluster(const Model *model, VdbRng *rng)
{
	return draw_place(model->cumulated, model->clusters, vdb_rng_double(rng));
}

/* The sum of four uniform numbers: near enough to normal for noise. */
static float
noise(VdbRng *rng)
{
	uint64_t bits = vdb_rng_next(rng);
	int32_t sum = 0;

	for (int i = 0; i < 4; i++)
		sum += (int32_t) (bits >> (16 * i) & 0xFFFF) - 0x8000;
	return sum * (float) (1 / (65536 * 0.57735));
}

static void
make_vector(const Model *model, uint64_t number_, float *latent, float *out)
{
	VdbRng rng = {(model->seed + 1) * UINT64_C(0x9E3779B97F4A7C15) ^
				  number_ * UINT64_C(0xD1342543DE82EF95)};
	uint32_t c = draw_cluster(model, &rng);
	const float *spread =
		model->spreads + (size_t) c * model->latent * model->local;
	float noise_scale = NOISE * sqrt((double) model->latent / model->dims);

	memcpy(latent, model->centres + (size_t) c * model->latent,
		   model->latent * sizeof(float));
	for (uint32_t m = 0; m < model->local; m++)
	{
		float g = normal(&rng);

		for (uint32_t l = 0; l < model->latent; l++)
			latent[l] += g * spread[m * model->latent + l];
	}
	for (uint32_t d = 0; d < model->dims; d++)
		out[d] = noise_scale * noise(&rng);
	for (uint32_t l = 0; l < model->latent; l++)
	{
		const float *map = model->map + (size_t) l * model->dims;

		for (uint32_t d = 0; d < model->dims; d++)
			out[d] += latent[l] * map[d];
	}
}

static void
write_vectors(const Model *model, const char *path, uint64_t first, size_t n)
{
	FILE *file = output_open(path);
	float *latent = allocate(model->latent * sizeof(float));
	float *out = allocate(model->dims * sizeof(float));

	for (size_t i = 0; i < n; i++)
	{
		make_vector(model, first + i, latent, out);
		vecs_write(file, out, model->dims);
	}
	output_close(file, path);
	free(latent);
	free(out);
}
