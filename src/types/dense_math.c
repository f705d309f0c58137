/*
 * dense_math.c: arithmetic on dense types: element by element, concatenation
 * and slices, norm and normalization, signs.
 *
 * It is that of float32, whatever the type, rounded once more where elements
 * are narrower; a result that left their range is an error, as it is for real.
 */
#include "postgres.h"

#include <math.h>

#include "utils/float.h"
#include "utils/varbit.h"

#include "types/halfvec.h"
#include "types/vector.h"

/* The operands of an operation by element, and its result. */
typedef struct Operation
{
	const VdbDense *type;
	int dim;
	const float *a;
	const float *b;
	float *x;
	VdbDenseValue *result;
} Operation;

static Operation
begin(FunctionCallInfo fcinfo, const VdbDense *type)
{
	VdbDenseValue *a = VDB_GETARG_DENSE(type, 0);
	VdbDenseValue *b = VDB_GETARG_DENSE(type, 1);
	Operation op = {type, a->dim};

	vdb_dense_check_same(type, a->dim, b->dim);
	op.a = vdb_dense_floats(type, a);
	op.b = vdb_dense_floats(type, b);
	op.result = vdb_dense_new(type, op.dim);
	op.x = vdb_dense_room(type, op.result);
	return op;
}

/* Looked at once all elements are written, so that the loops stay plain. */
static void
check_overflow(const Operation *op)
{
	int i;

	for (i = 0; i < op->dim; i++)
		if (unlikely(fabsf(op->x[i]) >= op->type->overflow))
			float_overflow_error();
}

static Datum
finish(const Operation *op)
{
	check_overflow(op);
	return vdb_dense_finish(op->type, op->result, op->x);
}

static Datum
add(FunctionCallInfo fcinfo, const VdbDense *type)
{
	Operation op = begin(fcinfo, type);
	int i;

	for (i = 0; i < op.dim; i++)
		op.x[i] = op.a[i] + op.b[i];
	return finish(&op);
}

/* vector_add(vector, vector) returns vector. */
VDB_DENSE_FUNCTION(vector_add, vector, add)
/* halfvec_add(halfvec, halfvec) returns halfvec. */
VDB_DENSE_FUNCTION(halfvec_add, halfvec, add)

static Datum
sub(FunctionCallInfo fcinfo, const VdbDense *type)
{
	Operation op = begin(fcinfo, type);
	int i;

	for (i = 0; i < op.dim; i++)
		op.x[i] = op.a[i] - op.b[i];
	return finish(&op);
}

/* vector_sub(vector, vector) returns vector. */
VDB_DENSE_FUNCTION(vector_sub, vector, sub)
/* halfvec_sub(halfvec, halfvec) returns halfvec. */
VDB_DENSE_FUNCTION(halfvec_sub, halfvec, sub)

static Datum
mul(FunctionCallInfo fcinfo, const VdbDense *type)
{
	Operation op = begin(fcinfo, type);
	int i;

	for (i = 0; i < op.dim; i++)
		op.x[i] = op.a[i] * op.b[i];
	check_overflow(&op);

	for (i = 0; i < op.dim; i++)
		if (unlikely(fabsf(op.x[i]) <= type->underflow) && op.a[i] != 0.0f &&
			op.b[i] != 0.0f)
			float_underflow_error();
	return vdb_dense_finish(type, op.result, op.x);
}

/* vector_mul(vector, vector) returns vector: element by element. */
VDB_DENSE_FUNCTION(vector_mul, vector, mul)
/* halfvec_mul(halfvec, halfvec) returns halfvec. */
VDB_DENSE_FUNCTION(halfvec_mul, halfvec, mul)

static Datum
concat(FunctionCallInfo fcinfo, const VdbDense *type)
{
	VdbDenseValue *a = VDB_GETARG_DENSE(type, 0);
	VdbDenseValue *b = VDB_GETARG_DENSE(type, 1);
	Size head = (Size) type->width * a->dim;
	int dim = a->dim + b->dim;
	VdbDenseValue *result;

	(void) vdb_dense_check_dim(type, dim, NULL);
	result = vdb_dense_new(type, dim);
	memcpy(result->elements, a->elements, head);
	memcpy(result->elements + head, b->elements, (Size) type->width * b->dim);
	return PointerGetDatum(result);
}

