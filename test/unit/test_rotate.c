/*
 * test_rotate.c: the random rotation keeps lengths and angles at every
 * dimension, is fixed by its seed, and spreads out whatever it is given.
 */
#include "math/rotate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "random.h"

#define SEED 20240521

static VdbRotation *
make_rotation(uint32_t padded, uint64_t seed)
{
	VdbRotation *rotation = must_alloc(vdb_rotation_size(padded));

	vdb_rotation_init(rotation, padded, seed);
	return rotation;
}

static void
test_padding(void)
{
	check(vdb_padded_dim(1) == 16 && vdb_padded_dim(16) == 16 &&
			  vdb_padded_dim(17) == 32 && vdb_padded_dim(100) == 112 &&
			  vdb_padded_dim(16000) == 16000,
		  "dimensions are padded to 16");
}

/* Lengths and inner products of two random vectors of "dim" dimensions. */
static void
compare_products(uint32_t dim, VdbRng *rng)
{
	uint32_t padded = vdb_padded_dim(dim);
	VdbRotation *rotation = make_rotation(padded, vdb_rng_next(rng));
	float *v = must_alloc(4 * padded * sizeof(float));
	float *a = v;
	float *b = v + padded;
	float *ra = v + 2 * padded;
	float *rb = v + 3 * padded;
	double scale;

	random_normals(rng, v, 2 * padded);
	scale = sqrt(dot_double(a, a, dim) * dot_double(b, b, dim));
	vdb_rotate(rotation, a, dim, ra);
	vdb_rotate(rotation, b, dim, rb);
	check_that(fabs(dot_double(a, b, dim) - dot_double(ra, rb, padded)) <
				   1e-6 * scale,
			   "inner product, %u dimensions", dim);
	check_that(fabs(dot_double(ra, ra, padded) / dot_double(a, a, dim) - 1) <
				   1e-5,
			   "length, %u dimensions", dim);
	vdb_unrotate(rotation, ra);
	scale = 0;
	for (uint32_t i = 0; i < padded; i++)
		scale = fmax(scale, fabs(ra[i] - (i < dim ? a[i] : 0)));
	check_that(scale < 1e-5, "way back, %u dimensions", dim);
	free(v);
	free(rotation);
}

static void
test_products(void)
{
	VdbRng rng = {SEED};

	check_begin("lengths and inner products are kept, and the way back");
	for (uint32_t dim = 16; dim <= 2048; dim += 16)
		compare_products(dim, &rng);
	for (uint32_t dim = 1; dim <= 100; dim++)
		compare_products(dim, &rng);
	compare_products(1000, &rng);
	compare_products(16000, &rng);
	check_end();
}

static void
rotate_unit(const VdbRotation *rotation, uint32_t dim, uint32_t i, float *out)
{
	float *unit = calloc(dim, sizeof(float));

	if (unit == NULL)
		abort();
	unit[i] = 1;
	vdb_rotate(rotation, unit, dim, out);
	free(unit);
}

/* The matrix itself: its rows are orthonormal, exactly enough. */
static void
test_matrix(uint32_t dim)
{
	VdbRotation *rotation = make_rotation(dim, SEED);
	float *matrix = must_alloc((size_t) dim * dim * sizeof(float));
	double worst = 0;

	for (uint32_t i = 0; i < dim; i++)
		rotate_unit(rotation, dim, i, matrix + (size_t) i * dim);
	for (uint32_t i = 0; i < dim; i++)
		for (uint32_t j = 0; j <= i; j++)
		{
			double product = dot_double(matrix + (size_t) i * dim,
										matrix + (size_t) j * dim, dim);

			worst = fmax(worst, fabs(product - (i == j)));
		}
	check_note("%u dimensions: worst entry of M M' - 1 is %.1e", dim, worst);
	check(worst < 2e-6, "the matrix of %u dimensions is orthonormal", dim);
	free(matrix);
	free(rotation);
}

