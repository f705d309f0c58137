/*
 * sparsevec_halfvec.c: casts between the types sparsevec and halfvec.
 */
#include "postgres.h"

#include "types/halfvec.h"
#include "types/sparsevec.h"

/* halfvec_to_sparsevec(halfvec, integer, boolean) returns sparsevec. */
PG_FUNCTION_INFO_V1(halfvec_to_sparsevec);
Datum
halfvec_to_sparsevec(PG_FUNCTION_ARGS)
{
	VdbDenseValue *value = VDB_GETARG_DENSE(&vdb_halfvec_type, 0);

	(void) vdb_dense_check_typmod(PG_GETARG_INT32(1), value->dim, NULL);
	PG_RETURN_POINTER(vdb_sparse_from_dense(
		vdb_dense_floats(&vdb_halfvec_type, value), value->dim));
}

/* sparsevec_to_halfvec(sparsevec, integer, boolean) returns halfvec. */
PG_FUNCTION_INFO_V1(sparsevec_to_halfvec);
Datum
sparsevec_to_halfvec(PG_FUNCTION_ARGS)
{
	const VdbDense *type = &vdb_halfvec_type;
	SparseVec *vector = PG_GETARG_SPARSEVEC_P(0);
	VdbDenseValue *result;
	float *x;

	(void) vdb_dense_check_dim(type, vector->dim, NULL);
	(void) vdb_dense_check_typmod(PG_GETARG_INT32(1), vector->dim, NULL);
	result = vdb_dense_new(type, vector->dim);
	x = vdb_dense_room(type, result);
	vdb_sparse_to_dense(vector, x);
	for (int i = 0; i < vector->dim; i++)
		if (fabsf(x[i]) >= type->overflow)
			ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
							errmsg("\"%g\" is out of range for type %s", x[i],
								   type->name)));
	return vdb_dense_finish(type, result, x);
}
