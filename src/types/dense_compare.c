/*
 * dense_compare.c: the order of dense types, for ORDER BY, DISTINCT, B-trees.
 *
 * Element by element; of two where one continues the other, the shorter comes
 * first.  Any two values compare, also of different dimensions, so that a
 * column without a dimension can be sorted and analyzed.  There is no NaN, and
 * -0 equals 0.
 */
#include "postgres.h"

#include "types/compare.h"
#include "types/halfvec.h"
#include "types/vector.h"

/* Elements to convert at a time: most pairs differ among the first. */
#define SOME 32

/* Negative, zero or positive, as memcmp. */
static int
compare_values(const VdbDense *type, const VdbDenseValue *a,
			   const VdbDenseValue *b)
{
	int dim = Min(a->dim, b->dim);
	float room_a[SOME];
	float room_b[SOME];
	int first;
	int i;

	for (first = 0; first < dim; first += SOME)
	{
		int count = Min(dim - first, SOME);
		const float *x = vdb_dense_some(type, a, first, count, room_a);
		const float *y = vdb_dense_some(type, b, first, count, room_b);

		for (i = 0; i < count; i++)
			if (x[i] != y[i])
				return x[i] < y[i] ? -1 : 1;
	}
	return (a->dim > b->dim) - (a->dim < b->dim);
}

/*
 * Compare datums.  A sort calls this in a context that lives as long as the
 * sort, so detoasted copies are freed.
 */
static int
compare(Datum x, Datum y, const VdbDense *type)
{
	VdbDenseValue *a = vdb_dense_value(type, x);
	VdbDenseValue *b = vdb_dense_value(type, y);
	int result = compare_values(type, a, b);

	if ((Pointer) a != DatumGetPointer(x))
		pfree(a);
	if ((Pointer) b != DatumGetPointer(y))
		pfree(b);
	return result;
}

static int
compare_vectors(Datum x, Datum y)
{
	return compare(x, y, &vdb_vector_type);
}

static int
compare_halfvecs(Datum x, Datum y)
{
	return compare(x, y, &vdb_halfvec_type);
}

VDB_COMPARISONS(vector, compare_vectors)
VDB_COMPARISONS(halfvec, compare_halfvecs)