static void
test_seeds(void)
{
	enum
	{
		DIM = 112
	};
	VdbRotation *rotation = make_rotation(DIM, SEED);
	VdbRotation *same = make_rotation(DIM, SEED);
	VdbRotation *other = make_rotation(DIM, SEED + 1);
	float in[DIM];
	float out[3][DIM];
	VdbRng rng = {SEED};
	double product;

	random_normals(&rng, in, DIM);
	vdb_rotate(rotation, in, DIM, out[0]);
	vdb_rotate(same, in, DIM, out[1]);
	check(memcmp(out[0], out[1], sizeof(out[0])) == 0,
		  "equal seeds give equal rotations");

	vdb_rotate(other, in, DIM, out[2]);
	product = dot_double(out[0], out[2], DIM) / dot_double(in, in, DIM);
	check_note("cosine between the rotations of two seeds: %.3f", product);
	check(fabs(product) < 0.4, "distinct seeds give distinct rotations");

	memset(other, 0xFF, vdb_rotation_size(DIM));
	memcpy(other, rotation, vdb_rotation_size(DIM));
	memset(rotation, 0xFF, vdb_rotation_size(DIM));
	vdb_rotate(other, in, DIM, out[1]);
	check(memcmp(out[0], out[1], sizeof(out[0])) == 0,
		  "a rotation can be moved with memcpy");
	free(rotation);
	free(same);
	free(other);
}

/* An index on disk relies on it: no change may alter these. */
static void
test_fixed(void)
{
	static const struct
	{
		uint32_t dim;
		float first;
		float last;
	} expected[] = {
		{16, 2.656250f, 0.312500f},
		{112, 3.510812f, -0.890903f},
		{768, 4.433966f, -0.539966f},
		{1024, 0.500580f, 1.590381f},
	};

	check_begin("rotations are those of earlier releases");
	for (size_t k = 0; k < sizeof(expected) / sizeof(expected[0]); k++)
	{
		uint32_t dim = expected[k].dim;
		VdbRotation *rotation = make_rotation(dim, 42);
		float *v = must_alloc(2 * dim * sizeof(float));

		for (uint32_t i = 0; i < dim; i++)
			v[i] = (float) (i % 7) - 3 + (float) i / dim;
		vdb_rotate(rotation, v, dim, v + dim);
		check_that(fabsf(v[dim] - expected[k].first) < 1e-4f &&
					   fabsf(v[2 * dim - 1] - expected[k].last) < 1e-4f,
				   "{%u, %.6ff, %.6ff},", dim, v[dim], v[2 * dim - 1]);
		free(v);
		free(rotation);
	}
	check_end();
}

/*
 * Unit vectors, the most concentrated input: components have to look normal,
 * that is, with a kurtosis near 3 and no outlier.
 */
static void
test_spread(uint32_t dim)
{
	float *out = must_alloc(dim * sizeof(float));
	double fourth = 0;
	double greatest = 0;
	int trials = 400;
	VdbRng rng = {SEED};

	for (int t = 0; t < trials; t++)
	{
		VdbRotation *rotation = make_rotation(dim, vdb_rng_next(&rng));

		rotate_unit(rotation, dim, vdb_rng_below(&rng, dim), out);
		for (uint32_t i = 0; i < dim; i++)
		{
			double x = out[i] * sqrt(dim);

			fourth += x * x * x * x / ((double) trials * dim);
			greatest = fmax(greatest, fabs(x));
		}
		free(rotation);
	}
	check_note("%u dimensions: kurtosis %.2f, greatest component %.1f "
			   "standard deviations",
			   dim, fourth, greatest);
	check(fourth > 2.8 && fourth < 3.2 && greatest < 6.5,
		  "a unit vector of %u dimensions is spread out", dim);
	free(out);
}

int
main(void)
{
	check_note("seed %d", SEED);
	test_padding();
	test_products();
	test_matrix(16);
	test_matrix(112);
	test_matrix(128);
	test_matrix(240);
	test_matrix(768);
	test_seeds();
	test_fixed();
	test_spread(96);
	test_spread(112);
	test_spread(128);
	test_spread(144);
	test_spread(768);
	test_spread(1536);
	test_spread(2000);
	return check_done();
}
