/*
 * vector_compare.c: the order of vectors, for ORDER BY, DISTINCT, B-trees.
 *
 * Element by element; of two where one continues the other, the shorter comes
 * first.  Any two vectors compare, also of different dimensions, so that a
 * column without a dimension can be sorted and analyzed.  There is no NaN, and
 * -0 equals 0.
 */
#include "postgres.h"

#include "types/compare.h"
#include "types/vector.h"

/* Negative, zero or positive, as memcmp. */
int
vdb_vector_cmp(const Vector *a, const Vector *b)
{
	int dim = Min(a->dim, b->dim);
	int i;

	for (i = 0; i < dim; i++)
		if (a->x[i] != b->x[i])
			return a->x[i] < b->x[i] ? -1 : 1;
	return (a->dim > b->dim) - (a->dim < b->dim);
}

/*
 * Compare datums.  A sort calls this in a context that lives as long as the
 * sort, so detoasted copies are freed.
 */
static int
compare_datums(Datum x, Datum y)
{
	Vector *a = DatumGetVectorP(x);
	Vector *b = DatumGetVectorP(y);
	int result = vdb_vector_cmp(a, b);

	if ((Pointer) a != DatumGetPointer(x))
		pfree(a);
	if ((Pointer) b != DatumGetPointer(y))
		pfree(b);
	return result;
}

VDB_COMPARISONS(vector, compare_datums)
