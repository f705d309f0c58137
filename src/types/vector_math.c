/*
 * vector_math.c: arithmetic on vectors: element by element, concatenation and
 * slices, norm and normalization, signs.
 *
 * Results are float32; one that left its range is an error, as it is for real.
 */
#include "postgres.h"

#include <math.h>

#include "utils/float.h"
#include "utils/varbit.h"

#include "types/distance.h"
#include "types/vector.h"

/* A vector for the result of a (op) b, both of one dimension. */
static Vector *
new_result(const Vector *a, const Vector *b)
{
	vdb_dense_check_same(&vdb_vector_type, a->dim, b->dim);
	return vdb_vector_new(a->dim);
}

/* Looked at once all elements are written, so that the loops stay plain. */
static void
check_overflow(const Vector *result)
{
	int i;

	for (i = 0; i < result->dim; i++)
		if (unlikely(isinf(result->x[i])))
			float_overflow_error();
}

/* vector_add(vector, vector) returns vector. */
PG_FUNCTION_INFO_V1(vector_add);
Datum
vector_add(PG_FUNCTION_ARGS)
{
	Vector *a = PG_GETARG_VECTOR_P(0);
	Vector *b = PG_GETARG_VECTOR_P(1);
	Vector *result = new_result(a, b);
	int i;

	for (i = 0; i < a->dim; i++)
		result->x[i] = a->x[i] + b->x[i];
	check_overflow(result);
	PG_RETURN_VECTOR_P(result);
}

/* vector_sub(vector, vector) returns vector. */
PG_FUNCTION_INFO_V1(vector_sub);
Datum
vector_sub(PG_FUNCTION_ARGS)
{
	Vector *a = PG_GETARG_VECTOR_P(0);
	Vector *b = PG_GETARG_VECTOR_P(1);
	Vector *result = new_result(a, b);
	int i;

	for (i = 0; i < a->dim; i++)
		result->x[i] = a->x[i] - b->x[i];
	check_overflow(result);
	PG_RETURN_VECTOR_P(result);
}

/* vector_mul(vector, vector) returns vector: element by element. */
PG_FUNCTION_INFO_V1(vector_mul);
Datum
vector_mul(PG_FUNCTION_ARGS)
{
	Vector *a = PG_GETARG_VECTOR_P(0);
	Vector *b = PG_GETARG_VECTOR_P(1);
	Vector *result = new_result(a, b);
	int i;

	for (i = 0; i < a->dim; i++)
		result->x[i] = a->x[i] * b->x[i];
	check_overflow(result);

	for (i = 0; i < a->dim; i++)
		if (unlikely(result->x[i] == 0.0f) && a->x[i] != 0.0f &&
			b->x[i] != 0.0f)
			float_underflow_error();
	PG_RETURN_VECTOR_P(result);
}

/* vector_concat(vector, vector) returns vector. */
PG_FUNCTION_INFO_V1(vector_concat);
Datum
vector_concat(PG_FUNCTION_ARGS)
{
	Vector *a = PG_GETARG_VECTOR_P(0);
	Vector *b = PG_GETARG_VECTOR_P(1);
	int dim = a->dim + b->dim;
	Vector *result;

	(void) vdb_dense_check_dim(&vdb_vector_type, dim, NULL);
	result = vdb_vector_new(dim);
	memcpy(result->x, a->x, sizeof(float) * a->dim);
	memcpy(result->x + a->dim, b->x, sizeof(float) * b->dim);
	PG_RETURN_VECTOR_P(result);
}

/*
 * subvector(vector, integer, integer) returns vector: "count" elements from
 * the one numbered "start", counted from 1; like substring(), it takes what
 * there is of a range that lies partly outside.
 */
PG_FUNCTION_INFO_V1(subvector);
Datum
subvector(PG_FUNCTION_ARGS)
{
	Vector *vector = PG_GETARG_VECTOR_P(0);
	int64 start = PG_GETARG_INT32(1);
	int64 end = start + PG_GETARG_INT32(2); /* one past the last */
	Vector *result;
	int dim;

	start = Max(start, 1);
	end = Min(end, (int64) vector->dim + 1);
	dim = (int) Max(end - start, 0);

	(void) vdb_dense_check_dim(&vdb_vector_type, dim, NULL);
	result = vdb_vector_new(dim);
	memcpy(result->x, vector->x + (start - 1), sizeof(float) * dim);
	PG_RETURN_VECTOR_P(result);
}

/* vector_dims(vector) returns integer. */
PG_FUNCTION_INFO_V1(vector_dims);
Datum
vector_dims(PG_FUNCTION_ARGS)
{
	Vector *vector = PG_GETARG_VECTOR_P(0);

	PG_RETURN_INT32(vector->dim);
}

/* vector_norm(vector) returns double precision: the Euclidean norm. */
PG_FUNCTION_INFO_V1(vector_norm);
Datum
vector_norm(PG_FUNCTION_ARGS)
{
	Vector *vector = PG_GETARG_VECTOR_P(0);

	PG_RETURN_FLOAT8(vdb_norm(vector->x, vector->dim));
}

/* l2_normalize(vector) returns vector: of norm 1; the zero vector stays. */
PG_FUNCTION_INFO_V1(l2_normalize);
Datum
l2_normalize(PG_FUNCTION_ARGS)
{
	Vector *vector = PG_GETARG_VECTOR_P(0);
	Vector *result = vdb_vector_new(vector->dim);

	(void) vdb_normalize(vector->x, result->x, vector->dim);
	PG_RETURN_VECTOR_P(result);
}

/* binary_quantize(vector) returns bit: 1 where an element is positive. */
PG_FUNCTION_INFO_V1(binary_quantize);
Datum
binary_quantize(PG_FUNCTION_ARGS)
{
	Vector *vector = PG_GETARG_VECTOR_P(0);
	int size = VARBITTOTALLEN(vector->dim);
	VarBit *result = palloc0(size);
	int i;

	SET_VARSIZE(result, size);
	VARBITLEN(result) = vector->dim;
	for (i = 0; i < vector->dim; i++)
		VARBITS(result)[i / 8] |= (vector->x[i] > 0.0f) << (7 - i % 8);
	PG_RETURN_VARBIT_P(result);
}
