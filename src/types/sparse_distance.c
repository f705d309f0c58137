/*
 * sparse_distance.c: see sparse_distance.h.
 *
 * Two ascending lists of indexes are merged without a branch on what they hold,
 * which a processor could not foresee: an element that the other list lacks
 * meets a zero.  Sums are in double precision, in which no product of two
 * floats leaves the range.
 */
#include "postgres.h"

#include "types/sparse_distance.h"

#include <math.h>

#include "types/distance.h"

/* What a pair of elements, or one and a zero, adds to the sum. */
typedef double (*Term)(double x, double y);

static inline double
term_l2sq(double x, double y)
{
	return (x - y) * (x - y);
}

static inline double
term_inner(double x, double y)
{
	return x * y;
}

static inline double
term_l1(double x, double y)
{
	return fabs(x - y);
}

/* Inlined, so that each measure has a loop of its own. */
static pg_attribute_always_inline double
merge(const SparseVec *a, const SparseVec *b, Term term)
{
	const float *x = vdb_sparse_values(a);
	const float *y = vdb_sparse_values(b);
	double sum = 0.0;
	int i = 0;
	int j = 0;

	while (i < a->nnz && j < b->nnz)
	{
		int32 in_a = a->index[i];
		int32 in_b = b->index[j];
		bool take_a = in_a <= in_b;
		bool take_b = in_b <= in_a;

		sum += term(take_a ? x[i] : 0.0, take_b ? y[j] : 0.0);
		i += take_a;
		j += take_b;
	}
	for (; i < a->nnz; i++)
		sum += term(x[i], 0.0);
	for (; j < b->nnz; j++)
		sum += term(0.0, y[j]);
	return sum;
}

double
vdb_sparse_l2sq(const SparseVec *a, const SparseVec *b)
{
	return merge(a, b, term_l2sq);
}

double
vdb_sparse_inner(const SparseVec *a, const SparseVec *b)
{
	return merge(a, b, term_inner);
}

double
vdb_sparse_neg_inner(const SparseVec *a, const SparseVec *b)
{
	return 0.0 - vdb_sparse_inner(a, b);
}

double
vdb_sparse_l1(const SparseVec *a, const SparseVec *b)
{
	return merge(a, b, term_l1);
}

double
vdb_sparse_norm(const SparseVec *a)
{
	return vdb_norm(vdb_sparse_values(a), a->nnz);
}

double
vdb_sparse_cosine(const SparseVec *a, const SparseVec *b)
{
	/* One root rounds once: a vector has no distance from its double. */
	double norms = sqrt(vdb_sum_of_squares(vdb_sparse_values(a), a->nnz) *
						vdb_sum_of_squares(vdb_sparse_values(b), b->nnz));
	double cosine = vdb_sparse_inner(a, b) / norms; /* 0 / 0 is NaN */

	if (cosine > 1.0)
		cosine = 1.0;
	else if (cosine < -1.0)
		cosine = -1.0;
	return 1.0 - cosine;
}
