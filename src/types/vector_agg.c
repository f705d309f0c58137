/*
 * vector_agg.c: avg(vector) and sum(vector); the state is in dense_agg.c.
 */
#include "postgres.h"

#include <math.h>

#include "utils/float.h"

#include "types/vector.h"

static Datum
accum(FunctionCallInfo fcinfo, VdbAggregate aggregate)
{
	ArrayType *state = PG_GETARG_ARRAYTYPE_P(0);
	Vector *row = PG_GETARG_VECTOR_P(1);
	bool in_place = AggCheckCallContext(fcinfo, NULL) != 0;

	PG_RETURN_ARRAYTYPE_P(vdb_dense_accum(&vdb_vector_type, aggregate, state,
										  row->x, row->dim, in_place));
}

static Datum
combine(FunctionCallInfo fcinfo, VdbAggregate aggregate)
{
	ArrayType *state = PG_GETARG_ARRAYTYPE_P(0);
	ArrayType *other = PG_GETARG_ARRAYTYPE_P(1);
	bool in_place = AggCheckCallContext(fcinfo, NULL) != 0;

	PG_RETURN_ARRAYTYPE_P(
		vdb_dense_combine(&vdb_vector_type, aggregate, state, other, in_place));
}

/* vector_accum(double precision[], vector) returns double precision[]. */
PG_FUNCTION_INFO_V1(vector_accum);
Datum
vector_accum(PG_FUNCTION_ARGS)
{
	return accum(fcinfo, VDB_AVG);
}

/*
 * vector_combine(double precision[], double precision[]) returns
 * double precision[]: joins the states of two workers.
 */
PG_FUNCTION_INFO_V1(vector_combine);
Datum
vector_combine(PG_FUNCTION_ARGS)
{
	return combine(fcinfo, VDB_AVG);
}

/* vector_sum_accum(double precision[], vector) returns double precision[]. */
PG_FUNCTION_INFO_V1(vector_sum_accum);
Datum
vector_sum_accum(PG_FUNCTION_ARGS)
{
	return accum(fcinfo, VDB_SUM);
}

/*
 * vector_sum_combine(double precision[], double precision[]) returns
 * double precision[].
 */
PG_FUNCTION_INFO_V1(vector_sum_combine);
Datum
vector_sum_combine(PG_FUNCTION_ARGS)
{
	return combine(fcinfo, VDB_SUM);
}

/* The sums of a state of some rows over a divisor, as a vector. */
static Vector *
sums_over(const float8 *state, int dim, double divisor)
{
	Vector *result = vdb_vector_new(dim);
	int i;

	for (i = 0; i < dim; i++)
	{
		result->x[i] = (float) (state[i + 1] / divisor);
		if (unlikely(isinf(result->x[i])))
			float_overflow_error();
		(void) vdb_dense_check_element(&vdb_vector_type, result->x[i], NULL);
	}
	return result;
}

/* vector_avg(double precision[]) returns vector: NULL over no rows. */
PG_FUNCTION_INFO_V1(vector_avg);
Datum
vector_avg(PG_FUNCTION_ARGS)
{
	int dim;
	const float8 *state =
		vdb_dense_state(&vdb_vector_type, PG_GETARG_ARRAYTYPE_P(0), &dim);

	if (state[0] == 0.0)
		PG_RETURN_NULL();
	PG_RETURN_VECTOR_P(sums_over(state, dim, state[0]));
}

/* vector_sum(double precision[]) returns vector: NULL over no rows. */
PG_FUNCTION_INFO_V1(vector_sum);
Datum
vector_sum(PG_FUNCTION_ARGS)
{
	int dim;
	const float8 *state =
		vdb_dense_state(&vdb_vector_type, PG_GETARG_ARRAYTYPE_P(0), &dim);

	if (state[0] == 0.0)
		PG_RETURN_NULL();
	PG_RETURN_VECTOR_P(sums_over(state, dim, 1.0));
}
