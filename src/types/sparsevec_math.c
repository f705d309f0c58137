/*
 * sparsevec_math.c: the distance functions and operators of type sparsevec, its
 * norm and normalization.
 *
 * The numbers come from sparse_distance.c, which an index scan calls as well.
 */
#include "postgres.h"

#include <math.h>

#include "shortcut/recent.h"
#include "types/distance.h"
#include "types/sparse_distance.h"

typedef double (*Measure)(const SparseVec *a, const SparseVec *b);

static inline double
measure_args(FunctionCallInfo fcinfo, Measure measure)
{
	SparseVec *a = DatumGetSparseVecP(vdb_recent_value(PG_GETARG_DATUM(0)));
	SparseVec *b = DatumGetSparseVecP(vdb_recent_value(PG_GETARG_DATUM(1)));

	vdb_dense_check_same(&vdb_sparsevec_type, a->dim, b->dim);
	return measure(a, b);
}

/* l2_distance(sparsevec, sparsevec) returns double precision; operator <->. */
PG_FUNCTION_INFO_V1(sparsevec_l2_distance);
Datum
sparsevec_l2_distance(PG_FUNCTION_ARGS)
{
	PG_RETURN_FLOAT8(sqrt(measure_args(fcinfo, vdb_sparse_l2sq)));
}

/* sparsevec_l2_squared_distance(sparsevec, sparsevec) returns double precision.
 */
PG_FUNCTION_INFO_V1(sparsevec_l2_squared_distance);
Datum
sparsevec_l2_squared_distance(PG_FUNCTION_ARGS)
{
	PG_RETURN_FLOAT8(measure_args(fcinfo, vdb_sparse_l2sq));
}

/* inner_product(sparsevec, sparsevec) returns double precision. */
PG_FUNCTION_INFO_V1(sparsevec_inner_product);
Datum
sparsevec_inner_product(PG_FUNCTION_ARGS)
{
	PG_RETURN_FLOAT8(measure_args(fcinfo, vdb_sparse_inner));
}

/*
 * sparsevec_negative_inner_product(sparsevec, sparsevec) returns double
 * precision; operator <#>: an index can only go from the least value upwards.
 */
PG_FUNCTION_INFO_V1(sparsevec_negative_inner_product);
Datum
sparsevec_negative_inner_product(PG_FUNCTION_ARGS)
{
	PG_RETURN_FLOAT8(measure_args(fcinfo, vdb_sparse_neg_inner));
}

/*
 * cosine_distance(sparsevec, sparsevec) returns double precision; operator
 * <=>.  1 - cosine: 0 to 2, and NaN where either vector is zero.
 */
PG_FUNCTION_INFO_V1(sparsevec_cosine_distance);
Datum
sparsevec_cosine_distance(PG_FUNCTION_ARGS)
{
	PG_RETURN_FLOAT8(measure_args(fcinfo, vdb_sparse_cosine));
}

/* l1_distance(sparsevec, sparsevec) returns double precision; operator <+>. */
PG_FUNCTION_INFO_V1(sparsevec_l1_distance);
Datum
sparsevec_l1_distance(PG_FUNCTION_ARGS)
{
	PG_RETURN_FLOAT8(measure_args(fcinfo, vdb_sparse_l1));
}

/* l2_norm(sparsevec) returns double precision: the Euclidean norm. */
PG_FUNCTION_INFO_V1(sparsevec_l2_norm);
Datum
sparsevec_l2_norm(PG_FUNCTION_ARGS)
{
	PG_RETURN_FLOAT8(vdb_sparse_norm(PG_GETARG_SPARSEVEC_P(0)));
}

/* l2_normalize(sparsevec) returns sparsevec: of norm 1; zero stays. */
PG_FUNCTION_INFO_V1(sparsevec_l2_normalize);
Datum
sparsevec_l2_normalize(PG_FUNCTION_ARGS)
{
	SparseVec *vector = PG_GETARG_SPARSEVEC_P(0);
	SparseVec *result = vdb_sparse_new(vector->dim, vector->nnz);

	memcpy(result->index, vector->index, sizeof(int32) * vector->nnz);
	(void) vdb_normalize(vdb_sparse_values(vector), vdb_sparse_values(result),
						 vector->nnz);
	PG_RETURN_POINTER(vdb_sparse_squeeze(result));
}
