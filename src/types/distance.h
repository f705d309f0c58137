/*
 * distance.h: distances of vectors, on raw memory.
 *
 * The SQL operators and the index scan both call these, so that a distance
 * found through an index equals the operator's to the bit.  Plain C.
 */
#ifndef VECDB_TYPES_DISTANCE_H
#define VECDB_TYPES_DISTANCE_H

#include <stdbool.h>

/* A measure of two vectors, whose elements are of one kind. */
typedef double (*VdbMeasure)(const void *a, const void *b, int dim);

typedef struct VdbMeasures
{
	VdbMeasure l2sq;
	VdbMeasure inner;
	VdbMeasure neg_inner;
	VdbMeasure cosine;
	VdbMeasure l1;
} VdbMeasures;

extern const VdbMeasures vdb_measures_f32; /* of floats, as below */
extern const VdbMeasures vdb_measures_f16; /* of IEEE halves */

/* Squared Euclidean distance; operator <-> is its root. */
extern double vdb_distance_l2sq(const float *a, const float *b, int dim);

/* 1 - cosine, NaN where either vector is zero; operator <=>. */
extern double vdb_distance_cosine(const float *a, const float *b, int dim);

/* The negated inner product, never -0; operator <#>. */
extern double vdb_distance_neg_inner(const float *a, const float *b, int dim);

/* Sum of absolute differences; operator <+>. */
extern double vdb_distance_l1(const float *a, const float *b, int dim);

extern double vdb_inner_product(const float *a, const float *b, int dim);

/* In double precision throughout; no product of two such sums leaves it. */
extern double vdb_sum_of_squares(const float *a, int dim);

/* The Euclidean norm, its root. */
extern double vdb_norm(const float *a, int dim);

/*
 * out = in / norm(in), for which out may be in.  A zero vector is copied and
 * gives false.
 */
extern bool vdb_normalize(const float *in, float *out, int dim);

#endif /* VECDB_TYPES_DISTANCE_H */
