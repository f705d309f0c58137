/*
 * vector_cast.c: casts of type vector: from and to arrays, and to a declared
 * dimension.
 */
#include "postgres.h"

#include "types/vector.h"

/*
 * vector(vector, integer, boolean) returns vector: the cast that the server
 * applies to store a value in a column of type vector(n).
 */
PG_FUNCTION_INFO_V1(vector_enforce_typmod);
Datum
vector_enforce_typmod(PG_FUNCTION_ARGS)
{
	Vector *vector = PG_GETARG_VECTOR_P(0);

	(void) vdb_dense_check_typmod(PG_GETARG_INT32(1), vector->dim, NULL);
	PG_RETURN_VECTOR_P(vector);
}

/*
 * array_to_vector(array, integer, boolean) returns vector: from integer[],
 * real[], double precision[] and numeric[].
 */
PG_FUNCTION_INFO_V1(array_to_vector);
Datum
array_to_vector(PG_FUNCTION_ARGS)
{
	ArrayType *array = PG_GETARG_ARRAYTYPE_P(0);
	int dim = vdb_dense_array_length(&vdb_vector_type, array);
	Vector *result;

	(void) vdb_dense_check_typmod(PG_GETARG_INT32(1), dim, NULL);
	result = vdb_vector_new(dim);
	vdb_dense_from_array(&vdb_vector_type, array, result->x);
	PG_RETURN_VECTOR_P(result);
}

/* vector_to_float4(vector, integer, boolean) returns real[]. */
PG_FUNCTION_INFO_V1(vector_to_float4);
Datum
vector_to_float4(PG_FUNCTION_ARGS)
{
	Vector *vector = PG_GETARG_VECTOR_P(0);

	PG_RETURN_ARRAYTYPE_P(vdb_dense_to_float4(vector->x, vector->dim));
}
