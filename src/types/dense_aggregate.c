/*
 * dense_aggregate.c: avg and sum over dense types; the state is in dense_agg.c.
 */
#include "postgres.h"

#include "utils/float.h"

#include "types/halfvec.h"
#include "types/vector.h"

static Datum
accumulate(FunctionCallInfo fcinfo, const VdbDense *type,
		   VdbAggregate aggregate)
{
	ArrayType *state = PG_GETARG_ARRAYTYPE_P(0);
	VdbDenseValue *row = VDB_GETARG_DENSE(type, 1);
	bool in_place = AggCheckCallContext(fcinfo, NULL) != 0;

	PG_RETURN_ARRAYTYPE_P(vdb_dense_accum(type, aggregate, state,
										  vdb_dense_floats(type, row), row->dim,
										  in_place));
}

static Datum
join(FunctionCallInfo fcinfo, const VdbDense *type, VdbAggregate aggregate)
{
	ArrayType *state = PG_GETARG_ARRAYTYPE_P(0);
	ArrayType *other = PG_GETARG_ARRAYTYPE_P(1);
	bool in_place = AggCheckCallContext(fcinfo, NULL) != 0;

	PG_RETURN_ARRAYTYPE_P(
		vdb_dense_combine(type, aggregate, state, other, in_place));
}

/*
 * The sums of a state of some rows over a divisor; NULL over no rows.  A sum
 * out of range is one of arithmetic, a mean a value that does not fit.
 */
static Datum
finish(FunctionCallInfo fcinfo, const VdbDense *type, VdbAggregate aggregate)
{
	int dim;
	const float8 *state = vdb_dense_state(type, PG_GETARG_ARRAYTYPE_P(0), &dim);
	float8 divisor = aggregate == VDB_AVG ? state[0] : 1.0;
	VdbDenseValue *result;
	float *x;
	int i;

	if (state[0] == 0.0)
		PG_RETURN_NULL();
	result = vdb_dense_new(type, dim);
	x = vdb_dense_room(type, result);
	for (i = 0; i < dim; i++)
	{
		x[i] = (float) (state[i + 1] / divisor);
		if (unlikely(isinf(x[i]) ||
					 (aggregate == VDB_SUM && fabsf(x[i]) >= type->overflow)))
			float_overflow_error();
		(void) vdb_dense_check_element(type, x[i], NULL);
	}
	return vdb_dense_finish(type, result, x);
}

/* The functions of an aggregate for each type, under the names in between. */
#define AGGREGATE(aggregate, accum, combine, final)                            \
	static Datum accum(FunctionCallInfo fcinfo, const VdbDense *type)          \
	{                                                                          \
		return accumulate(fcinfo, type, aggregate);                            \
	}                                                                          \
	static Datum combine(FunctionCallInfo fcinfo, const VdbDense *type)        \
	{                                                                          \
		return join(fcinfo, type, aggregate);                                  \
	}                                                                          \
	static Datum final(FunctionCallInfo fcinfo, const VdbDense *type)          \
	{                                                                          \
		return finish(fcinfo, type, aggregate);                                \
	}                                                                          \
	VDB_DENSE_FUNCTION(vector_##accum, vector, accum)                          \
	VDB_DENSE_FUNCTION(halfvec_##accum, halfvec, accum)                        \
	VDB_DENSE_FUNCTION(vector_##combine, vector, combine)                      \
	VDB_DENSE_FUNCTION(halfvec_##combine, halfvec, combine)                    \
	VDB_DENSE_FUNCTION(vector_##final, vector, final)                          \
	VDB_DENSE_FUNCTION(halfvec_##final, halfvec, final)

/*
 * vector_accum(double precision[], vector) returns double precision[];
 * vector_combine(double precision[], double precision[]) returns double
 * precision[], which joins the states of two workers; vector_avg(double
 * precision[]) returns vector.  The same for halfvec.
 */
AGGREGATE(VDB_AVG, accum, combine, avg)

/* The same for sum: vector_sum_accum, vector_sum_combine, vector_sum. */
AGGREGATE(VDB_SUM, sum_accum, sum_combine, sum)
