/*
 * vector_agg.c: avg(vector) and sum(vector); the state is in dense_agg.c.
 */
#include "postgres.h"

#include <math.h>

#include "utils/float.h"

#include "types/vector.h"

/* vector_accum(double precision[], vector) returns double precision[]. */
PG_FUNCTION_INFO_V1(vector_accum);
Datum
vector_accum(PG_FUNCTION_ARGS)
{
	ArrayType *state = PG_GETARG_ARRAYTYPE_P(0);
	Vector *row = PG_GETARG_VECTOR_P(1);
	bool in_place = AggCheckCallContext(fcinfo, NULL) != 0;

	PG_RETURN_ARRAYTYPE_P(
		vdb_dense_accum(&vdb_vector_type, state, row->x, row->dim, in_place));
}

/*
 * vector_combine(double precision[], double precision[]) returns
 * double precision[]: joins the states of two workers.
 */
PG_FUNCTION_INFO_V1(vector_combine);
Datum
vector_combine(PG_FUNCTION_ARGS)
{
	ArrayType *state = PG_GETARG_ARRAYTYPE_P(0);
	ArrayType *other = PG_GETARG_ARRAYTYPE_P(1);
	bool in_place = AggCheckCallContext(fcinfo, NULL) != 0;

	PG_RETURN_ARRAYTYPE_P(
		vdb_dense_combine(&vdb_vector_type, state, other, in_place));
}

/* The sums of a state over a divisor, as a vector. */
static Vector *
sums_over(const float8 *state, int dim, double divisor)
{
	Vector *result;
	int i;

	(void) vdb_dense_check_dim(&vdb_vector_type, dim, NULL);
	result = vdb_vector_new(dim);
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
