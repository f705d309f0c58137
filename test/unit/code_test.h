/*
 * code_test.h: what the tests of codes share.
 */
#ifndef VECDB_CODE_TEST_H
#define VECDB_CODE_TEST_H

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "math/rabitq.h"
#include "random.h"

#define SEED 405124970913
#define MAX_DIM 2048

__attribute__((unused)) static const int widths[] = {2, 4, 8};

/* What fields say, in double precision. */
typedef struct Direct
{
	double square; /* |o|^2 */
	double inner;  /* <o, r> */
	double norm2;  /* |r|^2 */
	double cosine;
} Direct;

__attribute__((unused)) static Direct
measure_code(const VdbCodeFormat *format, const uint8_t *fields, const float *r,
			 uint32_t dim)
{
	Direct direct = {0, 0, dot_double(r, r, dim), 0};

	for (uint32_t i = 0; i < dim; i++)
	{
		double o = fields[i] - (double) format->center;

		direct.square += o * o;
		direct.inner += o * r[i];
	}
	direct.cosine = direct.inner / sqrt(direct.square * direct.norm2);
	return direct;
}

__attribute__((unused)) static void
fill(float *r, uint32_t dim, float value)
{
	for (uint32_t i = 0; i < dim; i++)
		r[i] = value;
}

#endif /* VECDB_CODE_TEST_H */
