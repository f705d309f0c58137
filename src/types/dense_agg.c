/*
 * dense_agg.c: the state of avg() and sum() over a dense type.
 *
 * The state is float8[] = {rows, sum of x[1], ..., sum of x[dim]}, and {0}
 * before the first row: an ordinary SQL value, so a partial aggregate passes
 * it between processes as it is, and the dimension is known from its length.
 * Sums in float8 are exact enough for any number of rows; inside an aggregate
 * the array is updated in place, since nobody else holds it.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/float.h"

#include "types/dense.h"

static void
invalid_state(const VdbDense *type)
{
	ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					errmsg("invalid aggregate state for type %s", type->name),
					errdetail("The state must be a one-dimensional array of "
							  "double precision without nulls, whose first "
							  "element is a number of rows.")));
}

/*
 * The functions can be called from SQL, with any array.  Only a state of no
 * rows may have no dimensions.
 */
static float8 *
check_state(const VdbDense *type, ArrayType *state, int *dim)
{
	float8 *values;

	if (ARR_NDIM(state) != 1 || ARR_DIMS(state)[0] < 1 || ARR_HASNULL(state) ||
		ARR_ELEMTYPE(state) != FLOAT8OID)
		invalid_state(type);
	values = vdb_dense_array_data(state);
	if (!isfinite(values[0]) || values[0] < 0 || floor(values[0]) != values[0])
		invalid_state(type);
	*dim = ARR_DIMS(state)[0] - 1;
	if (*dim > 0 || values[0] > 0)
		(void) vdb_dense_check_dim(type, *dim, NULL);
	return values;
}

/*
 * Rows of another dimension: to avg() they break what the first one said, to
 * sum() they are operands that do not fit.  So clients know the words.
 */
static void
check_same(const VdbDense *type, VdbAggregate aggregate, int state_dim, int dim)
{
	if (aggregate == VDB_SUM)
		vdb_dense_check_same(type, state_dim, dim);
	else
		(void) vdb_dense_check_typmod(state_dim, dim, NULL);
}

/* The state for reading: rows, then sums. */
const float8 *
vdb_dense_state(const VdbDense *type, ArrayType *state, int *dim)
{
	return check_state(type, state, dim);
}

/* A state of no rows and zero sums. */
static ArrayType *
new_state(int dim)
{
	return vdb_dense_new_array(FLOAT8OID, sizeof(float8), dim + 1);
}

/*
 * The array to add to: the state itself if it may be changed, else a copy; a
 * fresh one of the right length if no row has set the dimension so far.
 */
static float8 *
writable_state(const VdbDense *type, VdbAggregate aggregate, ArrayType **state,
			   int dim, bool in_place)
{
	int state_dim;
	float8 *values = check_state(type, *state, &state_dim);

	if (state_dim == 0)
		*state = new_state(dim);
	else
	{
		check_same(type, aggregate, state_dim, dim);
		if (!in_place)
		{
			ArrayType *copy = new_state(dim);

			memcpy(vdb_dense_array_data(copy), values,
				   sizeof(float8) * (dim + 1));
			*state = copy;
		}
	}
	return vdb_dense_array_data(*state);
}

static void
check_overflow(const float8 *values, int count)
{
	int i;

	for (i = 0; i < count; i++)
		if (unlikely(isinf(values[i])))
			float_overflow_error();
}

/* Add one row. */
ArrayType *
vdb_dense_accum(const VdbDense *type, VdbAggregate aggregate, ArrayType *state,
				const float *x, int dim, bool in_place)
{
	float8 *values = writable_state(type, aggregate, &state, dim, in_place);
	int i;

	values[0] += 1.0;
	for (i = 0; i < dim; i++)
		values[i + 1] += x[i];
	check_overflow(values, dim + 1);
	return state;
}

/* Add the rows of another state. */
ArrayType *
vdb_dense_combine(const VdbDense *type, VdbAggregate aggregate,
				  ArrayType *state, ArrayType *other, bool in_place)
{
	int dim;
	int state_dim;
	const float8 *more = check_state(type, other, &dim);
	float8 *values = check_state(type, state, &state_dim);
	int i;

	if (dim == 0)
		return state;

	values = writable_state(type, aggregate, &state, dim, in_place);
	for (i = 0; i <= dim; i++)
		values[i] += more[i];
	check_overflow(values, dim + 1);
	return state;
}
