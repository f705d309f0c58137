/*
 * vector.c: what tells type vector from other dense types.
 */
#include "postgres.h"

#include "types/vector.h"

const VdbDense vdb_vector_type = {
	.name = "vector",
	.max_dim = VECTOR_MAX_DIM,
	.width = sizeof(float),
	.overflow = INFINITY,
	.underflow = 0,
	.measures = &vdb_measures_f32,
};
