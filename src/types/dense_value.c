/*
 * dense_value.c: the datum of a dense type: a new one, its floats, a damaged
 * one.
 *
 * Elements that are floats are used where they lie; others are converted, into
 * memory of the current context.  So one body of a function serves all types,
 * and a vector does not pay for it.
 */
#include "postgres.h"

#include "types/dense.h"

/* A value of zeros; the caller has checked the dimension. */
VdbDenseValue *
vdb_dense_new(const VdbDense *type, int dim)
{
	Size size = vdb_dense_size(type, dim);
	VdbDenseValue *value = palloc0(size);

	SET_VARSIZE(value, size);
	value->dim = dim;
	return value;
}

/*
 * Where the floats of a new value are to be written, all of them, before
 * vdb_dense_finish() makes elements of them.
 */
float *
vdb_dense_room(const VdbDense *type, VdbDenseValue *value)
{
	if (type->store == NULL)
		return (float *) value->elements;
	return palloc(sizeof(float) * value->dim);
}

/* The value with floats that the caller has checked. */
Datum
vdb_dense_finish(const VdbDense *type, VdbDenseValue *value, float *x)
{
	if (type->store != NULL)
	{
		type->store(x, value->elements, value->dim);
		pfree(x);
	}
	return PointerGetDatum(value);
}

/* A value of such floats, which the type must have elements for. */
Datum
vdb_dense_make(const VdbDense *type, const float *x, int dim)
{
	VdbDenseValue *value = vdb_dense_new(type, dim);

	vdb_dense_check_elements(type, x, dim);
	if (type->store != NULL)
		type->store(x, value->elements, dim);
	else
		memcpy(value->elements, x, sizeof(float) * dim);
	return PointerGetDatum(value);
}

/*
 * "count" elements from the one numbered "first", counted from 0, as floats:
 * in the value, or else in "room", which holds as many.
 */
const float *
vdb_dense_some(const VdbDense *type, const VdbDenseValue *value, int first,
			   int count, float *room)
{
	const char *elements = value->elements + (Size) type->width * first;

	if (type->load == NULL)
		return (const float *) elements;
	type->load(elements, room, count);
	return room;
}

/* All of them; in the value, or else allocated. */
const float *
vdb_dense_floats(const VdbDense *type, const VdbDenseValue *value)
{
	float *room = NULL;

	if (type->load != NULL)
		room = palloc(sizeof(float) * value->dim);
	return vdb_dense_some(type, value, 0, value->dim, room);
}

/* Report a stored value whose length does not fit its dimension. */
void
vdb_dense_corrupted(const VdbDense *type, const VdbDenseValue *value)
{
	int size = VARSIZE(value);

	if (size < (int) vdb_dense_size(type, 1))
		ereport(ERROR, (errcode(ERRCODE_DATA_CORRUPTED),
						errmsg("invalid %s of %d bytes", type->name, size)));
	ereport(ERROR, (errcode(ERRCODE_DATA_CORRUPTED),
					errmsg("invalid %s of %d bytes with %d dimensions",
						   type->name, size, value->dim)));
}
