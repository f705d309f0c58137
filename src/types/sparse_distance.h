/*
 * sparse_distance.h: distances of sparse vectors of the same dimensions.
 *
 * The SQL operators and the index scan both call these, so that a distance
 * found through an index equals the operator's to the bit.
 */
#ifndef VECDB_TYPES_SPARSE_DISTANCE_H
#define VECDB_TYPES_SPARSE_DISTANCE_H

#include "types/sparsevec.h"

/* Squared Euclidean distance; operator <-> is its root. */
extern double vdb_sparse_l2sq(const SparseVec *a, const SparseVec *b);

/* 1 - cosine, NaN where either vector is zero; operator <=>. */
extern double vdb_sparse_cosine(const SparseVec *a, const SparseVec *b);

extern double vdb_sparse_inner(const SparseVec *a, const SparseVec *b);

/* The negated inner product, never -0; operator <#>. */
extern double vdb_sparse_neg_inner(const SparseVec *a, const SparseVec *b);

/* Sum of absolute differences; operator <+>. */
extern double vdb_sparse_l1(const SparseVec *a, const SparseVec *b);

/* The Euclidean norm. */
extern double vdb_sparse_norm(const SparseVec *a);

#endif /* VECDB_TYPES_SPARSE_DISTANCE_H */
