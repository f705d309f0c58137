/*
 * random.h: seeded random floats and small helpers of the tests of src/math.
 */
#ifndef VECDB_RANDOM_H
#define VECDB_RANDOM_H

#include <math.h>
#include <stddef.h>
#include <stdlib.h>

#include "math/rng.h"

/* Normal with variance one (Box and Muller). */
__attribute__((unused)) static double
random_normal(VdbRng *rng)
{
	double u = 1.0 - vdb_rng_double(rng);
	double v = vdb_rng_double(rng);

	return sqrt(-2 * log(u)) * cos(2 * 3.14159265358979323846 * v);
}

__attribute__((unused)) static void
random_normals(VdbRng *rng, float *to, size_t n)
{
	for (size_t i = 0; i < n; i++)
		to[i] = (float) random_normal(rng);
}

__attribute__((unused)) static double
dot_double(const float *a, const float *b, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += (double) a[i] * b[i];
	return sum;
}

/* malloc for tests: of size zero too, and never NULL. */
__attribute__((unused)) static void *
must_alloc(size_t bytes)
{
	void *memory = malloc(bytes > 0 ? bytes : 1);

	if (memory == NULL)
		abort();
	return memory;
}

#endif /* VECDB_RANDOM_H */