/* vector_concat(vector, vector) returns vector. */
VDB_DENSE_FUNCTION(vector_concat, vector, concat)
/* halfvec_concat(halfvec, halfvec) returns halfvec. */
VDB_DENSE_FUNCTION(halfvec_concat, halfvec, concat)

/*
 * "count" elements from the one numbered "start", counted from 1; like
 * substring(), it takes what there is of a range that lies partly outside.
 */
static Datum
slice(FunctionCallInfo fcinfo, const VdbDense *type)
{
	VdbDenseValue *value = VDB_GETARG_DENSE(type, 0);
	int64 start = PG_GETARG_INT32(1);
	int64 end = start + PG_GETARG_INT32(2); /* one past the last */
	VdbDenseValue *result;
	int dim;

	start = Max(start, 1);
	end = Min(end, (int64) value->dim + 1);
	dim = (int) Max(end - start, 0);

	(void) vdb_dense_check_dim(type, dim, NULL);
	result = vdb_dense_new(type, dim);
	memcpy(result->elements, value->elements + type->width * (start - 1),
		   (Size) type->width * dim);
	return PointerGetDatum(result);
}

/* subvector(vector, integer, integer) returns vector. */
VDB_DENSE_FUNCTION(subvector, vector, slice)
/* subvector(halfvec, integer, integer) returns halfvec. */
VDB_DENSE_FUNCTION(halfvec_subvector, halfvec, slice)

static Datum
dims(FunctionCallInfo fcinfo, const VdbDense *type)
{
	PG_RETURN_INT32(VDB_GETARG_DENSE(type, 0)->dim);
}

/* vector_dims(vector) returns integer. */
VDB_DENSE_FUNCTION(vector_dims, vector, dims)
/* vector_dims(halfvec) returns integer. */
VDB_DENSE_FUNCTION(halfvec_vector_dims, halfvec, dims)

static Datum
norm(FunctionCallInfo fcinfo, const VdbDense *type)
{
	VdbDenseValue *value = VDB_GETARG_DENSE(type, 0);

	PG_RETURN_FLOAT8(vdb_norm(vdb_dense_floats(type, value), value->dim));
}

/* vector_norm(vector) returns double precision: the Euclidean norm. */
VDB_DENSE_FUNCTION(vector_norm, vector, norm)
/* l2_norm(halfvec) returns double precision. */
VDB_DENSE_FUNCTION(halfvec_l2_norm, halfvec, norm)

static Datum
normalize(FunctionCallInfo fcinfo, const VdbDense *type)
{
	VdbDenseValue *value = VDB_GETARG_DENSE(type, 0);
	VdbDenseValue *result = vdb_dense_new(type, value->dim);
	float *x = vdb_dense_room(type, result);

	(void) vdb_normalize(vdb_dense_floats(type, value), x, value->dim);
	return vdb_dense_finish(type, result, x);
}

/* l2_normalize(vector) returns vector: of norm 1; the zero vector stays. */
VDB_DENSE_FUNCTION(l2_normalize, vector, normalize)
/* l2_normalize(halfvec) returns halfvec. */
VDB_DENSE_FUNCTION(halfvec_l2_normalize, halfvec, normalize)

static Datum
signs(FunctionCallInfo fcinfo, const VdbDense *type)
{
	VdbDenseValue *value = VDB_GETARG_DENSE(type, 0);
	const float *x = vdb_dense_floats(type, value);
	int size = VARBITTOTALLEN(value->dim);
	VarBit *result = palloc0(size);
	int i;

	SET_VARSIZE(result, size);
	VARBITLEN(result) = value->dim;
	for (i = 0; i < value->dim; i++)
		VARBITS(result)[i / 8] |= (x[i] > 0.0f) << (7 - i % 8);
	PG_RETURN_VARBIT_P(result);
}

/* binary_quantize(vector) returns bit: 1 where an element is positive. */
VDB_DENSE_FUNCTION(binary_quantize, vector, signs)
/* binary_quantize(halfvec) returns bit. */
VDB_DENSE_FUNCTION(halfvec_binary_quantize, halfvec, signs)
