/*
 * dense_cast.c: casts of dense types: from and to arrays and each other, and
 * to a declared dimension.
 */
#include "postgres.h"

#include "types/halfvec.h"
#include "types/vector.h"

static Datum
enforce_typmod(FunctionCallInfo fcinfo, const VdbDense *type)
{
	VdbDenseValue *value = VDB_GETARG_DENSE(type, 0);

	(void) vdb_dense_check_typmod(PG_GETARG_INT32(1), value->dim, NULL);
	return PointerGetDatum(value);
}

/*
 * vector(vector, integer, boolean) returns vector: the cast that the server
 * applies to store a value in a column of type vector(n).
 */
VDB_DENSE_FUNCTION(vector_enforce_typmod, vector, enforce_typmod)
/* halfvec(halfvec, integer, boolean) returns halfvec. */
VDB_DENSE_FUNCTION(halfvec_enforce_typmod, halfvec, enforce_typmod)

static Datum
from_array(FunctionCallInfo fcinfo, const VdbDense *type)
{
	ArrayType *array = PG_GETARG_ARRAYTYPE_P(0);
	int dim = vdb_dense_array_length(type, array);
	VdbDenseValue *result;
	float *x;

	(void) vdb_dense_check_typmod(PG_GETARG_INT32(1), dim, NULL);
	result = vdb_dense_new(type, dim);
	x = vdb_dense_room(type, result);
	vdb_dense_from_array(type, array, x);
	return vdb_dense_finish(type, result, x);
}

/*
 * array_to_vector(array, integer, boolean) returns vector: from integer[],
 * real[], double precision[] and numeric[].
 */
VDB_DENSE_FUNCTION(array_to_vector, vector, from_array)
/* array_to_halfvec(array, integer, boolean) returns halfvec, from the same. */
VDB_DENSE_FUNCTION(array_to_halfvec, halfvec, from_array)

static Datum
to_float4(FunctionCallInfo fcinfo, const VdbDense *type)
{
	VdbDenseValue *value = VDB_GETARG_DENSE(type, 0);

	PG_RETURN_ARRAYTYPE_P(
		vdb_dense_to_float4(vdb_dense_floats(type, value), value->dim));
}

/* vector_to_float4(vector, integer, boolean) returns real[]. */
VDB_DENSE_FUNCTION(vector_to_float4, vector, to_float4)
/* halfvec_to_float4(halfvec, integer, boolean) returns real[]. */
VDB_DENSE_FUNCTION(halfvec_to_float4, halfvec, to_float4)

/* A value of one type as one of another, of the wanted dimension. */
static Datum
convert(FunctionCallInfo fcinfo, const VdbDense *from, const VdbDense *to)
{
	VdbDenseValue *value = VDB_GETARG_DENSE(from, 0);

	(void) vdb_dense_check_dim(to, value->dim, NULL);
	(void) vdb_dense_check_typmod(PG_GETARG_INT32(1), value->dim, NULL);
	return vdb_dense_make(to, vdb_dense_floats(from, value), value->dim);
}

/* vector_to_halfvec(vector, integer, boolean) returns halfvec: rounds. */
PG_FUNCTION_INFO_V1(vector_to_halfvec);
Datum
vector_to_halfvec(PG_FUNCTION_ARGS)
{
	return convert(fcinfo, &vdb_vector_type, &vdb_halfvec_type);
}

/* halfvec_to_vector(halfvec, integer, boolean) returns vector. */
PG_FUNCTION_INFO_V1(halfvec_to_vector);
Datum
halfvec_to_vector(PG_FUNCTION_ARGS)
{
	return convert(fcinfo, &vdb_halfvec_type, &vdb_vector_type);
}
