/*
 * dense_array.c: dense types from and to SQL arrays.
 *
 * The array must have one dimension, whatever its lower bound, and no null.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"

#include "types/dense.h"

/* The number of elements of an array that can become a value of the type. */
int
vdb_dense_array_length(const VdbDense *type, ArrayType *array)
{
	int length;

	if (ARR_NDIM(array) > 1)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_EXCEPTION), errmsg("array must be 1-D")));
	if (ARR_HASNULL(array) && array_contains_nulls(array))
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
						errmsg("array must not contain nulls")));

	length = ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));
	(void) vdb_dense_check_dim(type, length, NULL);
	return length;
}

/* Numerics have no fixed width, so they are taken apart by the server. */
static void
from_numeric(ArrayType *array, float *x)
{
	Datum *elements;
	int count;
	int i;
	int16 len;
	bool byval;
	char align;

	get_typlenbyvalalign(NUMERICOID, &len, &byval, &align);
	deconstruct_array(array, NUMERICOID, len, byval, align, &elements, NULL,
					  &count);
	for (i = 0; i < count; i++)
		x[i] = DatumGetFloat4(DirectFunctionCall1(numeric_float4, elements[i]));
	pfree(elements);
}

/* Read an array, its length known from vdb_dense_array_length, into x. */
void
vdb_dense_from_array(const VdbDense *type, ArrayType *array, float *x)
{
	int dim = ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));
	const void *data = vdb_dense_array_data(array);
	int i;

	switch (ARR_ELEMTYPE(array))
	{
		case INT4OID:
			for (i = 0; i < dim; i++)
				x[i] = (float) ((const int32 *) data)[i];
			break;
		case FLOAT4OID:
			memcpy(x, data, sizeof(float) * dim);
			break;
		case FLOAT8OID:
			for (i = 0; i < dim; i++)
				x[i] = (float) ((const float8 *) data)[i];
			break;
		case NUMERICOID:
			from_numeric(array, x);
			break;
		default:
			ereport(ERROR, (errcode(ERRCODE_DATA_EXCEPTION),
							errmsg("unsupported array type %s",
								   format_type_be(ARR_ELEMTYPE(array)))));
	}

	vdb_dense_check_elements(type, x, dim);
}

/*
 * A one-dimensional array of zeros, to be written at once instead of element
 * by element.
 */
ArrayType *
vdb_dense_new_array(Oid elemtype, Size elemsize, int count)
{
	Size size = ARR_OVERHEAD_NONULLS(1) + elemsize * count;
	ArrayType *array = palloc0(size);

	SET_VARSIZE(array, size);
	array->ndim = 1;
	array->dataoffset = 0; /* no nulls */
	array->elemtype = elemtype;
	ARR_DIMS(array)[0] = count;
	ARR_LBOUND(array)[0] = 1;
	return array;
}

/* The value as real[]. */
ArrayType *
vdb_dense_to_float4(const float *x, int dim)
{
	ArrayType *array = vdb_dense_new_array(FLOAT4OID, sizeof(float4), dim);

	memcpy(vdb_dense_array_data(array), x, sizeof(float4) * dim);
	return array;
}
