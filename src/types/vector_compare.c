/*
 * vector_compare.c: the order of vectors, for ORDER BY, DISTINCT, B-trees.
 *
 * Element by element; of two where one continues the other, the shorter comes
 * first.  Any two vectors compare, also of different dimensions, so that a
 * column without a dimension can be sorted and analyzed.  There is no NaN, and
 * -0 equals 0.
 */
#include "postgres.h"

#include "utils/sortsupport.h"

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

#define COMPARE_ARGS() compare_datums(PG_GETARG_DATUM(0), PG_GETARG_DATUM(1))

/* vector_lt(vector, vector) returns boolean. */
PG_FUNCTION_INFO_V1(vector_lt);
Datum
vector_lt(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(COMPARE_ARGS() < 0);
}

/* vector_le(vector, vector) returns boolean. */
PG_FUNCTION_INFO_V1(vector_le);
Datum
vector_le(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(COMPARE_ARGS() <= 0);
}

/* vector_eq(vector, vector) returns boolean. */
PG_FUNCTION_INFO_V1(vector_eq);
Datum
vector_eq(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(COMPARE_ARGS() == 0);
}

/* vector_ne(vector, vector) returns boolean. */
PG_FUNCTION_INFO_V1(vector_ne);
Datum
vector_ne(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(COMPARE_ARGS() != 0);
}

/* vector_ge(vector, vector) returns boolean. */
PG_FUNCTION_INFO_V1(vector_ge);
Datum
vector_ge(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(COMPARE_ARGS() >= 0);
}

/* vector_gt(vector, vector) returns boolean. */
PG_FUNCTION_INFO_V1(vector_gt);
Datum
vector_gt(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(COMPARE_ARGS() > 0);
}

/* vector_cmp(vector, vector) returns integer: -1, 0 or 1. */
PG_FUNCTION_INFO_V1(vector_cmp);
Datum
vector_cmp(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(COMPARE_ARGS());
}

static int
compare_for_sort(Datum x, Datum y, SortSupport ssup)
{
	return compare_datums(x, y);
}

/* vector_sortsupport(internal): sorts call the comparison without fmgr. */
PG_FUNCTION_INFO_V1(vector_sortsupport);
Datum
vector_sortsupport(PG_FUNCTION_ARGS)
{
	SortSupport ssup = (SortSupport) PG_GETARG_POINTER(0);

	ssup->comparator = compare_for_sort;
	PG_RETURN_VOID();
}
