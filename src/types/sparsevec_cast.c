/*
 * sparsevec_cast.c: casts of type sparsevec: from arrays, from and to the dense
 * types, and to declared dimensions.
 */
#include "postgres.h"

#include "types/halfvec.h"
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

static Datum
dense_to_sparse(FunctionCallInfo fcinfo, const VdbDense *type)
{
	VdbDenseValue *dense = VDB_GETARG_DENSE(type, 0);

	(void) vdb_dense_check_typmod(PG_GETARG_INT32(1), dense->dim, NULL);
	PG_RETURN_POINTER(
		vdb_sparse_from_dense(vdb_dense_floats(type, dense), dense->dim));
}

/* vector_to_sparsevec(vector, integer, boolean) returns sparsevec. */
VDB_DENSE_FUNCTION(vector_to_sparsevec, vector, dense_to_sparse)
/* halfvec_to_sparsevec(halfvec, integer, boolean) returns sparsevec. */
VDB_DENSE_FUNCTION(halfvec_to_sparsevec, halfvec, dense_to_sparse)

/* An element that the type does not hold is an error. */
static Datum
sparse_to_dense(FunctionCallInfo fcinfo, const VdbDense *type)
{
	SparseVec *vector = PG_GETARG_SPARSEVEC_P(0);
	float *x;

	(void) vdb_dense_check_dim(type, vector->dim, NULL);
	(void) vdb_dense_check_typmod(PG_GETARG_INT32(1), vector->dim, NULL);
	x = palloc(sizeof(float) * vector->dim);
	vdb_sparse_to_dense(vector, x);
	return vdb_dense_make(type, x, vector->dim);
}

/* sparsevec_to_vector(sparsevec, integer, boolean) returns vector. */
VDB_DENSE_FUNCTION(sparsevec_to_vector, vector, sparse_to_dense)
/* sparsevec_to_halfvec(sparsevec, integer, boolean) returns halfvec. */
VDB_DENSE_FUNCTION(sparsevec_to_halfvec, halfvec, sparse_to_dense)
