/*
 * dense_compare.c: the order of dense types, for ORDER BY, DISTINCT, B-trees.
 *
 * Element by element; of two where one continues the other, the shorter comes
 * first.  Any two values compare, also of different dimensions, so that a
 * column without a dimension can be sorted and analyzed.  There is no NaN, and
 * -0 equals 0.
 */
#include "postgres.h"

#include "utils/sortsupport.h"

#include "types/halfvec.h"
#include "types/vector.h"

/* Elements to convert at a time: most pairs differ among the first. */
#define SOME 32

/* Negative, zero or positive, as memcmp. */
int
vdb_dense_cmp(const VdbDense *type, const VdbDenseValue *a,
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
	int result = vdb_dense_cmp(type, a, b);

	if ((Pointer) a != DatumGetPointer(x))
		pfree(a);
	if ((Pointer) b != DatumGetPointer(y))
		pfree(b);
	return result;
}

/* A function that compares its arguments, and the same for each type. */
#define COMPARISON(name, result)                                               \
	static Datum name(FunctionCallInfo fcinfo, const VdbDense *type)           \
	{                                                                          \
		int order = compare(PG_GETARG_DATUM(0), PG_GETARG_DATUM(1), type);     \
                                                                               \
		return result;                                                         \
	}                                                                          \
	VDB_DENSE_FUNCTION(vector_##name, vector, name)                            \
	VDB_DENSE_FUNCTION(halfvec_##name, halfvec, name)

/* vector_lt(vector, vector) returns boolean; halfvec_lt; and so on. */
COMPARISON(lt, BoolGetDatum(order < 0))
COMPARISON(le, BoolGetDatum(order <= 0))
COMPARISON(eq, BoolGetDatum(order == 0))
COMPARISON(ne, BoolGetDatum(order != 0))
COMPARISON(ge, BoolGetDatum(order >= 0))
COMPARISON(gt, BoolGetDatum(order > 0))

/* vector_cmp(vector, vector) returns integer: -1, 0 or 1; halfvec_cmp. */
COMPARISON(cmp, Int32GetDatum(order))

static int
compare_for_sort(Datum x, Datum y, SortSupport ssup)
{
	return compare(x, y, ssup->ssup_extra);
}

/* Sorts call the comparison without fmgr. */
static Datum
sortsupport(FunctionCallInfo fcinfo, const VdbDense *type)
{
	SortSupport ssup = (SortSupport) PG_GETARG_POINTER(0);

	ssup->comparator = compare_for_sort;
	ssup->ssup_extra = unconstify(VdbDense *, type);
	PG_RETURN_VOID();
}

/* vector_sortsupport(internal) returns void. */
VDB_DENSE_FUNCTION(vector_sortsupport, vector, sortsupport)
/* halfvec_sortsupport(internal) returns void. */
VDB_DENSE_FUNCTION(halfvec_sortsupport, halfvec, sortsupport)
