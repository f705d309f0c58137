/*
 * test_sketch.c: sketches keep inner products up to the error that sketch.h
 * promises, are linear, and are finite whatever they are made of.
 */
#include "math/sketch.h"

#include <float.h>
#include <math.h>

#include "check.h"
#include "random.h"

#define SEED 20261129
#define DIM 1024
#define NNZ 100
#define PAIRS 400

/* NNZ elements at random places of many. */
static void
random_sparse(VdbRng *rng, int32_t *index, float *values)
{
	random_normals(rng, values, NNZ);
	for (int i = 0; i < NNZ; i++)
		index[i] = (int32_t) vdb_rng_below(rng, 1000000000);
}

static void
test_products(VdbRng *rng)
{
	int32_t index[2 * NNZ];
	float values[2 * NNZ];
	float a[DIM];
	float b[DIM];
	double sum = 0;
	double sum2 = 0;

	for (int pair = 0; pair < PAIRS; pair++)
	{
		double norms;
		double error;

		random_sparse(rng, index, values);
		random_sparse(rng, index + NNZ, values + NNZ);
		norms = sqrt(dot_double(values, values, NNZ) *
					 dot_double(values + NNZ, values + NNZ, NNZ));
		vdb_sketch(index, values, NNZ, SEED, a, DIM);
		vdb_sketch(index + NNZ, values + NNZ, NNZ, SEED, b, DIM);
		error = dot_double(a, b, DIM) / norms * sqrt(DIM);
		sum += error;
		sum2 += error * error;
	}
	check(fabs(sum / PAIRS) < 0.2, "inner products are unbiased");
	check(fabs(sqrt(sum2 / PAIRS) - 1) < 0.15,
		  "their standard error is |x| |q| / sqrt(D)");
}

static void
test_linear(VdbRng *rng)
{
	int32_t index[NNZ];
	float values[NNZ];
	float whole[DIM];
	float half[DIM];
	float rest[DIM];

	random_sparse(rng, index, values);
	vdb_sketch(index, values, NNZ, SEED, whole, DIM);
	vdb_sketch(index, values, NNZ / 2, SEED, half, DIM);
	vdb_sketch(index + NNZ / 2, values + NNZ / 2, NNZ / 2, SEED, rest, DIM);
	check_begin("the sketch of a sum is the sum of sketches");
	for (int i = 0; i < DIM; i++)
		check_that(fabs(half[i] + rest[i] - whole[i]) < 1e-5, "place %d", i);
	check_end();

	vdb_sketch(index, values, 1, SEED, whole, DIM);
	check(fabs(dot_double(whole, whole, DIM) - values[0] * values[0]) < 1e-6,
		  "one element keeps its length");
	vdb_sketch(index, values, 1, SEED + 1, half, DIM);
	check(dot_double(whole, half, DIM) < values[0] * values[0],
		  "another seed, another sketch");
}

static void
test_extremes(void)
{
	int32_t index[16] = {7};
	float values[16] = {0};
	float out[DIM];

	vdb_sketch(index, values, 0, SEED, out, DIM);
	check(dot_double(out, out, DIM) == 0, "no elements, zero");
	for (int i = 0; i < 16; i++)
	{
		index[i] = 7;
		values[i] = FLT_MAX;
	}
	vdb_sketch(index, values, 16, SEED, out, DIM);
	check_begin("sums beyond float32 stay finite");
	for (int i = 0; i < DIM; i++)
		check_that(isfinite(out[i]), "place %d", i);
	check_end();
}

int
main(void)
{
	VdbRng rng = {SEED};

	test_products(&rng);
	test_linear(&rng);
	test_extremes();
	return check_done();
}
