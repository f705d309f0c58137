/*
 * sparsevec_cast.c: casts of type sparsevec: from arrays, from and to vector,
 * and to declared dimensions.
 */
#include "postgres.h"

#include "types/sparsevec.h"
#include "types/vector.h"

/*
 * sparsevec(sparsevec, integer, boolean) returns sparsevec: the cast that the
 * server applies to store a value in a column of type sparsevec(n).
 */
PG_FUNCTION_INFO_V1(sparsevec_enforce_typmod);
Datum
sparsevec_enforce_typmod(PG_FUNCTION_ARGS)
{
	SparseVec *vector = PG_GETARG_SPARSEVEC_P(0);

	(void) vdb_dense_check_typmod(PG_GETARG_INT32(1), vector->dim, NULL);
	PG_RETURN_POINTER(vector);
}

/*
 * array_to_sparsevec(array, integer, boolean) returns sparsevec: from
 * integer[], real[], double precision[] and numeric[].
 */
PG_FUNCTION_INFO_V1(array_to_sparsevec);
Datum
array_to_sparsevec(PG_FUNCTION_ARGS)
{
	ArrayType *array = PG_GETARG_ARRAYTYPE_P(0);
	int dim = vdb_dense_array_length(&vdb_sparsevec_type, array);
	SparseVec *result;
	float *x;

	(void) vdb_dense_check_typmod(PG_GETARG_INT32(1), dim, NULL);
	x = palloc(sizeof(float) * dim);
	vdb_dense_from_array(&vdb_sparsevec_type, array, x);
	result = vdb_sparse_from_dense(x, dim);
	pfree(x);
	PG_RETURN_POINTER(result);
}

/* vector_to_sparsevec(vector, integer, boolean) returns sparsevec. */
PG_FUNCTION_INFO_V1(vector_to_sparsevec);
Datum
vector_to_sparsevec(PG_FUNCTION_ARGS)
{
	Vector *vector = PG_GETARG_VECTOR_P(0);

	(void) vdb_dense_check_typmod(PG_GETARG_INT32(1), vector->dim, NULL);
	PG_RETURN_POINTER(vdb_sparse_from_dense(vector->x, vector->dim));
}

/* sparsevec_to_vector(sparsevec, integer, boolean) returns vector. */
PG_FUNCTION_INFO_V1(sparsevec_to_vector);
Datum
sparsevec_to_vector(PG_FUNCTION_ARGS)
{
	SparseVec *vector = PG_GETARG_SPARSEVEC_P(0);
	Vector *result;

	(void) vdb_dense_check_dim(&vdb_vector_type, vector->dim, NULL);
	(void) vdb_dense_check_typmod(PG_GETARG_INT32(1), vector->dim, NULL);
	result = vdb_vector_new(vector->dim);
	vdb_sparse_to_dense(vector, result->x);
	PG_RETURN_VECTOR_P(result);
}
